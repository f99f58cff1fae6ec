"""The DIAL clients."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from polychat._core.auth import AsyncAuthValue, SyncAuthValue, conceal
from polychat._core.client import AsyncClient, AsyncCore, SyncClient, SyncCore
from polychat._core.http import AsyncHTTP, SyncHTTP
from polychat._core.options import DEFAULT_TIMEOUT, Options, concealed_headers

from ._chat import AsyncChat, Chat
from ._deployments import AsyncDeployments, Deployments
from ._platform import dial_service


class Dial(SyncClient):
    """A client of AI DIAL.

    ``base_url`` is DIAL Core's or an application server's URL (``DIAL_URL``). ``api_key``
    (``DIAL_API_KEY``) or ``bearer_token`` (``DIAL_BEARER_TOKEN``) is a string, a callable that
    returns one, or a token credential; both may be given if they are equal, or with
    ``allow_both_auth``. ``timeout`` in seconds, or `polychat.Timeout`; ``deadline`` in seconds in
    total; ``http_client`` an ``httpx.Client`` (or httpx2's) of your own, never closed here;
    ``transport`` an httpx transport; ``verify`` a TLS context or the path of a CA bundle.

    Raises `polychat.errors.ConfigurationError` for arguments that cannot work.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: SyncAuthValue | None = None,
        bearer_token: SyncAuthValue | None = None,
        max_retries: int = 2,
        timeout: Any = DEFAULT_TIMEOUT,
        api_version: str | None = None,
        http_client: Any = None,
        default_headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        allow_both_auth: bool = False,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
    ) -> None:
        # What is secret is concealed first, so that no traceback from here shows it.
        api_key, bearer_token = conceal(api_key), conceal(bearer_token)
        default_headers = concealed_headers(default_headers)  # type: ignore[assignment]
        options = Options().with_(
            {"max_retries": max_retries, "timeout": timeout, "deadline": deadline}
        )
        service = dial_service(
            base_url, api_key, bearer_token, default_headers, allow_both_auth=allow_both_auth
        )
        http = SyncHTTP(http_client, transport=transport, verify=verify)
        super().__init__(SyncCore(service, options, http))
        self._api_version = api_version

    @property
    def api_version(self) -> str | None:
        """The ``api-version`` that chat calls send unless they give their own."""
        return self._api_version

    @property
    def chat(self) -> Chat:
        """Chat completions."""
        return Chat(self._core, self._api_version)

    @property
    def deployments(self) -> Deployments:
        """What can be called: models and applications."""
        return Deployments(self._core)


class AsyncDial(AsyncClient):
    """`Dial` for asynchronous code: the same arguments, auth callables may be coroutine
    functions, ``http_client`` is an ``httpx.AsyncClient``. ``transport`` may also be ``"httpx"``
    or ``"aiohttp"``; left out, it is aiohttp where httpx-aiohttp is installed. May be made
    outside an event loop and used in one after another.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: AsyncAuthValue | None = None,
        bearer_token: AsyncAuthValue | None = None,
        max_retries: int = 2,
        timeout: Any = DEFAULT_TIMEOUT,
        api_version: str | None = None,
        http_client: Any = None,
        default_headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        allow_both_auth: bool = False,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
    ) -> None:
        api_key, bearer_token = conceal(api_key), conceal(bearer_token)
        default_headers = concealed_headers(default_headers)  # type: ignore[assignment]
        options = Options().with_(
            {"max_retries": max_retries, "timeout": timeout, "deadline": deadline}
        )
        service = dial_service(
            base_url, api_key, bearer_token, default_headers, allow_both_auth=allow_both_auth
        )
        http = AsyncHTTP(http_client, transport=transport, verify=verify)
        super().__init__(AsyncCore(service, options, http))
        self._api_version = api_version

    @property
    def api_version(self) -> str | None:
        """The ``api-version`` that chat calls send unless they give their own."""
        return self._api_version

    @property
    def chat(self) -> AsyncChat:
        """Chat completions."""
        return AsyncChat(self._core, self._api_version)

    @property
    def deployments(self) -> AsyncDeployments:
        """What can be called: models and applications."""
        return AsyncDeployments(self._core)
