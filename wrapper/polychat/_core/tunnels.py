"""httpx's transports through an HTTP proxy, whose tunnels are told apart from what goes through.

httpcore reports what happens to CONNECT as if it had happened to the request, although that was
not yet sent, and never gives back a connection whose tunnel failed under TLS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx


class _Trip:
    """One request's way: whether it has left, or only a CONNECT before it."""

    def __init__(self, request: httpx.Request) -> None:
        self._tunnelled = request.url.scheme == "https"
        self._left = False

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self._left = True

    async def traced(self, event: str, info: dict[str, Any]) -> None:
        self(event, info)

    def failure(self, error: Exception) -> Exception:
        """What to raise in the place of `error`: that no connection was made, where none was."""
        if self._left or not self._tunnelled or isinstance(error, _NOT_MADE):
            return error
        if isinstance(error, httpx.TimeoutException):
            return httpx.ConnectTimeout("no connection in time")
        if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
            return httpx.ProxyError("the proxy's answer is not HTTP")
        if isinstance(error, httpx.TransportError):
            return httpx.ConnectError("the connection broke while it was made")
        return error


_NOT_MADE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class TunnelTransport(httpx.HTTPTransport):
    """Sends requests through a proxy."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        trip = _Trip(request)
        request.extensions = {**request.extensions, "trace": trip}
        try:
            return super().handle_request(request)
        except BaseException as error:
            for connection in _orphans(self):
                connection.close()
            if not isinstance(error, Exception):
                raise
            failed = trip.failure(error)
        raise failed  # outside: what it stands for is not tied to it


class AsyncTunnelTransport(httpx.AsyncHTTPTransport):
    """`TunnelTransport` for asynchronous code."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trip = _Trip(request)
        request.extensions = {**request.extensions, "trace": trip.traced}
        try:
            return await super().handle_async_request(request)
        except BaseException as error:
            import anyio

            with anyio.CancelScope(shield=True):
                for connection in _orphans(self):
                    await connection.aclose()
            if not isinstance(error, Exception):
                raise
            failed = trip.failure(error)
        raise failed


class TunnelClient(httpx.Client):
    """A client that sends what goes through a proxy, given or the environment's, through a
    `TunnelTransport`; it takes what ``httpx.Client`` takes."""

    def _init_proxy_transport(
        self, proxy: httpx.Proxy, *more: Any, **settings: Any
    ) -> httpx.BaseTransport:
        make: Callable[..., httpx.BaseTransport] = TunnelTransport
        return make(*more, **settings, proxy=proxy)


class AsyncTunnelClient(httpx.AsyncClient):
    """`TunnelClient` for asynchronous code."""

    def _init_proxy_transport(
        self, proxy: httpx.Proxy, *more: Any, **settings: Any
    ) -> httpx.AsyncBaseTransport:
        make: Callable[..., httpx.AsyncBaseTransport] = AsyncTunnelTransport
        return make(*more, **settings, proxy=proxy)


def _orphans(transport: Any) -> list[Any]:
    """What is to be closed: the connections that no request has and none can get, taken out of
    the transport's pool. Whoever waits for a free one is served then."""
    pool = transport._pool  # noqa: SLF001
    if not hasattr(pool, "_assign_requests_to_connections"):
        return []  # httpcore before 1.0.3
    with pool._optional_thread_lock:  # noqa: SLF001
        wanted = {id(request.connection) for request in pool._requests}  # noqa: SLF001
        lost = [
            one
            for one in pool._connections  # noqa: SLF001
            if id(one) not in wanted and not one.is_idle() and not one.is_closed()
        ]
        for one in lost:
            pool._connections.remove(one)  # noqa: SLF001
        if lost:
            lost += pool._assign_requests_to_connections()  # noqa: SLF001
    return lost
