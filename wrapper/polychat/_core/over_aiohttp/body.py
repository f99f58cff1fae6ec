"""An answer's body as it arrives, the last bytes before a break included."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, Self

import aiohttp
import httpx

from .errors import body_failure
from .request import PIECE, Call
from .watch import READ, Watch

Reading = Coroutine[Any, Any, bytes]
"""A read that was begun."""


class Body(httpx.AsyncByteStream):
    """The bytes of an answer, and its connection until `aclose`, which calls `give_back`.

    aiohttp raises what broke a body in the place of the bytes that came before, unless a read
    was waiting for them. So one always waits: each read is begun when the one before has ended,
    by running it up to its first pause, and no task is needed for that.
    """

    def __init__(
        self, answer: aiohttp.ClientResponse, call: Call, give_back: Callable[[], None]
    ) -> None:
        assert call.watch is not None
        self._answer = answer
        self._limit = call.read
        self._watch: Watch = call.watch
        self._loop = asyncio.get_running_loop()
        self._give_back: Callable[[], None] | None = give_back
        self._pieces: deque[bytes] = deque()
        self._error: Exception | None = None
        self._waiting: tuple[Reading, Any] | None = None
        self._ended = False
        self._read_on()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        pieces = self._pieces
        while not pieces:
            waiting = self._waiting
            if waiting is not None:
                await self._arrive(*waiting)
            elif self._ended or self._give_back is None:
                self._end()
            else:  # the last wait was cancelled
                self._read_on()
        piece = pieces.popleft()
        if self._waiting is None:  # also while pieces of the last read are left to be given
            self._read_on()
        return piece

    def _read_on(self) -> None:
        """Reads what is there, and begins to wait for what is not."""
        while not self._ended and self._waiting is None:
            reading = self._answer.content.readany()
            try:
                self._waiting = reading, reading.send(None)
            except StopIteration as read:
                self._take(read.value)
            except Exception as error:  # noqa: BLE001  # raised when all before it was given
                self._fail(error)

    async def _arrive(self, reading: Reading, pause: asyncio.Future[Any]) -> None:
        """Waits for the read that was begun, as ``await`` would wait for it."""
        watch = self._watch
        watch.wait(READ, self._limit)
        try:
            while True:
                if not pause.done():
                    await _until(pause)
                pause = reading.send(None)
        except StopIteration as read:
            self._take(read.value)
        except Exception as error:  # noqa: BLE001  # raised when all before it was given
            self._fail(error)
        except BaseException:
            reading.close()
            raise
        finally:
            self._waiting = None
            watch.rest()

    def _take(self, piece: bytes) -> None:
        self._watch.unseen = 0
        if not piece:
            self._ended = True
        elif len(piece) <= PIECE:
            self._pieces.append(piece)
        else:
            self._pieces += (piece[at : at + PIECE] for at in range(0, len(piece), PIECE))

    def _fail(self, error: Exception) -> None:
        self._error, self._ended = error.with_traceback(None), True

    def _end(self) -> None:
        """Ends the iteration: with an error where the body is not whole."""
        if not self._ended:
            raise httpx.StreamClosed
        if self._error is not None or self._watch.expired or self._was_reset():
            raise body_failure(self._error, self._watch, self._answer)
        raise StopAsyncIteration

    def _was_reset(self) -> bool:
        """Whether a body whose end is that of the connection ended otherwise: aiohttp takes a
        reset for an end."""
        if not isinstance(self._watch.lost, OSError) or not self._answer.content.total_bytes:
            return False
        headers = self._answer.headers
        return "content-length" not in headers and "transfer-encoding" not in headers

    async def aclose(self) -> None:
        """Gives the connection back where the body was read to its end, otherwise closes it."""
        give_back, self._give_back = self._give_back, None
        if give_back is None:
            return
        _stop(self._waiting)
        self._waiting = None
        _dispose(self._answer, give_back)

    def abandon(self) -> None:
        """Gives the connection back without a wait, from any thread; for an answer that was
        dropped."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None and not self._loop.is_closed():
            _stop(self._waiting)
            self._waiting = None
            self._loop.call_soon_threadsafe(_dispose, self._answer, give_back)

    def __del__(self) -> None:
        if getattr(self, "_give_back", None) is not None:
            self.abandon()


@coroutine
def _until(pause: asyncio.Future[Any]) -> Generator[Any, None, None]:
    """Gives the task what a read that was begun by hand waits for."""
    yield pause


def _stop(waiting: tuple[Reading, Any] | None) -> None:
    if waiting is not None:
        reading, pause = waiting
        reading.close()
        if pause.done() and not pause.cancelled():
            pause.exception()  # it is known: nobody is to be told that it was never asked for


def _dispose(answer: aiohttp.ClientResponse, give_back: Callable[[], None]) -> None:
    answer.close()
    give_back()
