"""The AIMLAPI clients."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from polychat._core.auth import AsyncAuthValue, SyncAuthValue, conceal
from polychat._core.client import AsyncClient, AsyncCore, SyncClient, SyncCore
from polychat._core.http import AsyncHTTP, SyncHTTP
from polychat._core.options import DEFAULT_TIMEOUT, Options, concealed_headers

from ._chat import AsyncChat, Chat
from ._models import AsyncModels, Models
from ._platform import aimlapi_service


class AimlApi(SyncClient):
    """A client of AIMLAPI.

    ``api_key`` (``AIMLAPI_API_KEY``) is a string, a callable that returns one, or a token
    credential. ``base_url`` (``AIMLAPI_API_BASE``) is https://api.aimlapi.com/v1 unless given.
    ``timeout`` in seconds, or `polychat.Timeout`; ``deadline`` in seconds in total;
    ``http_client`` an ``httpx.Client`` (or httpx2's) of your own, never closed here;
    ``transport`` an httpx transport; ``verify`` a TLS context or the path of a CA bundle.

    Raises `polychat.errors.ConfigurationError` for arguments that cannot work.
    """

    def __init__(
        self,
        *,
        api_key: SyncAuthValue | None = None,
        base_url: str | None = None,
        max_retries: int = 2,
        timeout: Any = DEFAULT_TIMEOUT,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        http_client: Any = None,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
    ) -> None:
        # What is secret is concealed first, so that no traceback from here shows it.
        api_key, default_headers = conceal(api_key), concealed_headers(default_headers)  # type: ignore[assignment]
        options = Options().with_(
            {"max_retries": max_retries, "timeout": timeout, "deadline": deadline}
        )
        service = aimlapi_service(base_url, api_key, default_headers)
        http = SyncHTTP(http_client, transport=transport, verify=verify)
        super().__init__(SyncCore(service, options, http))

    @property
    def chat(self) -> Chat:
        """Chat completions."""
        return Chat(self._core)

    @property
    def models(self) -> Models:
        """The models on offer."""
        return Models(self._core)


class AsyncAimlApi(AsyncClient):
    """`AimlApi` for asynchronous code: the same arguments, ``api_key`` may be a coroutine
    function, ``http_client`` is an ``httpx.AsyncClient``. ``transport`` may also be ``"httpx"``
    or ``"aiohttp"``; left out, it is aiohttp where httpx-aiohttp is installed. May be made
    outside an event loop and used in one after another.
    """

    def __init__(
        self,
        *,
        api_key: AsyncAuthValue | None = None,
        base_url: str | None = None,
        max_retries: int = 2,
        timeout: Any = DEFAULT_TIMEOUT,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        http_client: Any = None,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
    ) -> None:
        api_key, default_headers = conceal(api_key), concealed_headers(default_headers)  # type: ignore[assignment]
        options = Options().with_(
            {"max_retries": max_retries, "timeout": timeout, "deadline": deadline}
        )
        service = aimlapi_service(base_url, api_key, default_headers)
        http = AsyncHTTP(http_client, transport=transport, verify=verify)
        super().__init__(AsyncCore(service, options, http))

    @property
    def chat(self) -> AsyncChat:
        """Chat completions."""
        return AsyncChat(self._core)

    @property
    def models(self) -> AsyncModels:
        """The models on offer."""
        return AsyncModels(self._core)
