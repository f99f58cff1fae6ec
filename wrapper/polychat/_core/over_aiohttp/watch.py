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

READ, WRITE = "read", "write"
MOST_UNSEEN = 16 * 1024 * 1024
"""Bytes that may come before the head of an answer is whole, or after it without any of a body:
aiohttp bounds the lines of a head and of trailers, not their sum, and not how many interim answers
come first. (A loop may hand on some megabytes at once, body included, before it lets anyone see
the head.)"""


class Watch(asyncio.Protocol):
    """Bounds the waits on one connection, one request after another.

    A wait costs two readings of the clock: the timer is left where it is while waits end in
    time, and decides when it fires whether anything was due.
    """

    __slots__ = (
        "__weakref__", "_feed", "_handler", "_heard", "_limit", "_loop", "_since", "_timer",
        "_transport", "content", "expired", "flooded", "lost", "phase", "unseen",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        handler = transport.get_protocol()
        assert isinstance(handler, asyncio.Protocol)
        self._handler = handler
        self._feed = handler.data_received
        self._transport = transport
        self._loop = loop
        self._heard = self._since = 0.0
        self._limit: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.phase = READ
        self.unseen = 0
        """Bytes received since the last that were of use to anyone."""
        self.expired = self.flooded = False
        """Whether the connection was cut because of silence, or of a head or trailers without an
        end."""
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

    def answered(self, content: aiohttp.StreamReader) -> None:
        """Ends the wait for the head of an answer, whose body is `content`."""
        self.unseen, self._limit = 0, None
        self.content = content

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
        self._heard = self._loop.time()
        self.unseen += len(data)
        if self.unseen > MOST_UNSEEN:
            self.flooded = True
            self._transport.abort()
            return
        self._feed(data)

    def eof_received(self) -> bool | None:
        return self._handler.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._handler.connection_lost(exc)
        content, self.content = self.content, None
        if content is not None and not content.is_eof() and content.exception() is None:
            # After bytes that are not HTTP aiohttp closes the connection, and tells no reader.
            content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))

    def pause_writing(self) -> None:
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        self._handler.resume_writing()
