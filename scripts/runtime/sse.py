"""Server-sent events from bytes, as the WHATWG HTML standard parses them.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

MAX_EVENT = 64 * 1024 * 1024
"""Bytes that one event may have: a server that never ends an event must not fill the memory."""

_BOM = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event. `data` is UTF-8, its lines joined by LF."""

    data: bytes
    event: str = "message"
    id: str | None = None
    retry: int | None = None
    """Milliseconds that the server asks to wait before a reconnection."""


class EventTooLarge(ValueError):
    """An event of more than `MAX_EVENT` bytes."""


class SSEDecoder:
    """Takes bytes in any split and gives the events that they complete.

    `feed` may be called with every piece as it arrives; it returns the events that end in it.
    `flush` is for the end of the stream: the standard drops an event that no blank line ends,
    and a caller who wants it nevertheless gets it there.
    """

    __slots__ = ("_after_cr", "_buffer", "_scanned", "_started")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0  # up to here the buffer holds no end of an event
        self._after_cr = False
        self._started = False

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that `piece` completes, in order."""
        data = self.single(piece)
        if data is not None:
            return [ServerSentEvent(data)]
        buffer = self._buffer
        piece = self._to_lf(piece)
        if not piece:
            return []
        if not self._started:
            buffer += piece
            if len(buffer) < 3 and _BOM.startswith(buffer):
                return []
            self._started = True
            if buffer.startswith(_BOM):
                del buffer[:3]
            piece = bytes(buffer)
            buffer.clear()
        if buffer:
            buffer += piece
            if buffer.find(b"\n\n", self._scanned) < 0:
                self._scanned = len(buffer) - 1
                self._check_size()
                return []
            piece = bytes(buffer)
        blocks = piece.split(b"\n\n")
        rest = blocks.pop()
        buffer[:] = rest
        self._scanned = max(len(rest) - 1, 0)
        self._check_size()
        return [event for block in blocks if (event := _parse_block(block)) is not None]

    def single(self, piece: bytes) -> bytes | None:
        """The data of a piece that is one event of one line, which is how nearly every service
        sends them; None for any other piece, which is then for `feed`."""
        if (
            piece.startswith(b"data:")
            and piece.find(b"\n") == len(piece) - 2
            and piece.endswith(b"\n\n")
            and not self._buffer
            and self._started
            and not self._after_cr
            and b"\r" not in piece
        ):
            return piece[6:-2] if piece.startswith(b"data: ") else piece[5:-2]
        return None

    def flush(self) -> ServerSentEvent | None:
        """The event that the stream's end cut off before its blank line, if there is one."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        self._scanned = 0
        return _parse_block(rest.removeprefix(_BOM) if not self._started else rest)

    def _to_lf(self, piece: bytes) -> bytes:
        """Line ends as LF. A CR is one at once, so that no event waits for the next piece; the
        LF that may follow it there is then not another."""
        if self._after_cr:
            if not piece:
                return piece
            self._after_cr = False
            if piece.startswith(b"\n"):
                piece = piece[1:]
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return piece

    def _check_size(self) -> None:
        if len(self._buffer) > MAX_EVENT:
            self._buffer.clear()  # the error's frames would keep it
            raise EventTooLarge(f"a server-sent event is larger than {MAX_EVENT} bytes")


# A named tuple's own constructor is a function of Python, and takes twice as long.
_make: Callable[..., ServerSentEvent] = tuple[Any, ...].__new__
_LINE_ONLY = ("message", None, None)


def _parse_block(block: bytes) -> ServerSentEvent | None:
    """The event of lines that end with LF, or None where they have no data."""
    if block.startswith(b"data: ") and b"\n" not in block:  # as nearly every service sends them
        return _make(ServerSentEvent, (block[6:], *_LINE_ONLY))
    data: list[bytes] = []
    name, identity, retry = "message", None, None
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode(errors="replace") or "message"
        elif field == b"id":
            if b"\0" not in value:
                identity = value.decode(errors="replace")
        elif field == b"retry" and value.isdigit() and len(value) < 12:
            retry = int(value)
    if not data:
        return None
    return ServerSentEvent(b"\n".join(data), name, identity, retry)
