# Copied by scripts/generate.py from scripts/runtime/_collector.py; edit it there.
"""The garbage collector, paused while a large document is read."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Generator[None]:
    """A large document becomes thousands of objects, none of them garbage yet: the collector
    would look through all of them again and again, for a third of the time it takes to read."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
