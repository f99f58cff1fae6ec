"""HTTP through httpx, or through what the user brings: the only module that knows its classes.

httpx, its fork httpx2 and clients and transports of either are told apart by the package that a
client comes from, never by `isinstance`: their classes are unrelated. httpx itself, and ssl, are
imported when the first request is sent.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast
from weakref import WeakKeyDictionary, ref

from polychat.errors import ConfigurationError
from polychat_rest.body import Content
from polychat_rest.secret import Secret

from . import forking
from .loops import current_loop, is_asyncio
from .pools import retire, with_plain_lock

if TYPE_CHECKING:
    import ssl

MAX_CONNECTIONS = 1000
"""As many may be kept alive as may be open: a pool that keeps fewer closes and opens
connections all the time under load."""
KEEPALIVE = 60.0
"""Seconds that an idle connection is kept."""


INTERRUPTED = "polychat.interrupted"
"""The extension of a response that is to be called when reading it is interrupted."""


class Outgoing(NamedTuple):
    """A request, ready to be sent once."""

    method: str
    url: str
    headers: Mapping[str, str | Secret]
    content: bytes | Content | None
    timeout: Mapping[str, float | None]


class Pool(NamedTuple):
    """How many connections may be open, and kept open while idle."""

    connections: int = MAX_CONNECTIONS
    kept: int = MAX_CONNECTIONS


DEFAULT_POOL = Pool()


class RawResponse(Protocol):
    """What polychat uses of the responses of httpx and httpx2."""

    status_code: int
    stream: Any

    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def is_closed(self) -> bool: ...
    def read(self) -> bytes: ...
    def close(self) -> None: ...
    def iter_bytes(self) -> Iterator[bytes]: ...
    async def aread(self) -> bytes: ...
    async def aclose(self) -> None: ...
    def aiter_bytes(self) -> AsyncIterator[bytes]: ...


def unread(raw: RawResponse) -> bytes:
    """What aiohttp had received of a body that broke: it raises before it gives that out, and
    httpx-aiohttp has no way to ask for it. Empty for every other transport."""
    body = getattr(raw.stream, "_stream", None)
    content = getattr(getattr(body, "_aiohttp_response", None), "content", None)
    pieces: list[bytes] = list(getattr(content, "_buffer", ()))
    return b"".join(pieces)[getattr(content, "_buffer_offset", 0) :] if pieces else b""


def _verified(verify: ssl.SSLContext | str | bool) -> ssl.SSLContext | bool:
    from .tls import verified

    return verified(verify)


def _revealed(headers: Mapping[str, str | Secret]) -> list[tuple[str, str]]:
    return [(k, v.reveal() if type(v) is Secret else cast("str", v)) for k, v in headers.items()]


class _Adapter:
    """Builds requests of the family that a client belongs to."""

    def __init__(self, client: Any, *, ours: bool) -> None:
        self.client = client
        self.ours = ours
        family = sys.modules[type(client).__module__.partition(".")[0]]
        if not hasattr(family, "Request"):  # a subclass in the user's own package
            family = next(
                sys.modules[root]
                for cls in type(client).__mro__
                if (root := cls.__module__.partition(".")[0]).startswith("httpx")
            )
        self._request: Any = family.Request
        self._url: Any = family.URL
        self._last: tuple[str, Any] = ("", None)

    def build(self, out: Outgoing, content: Any) -> Any:
        extensions = {"timeout": out.timeout}
        if not self.ours:  # theirs may have headers, cookies and parameters of its own
            return self.client.build_request(
                out.method,
                out.url,
                headers=_revealed(out.headers),
                content=content,
                extensions=extensions,
            )
        text, url = self._last
        if text != out.url:
            url = self._url(out.url)
            self._last = out.url, url
        return self._request(
            out.method, url, headers=_revealed(out.headers), content=content, extensions=extensions
        )


class SyncHTTP:
    """Sends requests; usable from many threads."""

    def __init__(
        self,
        client: Any = None,
        *,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
        pool: Pool = DEFAULT_POOL,
    ) -> None:
        _check(client, transport, verify, asynchronous=False)
        self._transport = transport
        self._verify = verify
        self._pool = pool
        self._lock = threading.Lock()
        self._closed = False
        self._adapter = None if client is None else _Adapter(client, ours=False)
        self._retired: list[Any] = []
        forking.remember(self)

    def forked(self) -> None:
        """The parent's connections are let go of, unless the user brought what made them."""
        self._lock = threading.Lock()
        for client in self._retired:
            forking.let_go_of_pool(client)
        forking.abandon(self._retired)
        self._retired = []
        adapter = self._adapter
        if adapter is not None and adapter.ours and self._transport is None:
            self._adapter = None
            forking.let_go_of_pool(adapter.client)
            forking.abandon(adapter)

    def interrupted(self, out: Outgoing) -> None:
        """After an interrupt, which may have come at any moment of the sending of `out`, nothing
        is known of the pool: what it has is closed, and the next call makes another."""
        adapter = self._adapter
        if adapter is not None and adapter.ours and self._transport is None:
            self._adapter = None
            self._retired = [one for one in self._retired if retire(one)]
            if retire(adapter.client, out.timeout):
                self._retired.append(adapter.client)

    def replace(self, client: Any) -> None:
        """Sends through another client of the user's from now on."""
        self._adapter = _Adapter(client, ours=False)

    def send(self, out: Outgoing) -> RawResponse:
        """The response, its body not yet read."""
        adapter = self._adapter or self._make()
        content = out.content
        if content is not None and type(content) is not bytes:
            content = cast("Any", iter(cast("Content", content)))
        request = adapter.build(out, content)
        response = adapter.client.send(request, stream=True, follow_redirects=False)
        if adapter.ours:
            response.extensions[INTERRUPTED] = partial(self.interrupted, out)
        return cast("RawResponse", response)

    def _make(self) -> _Adapter:
        with self._lock:
            if self._closed:
                raise ConfigurationError("the client is closed", remedy="Make a new one")
            if self._adapter is None:
                module = _family(self._transport)
                limits = _limits(module, self._pool)
                client = module.Client(
                    verify=_verified(self._verify), limits=limits, transport=self._transport
                )
                if self._transport is None:
                    with_plain_lock(client)
                self._adapter = _Adapter(client, ours=True)
            return self._adapter

    def close(self) -> None:
        """Closes the connections, unless the user brought the client or the transport."""
        with self._lock:
            if self._adapter is None or self._adapter.ours:
                self._closed = True
                adapter, self._adapter = self._adapter, None
                if adapter is not None and self._transport is None:
                    adapter.client.close()
                for client in self._retired:
                    client.close()
                self._retired.clear()


class AsyncHTTP:
    """Sends requests; usable from many tasks, and in one event loop after another.

    Connections belong to the event loop that made them, so there is one httpx client a loop. It
    is closed by `aclose` or at the end of its loop, whichever comes first: the keeper beside it
    is an asynchronous generator, and those are what a loop ends before it ends itself.
    """

    def __init__(
        self,
        client: Any = None,
        *,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
        pool: Pool = DEFAULT_POOL,
    ) -> None:
        _check(client, transport, verify, asynchronous=True)
        if transport == "aiohttp" and not _has_aiohttp():
            raise ConfigurationError(
                "transport='aiohttp' needs httpx-aiohttp",
                remedy="Install it with: pip install 'polychat[aiohttp]'",
            )
        self._transport = transport
        self._verify = verify
        self._pool = pool
        self._closed = False
        self._theirs = None if client is None else _Adapter(client, ours=False)
        self._lock = threading.Lock()
        self._homes: WeakKeyDictionary[Any, _Home] = WeakKeyDictionary()
        self._latest: tuple[Any, _Adapter | None] = None, None
        forking.remember(self)

    def forked(self) -> None:
        """The parent's connections are let go of, unless the user brought what made them. Its
        event loops are none of the child's."""
        self._lock = threading.Lock()
        homes, self._homes = dict(self._homes), WeakKeyDictionary()
        self._latest = None, None
        if self._transport is None or isinstance(self._transport, str):
            for adapter, _ in homes.values():
                forking.let_go_of_pool(adapter.client)
        forking.abandon(homes)

    def replace(self, client: Any) -> None:
        """Sends through another client of the user's from now on."""
        self._theirs = _Adapter(client, ours=False)

    async def send(self, out: Outgoing) -> RawResponse:
        """The response, its body not yet read."""
        adapter = self._theirs
        if adapter is None:
            loop, adapter = self._latest
            if adapter is None or loop is not current_loop():
                adapter = await self._here()
        content = out.content
        if content is not None and type(content) is not bytes:
            content = cast("Any", aiter(cast("Content", content)))
        request = adapter.build(out, content)
        response = await adapter.client.send(request, stream=True, follow_redirects=False)
        return cast("RawResponse", response)

    async def _here(self) -> _Adapter:
        """This event loop's httpx client."""
        loop = current_loop()
        with self._lock:
            if self._closed:
                raise ConfigurationError("the client is closed", remedy="Make a new one")
            for other in list(self._homes):
                if getattr(other, "is_closed", bool)():  # ended without ending its generators
                    del self._homes[other]
            home = self._homes.get(loop)
            if home is not None:
                self._latest = loop, home[0]
                return home[0]
            adapter = self._make()
            keeper = _keep(adapter, ref(self), loop)
            self._homes[loop] = adapter, keeper
            self._latest = loop, adapter
        if self._transport is None or isinstance(self._transport, str):
            await anext(keeper)  # the loop knows it from now on; this does not wait
        return adapter

    def _leave(self, loop: Any) -> None:
        with self._lock:
            self._homes.pop(loop, None)
            if self._latest[0] is loop:
                self._latest = None, None

    def _make(self) -> _Adapter:
        transport = self._transport
        if transport == "aiohttp" or (transport is None and is_asyncio() and _has_aiohttp()):
            transport = _aiohttp_transport(_verified(self._verify), self._pool.connections)
        elif transport in (None, "httpx"):
            transport = _lanes_transport(_verified(self._verify), self._pool.connections)
        module = _family(transport)
        limits = _limits(module, self._pool)
        client = module.AsyncClient(
            verify=_verified(self._verify), limits=limits, transport=transport
        )
        return _Adapter(client, ours=True)

    async def aclose(self) -> None:
        """Closes the connections, those of other event loops in these; unless the user brought
        the client or the transport."""
        if self._theirs is not None:
            return
        with self._lock:
            self._closed = True
            self._latest = None, None
            homes = dict(self._homes)
            self._homes.clear()
        here = homes.pop(current_loop(), None)
        homes.clear()  # the keepers' other loops close what nobody holds any more
        if here is not None:
            await here[1].aclose()


async def _keep(adapter: _Adapter, owner: ref[AsyncHTTP], loop: Any) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        http = owner()
        if http is not None:
            http._leave(loop)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        await adapter.client.aclose()


_Home = tuple[_Adapter, AsyncGenerator[None, None]]


def _limits(family: Any, pool: Pool) -> Any:
    return family.Limits(
        max_connections=pool.connections,
        max_keepalive_connections=pool.kept,
        keepalive_expiry=KEEPALIVE,
    )


def _family(transport: Any) -> Any:
    """httpx, or httpx2 where a transport is of that family."""
    if transport is not None:
        for cls in type(transport).__mro__:
            if cls.__module__.partition(".")[0] == "httpx2":
                import httpx2  # pyright: ignore[reportMissingImports]

                return cast("Any", httpx2)
    import httpx

    return httpx


@cache
def _has_aiohttp() -> bool:
    from importlib.util import find_spec

    return find_spec("httpx_aiohttp") is not None


def _lanes_transport(verify: ssl.SSLContext | bool, connections: int) -> Any:
    from urllib.request import getproxies

    if getproxies():
        return None  # httpx's own client knows how to go through them
    from .lanes import LanesTransport

    return LanesTransport(verify=verify, connections=connections, keepalive=KEEPALIVE)


def _aiohttp_transport(verify: ssl.SSLContext | bool, connections: int) -> Any:
    from urllib.request import getproxies

    import aiohttp
    from httpx_aiohttp import AiohttpTransport

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=connections, ssl=verify, keepalive_timeout=KEEPALIVE)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),  # one caller's cookies are not another's
            trust_env=bool(getproxies()),  # looking for proxies in each request is not free
        )

    # httpx-aiohttp makes a TLS context of its own unless it is given one.
    return AiohttpTransport(client=session, verify=verify)


def _check(client: Any, transport: Any, verify: Any, *, asynchronous: bool) -> None:
    """Refuses what cannot work: the other colour's client or transport, both at once, no CA."""
    kind = f"{'Async' if asynchronous else ''}Client"
    method = "handle_async_request" if asynchronous else "handle_request"
    if client is not None and (
        not hasattr(client, "build_request") or hasattr(client, "aclose") is not asynchronous
    ):
        raise ConfigurationError(
            f"http_client is a {type(client).__name__}", remedy=f"Pass an httpx.{kind} here"
        )
    if client is not None and transport is not None:
        raise ConfigurationError(
            "http_client and transport are both given",
            remedy="Pass the transport to the http_client",
        )
    if transport is not None and not hasattr(transport, method):
        if asynchronous and transport in ("httpx", "aiohttp"):
            return
        raise ConfigurationError(
            f"transport={transport!r} has no {method}",
            remedy="Pass an httpx transport of this client's kind"
            + (", 'httpx' or 'aiohttp'" if asynchronous else ""),
        )
    if isinstance(verify, str) and not os.path.isfile(verify):  # noqa: PTH113
        raise ConfigurationError(
            f"verify={verify!r} is no file", remedy="Pass the path of a CA bundle in PEM format"
        )
    if not isinstance(verify, (str, bool)) and not _is_tls_context(verify):
        raise ConfigurationError(
            f"verify is a {type(verify).__name__}",
            remedy="Pass True, an ssl.SSLContext or the path of a CA bundle",
        )


def _is_tls_context(value: Any) -> bool:
    import ssl

    return isinstance(value, ssl.SSLContext)
