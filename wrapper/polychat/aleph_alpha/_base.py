"""What both clients have in common."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

from polychat._core.http import Outgoing, RawResponse, SyncHTTP
from polychat._core.options import Options, Timeout, client_timeout, is_seconds, no_seconds, whole
from polychat._core.transports import MAX_CONNECTIONS, Pool
from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

from ._calls import Settings
from ._name import PLATFORM

REQUEST_TIMEOUT = 305
"""Seconds, as in aleph-alpha-client."""


def client_options(
    timeout: Any,
    retries: int,
    deadline: float | None,
    max_answer_bytes: int | None,
    http_client: Any,
) -> Options:
    """The options of all calls. Silence is bounded alike within a stream and before it, as
    users of ``request_timeout_seconds`` expect."""
    whole("total_retries", retries, 0, platform=PLATFORM)
    _check_timeout(timeout)
    timeout = client_timeout(timeout, REQUEST_TIMEOUT, http_client)
    return Options().with_(
        {
            "timeout": Timeout.of(timeout),
            "max_retries": retries,
            "deadline": deadline,
            "max_answer_bytes": max_answer_bytes,
        }
    )


def _check_timeout(seconds: Any) -> None:
    """Raises `ConfigurationError` that names the argument as it is called here."""
    if isinstance(seconds, (int, float)) and not is_seconds(seconds):
        raise no_seconds("request_timeout_seconds", seconds, platform=PLATFORM)


def pool_of(argument: str, size: Any, *, bounded: bool) -> Pool:
    """``pool_size`` bounds how many connections are kept, ``limit`` how many are open, where 0
    is no bound. Raises `ConfigurationError`."""
    whole(argument, size, 0, platform=PLATFORM)
    if not bounded:
        return Pool(kept=size)
    return Pool(size or MAX_CONNECTIONS, size or MAX_CONNECTIONS)


def refuse_beside(http_client: Any, transport: Any, **changed: bool) -> None:
    """Raises `ConfigurationError` for arguments that a client or transport of the user's own
    leaves without effect: those whose value was `changed` from its default."""
    owner = None
    if http_client is not None:
        owner, changed["transport"] = "http_client", transport is not None
    elif transport is not None and not isinstance(transport, str):
        owner = "transport"
    lost = [name for name, was in changed.items() if was]
    if owner is not None and lost:
        raise ConfigurationError(
            f"{' and '.join(lost)} beside {owner}, which has its own",
            platform=PLATFORM,
            remedy=f"Set it where you make the {owner}",
        )


class OwnHTTP(SyncHTTP):
    """Closes its connections when nobody holds it any more: no client, and no answer that is
    still being read. Code for aleph-alpha-client has no call that would."""

    def send(self, out: Outgoing) -> RawResponse:
        """The response, its body not yet read."""
        response: Any = super().send(out)
        response.extensions["polychat_http"] = self
        return response  # type: ignore[no-any-return]

    def _make(self) -> Any:
        adapter = super()._make()
        weakref.finalize(self, adapter.client.close)
        return adapter


class BaseClient:
    """The settings that users of aleph-alpha-client read off a client, and set: what is set goes
    with the next call."""

    _core: Any
    _settings: Settings

    @property
    def host(self) -> str:
        """The host's URL, with a slash at its end."""
        return f"{self._core.service.base_url}/"

    @property
    def token(self) -> Secret | None:
        """The token, masked; None where it is asked for anew in every attempt."""
        secret: Secret | None = self._core.service.auth.credentials[0].fixed
        return None if secret is None else secret.with_prefix("")

    @property
    def hosting(self) -> str | None:
        """Which data centres may work on tasks."""
        return self._settings.hosting

    @hosting.setter
    def hosting(self, hosting: str | None) -> None:
        self._settings = self._settings._replace(hosting=hosting)

    @property
    def nice(self) -> bool:
        """Whether tasks may wait behind others."""
        return self._settings.nice

    @nice.setter
    def nice(self, nice: bool) -> None:
        self._settings = self._settings._replace(nice=nice)

    @property
    def tags(self) -> Sequence[str] | None:
        """What is noted with tasks."""
        return self._settings.tags

    @tags.setter
    def tags(self, tags: Sequence[str] | None) -> None:
        self._settings = self._settings._replace(tags=tags)

    @property
    def request_timeout_seconds(self) -> float | None:
        """Seconds for which the host may be silent."""
        seconds: float | None = self._core.options.timeout.read
        return seconds

    @request_timeout_seconds.setter
    def request_timeout_seconds(self, seconds: Any) -> None:
        _check_timeout(seconds)
        self._core.options = self._core.options.with_({"timeout": seconds})
