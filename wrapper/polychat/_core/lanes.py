"""An httpx transport for asynchronous clients whose cost does not grow with what is in flight.

httpcore's pool looks at all connections, and for each idle one at all again, whenever a request
begins or ends: with 64 calls in flight that is most of what a call costs. Here a request takes
a connection from a stack. A body is read through httpcore's stream itself, because each generator
between costs every event of a stream; its exceptions have the names of httpx's, by which `failures`
tells them apart.
"""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpcore
import httpx

from . import forking
from .backends import AsyncBackend, has_unread
from .loops import call_in, current_loop, is_asyncio
from .pools import close_at_once

Lane = httpcore.AsyncHTTPConnection
Idle = deque[tuple[float, Lane]]


class LanesTransport(httpx.AsyncBaseTransport):
    """At most `connections` in use at a time; one that has been idle for `keepalive` seconds is
    closed when another becomes idle, or when it would be used. For use in one event loop."""

    def __init__(
        self, *, verify: ssl.SSLContext | bool, connections: int, keepalive: float
    ) -> None:
        context = verify if isinstance(verify, ssl.SSLContext) else httpx.create_ssl_context(verify)
        backend = httpcore.AnyIOBackend() if is_asyncio() else httpcore.TrioBackend()
        guarded: Any = AsyncBackend(backend, backend)
        self._make: Callable[[httpcore.Origin], Lane] = lambda origin: httpcore.AsyncHTTPConnection(
            origin, ssl_context=context, keepalive_expiry=keepalive, network_backend=guarded
        )
        self._keepalive = keepalive
        self._free = anyio.Semaphore(connections, fast_acquire=True)
        self._idle: dict[tuple[bytes, bytes, int | None], Idle] = {}
        self._lanes: set[Lane] = set()
        self._loop: Any = None
        forking.remember(self)

    def forked(self) -> None:
        """The parent's connections are let go of."""
        for lane in self._lanes:
            forking.let_go_of_connection(lane)
        forking.abandon(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        extensions: Any = request.extensions
        if self._loop is None:
            self._loop = current_loop()
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait(extensions.get("timeout", {}).get("pool"))
        url = request.url
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        idle = self._idle.setdefault((url.raw_scheme, url.raw_host, url.port), deque())
        lane: Lane | None = None
        try:
            lane = await self._take(idle) or self._open(target.origin)
            answer: Any = await lane.handle_async_request(
                httpcore.Request(
                    request.method,
                    target,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=extensions,
                )
            )
        except BaseException:
            if lane is not None and not lane.is_idle():
                with anyio.CancelScope(shield=True):
                    await self._drop(lane)
            self._give_back(idle, lane)
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_LaneStream(self, idle, lane, answer.stream),
            extensions=answer.extensions,
        )

    async def _wait(self, seconds: float | None) -> None:
        try:
            with anyio.fail_after(seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("all connections are in use") from error

    async def _take(self, idle: Idle) -> Lane | None:
        """An idle connection that still stands."""
        while idle:
            lane = idle.pop()[1]
            if not lane.has_expired() and not has_unread(lane):
                return lane
            await self._drop(lane)
        return None

    def _open(self, origin: httpcore.Origin) -> Lane:
        lane = self._make(origin)
        self._lanes.add(lane)
        return lane

    async def _drop(self, lane: Lane) -> None:
        self._lanes.discard(lane)
        await lane.aclose()

    def _give_back(self, idle: Idle, lane: Lane | None) -> None:
        self._free.release()
        if lane is None or not lane.is_idle():
            if lane is not None:
                self._lanes.discard(lane)
        else:
            idle.append((time.monotonic(), lane))

    async def release(self, idle: Idle, lane: Lane) -> None:
        """Takes a connection back whose answer was read or closed."""
        self._give_back(idle, lane)
        oldest = time.monotonic() - self._keepalive
        while idle and idle[0][0] < oldest:
            await self._drop(idle.popleft()[1])

    def abandon(self, lane: Lane) -> None:
        """Closes a connection whose answer nobody holds any more, in its own event loop: whoever
        drops an answer cannot wait, and may be the collector in any thread."""
        call_in(self._loop, self._cut, lane)  # where it has ended, so have its connections

    def _cut(self, lane: Lane) -> None:
        if lane not in self._lanes:  # all were closed meanwhile
            return
        self._lanes.discard(lane)
        self._free.release()
        close_at_once(lane)

    async def aclose(self) -> None:
        self._idle.clear()
        lanes, self._lanes = self._lanes, set()
        for lane in lanes:
            await lane.aclose()


class _LaneStream(httpx.AsyncByteStream):
    """A body whose end gives its connection back."""

    def __init__(self, lanes: LanesTransport, idle: Idle, lane: Lane, body: Any) -> None:
        self._lanes = lanes
        self._idle = idle
        self._lane: Lane | None = lane
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._body)  # not through a generator: this is in the way of each event

    def abandon(self) -> None:
        """Gives the connection back without a wait; for an answer that was dropped."""
        lane, self._lane = self._lane, None
        if lane is not None:
            self._lanes.abandon(lane)

    def __del__(self) -> None:
        if getattr(self, "_lane", None) is not None:
            self.abandon()

    async def aclose(self) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            try:
                await self._body.aclose()
            except BaseException:  # cancelled meanwhile: httpcore leaves it as it is
                with anyio.CancelScope(shield=True):
                    await lane.aclose()
                raise
            finally:
                await self._lanes.release(self._idle, lane)
