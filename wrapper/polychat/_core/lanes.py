"""An httpx transport for asynchronous clients whose cost does not grow with what is in flight.

httpcore's pool looks at all connections, and for each idle one at all again, whenever a request
begins or ends: with 64 calls in flight that is most of what a call costs. Here each connection
is a pool of its own, and a request takes one from a stack.
"""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpx

Origin = tuple[bytes, bytes, int | None]


class LanesTransport(httpx.AsyncBaseTransport):
    """At most `connections` at a time; one that has been idle for `keepalive` seconds is closed
    when another becomes idle, or when it would be used. For use in one event loop."""

    def __init__(
        self, *, verify: ssl.SSLContext | bool, connections: int, keepalive: float
    ) -> None:
        self._make: Callable[[], httpx.AsyncHTTPTransport] = lambda: httpx.AsyncHTTPTransport(
            verify=verify,
            limits=httpx.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=keepalive
            ),
        )
        self._keepalive = keepalive
        self._free = anyio.Semaphore(connections, fast_acquire=True)
        self._idle: dict[Origin, deque[tuple[float, httpx.AsyncHTTPTransport]]] = {}
        self._lanes: set[httpx.AsyncHTTPTransport] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        wait = request.extensions.get("timeout", {}).get("pool")
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait(wait)
        url = request.url
        idle = self._idle.setdefault((url.raw_scheme, url.raw_host, url.port), deque())
        lane = idle.pop()[1] if idle else self._open()
        try:
            response = await lane.handle_async_request(request)
        except BaseException:
            self._give_back(idle, lane)
            raise
        response.stream = _LaneStream(self, idle, lane, response.stream)
        return response

    async def _wait(self, seconds: float | None) -> None:
        try:
            with anyio.fail_after(seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("all connections are in use") from error

    def _open(self) -> httpx.AsyncHTTPTransport:
        lane = self._make()
        self._lanes.add(lane)
        return lane

    def _give_back(
        self,
        idle: deque[tuple[float, httpx.AsyncHTTPTransport]],
        lane: httpx.AsyncHTTPTransport,
    ) -> None:
        idle.append((time.monotonic(), lane))
        self._free.release()

    async def release(
        self,
        idle: deque[tuple[float, httpx.AsyncHTTPTransport]],
        lane: httpx.AsyncHTTPTransport,
    ) -> None:
        """Takes a connection back whose answer was read or closed."""
        self._give_back(idle, lane)
        oldest = time.monotonic() - self._keepalive
        while idle and idle[0][0] < oldest:
            stale = idle.popleft()[1]
            self._lanes.discard(stale)
            await stale.aclose()

    async def aclose(self) -> None:
        self._idle.clear()
        lanes, self._lanes = self._lanes, set()
        for lane in lanes:
            await lane.aclose()


class _LaneStream(httpx.AsyncByteStream):
    """A body whose end gives its connection back."""

    def __init__(
        self,
        lanes: LanesTransport,
        idle: deque[tuple[float, httpx.AsyncHTTPTransport]],
        lane: httpx.AsyncHTTPTransport,
        body: Any,
    ) -> None:
        self._lanes = lanes
        self._idle = idle
        self._lane: httpx.AsyncHTTPTransport | None = lane
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._body)  # not through a generator: this is in the way of each event

    async def aclose(self) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            try:
                await self._body.aclose()
            finally:
                await self._lanes.release(self._idle, lane)
