"""The clients of a component: made when first needed, one for all event loops."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from haystack.utils import Secret

from polychat._core import forking
from polychat.aimlapi import AimlApi, AsyncAimlApi

AIMLAPI_HEADERS = {
    "HTTP-Referer": "https://github.com/deepset-ai/haystack-core-integrations",
    "X-Title": "Haystack",
}
"""Tell AIMLAPI which framework asks; a component's ``extra_headers`` can replace them."""

RETRIES = 5
TIMEOUT = 30.0
"""Haystack's defaults: seconds without news, and how often a request is sent again."""


class Clients:
    """Makes a component's clients from its settings. Raises ValueError for a missing key."""

    def __init__(
        self,
        api_key: Secret,
        base_url: str | None,
        timeout: float | None,
        max_retries: int | None,
        extra_headers: Mapping[str, Any] | None,
        http_client_kwargs: dict[str, Any] | None,
    ) -> None:
        self._given = (
            api_key, base_url, timeout, max_retries, extra_headers, http_client_kwargs
        )  # fmt: skip
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._max_retries = max_retries
        self._headers = extra_headers or {}
        self._http = http_client_kwargs
        self._own_sync: Any = None
        self._own_async: WeakKeyDictionary[Any, tuple[AsyncAimlApi, Any]] = WeakKeyDictionary()
        self.sync: AimlApi | None = None
        self.asynchronous: AsyncAimlApi | None = None
        if http_client_kwargs is not None:  # otherwise the clients see to it
            forking.remember(self)

    def forked(self) -> None:
        """In a forked child the next call makes other clients, with connections of their own."""
        if not {"transport", "mounts"} & (self._http or {}).keys():  # those are the user's
            for own in (self._own_sync, *(own for _, own in self._own_async.values())):
                forking.let_go_of_pool(own)
        forking.abandon(self.sync, self._own_sync, dict(self._own_async))
        self.sync = self.asynchronous = self._own_sync = None
        self._own_async = WeakKeyDictionary()

    def __reduce__(self) -> tuple[Any, ...]:
        """A deep copy of a component makes clients of its own."""
        return Clients, self._given

    def _settings(self) -> dict[str, Any]:
        timeout, retries = self._timeout, self._max_retries
        if timeout is None and not os.environ.get("AIMLAPI_TIMEOUT"):
            timeout = TIMEOUT
        if retries is None and not os.environ.get("AIMLAPI_MAX_RETRIES"):
            retries = RETRIES
        given = {str(name).lower(): str(value) for name, value in self._headers.items()}
        usual = {name.lower(): value for name, value in AIMLAPI_HEADERS.items()}
        settings: dict[str, Any] = {
            "api_key": self._api_key.resolve_value(),
            "base_url": self._base_url,
            "max_retries": retries,
            "default_headers": {**usual, **given},
        }
        return settings if timeout is None else {**settings, "timeout": timeout}

    def get(self) -> AimlApi:
        """The synchronous client."""
        if self.sync is None:
            if self._http is not None:
                import httpx

                self._own_sync = httpx.Client(**self._http)
            self.sync = AimlApi(**self._settings(), http_client=self._own_sync)
        return self.sync

    def get_async(self) -> AsyncAimlApi:
        """The asynchronous client. Ours works in several event loops one after another; an
        ``httpx.AsyncClient`` made of ``http_client_kwargs`` does not, so each loop has its own."""
        if self._http is None:
            if self.asynchronous is None:
                self.asynchronous = AsyncAimlApi(**self._settings())
            return self.asynchronous
        loop = asyncio.get_running_loop()
        if loop not in self._own_async:
            import httpx

            own = httpx.AsyncClient(**self._http)
            self._own_async[loop] = AsyncAimlApi(**self._settings(), http_client=own), own
        self.asynchronous = self._own_async[loop][0]
        return self.asynchronous

    def close(self) -> None:
        """Closes the synchronous client; the next call makes another."""
        if self.sync is not None:
            self.sync.close()
            self.sync = None
        if self._own_sync is not None:
            self._own_sync.close()
            self._own_sync = None

    async def close_async(self) -> None:
        """Closes the asynchronous client, with ``http_client_kwargs`` that of this event loop; the
        next call makes another."""
        client, self.asynchronous = self.asynchronous, None
        if client is not None:
            await client.aclose()
        _, own = self._own_async.pop(asyncio.get_running_loop(), (None, None))
        if own is not None:
            await own.aclose()
