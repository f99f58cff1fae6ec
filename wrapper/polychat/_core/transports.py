"""The transport of a client that was given none: which library carries it, through which proxy.

httpx and aiohttp are imported when the first request is sent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

from .loops import is_asyncio
from .pools import prepared

if TYPE_CHECKING:
    import ssl

    from .environment import Proxies, Proxy

MAX_CONNECTIONS = 1000
"""As many may be kept alive as may be open: a pool that keeps fewer closes and opens
connections all the time under load."""
KEEPALIVE = 60.0
"""Seconds that an idle connection is kept."""


class Pool:
    """How many connections may be open, and kept open while idle."""

    # No NamedTuple, which takes longer to define than all else here: each import pays for it.
    __slots__ = ("connections", "kept")

    def __init__(self, connections: int = MAX_CONNECTIONS, kept: int = MAX_CONNECTIONS) -> None:
        self.connections = connections
        self.kept = kept


DEFAULT_POOL = Pool()


class Network:
    """What decides how connections are made.

    `proxy` is for all requests, None is what the environment says; `as_requests` tells whether
    the environment's certificates are found as requests finds them.
    """

    __slots__ = ("as_requests", "pool", "proxy", "verify")

    def __init__(
        self,
        verify: ssl.SSLContext | str | bool = True,
        pool: Pool = DEFAULT_POOL,
        proxy: Proxy | None = None,
        as_requests: bool = False,
    ) -> None:
        self.verify = verify
        self.pool = pool
        self.proxy = proxy
        self.as_requests = as_requests

    def tls(self) -> ssl.SSLContext | bool:
        """The TLS context, False where certificates are not verified."""
        from .tls import verified

        return verified(self.verify, as_requests=self.as_requests)

    def proxies(self) -> Proxies:
        """The proxies for requests. Raises `ConfigurationError`."""
        from .environment import Proxies, proxies

        if self.proxy is not None:
            return Proxies(self.proxy, self.proxy)
        return proxies(_environ())


def given_proxy(proxy: Any) -> Proxy | None:
    """The proxy that a client was given, which is concealed. Raises `ConfigurationError`."""
    if proxy is None:
        return None
    from .environment import Proxy, read_proxy

    if isinstance(proxy, Proxy):
        return proxy
    if not isinstance(proxy, Secret):
        raise ConfigurationError("proxy= is no text", remedy="Pass the URL of a proxy")
    found = read_proxy("proxy=", proxy)
    if found.is_socks:
        from .routes import httpx_proxy

        httpx_proxy(found)
    return found


def _environ() -> Mapping[str, str]:
    """The environment, with the system's own proxies where it names none."""
    if sys.platform in ("darwin", "win32"):
        from urllib.request import getproxies

        system = {f"{name}_proxy": url for name, url in getproxies().items()}
        return {**system, **os.environ}
    return os.environ


def limits(family: Any, pool: Pool) -> Any:
    """A pool's limits as httpx, or httpx2, takes them."""
    return family.Limits(
        max_connections=pool.connections,
        max_keepalive_connections=pool.kept,
        keepalive_expiry=KEEPALIVE,
    )


def sync_transport(network: Network) -> Any:
    """The transport of synchronous clients."""
    import httpx

    from .routes import RoutedTransport, httpx_proxy

    verify, most, found = network.tls(), limits(httpx, network.pool), network.proxies()

    def make(proxy: Proxy | None) -> Any:
        if proxy is None:
            return prepared(httpx.HTTPTransport(verify=verify, limits=most, trust_env=False))
        from .tunnels import TunnelTransport

        through = httpx_proxy(proxy)
        return prepared(TunnelTransport(verify=verify, limits=most, trust_env=False, proxy=through))

    return RoutedTransport(found, make) if found else make(None)


def async_transport(network: Network, wanted: str | None) -> Any:
    """The transport of asynchronous clients in this event loop: ``"aiohttp"``, ``"httpx"``, or
    with None aiohttp where that is installed and works."""
    if wanted == "aiohttp" and not is_asyncio():
        raise ConfigurationError(
            "transport='aiohttp' runs in asyncio only",
            remedy="Pass transport='httpx', or none, under trio",
        )
    over_aiohttp = wanted == "aiohttp" or (wanted is None and is_asyncio() and has_aiohttp())
    make = _over_aiohttp(network) if over_aiohttp else _over_httpx(network)
    found = network.proxies()
    if not found:
        return make(None)
    from .routes import AsyncRoutedTransport

    return AsyncRoutedTransport(found, make)


def _over_httpx(network: Network) -> Callable[[Proxy | None], Any]:
    import httpx

    from .lanes import LanesTransport
    from .routes import httpx_proxy

    verify, pool = network.tls(), network.pool

    def make(proxy: Proxy | None) -> Any:
        if proxy is None:
            return LanesTransport(verify=verify, connections=pool.connections, keepalive=KEEPALIVE)
        from .backends import guard
        from .tunnels import AsyncTunnelTransport

        made = AsyncTunnelTransport(
            verify=verify, limits=limits(httpx, pool), trust_env=False, proxy=httpx_proxy(proxy)
        )
        guard(getattr(made, "_pool", None))
        return made

    return make


def _over_aiohttp(network: Network) -> Callable[[Proxy | None], Any]:
    from .over_aiohttp import AiohttpTransport

    verify, pool = network.tls(), network.pool
    over_httpx = _over_httpx(network)

    def make(proxy: Proxy | None) -> Any:
        if proxy is not None and proxy.is_socks:  # aiohttp speaks HTTP to proxies only
            return over_httpx(proxy)
        return AiohttpTransport(
            verify=verify, connections=pool.connections, keepalive=KEEPALIVE, proxy=proxy
        )

    return make


@cache
def has_aiohttp() -> bool:
    """Whether aiohttp is installed."""
    from importlib.util import find_spec

    return find_spec("aiohttp") is not None
