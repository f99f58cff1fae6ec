"""HTTP through httpx, or through what the user brings: the only module that knows its classes.

httpx, its fork httpx2 and clients and transports of either are told apart by the package that a
client comes from, never by `isinstance`: their classes are unrelated. httpx itself, and ssl, are
imported when the first request is sent.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast
from weakref import WeakKeyDictionary, ref

from polychat.errors import ConfigurationError
from polychat_rest.body import Content
from polychat_rest.secret import Secret

from . import forking
from .connection_arguments import check_connection, refuse_beside_pool
from .locations import hide_location, hide_location_async, show_location
from .loops import current_loop
from .pools import pools, retire
from .transports import (
    DEFAULT_POOL,
    Network,
    Pool,
    async_transport,
    given_proxy,
    has_aiohttp,
    sync_transport,
)

if TYPE_CHECKING:
    import ssl


INTERRUPTED = "polychat.interrupted"
"""The extension of a response that is to be called when reading it is interrupted."""


class Outgoing(NamedTuple):
    """A request, ready to be sent once."""

    method: str
    url: str
    headers: Mapping[str, str | Secret]
    content: bytes | Content | None
    timeout: Mapping[str, float | None]


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
        from .backends import guard

        for pool in pools(client):  # theirs too: a head without an end would not end for them
            guard(pool)

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
        proxy: Any = None,
        as_requests: bool = False,
    ) -> None:
        check_connection(client, transport, verify, proxy, asynchronous=False)
        self._transport = transport
        self._network = Network(verify, pool, given_proxy(proxy), as_requests)
        self._lock = threading.Lock()
        self._closed = False
        self.theirs = client
        """The user's own client, if there is one."""
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
        self.theirs = client
        self._adapter = _Adapter(client, ours=False)

    @classmethod
    def of(cls, client: Any, **network: Any) -> SyncHTTP:
        """`client` itself where it is one of these, which other clients share; otherwise a new
        one with what decides about the network, as the constructor takes it."""
        if not isinstance(client, SyncHTTP):
            return cls(client, **network)
        refuse_beside_pool(network)
        return client

    def send(self, out: Outgoing) -> RawResponse:
        """The response, its body not yet read."""
        adapter = self._adapter or self._make()
        content = out.content
        if content is not None and type(content) is not bytes:
            content = cast("Any", iter(cast("Content", content)))
        request = adapter.build(out, content)
        try:
            response = adapter.client.send(request, stream=True, follow_redirects=False)
        except Exception:
            raise
        except BaseException as error:  # noqa: BLE001  # interrupted: frames below hold headers
            raise error.with_traceback(None) from None
        if adapter.ours:
            response.extensions[INTERRUPTED] = partial(self.interrupted, out)
            show_location(response)
        return cast("RawResponse", response)

    def _make(self) -> _Adapter:
        with self._lock:
            if self._closed:
                raise ConfigurationError("the client is closed", remedy="Make a new one")
            if self._adapter is None:
                transport = self._transport
                if transport is None:
                    transport = sync_transport(self._network)
                client = _family(transport).Client(
                    transport=transport, trust_env=False, event_hooks={"response": [hide_location]}
                )
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
        proxy: Any = None,
    ) -> None:
        check_connection(client, transport, verify, proxy, asynchronous=True)
        if transport == "aiohttp" and not has_aiohttp():
            raise ConfigurationError(
                "transport='aiohttp' needs the package aiohttp",
                remedy="Install it with: pip install 'polychat[aiohttp]'",
            )
        self._transport = transport
        self._network = Network(verify, pool, given_proxy(proxy))
        self._closed = False
        self.theirs = client
        """The user's own client, if there is one."""
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
        self.theirs = client
        self._theirs = _Adapter(client, ours=False)

    @classmethod
    def of(cls, client: Any, **network: Any) -> AsyncHTTP:
        """`client` itself where it is one of these, which other clients share; otherwise a new
        one with what decides about the network, as the constructor takes it."""
        if not isinstance(client, AsyncHTTP):
            return cls(client, **network)
        refuse_beside_pool(network)
        return client

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
        try:
            response = await adapter.client.send(request, stream=True, follow_redirects=False)
        except BaseException as error:
            if content is not None and type(content) is not bytes:
                await _leave(content)
            if isinstance(error, Exception):
                raise
            raise error.with_traceback(None) from None  # cancelled: frames below hold headers
        if adapter.ours:
            show_location(response)
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
        if transport is None or isinstance(transport, str):
            transport = async_transport(self._network, transport)
        client = _family(transport).AsyncClient(
            transport=transport, trust_env=False, event_hooks={"response": [hide_location_async]}
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


async def _leave(content: Any) -> None:
    """Closes the iterator of a body that was not sent to its end, and with it a file."""
    import anyio

    if isinstance(content, AsyncGenerator):
        with anyio.CancelScope(shield=True), suppress(RuntimeError):  # aiohttp may be reading it
            await content.aclose()


_Home = tuple[_Adapter, AsyncGenerator[None, None]]


def _family(transport: Any) -> Any:
    """httpx, or httpx2 where a transport is of that family."""
    if transport is not None:
        for cls in type(transport).__mro__:
            if cls.__module__.partition(".")[0] == "httpx2":
                import httpx2  # pyright: ignore[reportMissingImports]

                return cast("Any", httpx2)
    import httpx

    return httpx
