"""The asynchronous stream of items: it is asked for without an ``await``, as generators are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, Self, TypeVar

from polychat._core.info import ResponseInfo
from polychat._core.stream import AsyncStream
from polychat.errors import ConfigurationError

from ._name import PLATFORM

T = TypeVar("T")


class AsyncItemStream(Generic[T]):
    """The items of an answer as they arrive: for ``async for`` and ``async with``.

    The request is sent when the first item is asked for, or by ``async with``. It can be iterated
    in several goes: each loop goes on where the last one stopped. Iterating to the end, leaving
    the block in whatever way, `aclose` and dropping the stream give the connection back.
    Raises `StreamTruncatedError`, `StreamIdleTimeoutError` and `StreamEventError`; their
    ``chunks`` are the generated events that had arrived.
    """

    def __init__(self, start: Callable[[], Awaitable[AsyncStream[T]]]) -> None:
        self._opening = _Opening(start)
        self._items: AsyncIterator[T] = _read(self._opening)

    def __aiter__(self) -> AsyncIterator[T]:
        # The generator itself holds no stream of ours, so that dropping all of them closes it.
        failure = self._opening.failure
        if failure is not None:
            raise failure
        return self._items

    async def __anext__(self) -> T:
        return await anext(aiter(self))

    async def __aenter__(self) -> Self:
        await self._opening.stream()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the stream and gives its connection back."""
        items: Any = self._items
        if not items.ag_running:
            await items.aclose()
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


class _Opening(Generic[T]):
    """A stream whose request is sent once, when it is needed."""

    def __init__(self, start: Callable[[], Awaitable[AsyncStream[T]]]) -> None:
        self._start: Callable[[], Awaitable[AsyncStream[T]]] | None = start
        self.opened: AsyncStream[T] | None = None
        self.closed = False
        self.failure: Exception | None = None

    async def stream(self) -> AsyncStream[T] | None:
        """The stream; None where it was closed."""
        start, self._start = self._start, None
        if start is not None:
            self.opened = await start()
        return None if self.closed else self.opened

    async def aclose(self) -> None:
        self._start, self.closed = None, True
        if self.opened is not None:
            await self.opened.aclose()


async def _read(opening: _Opening[T]) -> AsyncIterator[T]:
    try:
        stream = await opening.stream()
        if stream is None:
            return
        async for item in stream:
            yield item
    except Exception as error:
        opening.failure = error
        raise
    finally:
        await opening.aclose()
