"""Deadlines of synchronous code: ends of waits that a socket's own timeout does not end.

That timeout is for silence; a server that sends a byte now and then never reaches it. Threads are
started and waited for without `threading.Thread` and its events: an interrupt within their Python
code comes out as a RuntimeError, and may leave their locks taken.
"""

from __future__ import annotations

import contextvars
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")


def within(ends: float, act: Callable[[], T], dispose: Callable[[T], None]) -> T:
    """What `act` gives, waited for until `ends` on the monotonic clock.

    Runs in a thread of its own: before an answer's head has come, nothing tells which socket it
    comes from. What comes too late goes to `dispose`. Raises TimeoutError, and what `act` raises.
    """
    lock, working = threading.Lock(), threading.Lock()
    came: list[T] = []
    failed: list[BaseException] = []
    late = False
    working.acquire()

    def work() -> None:
        with lock:
            unwanted = late
        if unwanted:  # interrupted before it began
            return
        try:
            result = act()
        except BaseException as error:  # noqa: BLE001  # raised in the thread that waits
            failed.append(error)
        else:
            with lock:
                came.append(result)
                unwanted = late
            if unwanted:
                dispose(result)
        finally:
            working.release()

    try:
        start_new_thread(contextvars.copy_context().run, (work,))
        working.acquire(timeout=_left(ends))
    finally:
        with lock:
            late = not came
    if failed:
        raise failed[0]
    if not came:
        raise TimeoutError("no answer within the deadline")
    return came[0]


@contextmanager
def cut_at(response: Any, ends: float) -> Generator[None]:
    """Shuts the connection of a response down if the block still reads from it at `ends`."""
    sock = _socket(response)
    reading = threading.Lock()
    reading.acquire()

    def watch() -> None:
        if not reading.acquire(timeout=_left(ends)):
            shut(sock)

    try:
        start_new_thread(watch, ())
        yield
    finally:
        reading.release()


def _left(ends: float) -> float:
    """Seconds from now on."""
    return min(max(ends - time.monotonic(), 0), threading.TIMEOUT_MAX)


def is_alone(response: Any) -> bool:
    """Whether the connection of a response is not one that others share."""
    version = getattr(response, "extensions", {}).get("http_version")
    return version in (b"HTTP/1.1", b"HTTP/1.0")


def cut(response: Any) -> None:
    """Shuts the connection of a response down."""
    shut(_socket(response))


def _socket(response: Any) -> Any:
    stream = getattr(response, "extensions", {}).get("network_stream")
    return stream.get_extra_info("socket") if stream is not None else None


def shut(sock: Any) -> None:
    """Shuts a socket down, which wakes whoever reads from it in any thread."""
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(2)
