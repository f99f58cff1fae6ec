# Copied by scripts/generate.py from scripts/runtime/_collector.py; edit it there.
"""Python's garbage collector waits while a large document is read.

Such a document becomes thousands of objects, none of them garbage yet: the collector would look
through all of them again and again, for a third of the time it takes to read.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import ref

T = TypeVar("T")


class _Pause:
    """Lives as long as a reader of the document holds it, however that reader ends: nothing has
    to be counted down, so nothing can be left when an exception comes in between."""

    __slots__ = ("__weakref__", "thresholds")

    def __init__(self, thresholds: tuple[int, int, int]) -> None:
        self.thresholds = thresholds


_latest: ref[_Pause] = ref(_Pause((0, 0, 0)))  # dead at once


def paused(read: Callable[..., T], *arguments: Any) -> T:
    """What `read` gives, the collector waiting meanwhile.

    Its threshold is what is changed: ``gc.disable()`` is the user's own switch, which may be
    turned by another thread at any moment. Where several threads read at once, the first that is
    done lets the collector run again, to which the others lose a little time and nothing else.
    """
    global _latest  # noqa: PLW0603
    pause = _latest()
    if pause is None:
        thresholds = gc.get_threshold()
        if not thresholds[0]:  # the user's choice, or that of a thread which began just now
            return read(*arguments)
        pause = _Pause(thresholds)
        _latest = ref(pause)
    thresholds = pause.thresholds
    try:
        # Within `try`, and one call alone in `finally`: an interrupt comes after a call, not
        # before it, so the thresholds are restored wherever it comes.
        gc.set_threshold(0)
        return read(*arguments)
    finally:
        gc.set_threshold(*thresholds)


def _resume_in_child() -> None:
    """A child that was forked while another thread read has no such thread to end the pause."""
    pause = _latest()
    if pause is not None:
        gc.set_threshold(*pause.thresholds)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_resume_in_child)
