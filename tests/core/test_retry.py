"""Whether and when a request is sent again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from polychat._core.retry import MAX_RETRY_AFTER, RETRY_STATUSES, backoff, pause, retry_after

NOW = 1_700_000_000.0
DATE = format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=30), usegmt=True)


def test_backoff_doubles_from_half_a_second_to_eight() -> None:
    assert [backoff(n, jitter=0) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    assert [backoff(n, jitter=1) for n in (1, 5)] == [0.25, 4]
    assert backoff(100_000, jitter=0) == 8


def test_jitter_spreads_the_waits() -> None:
    waits = {backoff(3) for _ in range(50)}
    assert len(waits) > 40
    assert all(1 <= wait <= 2 for wait in waits)


def test_statuses() -> None:
    assert set(RETRY_STATUSES) == {408, 425, 429, 500, 502, 503, 504}
    assert MAX_RETRY_AFTER == 60


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": DATE}, 30),
        ({"retry-after": DATE.replace("GMT", "+0000")}, 30),
        ({"retry-after": DATE.replace("GMT", "-0000")}, 30),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 251_702_300_799 - NOW + 600_000),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after-ms": "nan"}, None),
        ({"retry-after-ms": "inf"}, None),
        ({"retry-after-ms": "nan", "retry-after": "4"}, 4),
        ({"retry-after": "Fri, 99 Foo 2023 99:99:99 GMT"}, None),
        ({"retry-after": "Mon, 01 Jan 0001 00:00:00 +2359"}, 0),
        ({"retry-after": "1" * 5000}, None),
    ],
)
def test_retry_after(
    headers: dict[str, str], seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        wait = retry_after(httpx.Headers(headers), NOW)
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    if seconds is not None and seconds > 1e9:
        assert wait is not None
        assert wait > 1e9
    else:
        assert wait == seconds


@pytest.mark.parametrize(
    ("asked", "step", "jitter", "seconds"),
    [
        (None, 0.4, 1, 0.4),
        (0, 0.4, 0, 0.4),
        (0, 0.4, 1, 0.4),
        (0.3, 0.4, 0, 0.4),
        (2, 0.4, 0, 2),
        (2, 0.4, 1, 2.5),
        (60, 0.4, 1, 60),
        (59, 8, 1, 60),
    ],
)
def test_a_pause_is_never_shorter_than_the_backoff(
    asked: float | None, step: float, jitter: float, seconds: float
) -> None:
    assert pause(asked, step, jitter) == seconds


def test_a_pause_that_is_asked_for_is_spread() -> None:
    pauses = {pause(4, 0.5) for _ in range(50)}
    assert len(pauses) > 40
    assert all(4 <= seconds <= 5 for seconds in pauses)


def test_the_clock_is_read_for_dates() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    wait = retry_after({"retry-after": later})
    assert wait is not None
    assert 97 <= wait <= 100
