"""Streams that end well: typed events, or bytes, from an answer as it arrives.

What a piece of the body means is decided in `events`; these are the two shells around it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar
from weakref import finalize

from polychat.errors import PolychatError

from . import forking
from .deadline import cut_at
from .events import Reader
from .exchange import Answered
from .failures import transport_failure, without_requests
from .http import INTERRUPTED, RawResponse
from .info import ResponseInfo
from .loops import loop_if_any
from .reading import abandon_async, pieces_async
from .reading import pieces as pieces_of

T = TypeVar("T")

GRACE = 1.0
"""Seconds for which the end of a body is waited for when its last event has come: then the
connection can be used again. A service that keeps it open longer loses it."""


class _Body(Generic[T]):
    """The body of an answer and what reads it, apart from the stream that users hold.

    The generator that reads a body must not hold the stream: they would hold each other, and a
    stream that is dropped would keep its connection until the garbage collector runs. What both
    hold is this, which goes when the last of them does.
    """

    def __init__(self, answered: Answered, reader: Reader[T]) -> None:
        self.raw = answered.response
        self.given = answered.content
        self.ends = answered.deadline_at
        self.reader = reader
        self.closed = False
        self.failure: Exception | None = None
        self._generation = forking.generation

    @property
    def ours(self) -> bool:
        """Whether the connection is this process's, not that of a parent that was forked."""
        return self._generation == forking.generation

    def failed(self, error: Exception) -> Exception:
        """The error as users get it, also when they iterate once more."""
        self.failure = self._translated(error)
        return self.failure

    def _translated(self, error: Exception) -> Exception:
        if isinstance(error, PolychatError):
            return error
        typed = self.reader.failed(error)
        if typed is None:
            return error
        typed.__cause__ = without_requests(error)
        return typed


class _Shell(Generic[T]):
    def __init__(self, info: ResponseInfo) -> None:
        self.__response__ = info

    @property
    def response(self) -> ResponseInfo:
        """Status, headers, request id and attempts of the answer."""
        return self.__response__

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names are case-insensitive."""
        return self.__response__.headers


class _SyncBody(_Body[T]):
    def __init__(self, answered: Answered, reader: Reader[T]) -> None:
        super().__init__(answered, reader)
        # No `__del__`: Python drops an interrupt that comes within one, and it would run at the
        # end of streams that are closed, too.
        self._dropped = finalize(self, _close, self.raw, reader, self._generation)
        self._dropped.atexit = False

    def pieces(self) -> Iterator[bytes]:
        pieces = iter((self.given,)) if self.given else pieces_of(self.raw)
        return pieces if self.ends is None else _timed(pieces, self.raw, self.ends)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            try:
                _close(self.raw, self.reader, self._generation)
            except Exception:
                raise
            except BaseException:
                self.interrupted()
                raise
            finally:
                self._dropped.detach()

    def interrupted(self) -> None:
        """An interrupt has come at any moment of the reading: the connection is not used again."""
        forget = getattr(self.raw, "extensions", {}).get(INTERRUPTED)
        if forget is not None and self.ours:
            forget()


def _close(raw: RawResponse, reader: Reader[Any], generation: int) -> None:
    try:
        if generation == forking.generation:
            raw.close()
    finally:
        reader.closed()


def _read(body: _SyncBody[T]) -> Iterator[T]:
    if body.closed:
        return
    reader, feed = body.reader, body.reader.feed
    piece = b""
    try:
        pieces = body.pieces()
        for piece in pieces:
            yield from feed(piece)
            if reader.error is not None:
                raise reader.error
            if reader.ended:
                _drain(body.raw, pieces)
                return
        yield from reader.finish()
        if reader.error is not None:
            raise reader.error
    except Exception as error:  # noqa: BLE001  # raised again, typed where it is a transport's
        raise body.failed(error)  # noqa: B904
    except GeneratorExit:
        raise
    except BaseException:
        body.interrupted()
        raise
    finally:
        piece = b""  # it may repeat a credential: no traceback shows it
        body.close()


class Stream(_Shell[T]):
    """The items of an answer as they arrive: an iterator, and a context manager.

    It can be iterated in several goes: each loop, `next` or `itertools.islice` goes on where the
    last one stopped. Iterating to the end, leaving a ``with`` block in whatever way, `close` and
    dropping the stream give the connection back. Raises `StreamTruncatedError`,
    `StreamIdleTimeoutError` and `StreamEventError`, which carry what had arrived.
    """

    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        super().__init__(info)
        self._body: _SyncBody[T] = _SyncBody(answered, reader)
        self._items: Iterator[T] = _read(self._body)

    def __iter__(self) -> Iterator[T]:
        # The generator itself: no call of ours stands between it and the loop.
        if self._body.failure is not None:
            raise self._body.failure
        return self._items

    def __next__(self) -> T:
        if self._body.failure is not None:
            raise self._body.failure
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream and gives its connection back; what was not read is not given."""
        items: Any = self._items
        try:
            if not items.gi_running:
                items.close()
        finally:  # an interrupt may have come before the body was closed
            self._body.close()


class _AsyncBody(_Body[T]):
    def __init__(self, answered: Answered, reader: Reader[T]) -> None:
        super().__init__(answered, reader)
        self._loop = loop_if_any()

    def pieces(self) -> AsyncIterator[bytes]:
        pieces = _whole(self.given) if self.given else pieces_async(self.raw)
        return pieces if self.ends is None else _timed_async(pieces, self.ends)

    async def aclose(self) -> None:
        if not self.closed:
            self.closed = True
            import anyio

            try:
                with anyio.CancelScope(shield=True):
                    await self.raw.aclose()
            finally:
                self.reader.closed()

    def __del__(self) -> None:
        if not getattr(self, "closed", True) and self.ours:
            self.reader.closed()
            abandon_async(self.raw, self._loop)
            warnings.warn("a stream was never closed: use 'async with'", ResourceWarning, 2)


async def _read_async(body: _AsyncBody[T]) -> AsyncIterator[T]:
    if body.closed:
        return
    reader, feed = body.reader, body.reader.feed
    piece = b""
    try:
        pieces = body.pieces()
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
        raise body.failed(error)  # noqa: B904
    finally:
        piece = b""  # it may repeat a credential: no traceback shows it
        await body.aclose()


class AsyncStream(_Shell[T]):
    """`Stream` for asynchronous code: ``async for``, ``async with`` and `aclose`."""

    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        super().__init__(info)
        self._body: _AsyncBody[T] = _AsyncBody(answered, reader)
        self._items: AsyncIterator[T] = _read_async(self._body)

    def __aiter__(self) -> AsyncIterator[T]:
        # The generator itself: no call of ours stands between it and the loop.
        if self._body.failure is not None:
            raise self._body.failure
        return self._items

    async def __anext__(self) -> T:
        if self._body.failure is not None:
            raise self._body.failure
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the stream and gives its connection back, also when its task is cancelled."""
        items: Any = self._items
        if not items.ag_running:
            await items.aclose()
        await self._body.aclose()

    close = aclose


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


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
