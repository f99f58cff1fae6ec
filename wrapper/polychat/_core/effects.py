"""The acts of an exchange, and the two drivers that carry them out.

The logic of an exchange is a generator that yields acts and receives what they gave. `run`
performs them synchronously, `run_async` asynchronously: nothing is decided in either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from .auth import Auth
from .deadline import cut_at, within
from .http import AsyncHTTP, Outgoing, RawResponse, SyncHTTP
from .reading import MAX_ANSWER_BYTES, read, read_async

S = TypeVar("S")
T = TypeVar("T")


class Act(Protocol):
    """Something to do that takes time."""

    def perform(self, http: SyncHTTP) -> Any: ...
    async def perform_async(self, http: AsyncHTTP) -> Any: ...


Steps = Generator[Act, Any, T]


class Send:
    """Sends a request; gives the response with its headers. `ends` is the deadline on the
    monotonic clock, None where there is none."""

    __slots__ = ("ends", "out")

    def __init__(self, out: Outgoing, ends: float | None = None) -> None:
        self.out = out
        self.ends = ends

    def perform(self, http: SyncHTTP) -> RawResponse:
        if self.ends is None:
            return http.send(self.out)
        return within(self.ends, lambda: http.send(self.out), lambda late: late.close())

    async def perform_async(self, http: AsyncHTTP) -> RawResponse:
        if self.ends is None:
            return await http.send(self.out)
        with _until(self.ends):
            return await http.send(self.out)


class Read:
    """Reads a body, which gives the connection back; gives its bytes. Of a success at most `most`
    bytes; see `reading` for what is read of the others."""

    __slots__ = ("ends", "most", "response")

    def __init__(
        self, response: RawResponse, ends: float | None = None, most: int = MAX_ANSWER_BYTES
    ) -> None:
        self.response = response
        self.ends = ends
        self.most = most

    def perform(self, http: SyncHTTP) -> bytes:
        try:
            if self.ends is None:
                return read(self.response, self.most)
            with cut_at(self.response, self.ends):
                content = read(self.response, self.most)
            if time.monotonic() >= self.ends:  # what a cut has ended may look whole
                raise TimeoutError("the body came too slowly")
            return content
        except BaseException:
            self.response.close()
            raise

    async def perform_async(self, http: AsyncHTTP) -> bytes:
        try:
            if self.ends is None:
                return await read_async(self.response, self.most)
            with _until(self.ends):
                return await read_async(self.response, self.most)
        except BaseException:
            await self.response.aclose()
            raise


class Close:
    """Gives a connection back whose body nobody will read."""

    __slots__ = ("response",)

    def __init__(self, response: RawResponse) -> None:
        self.response = response

    def perform(self, http: SyncHTTP) -> None:
        self.response.close()

    async def perform_async(self, http: AsyncHTTP) -> None:
        await self.response.aclose()


class Authorize:
    """Asks for the credentials of one attempt; gives its headers. A synchronous callable that
    waits is not interrupted at the deadline."""

    __slots__ = ("auth", "ends")

    def __init__(self, auth: Auth, ends: float | None = None) -> None:
        self.auth = auth
        self.ends = ends

    def perform(self, http: SyncHTTP) -> Any:
        return self.auth.headers()

    async def perform_async(self, http: AsyncHTTP) -> Any:
        if self.ends is None:
            return await self.auth.headers_async()
        with _until(self.ends):
            return await self.auth.headers_async()


class Sleep:
    """Waits, in seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def perform(self, http: SyncHTTP) -> None:
        time.sleep(self.seconds)

    async def perform_async(self, http: AsyncHTTP) -> None:
        import anyio

        await anyio.sleep(self.seconds)


def _until(ends: float) -> AbstractContextManager[Any]:
    """Raises `TimeoutError` in asynchronous code when the deadline is over."""
    import anyio

    return anyio.fail_after(ends - time.monotonic())


def then(steps: Steps[S], make: Callable[[S], T]) -> Steps[T]:
    """`steps`, and what `make` makes of their result. An interrupt before that is there ends the
    exchange, so what is made must close itself when it is dropped."""
    return make((yield from steps))


def run(steps: Steps[T], http: SyncHTTP) -> T:
    """Carries out an exchange synchronously."""
    result: Any = None
    out: Outgoing | None = None
    try:
        act = next(steps)
        while True:
            if type(act) is Send:
                out = act.out
            try:
                result = act.perform(http)
            except Exception as error:  # noqa: BLE001  # the steps decide
                act = steps.throw(error)
            else:
                act = steps.send(result)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    except Exception:
        raise
    except BaseException:  # an interrupt, at any moment
        if out is not None:
            http.interrupted(out)
        raise
    finally:
        result = None  # a body, which may repeat a credential: no traceback shows it
        steps.close()


async def run_async(steps: Steps[T], http: AsyncHTTP) -> T:
    """Carries out an exchange asynchronously."""
    result: Any = None
    try:
        act = next(steps)
        while True:
            try:
                result = await act.perform_async(http)
            except Exception as error:  # noqa: BLE001  # the steps decide
                act = steps.throw(error)
            else:
                act = steps.send(result)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        result = None  # a body, which may repeat a credential: no traceback shows it
        steps.close()
