"""Transports that send each request directly or through the proxy of its origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import httpx

from polychat.errors import ConfigurationError

from .environment import Proxies, Proxy

TransportT = TypeVar("TransportT", httpx.BaseTransport, httpx.AsyncBaseTransport)


class _Routes(Generic[TransportT]):
    """`make` gives the transport for a proxy, or for None; it is asked once for each."""

    def __init__(self, proxies: Proxies, make: Callable[[Proxy | None], TransportT]) -> None:
        self._proxies = proxies
        self._make: Callable[[Proxy | None], TransportT] = make
        self._made: dict[Proxy | None, TransportT] = {}

    def of(self, url: httpx.URL) -> TransportT:
        """The transport for a URL."""
        proxy = self._proxies.of(url.scheme, url.host, url.port)
        found = self._made.get(proxy)
        return found or self._made.setdefault(proxy, self._make(proxy))

    def made(self) -> list[TransportT]:
        """All transports that were needed."""
        return list(self._made.values())


class RoutedTransport(httpx.BaseTransport):
    """Sends requests through the proxies of their origins."""

    def __init__(
        self, proxies: Proxies, make: Callable[[Proxy | None], httpx.BaseTransport]
    ) -> None:
        self._routes = _Routes[httpx.BaseTransport](proxies, make)

    def made(self) -> list[httpx.BaseTransport]:
        """The transports that were needed."""
        return self._routes.made()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._routes.of(request.url).handle_request(request)

    def close(self) -> None:
        for transport in self._routes.made():
            transport.close()


class AsyncRoutedTransport(httpx.AsyncBaseTransport):
    """`RoutedTransport` for asynchronous code."""

    def __init__(
        self, proxies: Proxies, make: Callable[[Proxy | None], httpx.AsyncBaseTransport]
    ) -> None:
        self._routes = _Routes[httpx.AsyncBaseTransport](proxies, make)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._routes.of(request.url).handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._routes.made():
            await transport.aclose()


def httpx_proxy(proxy: Proxy | None) -> Any:
    """A proxy as httpx takes it. Raises `ConfigurationError` for one that it cannot speak to."""
    if proxy is None:
        return None
    if proxy.is_socks:
        from importlib.util import find_spec

        if find_spec("socksio") is None:
            raise ConfigurationError(
                "a SOCKS proxy needs the package socksio",
                remedy="Install it with: pip install 'httpx[socks]', or use an HTTP proxy",
            )
    auth = None if proxy.user is None else (proxy.user, proxy.password.reveal())
    return httpx.Proxy(proxy.url, auth=auth)
