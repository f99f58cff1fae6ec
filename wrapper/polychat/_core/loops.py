"""Which event loop is running: asyncio's object or trio's token."""

from __future__ import annotations

import sys
from typing import Any


def current_loop() -> Any:
    """An object that is the same for as long as one event loop runs."""
    try:
        return _running_loop()
    except RuntimeError:
        import trio.lowlevel  # only loaded where trio runs the program

        return trio.lowlevel.current_trio_token()


def is_running(loop: Any) -> bool:
    """Whether this thread runs an event loop, as `current_loop` gave it, and no other."""
    try:
        return _running_loop() is loop
    except RuntimeError:
        pass
    trio = sys.modules.get("trio")
    try:
        return trio is not None and trio.lowlevel.current_trio_token() is loop
    except RuntimeError:
        return False


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
