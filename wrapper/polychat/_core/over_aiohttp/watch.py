"""The clock of a connection: what is silent for too long is cut.

aiohttp's own timeouts end with the first 1xx answer and do not see an upload at all. So the clock
sits between the connection and aiohttp: a protocol of asyncio's that notes when something was
received and hands it on. Its one act is to abort the connection, which wakes whoever waits for
it; `expired` then tells that silence was the reason.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from ..heads import Heads, InvalidHead

READ, WRITE = "read", "write"
MOST_UNSEEN = 16 * 1024 * 1024
"""Bytes that may come after a head without any of a body: aiohttp bounds the lines of trailers, not
their sum. (A loop may hand on some megabytes at once before it lets anyone see the head.)"""
_LAST_CHUNK = b"0\r\n\r\n"
_EVENT_END = b"\n\n\r\n"
"""How a chunk ends that is one event. Nothing but another event follows it, and to look through
each of them for the last chunk would take a twentieth of the time that an event takes."""


class Watch(asyncio.Protocol):
    """Bounds the waits on one connection, one request after another.

    A wait costs two readings of the clock: the timer is left where it is while waits end in
    time, and decides when it fires whether anything was due.
    """

    __slots__ = (
        "__weakref__", "_chunked", "_clock", "_feed", "_gone", "_handler", "_heads", "_heard",
        "_left", "_limit", "_loop", "_since", "_timer", "_transport", "content", "expired",
        "flooded", "late", "lost", "phase", "refusal", "unseen",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        handler = transport.get_protocol()
        assert isinstance(handler, asyncio.Protocol)
        self._handler: Any = handler
        self._feed = handler.data_received
        self._transport = transport
        self._loop = loop
        self._clock = loop.time
        self._heard = self._since = 0.0
        self._limit: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.phase = READ
        self._heads: Heads | None = None
        """None where no head is due."""
        self._left: int | None = None
        """Bytes of the body that are still to come, where its head told."""
        self._chunked = self._gone = False
        self.unseen = 0
        """Bytes received since the last that were of use to anyone."""
        self.expired = self.late = self.flooded = False
        """Whether the connection was cut because of silence, a head that took too long, or
        trailers without an end."""
        self.refusal: str | None = None
        """Why the connection was cut because of a head."""
        self.lost: BaseException | None = None
        """What the connection broke with, where it was not simply closed."""
        self.content: aiohttp.StreamReader | None = None
        """The body that is being received."""

    @classmethod
    def of(cls, transport: asyncio.Transport) -> Watch:
        """The clock of a connection, which gets one when it is first used."""
        found = transport.get_protocol()
        if isinstance(found, cls):
            return found
        watch = cls(transport, asyncio.get_running_loop())
        transport.set_protocol(watch)
        return watch

    @property
    def socket(self) -> Any:
        """The connection's socket; None where it has ended."""
        return self._transport.get_extra_info("socket")

    def ask(self) -> None:
        """Begins with a request."""
        self.unseen = 0
        self._heads, self._left, self._chunked = Heads(), None, False

    def answered(self, content: aiohttp.StreamReader) -> None:
        """Ends the wait for the head of an answer, whose body is `content`."""
        self.unseen, self._limit = 0, None
        self.content = content
        if self._gone:
            self._tell_end()

    def wait(self, phase: str, limit: float | None) -> None:
        """Begins a wait of at most `limit` seconds of silence; what is received begins a wait
        to read anew, but not one to write."""
        self.phase, self._limit = phase, limit
        if limit is None:
            return
        self._since = now = self._loop.time()
        if self._timer is not None:
            if self._timer.when() <= now + limit:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(now + limit, self._check)

    def rest(self) -> None:
        """Ends the wait."""
        self._limit = None

    def _check(self) -> None:
        self._timer = None
        if self._limit is None:
            return
        begun = self._since if self.phase is WRITE else max(self._since, self._heard)
        if begun + self._limit <= self._loop.time():
            self.expired = True
            self._transport.abort()
        else:
            self._timer = self._loop.call_at(begun + self._limit, self._check)

    def data_received(self, data: bytes) -> None:
        self._heard = self._clock()
        if self._heads is not None:
            data = self._head(self._heads, data)
        self.unseen = unseen = self.unseen + len(data)
        if unseen > MOST_UNSEEN:
            self.flooded = True
            self._transport.abort()
            return
        if self._left is not None:
            data = self._measured(data, self._left)
        elif self._chunked and not data.endswith(_EVENT_END) and _LAST_CHUNK in data:
            data = self._to_last_chunk(data)
        if data:
            self._feed(data)

    def _head(self, heads: Heads, data: bytes) -> bytes:
        """Hands on what came while a head was due, if it is one. Gives what came of the body."""
        try:
            body = heads.feed(bytes(data))
        except InvalidHead as error:
            self.refusal = str(error)
            self._transport.abort()
            return b""
        if body < 0:
            if heads.is_late(self._heard, self._limit):
                self.expired = self.late = True
                self._transport.abort()
            else:
                self._feed(data)
            return b""
        self._heads, self._left, self._chunked = None, heads.length, heads.chunked
        # The head alone, so that it stands whatever is wrong with the body in the same piece.
        self._feed(data[:body])
        return data[body:]

    def _measured(self, data: bytes, left: int) -> bytes:
        """The part of `data` that belongs to a body of known length. aiohttp would take what is
        beyond it for a wrong answer, and the answer before it too."""
        self._left = max(left - len(data), 0)
        if len(data) > left:
            self._handler.force_close()  # whatever it is: nobody has asked for it
            return data[:left]
        return data

    def _to_last_chunk(self, data: bytes) -> bytes:
        """Hands on what may be the end of a body in chunks, and gives what is left: nothing where
        it was the end, for what is beyond it does not belong to it."""
        while (at := data.find(_LAST_CHUNK)) >= 0:
            end = at + len(_LAST_CHUNK)
            self._feed(data[:end])
            data = data[end:]
            payload = getattr(self._handler, "_payload", None)  # there is no public way to it
            if payload is not None and payload.is_eof():
                if data:
                    self._handler.force_close()
                return b""
        return data

    def eof_received(self) -> bool | None:
        kept: bool | None = self._handler.eof_received()
        return kept

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._handler.connection_lost(exc)
        self._gone = True
        self._tell_end()

    def _tell_end(self) -> None:
        """Wakes who reads the body of a connection that is gone."""
        content, self.content = self.content, None
        if content is not None and not content.is_eof() and content.exception() is None:
            # After bytes that are not HTTP aiohttp closes the connection, and tells no reader.
            content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))

    def pause_writing(self) -> None:
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        self._handler.resume_writing()
