"""Pools: many clients over the same connections."""

from __future__ import annotations

from typing import Any, Self

from polychat._core import forking
from polychat._core.auth import AsyncAuthValue, SyncAuthValue
from polychat._core.http import AsyncHTTP, SyncHTTP

from ._async_client import AsyncDial
from ._client import Dial
from ._places import DIAL_TIMEOUT


class DialClientPool:
    """Makes clients that share their connections.

    ``connection_limits`` is an ``httpx.Limits``; other keywords are those of ``httpx.Client``.
    Closing a client of the pool leaves the connections open; closing the pool ends them.
    """

    def __init__(self, *, connection_limits: Any = None, **kwargs: Any) -> None:
        given = {} if connection_limits is None else {"limits": connection_limits}
        self._settings: dict[str, Any] = {**given, **kwargs}
        self._client: Any = self._made() if self._settings else None
        self._http = SyncHTTP(self._client)
        if self._client is not None and not {"transport", "mounts"} & kwargs.keys():
            forking.remember(self)

    def _made(self) -> Any:
        from polychat._core.tunnels import TunnelClient

        return TunnelClient(**self._settings)

    def forked(self) -> None:
        """Called in a forked child, which makes connections of its own."""
        forking.let_go_of_pool(self._client)
        forking.abandon(self._client)
        self._client = self._made()
        self._http.replace(self._client)

    def create_client(
        self,
        *,
        base_url: str | None = None,
        api_key: SyncAuthValue | None = None,
        bearer_token: SyncAuthValue | None = None,
        max_retries: int = 2,
        timeout: Any = DIAL_TIMEOUT,
        **more: Any,
    ) -> Dial:
        """A client; the arguments are those of `Dial`."""
        return Dial(
            base_url=base_url,
            api_key=api_key,
            bearer_token=bearer_token,
            max_retries=max_retries,
            timeout=timeout,
            http_client=self._http,
            **more,
        )

    def close(self) -> None:
        """Closes the connections of all its clients."""
        self._http.close()
        if self._client is not None:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncDialClientPool:
    """`DialClientPool` for asynchronous code; other keywords are those of
    ``httpx.AsyncClient``."""

    def __init__(self, *, connection_limits: Any = None, **kwargs: Any) -> None:
        given = {} if connection_limits is None else {"limits": connection_limits}
        self._settings: dict[str, Any] = {**given, **kwargs}
        self._client: Any = self._made() if self._settings else None
        self._http = AsyncHTTP(self._client)
        if self._client is not None and not {"transport", "mounts"} & kwargs.keys():
            forking.remember(self)

    def _made(self) -> Any:
        from polychat._core.tunnels import AsyncTunnelClient

        return AsyncTunnelClient(**self._settings)

    def forked(self) -> None:
        """Called in a forked child, which makes connections of its own."""
        forking.let_go_of_pool(self._client)
        forking.abandon(self._client)
        self._client = self._made()
        self._http.replace(self._client)

    def create_client(
        self,
        *,
        base_url: str | None = None,
        api_key: AsyncAuthValue | None = None,
        bearer_token: AsyncAuthValue | None = None,
        max_retries: int = 2,
        timeout: Any = DIAL_TIMEOUT,
        **more: Any,
    ) -> AsyncDial:
        """A client; the arguments are those of `AsyncDial`."""
        return AsyncDial(
            base_url=base_url,
            api_key=api_key,
            bearer_token=bearer_token,
            max_retries=max_retries,
            timeout=timeout,
            http_client=self._http,
            **more,
        )

    async def aclose(self) -> None:
        """Closes the connections of all its clients."""
        await self._http.aclose()
        if self._client is not None:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()
