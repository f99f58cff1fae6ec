"""Streams that end well: typed events, or bytes, from an answer as it arrives.

What a piece of the body means is decided in `events`; these are the two shells around it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Generic, Self, TypeVar

from polychat.errors import PolychatError
from polychat_rest.sse import EventTooLarge

from . import forking
from .deadline import cut_at
from .events import Reader
from .exchange import Answered
from .failures import transport_failure, without_requests
from .http import RawResponse, unread
from .info import ResponseInfo
from .reading import pieces as pieces_of
from .reading import pieces_async

T = TypeVar("T")

GRACE = 1.0
"""Seconds for which the end of a body is waited for when its last event has come: then the
connection can be used again. A service that keeps it open longer loses it."""


class _Shell(Generic[T]):
    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        self._raw = answered.response
        self._ends = answered.deadline_at
        self._reader = reader
        self.__response__ = info
        self._closed = False
        self._generation = forking.generation

    @property
    def response(self) -> ResponseInfo:
        """Status, headers, request id and attempts of the answer."""
        return self.__response__

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names are case-insensitive."""
        return self.__response__.headers

    def _translated(self, error: Exception) -> Exception:
        if isinstance(error, PolychatError):
            return error
        typed = self._reader.failed(error)
        if typed is None:
            return error
        typed.__cause__ = without_requests(error)
        return typed


class Stream(_Shell[T]):
    """The items of an answer as they arrive: an iterator, and a context manager.

    Iterating to the end, leaving a ``for`` loop or a ``with`` block in whatever way, and `close`
    give the connection back. Raises `StreamTruncatedError`, `StreamIdleTimeoutError` and
    `StreamEventError`, which carry what had arrived.
    """

    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        super().__init__(answered, reader, info)
        self._items: Iterator[T] | None = None

    def _read(self) -> Iterator[T]:
        if self._closed:
            return
        reader, feed = self._reader, self._reader.feed
        piece = b""
        try:
            pieces = pieces_of(self._raw)
            if self._ends is not None:
                pieces = _timed(pieces, self._raw, self._ends)
            for piece in pieces:
                yield from feed(piece)
                if reader.error is not None:
                    raise reader.error
                if reader.ended:
                    _drain(self._raw, pieces)
                    return
            yield from reader.finish()
            if reader.error is not None:
                raise reader.error
        except Exception as error:  # noqa: BLE001  # raised again, typed where it is a transport's
            raise self._translated(error)  # noqa: B904
        finally:
            piece = b""  # it may repeat a credential: no traceback shows it
            self.close()

    def __iter__(self) -> Iterator[T]:
        # A generator that only the loop holds, so that leaving the loop closes it.
        return self._read() if self._items is None else self._rest(self._items)

    def _rest(self, items: Iterator[T]) -> Iterator[T]:
        try:
            yield from items
        finally:
            self.close()

    def __next__(self) -> T:
        if self._items is None:
            self._items = self._read()
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream and gives its connection back."""
        self._items = None  # what it has read ahead is not given any more
        if not self._closed:
            self._closed = True
            if self._generation == forking.generation:  # otherwise the connection is the parent's
                self._raw.close()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            self.close()


class AsyncStream(_Shell[T]):
    """`Stream` for asynchronous code: ``async for``, ``async with`` and `aclose`."""

    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        super().__init__(answered, reader, info)
        self._items: AsyncIterator[T] | None = None

    async def _read(self) -> AsyncIterator[T]:
        if self._closed:
            return
        reader, feed = self._reader, self._reader.feed
        piece = b""
        try:
            pieces = pieces_async(self._raw)
            if self._ends is not None:
                pieces = _timed_async(pieces, self._ends)
            async for piece in pieces:
                for item in feed(piece):
                    yield item
                if reader.error is not None:
                    raise reader.error
                if reader.ended:
                    await _drain_async(pieces)
                    return
            for item in reader.finish():
                yield item
            if reader.error is not None:
                raise reader.error
        except Exception as error:  # noqa: BLE001  # raised again, typed where it is a transport's
            for item in self._arrived(error):
                yield item
            if not reader.ended:
                raise reader.error or self._translated(error)  # noqa: B904
        finally:
            piece = b""  # it may repeat a credential: no traceback shows it
            await self.aclose()

    def _arrived(self, error: Exception) -> Iterable[T]:
        """The items that had come when the connection broke, and that aiohttp kept back."""
        if transport_failure(error) is None:
            return ()
        try:
            return self._reader.feed(unread(self._raw))
        except EventTooLarge:
            return ()

    def __aiter__(self) -> AsyncIterator[T]:
        # A generator that only the loop holds, so that leaving the loop closes it.
        return self._read() if self._items is None else self._rest(self._items)

    async def _rest(self, items: AsyncIterator[T]) -> AsyncIterator[T]:
        try:
            async for item in items:
                yield item
        finally:
            await self.aclose()

    async def __anext__(self) -> T:
        if self._items is None:
            self._items = self._read()
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the stream and gives its connection back, also when its task is cancelled."""
        self._items = None
        if not self._closed:
            self._closed = True
            import anyio

            with anyio.CancelScope(shield=True):
                await self._raw.aclose()

    close = aclose

    def __del__(self) -> None:
        if not getattr(self, "_closed", True) and self._generation == forking.generation:
            warnings.warn(f"{self!r} was never closed: use 'async with'", ResourceWarning, 2)


def _timed(pieces: Iterator[bytes], raw: RawResponse, ends: float) -> Iterator[bytes]:
    """The pieces that come until `ends`; then TimeoutError."""
    with cut_at(raw, ends):
        for piece in pieces:
            if time.monotonic() >= ends:
                break
            yield piece
    if time.monotonic() >= ends:  # also where a cut looks like the end of the body
        raise TimeoutError("the deadline is over")


async def _timed_async(pieces: AsyncIterator[bytes], ends: float) -> AsyncIterator[bytes]:
    """The pieces that come until `ends`; then TimeoutError."""
    import anyio

    while True:
        with anyio.fail_after(ends - time.monotonic()):
            try:
                piece = await anext(pieces)
            except StopAsyncIteration:
                return
        yield piece


def _drain(raw: RawResponse, pieces: Iterator[bytes]) -> None:
    """Reads on to the end of a body, so that its connection can be used again."""
    try:
        with cut_at(raw, time.monotonic() + GRACE):
            for _ in pieces:
                pass
    except Exception as error:
        if transport_failure(error) is None:
            raise


async def _drain_async(pieces: AsyncIterator[bytes]) -> None:
    import anyio

    with anyio.move_on_after(GRACE):
        try:
            async for _ in pieces:
                pass
        except Exception as error:
            if transport_failure(error) is None:
                raise
