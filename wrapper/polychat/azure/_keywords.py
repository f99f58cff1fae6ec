"""The keywords that users of azure-core pass, to a client or to a call, as options of ours.

They keep their names, units and defaults: `azure.core.pipeline.policies` documents them. What a
keyword asks for and cannot be had here is refused by name.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import attrs

from polychat._core.headers import checked_headers, concealed_headers
from polychat._core.options import Options, Timeout, is_seconds, no_seconds, whole
from polychat._core.retry import RetryRules
from polychat._core.version import __version__
from polychat.errors import ConfigurationError, UnknownKeywordError
from polychat_rest.secret import Secret

if TYPE_CHECKING:
    from ._hooks import CallHooks

OLD_VERSION = "1.0.0b9"
"""The version of azure-ai-inference whose behaviour this is."""
_UNSET: Any = object()
_COUNTS = ("retry_total", "retry_connect", "retry_read", "retry_status")
_NO_POLICIES = {
    "policies", "per_call_policies", "per_retry_policies", "retry_policy", "redirect_policy",
    "logging_policy", "http_logging_policy", "custom_hook_policy", "proxy_policy",
    "headers_policy", "user_agent_policy", "authentication_policy", "pipeline",
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Keywords:
    """What a client's or a call's keywords say, with azure-core's defaults."""

    api_version: str | None = None
    headers: Mapping[str, str | Secret] = attrs.field(factory=dict[str, str | Secret], repr=False)
    params: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    content_type: str | None = None
    request_id: str | None = _UNSET
    auto_request_id: bool = True
    user_agent: str | None = None
    user_agent_overwrite: bool = False
    user_agent_use_env: bool = True
    base_user_agent: str | None = None
    sdk_moniker: str = f"ai-inference/{OLD_VERSION}"
    raw_request_hook: Callable[[Any], Any] | None = None
    raw_response_hook: Callable[[Any], Any] | None = None
    logging_enable: bool = False
    error_map: Mapping[int, Any] = attrs.field(factory=dict[int, Any])
    timeout: float | None = None
    connection_timeout: float | None = 300
    read_timeout: float | None = 300
    retry_total: int = 10
    retry_connect: int = 3
    retry_read: int = 3
    retry_status: int = 3
    retry_backoff_factor: float | None = None
    retry_backoff_max: float | None = None
    retry_mode: Any = "exponential"
    retry_on_status_codes: Iterable[int] = ()
    permit_redirects: bool = True
    redirect_max: int = 30
    max_answer_bytes: int | None = None
    connection_verify: bool | str = True
    connection_cert: Any = None
    proxies: Mapping[str, str] | None = attrs.field(default=None, repr=False)

    def with_(self, given: Mapping[str, Any], *, by: str, fields: Iterable[str] = ()) -> Self:
        """These with the keywords of a call, or of a constructor, named `by`, which takes
        `fields` beside them. Headers and parameters add up. Raises `UnknownKeywordError`, a
        TypeError, for a keyword that there is not."""
        if not given:
            return self
        new = dict(given)
        for name in new:
            if name in _NO_POLICIES:
                raise ConfigurationError(
                    f"{name}: there is no pipeline of azure-core here",
                    platform="azure",
                    remedy="Use raw_request_hook, raw_response_hook, transport or http_client",
                )
            if name not in _NAMES:
                raise _unknown(name, by, tuple(fields))
        if "headers" in new:
            new["headers"] = {**self.headers, **checked_headers(new["headers"], "headers")}
        if "params" in new:
            new["params"] = {**self.params, **(new["params"] or {})}
        if "error_map" in new:
            new["error_map"] = {**self.error_map, **(new["error_map"] or {})}
        return attrs.evolve(self, **new)

    def options(self) -> Options:
        """What the pipeline acts on."""
        headers = dict(self.headers)
        if self.user_agent_overwrite or "user-agent" not in headers:
            headers["user-agent"] = self._agent()
        if self.content_type is not None:
            headers["content-type"] = self.content_type
        counts = [getattr(self, name) for name in _COUNTS]
        for name, count in zip(_COUNTS, counts, strict=True):
            whole(name, count, 0, platform="azure")
        if self.timeout is not None and not is_seconds(self.timeout):
            raise no_seconds("timeout", self.timeout, platform="azure")
        return (
            Options()
            .with_({"deadline": self.timeout, "max_answer_bytes": self.max_answer_bytes})
            ._replace(
                timeout=self._timeout(),
                max_retries=min(counts[0], max(counts[1:])),
                extra_headers=headers,
                hooks=self._hooks(),
                retry_rules=self._retry_rules(),
                max_redirects=(
                    whole("redirect_max", self.redirect_max, 0, platform="azure")
                    if self.permit_redirects
                    else 0
                ),
                deadline_in_streams=False,
            )
        )

    def _timeout(self) -> Timeout:
        for name in ("connection_timeout", "read_timeout"):
            value = getattr(self, name)
            if value is not None and not is_seconds(value):
                raise no_seconds(name, value, platform="azure")
        silence = self.read_timeout
        return Timeout(self.connection_timeout, silence, silence, silence, self.connection_timeout)

    def _hooks(self) -> CallHooks | None:
        if self.raw_request_hook or self.raw_response_hook or self.logging_enable:
            from ._hooks import CallHooks

            return CallHooks(self.raw_request_hook, self.raw_response_hook, self.logging_enable)
        return None

    def _retry_rules(self) -> RetryRules:
        rules = RetryRules(
            self.retry_connect,
            self.retry_read,
            self.retry_status,
            frozenset(self.retry_on_status_codes),
        )
        first, most = self.retry_backoff_factor, self.retry_backoff_max
        for name, value in (("retry_backoff_factor", first), ("retry_backoff_max", most)):
            if value is not None and value != 0 and not is_seconds(value):
                raise no_seconds(name, value, ever=False, platform="azure")
        fixed = str(getattr(self.retry_mode, "value", self.retry_mode)).lower() == "fixed"
        if first is None and most is None and not fixed:
            return rules
        return rules._replace(
            first=rules.first if first is None else first,
            most=rules.most if most is None else most,
            fixed=fixed,
        )

    def _agent(self) -> str:
        """Who sends: what azure-ai-inference says, which services and proxies may know, and that
        it is we who say it."""
        if self.user_agent is not None and self.user_agent_overwrite:
            return self.user_agent
        agent = self.base_user_agent or f"azsdk-python-{self.sdk_moniker} {_system()}"
        if self.user_agent is not None:
            agent = f"{self.user_agent} {agent}"
        added = os.environ.get("AZURE_HTTP_USER_AGENT") if self.user_agent_use_env else None
        if added is not None:
            agent = f"{agent} {added}"
        return f"{agent} polychat/{__version__}"


def _unknown(name: str, by: str, fields: tuple[str, ...]) -> UnknownKeywordError:
    from polychat._core.keywords import unknown_keyword

    remedy = None
    if "model_extras" in fields:
        remedy = f"Pass model_extras={{{name!r}: ...}} for a field that the spec does not know yet"
    return unknown_keyword(
        name,
        {*_NAMES, *fields},
        remedy=remedy,
        method=by,
        platform="azure",
    )


def conceal(given: Any) -> None:
    """Conceals, in place, what may be a credential among keywords, before any frame shows it."""
    if "headers" in given:
        given["headers"] = concealed_headers(given["headers"])


@cache
def _system() -> str:
    """Python and the operating system, as `platform.platform` writes it: on Linux without the
    process that it starts to ask for the processor, whose answer it then leaves out."""
    libc = "".join(platform.libc_ver())
    if sys.platform == "linux" and libc:
        said = os.uname()
        described = f"{said.sysname}-{said.release}-{said.machine}-with-{libc}".replace(" ", "_")
    else:
        described = platform.platform()
    return f"Python/{platform.python_version()} ({described})"


_NAMES = frozenset(field.name for field in attrs.fields(Keywords))
DEFAULTS = Keywords()
