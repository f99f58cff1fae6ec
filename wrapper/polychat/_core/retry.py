"""Whether and when a request is sent again: pure decisions, no I/O.

Source of the numbers: contract 5 of the design; the statuses are those that openai, azure-core
and aidial-client take for passing, joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from time import time
from typing import NamedTuple

RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
MAX_RETRY_AFTER = 60.0
"""Seconds that a client waits because a service asks for it; past that the caller decides."""
_FIRST, _MOST = 0.5, 8.0


class RetryRules(NamedTuple):
    """For drop-ins whose old clients count failures by kind: `connect` (no connection), `read`
    (it broke) and `status`, each at most so often."""

    connect: int
    read: int
    status: int
    statuses: frozenset[int] = frozenset()
    """Retried beside the platform's."""
    first: float = _FIRST
    most: float = _MOST
    fixed: bool = False
    """Whether each pause is as long as the first."""

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after `attempt`; see `backoff`."""
        return backoff(1 if self.fixed else attempt, first=self.first, most=self.most)


def backoff(
    attempt: int, jitter: float | None = None, *, first: float = _FIRST, most: float = _MOST
) -> float:
    """Seconds to wait after `attempt` (1 is the first): 0.5 doubling to 8, less up to a half
    so that many clients do not come back at once."""
    if jitter is None:
        import random

        jitter = random.random()  # noqa: S311
    return min(first * 2.0 ** min(attempt - 1, 9), most) * (1 - 0.5 * jitter)


def pause(asked: float | None, step: float, jitter: float | None = None) -> float:
    """Seconds to wait where a service `asked` for so many and the backoff is `step`: never less
    than that, whatever is asked for, and up to a quarter more than was asked, at most 60."""
    if asked is None:
        return step
    if jitter is None:
        import random

        jitter = random.random()  # noqa: S311
    return max(step, min(asked * (1 + 0.25 * jitter), MAX_RETRY_AFTER))


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """The seconds that ``retry-after-ms`` or ``Retry-After`` (seconds or a date) asks for, None
    where there is none that can be read."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(milliseconds / 1000, 0.0)
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is None:
        seconds = _until(text, time() if now is None else now)
    return None if seconds is None else max(seconds, 0.0)


def _until(text: str, now: float) -> float | None:
    """Seconds from `now` to an HTTP date, None where `text` is none."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:  # "-0000": UTC, of an unknown place
            date = date.replace(tzinfo=UTC)
        return date.timestamp() - now
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    """A finite number, None for anything else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None
