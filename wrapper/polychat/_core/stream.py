"""Streams that end well: typed events, or bytes, from an answer as it arrives.

The readers decide, on bytes alone; `Stream` and `AsyncStream` are the two shells around them.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec

from polychat.errors import (
    DeadlineExceededError,
    PolychatError,
    StreamError,
    StreamEventError,
    StreamIdleTimeoutError,
    StreamTruncatedError,
)
from polychat_rest.shapes import is_object
from polychat_rest.sse import EventTooLarge, SSEDecoder

from .exchange import Answered
from .failures import transport_failure
from .http import RawResponse
from .info import ResponseInfo
from .platform import Platform

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

GRACE = 1.0
"""Seconds for which the end of a body is waited for when its last event has come: then the
connection can be used again. A service that keeps it open longer loses it."""

_decode = msgspec.json.decode


class Reader(Protocol[T_co]):
    """Turns the pieces of a body into items."""

    ended: bool
    """True when the last item has come, whatever of the body is left."""
    error: PolychatError | None
    """To be raised when the items before it have been given."""

    def feed(self, piece: bytes) -> Iterable[T_co]: ...
    def finish(self) -> Iterable[T_co]: ...
    def failed(self, error: BaseException) -> PolychatError | None: ...


class EventReader(Generic[T]):
    """Server-sent events as typed objects."""

    def __init__(
        self,
        answered: Answered,
        platform: Platform,
        parse: Callable[[Any], T],
        done: str | None,
    ) -> None:
        self.ended = False
        self.error: PolychatError | None = None
        self._answered = answered
        self._platform = platform
        self._parse = parse
        self._done = None if done is None else done.encode()
        self._decoder = SSEDecoder()
        self._seen: list[bytes] = []  # their bytes, typed again only if the stream fails

    def feed(self, piece: bytes) -> Sequence[T]:
        """The items that `piece` completes; sets `ended` or `error` after the last of them."""
        data = self._decoder.single(piece)
        if data is not None:
            return self._item(data)
        items: list[T] = []
        for event in self._decoder.feed(piece):
            items += self._item(event.data, event.event)
            if self.ended or self.error is not None:
                break
        return items

    def _item(self, data: bytes, name: str = "message") -> Sequence[T]:
        """The item of one event, or none where it ends the stream."""
        if data == self._done:
            self.ended = True
            return ()
        try:
            value = _decode(data)
            if name == "error" or (type(value) is dict and "error" in value):
                said = self._platform.error_of_event(value)
                if said is not None or name == "error":
                    self.error = self._said(said or value)
                    return ()
            item = self._parse(value)
        except (msgspec.DecodeError, TypeError, AttributeError) as error:
            self.error = self._make(StreamError, "an event cannot be read as JSON of its kind")
            self.error.__cause__ = error
            return ()
        self._seen.append(data)
        return (item,)

    def finish(self) -> Sequence[T]:
        """The items that the end of the body completes; sets `error` if it came too early."""
        items: Sequence[T] = ()
        rest = self._decoder.flush()
        # A last line that nothing ended, but that is whole.
        if rest is not None and (rest.data == self._done or _is_json(rest.data)):
            items = self._item(rest.data, rest.event)
        if not self.ended and self.error is None and self._done is not None and not self._whole():
            self.error = self._make(StreamTruncatedError, "the stream stopped before its end")
        return items

    def failed(self, error: BaseException) -> PolychatError | None:
        """The typed error of an exception while reading; None where it is not a transport's."""
        if isinstance(error, EventTooLarge):
            return self._make(StreamError, str(error))
        failure = transport_failure(error)
        if failure is None:
            return None
        ends = self._answered.deadline_at
        if ends is not None and time.monotonic() >= ends:
            return DeadlineExceededError(
                "the deadline passed within the stream", **self._received()
            )
        if failure.timeout:
            return self._make(
                StreamIdleTimeoutError,
                "the stream fell silent",
                remedy="Raise timeout=polychat.Timeout(stream=seconds) if it may pause for longer",
            )
        return self._make(StreamTruncatedError, f"the stream was cut: {error or 'closed'}")

    def _whole(self) -> bool:
        """Whether every choice that was begun has its finish reason: some services send no end
        marker after it."""
        finished: dict[Any, bool] = {}
        for data in self._seen:
            value = _decode(data)
            for choice in (value.get("choices") if is_object(value) else None) or ():
                if is_object(choice):
                    index = choice.get("index")
                    ended = bool(choice.get("finish_reason"))
                    finished[index] = finished.get(index, False) or ended
        return bool(finished) and all(finished.values())

    def _said(self, value: Any) -> PolychatError:
        info = self._platform.read_error(value if is_object(value) else {"error": value})
        return self._make(
            StreamEventError,
            info.message or "the platform reported an error",
            code=info.code,
            type=info.type,
            param=info.param,
            display_message=info.display_message,
        )

    def _received(self) -> dict[str, Any]:
        return self._answered.received(self._platform).common()

    def _make(self, cls: type[StreamError], message: str, **details: Any) -> StreamError:
        chunks = [self._parse(_decode(data)) for data in self._seen]
        return cls(message, chunks=chunks, **details, **{**self._received(), "body": None})


def _is_json(data: bytes) -> bool:
    try:
        _decode(data)
    except msgspec.DecodeError:
        return False
    return True


class BytesReader:
    """A body's bytes, as they come."""

    ended = False
    error: PolychatError | None = None

    def __init__(self, answered: Answered, platform: Platform) -> None:
        self._events = EventReader[Any](answered, platform, dict, None)

    def feed(self, piece: bytes) -> tuple[bytes]:
        return (piece,)

    def finish(self) -> tuple[()]:
        return ()

    def failed(self, error: BaseException) -> PolychatError | None:
        return self._events.failed(error)


class _Shell(Generic[T]):
    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        self._raw = answered.response
        self._ends = answered.deadline_at
        self._reader = reader
        self._response = info
        self._closed = False

    @property
    def response(self) -> ResponseInfo:
        """Status, headers, request id and attempts of the answer."""
        return self._response

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names are case-insensitive."""
        return self._response.headers

    def _check(self) -> None:
        if self._ends is not None and time.monotonic() >= self._ends:
            raise TimeoutError("deadline")

    def _translated(self, error: Exception) -> Exception:
        if isinstance(error, PolychatError):
            return error
        typed = self._reader.failed(error)
        if typed is None:
            return error
        typed.__cause__ = error
        return typed


class Stream(_Shell[T]):
    """The items of an answer as they arrive: an iterator, and a context manager.

    Iterating to the end, leaving a ``for`` loop or a ``with`` block in whatever way, and `close`
    give the connection back. Raises `StreamTruncatedError`, `StreamIdleTimeoutError` and
    `StreamEventError`, which carry what had arrived.
    """

    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        super().__init__(answered, reader, info)
        self._items = self._read()

    def _read(self) -> Iterator[T]:
        reader, feed = self._reader, self._reader.feed
        timed = self._ends is not None
        try:
            pieces = _pieces(self._raw)
            for piece in pieces:
                if timed:
                    self._check()
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
            self.close()

    def __iter__(self) -> Iterator[T]:
        try:
            yield from self._items
        finally:
            self.close()

    def __next__(self) -> T:
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream and gives its connection back."""
        if not self._closed:
            self._closed = True
            self._raw.close()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            self.close()


class AsyncStream(_Shell[T]):
    """`Stream` for asynchronous code: ``async for``, ``async with`` and `aclose`."""

    def __init__(self, answered: Answered, reader: Reader[T], info: ResponseInfo) -> None:
        super().__init__(answered, reader, info)
        self._items = self._read()

    async def _read(self) -> AsyncIterator[T]:
        reader, feed = self._reader, self._reader.feed
        timed = self._ends is not None
        try:
            pieces = _pieces_async(self._raw)
            async for piece in pieces:
                if timed:
                    self._check()
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
            raise self._translated(error)  # noqa: B904
        finally:
            await self.aclose()

    async def __aiter__(self) -> AsyncIterator[T]:
        try:
            async for item in self._items:
                yield item
        finally:
            await self.aclose()

    async def __anext__(self) -> T:
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the stream and gives its connection back, also when its task is cancelled."""
        if not self._closed:
            self._closed = True
            import anyio

            with anyio.CancelScope(shield=True):
                await self._raw.aclose()

    close = aclose

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            warnings.warn(f"{self!r} was never closed: use 'async with'", ResourceWarning, 2)


def _pieces(raw: RawResponse) -> Iterator[bytes]:
    """A body as it comes from the transport, which is quicker than httpx's own iteration;
    through httpx where it must be decompressed."""
    if raw.headers.get("content-encoding", "identity") == "identity":
        return iter(raw.stream)
    return raw.iter_bytes()


def _pieces_async(raw: RawResponse) -> AsyncIterator[bytes]:
    if raw.headers.get("content-encoding", "identity") == "identity":
        return aiter(raw.stream)
    return raw.aiter_bytes()


def _drain(raw: RawResponse, pieces: Iterator[bytes]) -> None:
    """Reads on to the end of a body, so that its connection can be used again."""
    stream = getattr(raw, "extensions", {}).get("network_stream")
    sock = stream.get_extra_info("socket") if stream is not None else None
    timer = threading.Timer(GRACE, _shut, (sock,))
    timer.daemon = True
    timer.start()
    try:
        for _ in pieces:
            pass
    except Exception as error:
        if transport_failure(error) is None:
            raise
    finally:
        timer.cancel()


def _shut(sock: Any) -> None:
    """Ends a read that waits in another thread."""
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(2)


async def _drain_async(pieces: AsyncIterator[bytes]) -> None:
    import anyio

    with anyio.move_on_after(GRACE):
        try:
            async for _ in pieces:
                pass
        except Exception as error:
            if transport_failure(error) is None:
                raise


def open_info(answered: Answered, platform: Platform) -> ResponseInfo:
    """The outer side of an answer."""
    headers = answered.response.headers
    return ResponseInfo(
        answered.response.status_code, headers, platform.request_id(headers), answered.attempts
    )
