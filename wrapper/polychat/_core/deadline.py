"""Deadlines of synchronous code: ends of waits that a socket's own timeout does not end.

That timeout is for silence; a server that sends a byte now and then never reaches it.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")


def within(ends: float, act: Callable[[], T], dispose: Callable[[T], None]) -> T:
    """What `act` gives, waited for until `ends` on the monotonic clock.

    Runs in a thread of its own: before an answer's head has come, nothing tells which socket it
    comes from. What comes too late goes to `dispose`. Raises TimeoutError, and what `act` raises.
    """
    lock, done = threading.Lock(), threading.Event()
    came: list[T] = []
    failed: list[BaseException] = []
    late = False

    def work() -> None:
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
        done.set()

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), daemon=True).start()
    try:
        done.wait(max(ends - time.monotonic(), 0))
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
    timer = threading.Timer(max(ends - time.monotonic(), 0), _shut, (_socket(response),))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def cut(response: Any) -> None:
    """Shuts the connection of a response down, where it is not one that others share."""
    if getattr(response, "extensions", {}).get("http_version") in (b"HTTP/1.1", b"HTTP/1.0"):
        _shut(_socket(response))


def _socket(response: Any) -> Any:
    stream = getattr(response, "extensions", {}).get("network_stream")
    return stream.get_extra_info("socket") if stream is not None else None


def _shut(sock: Any) -> None:
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(2)
