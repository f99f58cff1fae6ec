"""The plain client's streams: what an event means, and the two shells around the bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, Self, TypeVar

import httpx

from . import codec
from .answer import BEGIN, is_error, may_be_document
from .errors import ErrorDocument, TruncatedStream, UnreadableAnswer
from .protocol import Operation
from .sse import ServerSentEvent, SSEDecoder
from .whole import Choices, document_events, is_last

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Turns the pieces of a body into items."""

    ended: bool

    def feed(self, piece: bytes) -> Iterator[T_co]: ...
    def finish(self) -> Iterator[T_co]: ...


class EventReader(Generic[T]):
    """The events of an answer, each parsed.

    Raises `ErrorDocument` for an event that is an error, `TruncatedStream` where the body ends
    before the stream does, and what `document_events` raises for a document in its place.
    """

    def __init__(
        self, operation: Operation[Any], response: httpx.Response, parse: Callable[[Any], T]
    ) -> None:
        self.ended: bool = False
        self._operation = operation
        self._response = response
        self._parse = parse
        self._done = None if operation.done is None else operation.done.encode()
        self._decoder = SSEDecoder()
        self._choices = Choices()
        self._document: bytearray | None = None
        self._begun = False

    def feed(self, piece: bytes) -> Iterator[T]:
        if not self._begun:
            begin = piece.lstrip()[:1]
            if begin == b"{":
                self._document = bytearray()
            self._begun = bool(begin)
        if self._document is not None:
            self._document += piece
            return
        for event in self._decoder.feed(piece):
            yield from self._item(event)
            if self.ended:
                return

    def finish(self) -> Iterator[T]:
        """What the end of the body completes."""
        if self._document is not None:
            content, self._document = bytes(self._document), None
            answered = self._response
            yield from self.feed(
                document_events(self._operation, answered.status_code, answered.headers, content)
            )
        rest = self._decoder.flush()
        if rest is not None and not self.ended and self._is_whole(rest.data):
            yield from self._item(rest)
        if not self.ended and self._operation.stream_ends and not self._choices.finished:
            raise TruncatedStream(self._response.status_code, b"", self._response.headers)

    def _is_whole(self, data: bytes) -> bool:
        if data == self._done:
            return True
        try:
            codec.read(data)
        except codec.DecodeError:
            return False
        return True

    def _item(self, event: ServerSentEvent) -> Iterator[T]:
        if event.data == self._done:
            self.ended = True
            if self._operation.gives_choices and not self._choices.begun:
                raise UnreadableAnswer(self._response.status_code, b"", self._response.headers)
            return
        if not event.data.strip():  # some services keep a connection alive with these
            return
        value = codec.read(event.data)
        # The error of a JSON-RPC response is an answer like others.
        if event.event == "error" or (is_error(value) and "jsonrpc" not in value):
            raise ErrorDocument(self._response.status_code, event.data, self._response.headers)
        self._choices.saw(value)
        if self._done is None and self._operation.stream_ends:
            self.ended = is_last(value)
        yield self._parse(value)


class BytesReader:
    """A body's bytes, as they come. Where sound was asked for, raises what `Operation.read` raises
    for an error, a page or nothing, and `UnreadableAnswer` for another document."""

    ended = False

    def __init__(self, operation: Operation[Any], response: httpx.Response) -> None:
        self._operation = operation
        self._response = response
        self._held: bytearray | None = bytearray() if operation.gives_sound else None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._held is not None:
            self._held += piece
            begin = bytes(self._held[:BEGIN])
            if not begin or may_be_document(self._response.headers, begin):
                return
            piece, self._held = bytes(self._held), None
        if piece:
            yield piece

    def finish(self) -> Iterator[bytes]:
        if self._held is None:
            return
        answered, content = self._response, bytes(self._held)
        read = self._operation.read(answered.status_code, answered.headers, content)
        if not isinstance(read, bytes):
            raise UnreadableAnswer(answered.status_code, content, answered.headers)
        yield read


class _Failure:
    """What ended a stream that did not end well. Each loop after it raises it again: a generator
    that has raised would just be at its end, as if all had come."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: Exception | None = None

    def check(self) -> None:
        if self.error is not None:
            raise self.error


class Stream(Generic[T]):
    """The items of an answer; each loop goes on where the last one stopped. What ended it badly
    is raised by each loop after that too."""

    def __init__(self, response: httpx.Response, reader: Reader[T]) -> None:
        self._response = response
        self._failure = _Failure()
        self._items = _read(response, reader, self._failure)

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    def __iter__(self) -> Iterator[T]:
        self._failure.check()
        return self._items

    def __next__(self) -> T:
        self._failure.check()
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._response.close()


def _read(response: httpx.Response, reader: Reader[T], failure: _Failure) -> Iterator[T]:
    try:
        for piece in response.iter_bytes():
            yield from reader.feed(piece)
            if reader.ended:
                return
        yield from reader.finish()
    except Exception as error:
        failure.error = error
        raise
    finally:
        response.close()


class AsyncStream(Generic[T]):
    """`Stream` for asynchronous code."""

    def __init__(self, response: httpx.Response, reader: Reader[T]) -> None:
        self._response = response
        self._failure = _Failure()
        self._items = _read_async(response, reader, self._failure)

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    def __aiter__(self) -> AsyncIterator[T]:
        self._failure.check()
        return self._items

    async def __anext__(self) -> T:
        self._failure.check()
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._response.aclose()


async def _read_async(
    response: httpx.Response, reader: Reader[T], failure: _Failure
) -> AsyncIterator[T]:
    try:
        async for piece in response.aiter_bytes():
            for item in reader.feed(piece):
                yield item
            if reader.ended:
                return
        for item in reader.finish():
            yield item
    except Exception as error:
        failure.error = error
        raise
    finally:
        await response.aclose()
