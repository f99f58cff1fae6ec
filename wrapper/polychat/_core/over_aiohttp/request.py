"""How a request is sent: the connection it gets, and its body, piece by piece under the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from .errors import disconnected
from .watch import READ, WRITE, Watch

PIECE = 64 * 1024
"""Bytes that a connection takes without waiting, and that a larger body is sent by."""


class Call:
    """One request on its way."""

    __slots__ = ("answered", "body_error", "read", "uploads", "watch", "write")

    def __init__(self, timeouts: Mapping[str, float | None]) -> None:
        self.read, self.write = timeouts.get("read"), timeouts.get("write")
        self.uploads = False
        """Whether an `Upload` writes the body; any other is taken by the connection at once."""
        self.watch: Watch | None = None
        """None while there is no connection."""
        self.body_error: Exception | None = None
        """What the caller's own body raised."""
        self.answered = False

    def connected(self, transport: asyncio.Transport) -> Watch:
        """Sets the clock, which it gives: it runs from here on."""
        self.watch = watch = Watch.of(transport)
        watch.ask()
        if self.uploads:
            watch.wait(WRITE, self.write)
        else:
            watch.wait(READ, self.read)
        return watch


CALL: ContextVar[Call] = ContextVar("polychat_call")


class Connector(aiohttp.TCPConnector):
    """Tells a `Call` its connection. How many may be open is not decided here: that is the
    transport's, for a wait for a free connection is not a wait for the service."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # pyright: ignore[reportUnknownMemberType]
        self.watches: WeakSet[Watch] = WeakSet()
        """The clocks of all connections, in use or idle."""

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109
        call = CALL.get()
        if call.watch is not None:
            # aiohttp sends again what was cut off and looks repeatable. That is for the caller
            # to decide, who counts.
            raise disconnected(call.watch)
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol, transport = connection.protocol, connection.transport
            assert protocol is not None
            assert transport is not None  # of any class: uvloop has its own
            if not protocol.should_close:
                self.watches.add(call.connected(transport))
                return connection
            connection.close()  # bytes that came unasked for would be taken for an answer


class Upload(aiohttp.Payload):
    """A body that is written piece by piece, each within the time for writing."""

    def __init__(self, call: Call, body: bytes | AsyncIterable[bytes]) -> None:
        super().__init__(body)
        call.uploads = True
        self._call = call
        self._body = body

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a body of bytes is not decoded")

    async def write(self, writer: AbstractStreamWriter) -> None:
        call = self._call
        watch = call.watch
        assert watch is not None
        pieces = _cut(self._body) if isinstance(self._body, bytes) else aiter(self._body)
        while True:
            try:
                piece = await anext(pieces, None)
            except Exception as error:
                call.body_error = error
                raise
            if piece is None:
                break
            watch.wait(WRITE, call.write)
            await writer.write(piece)
        await writer.drain()
        if not call.answered:
            watch.wait(READ, call.read)


async def _cut(body: bytes) -> AsyncIterator[Any]:
    view = memoryview(body)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]
