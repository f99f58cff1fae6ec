"""Which event loop is running: asyncio's object or trio's token."""

from __future__ import annotations

import asyncio
from typing import Any


def current_loop() -> Any:
    """An object that is the same for as long as one event loop runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        import trio.lowlevel  # only loaded where trio runs the program

        return trio.lowlevel.current_trio_token()


def is_asyncio() -> bool:
    """Whether asyncio, not trio, runs the caller."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
