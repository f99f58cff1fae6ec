"""Bodies, read and decoded piece by piece, in bounded memory.

An error's body is read to 1 MiB, a redirect's not at all. Of an answer at most what the caller
allows is held, and nothing that decompression blows up: an answer of more than 8 MiB that is over
100 times its size on the wire is refused while it is decoded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .deadline import cut, is_alone
from .loops import call_in
from .pools import free, place_of

if TYPE_CHECKING:
    from .codings import Decoder

MAX_ANSWER_BYTES = 512 * 1024 * 1024
ERROR_BYTES = 1024 * 1024
RATIO = 100
"""How many times its size on the wire a body may have. JSON comes compressed to a fifth."""
RATIO_FROM = 8 * 1024 * 1024
"""Bytes to which any ratio will do: a short answer of one repeated word is no attack."""
_REDIRECTS = (301, 302, 303, 307, 308)


class UndecodableBody(Exception):
    """An answer has come, but its body cannot be had. `remedy` is what the user can do."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class AnswerTooLarge(UndecodableBody):
    """An answer is larger than it may be."""


class Decoding:
    """What comes on the wire as what it stands for, at most `most` bytes of it."""

    __slots__ = ("_decoders", "_most", "_size", "_wire")

    def __init__(self, headers: Mapping[str, str], most: int | None = None) -> None:
        self._decoders: list[Decoder] = decoders(headers)
        self._most = most
        self._wire = self._size = 0
        declared = headers.get("content-length", "")
        if most is not None and not self._decoders and declared.isdecimal():
            self._check(int(declared[:30]), most)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` stands for, in pieces that are bounded too."""
        self._wire += len(piece)
        return self._counted(_through(self._decoders, iter((piece,))))

    def finish(self) -> Iterator[bytes]:
        """What the end of the body stands for. Raises `UndecodableBody` if it came too early."""
        for number, one in enumerate(self._decoders):
            yield from self._counted(_through(self._decoders[number + 1 :], one.finish()))

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._size += len(piece)
            if self._most is not None:
                self._check(self._size, self._most)
            if self._decoders and RATIO_FROM < self._size > RATIO * self._wire:
                raise AnswerTooLarge(
                    f"it is over {RATIO} times its size on the wire, {self._wire} bytes",
                    remedy="Check what serves base_url: an honest service does not do this",
                )
            yield piece

    def _check(self, size: int, most: int) -> None:
        if size > most:
            raise AnswerTooLarge(
                f"it is larger than {most} bytes",
                remedy="Raise max_answer_bytes=, or ask for less at a time",
            )


def decoders(headers: Mapping[str, str]) -> list[Decoder]:
    """The decoders of a body, in the order in which they are to be used. A coding that nothing
    here knows is left as it is, for some services name one that they have not used."""
    codings = headers.get("content-encoding", "")
    if not codings or codings == "identity":
        return []
    from .codings import decoder  # few answers are encoded, and it loads zlib

    names = [name.strip().lower() for name in codings.split(",")]
    found = [one for name in reversed(names) if (one := decoder(name)) is not None]
    if len(found) > 4:
        raise UndecodableBody(f"it is encoded {len(found)} times")
    return found


def _through(decoders: list[Decoder], pieces: Iterator[bytes]) -> Iterator[bytes]:
    for one in decoders:
        pieces = _fed(one, pieces)
    return pieces


def _fed(one: Decoder, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from one.feed(piece)


class _Body:
    """What is kept of one body; decides how much."""

    def __init__(self, response: Any, most: int) -> None:
        status, headers = response.status_code, response.headers
        self._error = not 200 <= status < 300
        self.wanted = status not in _REDIRECTS or headers.get("content-length") == "0"
        self.full = False
        self._pieces: list[bytes] = []
        self._left = ERROR_BYTES
        self._decoding: Decoding | None = None
        try:
            self._decoding = Decoding(headers, None if self._error else most)
        except UndecodableBody:
            if not self._error:
                raise
            self.full = True

    def add(self, piece: bytes) -> bool:
        """Takes a piece; True where no other is wanted."""
        if self._decoding is not None:
            self._take(self._decoding.feed(piece))
        return self.full

    def content(self) -> bytes:
        """The body, when it has come or as far as it was wanted."""
        if self._decoding is not None and not self.full:
            self._take(self._decoding.finish())
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def _take(self, pieces: Iterator[bytes]) -> None:
        if not self._error:
            self._pieces.extend(pieces)
            return
        try:
            for piece in pieces:
                self._pieces.append(piece[: self._left])
                self._left -= len(self._pieces[-1])
                if not self._left:
                    self.full = True
                    return
        except UndecodableBody:  # the status says enough, and what could be read is kept
            self.full = True


def read(response: Any, most: int = MAX_ANSWER_BYTES) -> bytes:
    """The body of a response, which gives its connection back. Raises `UndecodableBody` where a
    success cannot be decoded, `AnswerTooLarge` where it is larger than `most` bytes or blows up."""
    if response.is_stream_consumed:  # by the user's own hook, or it never was on a wire
        return _held(response, response.read(), most)
    body = _Body(response, most)
    if body.wanted and not body.full:
        for piece in wire(response):
            if body.add(piece):
                break
    response.close()
    return body.content()


async def read_async(response: Any, most: int = MAX_ANSWER_BYTES) -> bytes:
    """`read`, asynchronously."""
    if response.is_stream_consumed:
        return _held(response, await response.aread(), most)
    body = _Body(response, most)
    if body.wanted and not body.full:
        async for piece in wire_async(response):
            if body.add(piece):
                break
    await response.aclose()
    return body.content()


def _held(response: Any, content: bytes, most: int) -> bytes:
    """A body that is in memory already."""
    if not 200 <= response.status_code < 300:
        return content[:ERROR_BYTES]
    if len(content) > most:
        raise AnswerTooLarge(f"it is larger than {most} bytes", remedy="Raise max_answer_bytes=")
    return content


def pieces(response: Any) -> Iterator[bytes]:
    """A body as it comes, decoded, of any size but not of any ratio."""
    if response.headers.get("content-encoding", "identity") == "identity":
        return wire(response)
    return _decoded(response)


def pieces_async(response: Any) -> AsyncIterator[bytes]:
    """`pieces`, asynchronously."""
    if response.headers.get("content-encoding", "identity") == "identity":
        return wire_async(response)
    return _decoded_async(response)


def _decoded(response: Any) -> Iterator[bytes]:
    decoding = Decoding(response.headers)
    for piece in wire(response):
        yield from decoding.feed(piece)
    yield from decoding.finish()


async def _decoded_async(response: Any) -> AsyncIterator[bytes]:
    decoding = Decoding(response.headers)
    async for piece in wire_async(response):
        for part in decoding.feed(piece):
            yield part
    for part in decoding.finish():
        yield part


def wire(response: Any) -> Iterator[bytes]:
    """A body as it comes from the transport, not through the generators that httpx puts around
    it for its clock and its decoders."""
    return iter(getattr(response.stream, "_stream", response.stream))


def abandon_async(response: Any, loop: Any) -> None:
    """Gives the connection of an asynchronous response back without a wait, for nobody holds it
    any more, with its place in a pool of httpx's. `loop` is the one that it came in. Other
    transports cannot do that: theirs is shut down."""
    stream = getattr(response, "stream", None)
    abandon = getattr(getattr(stream, "_stream", stream), "abandon", None)
    if abandon is not None:
        abandon()
    elif is_alone(response):
        cut(response)
        place = place_of(response)
        if place is not None and loop is not None:
            call_in(loop, free, place)


def wire_async(response: Any) -> AsyncIterator[bytes]:
    """`wire`, asynchronously."""
    return aiter(getattr(response.stream, "_stream", response.stream))
