"""Streams of items: an event of the wire may bring none, one or several."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar

from polychat._core.info import ResponseInfo
from polychat._core.stream import AsyncStream, Stream
from polychat.errors import ConfigurationError

from ._calls import Items
from ._name import PLATFORM

T = TypeVar("T")


class ItemStream(Generic[T]):
    """The items of an answer as they arrive: an iterator, and a context manager.

    Iterating to the end, and `close`, give the connection back. Raises `StreamTruncatedError`,
    `StreamIdleTimeoutError` and `StreamEventError`; their ``chunks`` are the generated events
    that had arrived.
    """

    def __init__(self, stream: Stream[Any], items: Items[T]) -> None:
        self._stream = stream
        self._source = items
        self._items: Iterator[T] | None = None

    def __iter__(self) -> Iterator[T]:
        # A generator that only the loop holds, so that leaving the loop closes the stream.
        if self._items is None:
            return _read(self._stream, self._source)
        return _rest(self._stream, self._items)

    def __next__(self) -> T:
        if self._items is None:
            self._items = _read(self._stream, self._source)
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream and gives its connection back."""
        self._items = None
        self._stream.close()

    @property
    def __response__(self) -> ResponseInfo:
        return self._stream.response

    @property
    def response(self) -> ResponseInfo:
        """Status, headers, request id and attempts of the answer."""
        return self._stream.response

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names are case-insensitive."""
        return self._stream.headers


def _read(stream: Stream[Any], items: Items[T]) -> Iterator[T]:
    try:
        of = items.of
        for event in stream:
            yield from of(event)
        yield from items.rest()
    finally:
        stream.close()


def _rest(stream: Stream[Any], items: Iterator[T]) -> Iterator[T]:
    try:
        yield from items
    finally:
        stream.close()


class AsyncItemStream(Generic[T]):
    """`ItemStream` for asynchronous code. The request is sent when the first item is asked for,
    or by ``async with``."""

    def __init__(self, start: Callable[[], Awaitable[AsyncStream[Any]]], items: Items[T]) -> None:
        self._opening = _Opening(start)
        self._source = items
        self._items: AsyncIterator[T] | None = None

    def __aiter__(self) -> AsyncIterator[T]:
        if self._items is None:
            return _read_async(self._opening, self._source)
        return _rest_async(self._opening, self._items)

    async def __anext__(self) -> T:
        if self._items is None:
            self._items = _read_async(self._opening, self._source)
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        await self._opening.stream()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the stream and gives its connection back."""
        self._items = None
        await self._opening.aclose()

    close = aclose

    @property
    def __response__(self) -> ResponseInfo:
        return self.response

    @property
    def response(self) -> ResponseInfo:
        """Status, headers, request id and attempts of the answer. Raises `ConfigurationError`
        before the request is sent."""
        if self._opening.opened is None:
            raise ConfigurationError(
                "the stream has not begun", platform=PLATFORM, remedy="Enter it with 'async with'"
            )
        return self._opening.opened.response

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names are case-insensitive."""
        return self.response.headers


class _Opening:
    """A stream whose request is sent once, when it is needed."""

    def __init__(self, start: Callable[[], Awaitable[AsyncStream[Any]]]) -> None:
        self._start: Callable[[], Awaitable[AsyncStream[Any]]] | None = start
        self.opened: AsyncStream[Any] | None = None
        self.closed = False

    async def stream(self) -> AsyncStream[Any] | None:
        """The stream; None where it was closed."""
        start, self._start = self._start, None
        if start is not None:
            self.opened = await start()
        return None if self.closed else self.opened

    async def aclose(self) -> None:
        self._start, self.closed = None, True
        if self.opened is not None:
            await self.opened.aclose()


async def _read_async(opening: _Opening, items: Items[T]) -> AsyncIterator[T]:
    stream = await opening.stream()
    if stream is None:
        return
    try:
        of = items.of
        async for event in stream:
            for item in of(event):
                yield item
        for item in items.rest():
            yield item
    finally:
        await stream.aclose()


async def _rest_async(opening: _Opening, items: AsyncIterator[T]) -> AsyncIterator[T]:
    try:
        async for item in items:
            yield item
    finally:
        await opening.aclose()
