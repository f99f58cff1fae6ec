"""Which event loop is running: asyncio's object or trio's token."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def current_loop() -> Any:
    """An object that is the same for as long as one event loop runs."""
    try:
        return _running_loop()
    except RuntimeError:
        import trio.lowlevel  # only loaded where trio runs the program

        return trio.lowlevel.current_trio_token()


def loop_if_any() -> Any:
    """`current_loop` of this thread; None where it runs none."""
    try:
        return _running_loop()
    except RuntimeError:
        pass
    trio = sys.modules.get("trio")
    try:
        return None if trio is None else trio.lowlevel.current_trio_token()
    except RuntimeError:
        return None


def call_in(loop: Any, function: Callable[..., object], *arguments: Any) -> None:
    """Calls a function in an event loop, which this thread may run, or another, or none any
    more: then it is not called."""
    if loop_if_any() is loop:
        function(*arguments)
        return
    call = getattr(loop, "call_soon_threadsafe", None) or loop.run_sync_soon
    with suppress(RuntimeError):  # it has ended
        call(function, *arguments)


def is_asyncio() -> bool:
    """Whether asyncio, not trio, runs the caller."""
    try:
        _running_loop()
    except RuntimeError:
        return False
    return True


def _running_loop() -> Any:
    """The loop of asyncio. Who uses synchronous clients only does not pay for asyncio's import."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        raise RuntimeError("asyncio is not even loaded")
    return asyncio.get_running_loop()
