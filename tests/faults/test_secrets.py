"""No fault shows a credential or a proxy's password: not in the locals of any frame, not in what
can be reached from the error, and not in the log."""

from __future__ import annotations

import base64
import io
import itertools
import logging
from typing import Any

import pytest

from tests.network.test_canary import POSITIONS
from tests.network.test_frames import CANARY, attributes, frames

from .calls import suffer
from .table import TABLE

# Those of a client's own arguments, by any client.
PLACES = [arguments for arguments, call, only_async in POSITIONS.values()
          if not call and not only_async]  # fmt: skip
CASES = list(zip(TABLE, itertools.cycle(range(len(PLACES)))))
SECRETS = (
    CANARY,
    base64.b64encode(f"me:{CANARY}".encode()).decode().rstrip("="),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
)


def check(error: BaseException) -> None:
    for text in (*frames(error), *attributes(error)):
        for secret in SECRETS:
            assert secret not in text, text[:300]


def test_every_place_is_tried() -> None:
    assert len(PLACES) >= 7
    assert {place for _, place in CASES} == set(range(len(PLACES)))


@pytest.mark.parametrize(("name", "place"), CASES)
def test_no_fault_shows_a_secret(name: str, place: int) -> None:
    seen: list[BaseException] = []
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    def look(error: BaseException) -> None:
        seen.append(error)
        check(error)

    arguments: dict[str, Any] = {"api_key": None, **PLACES[place]}
    try:
        found = suffer(TABLE[name], look, **arguments)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert len(seen) == sum(
        one.error is not None for each in found.values() for one in each.values()
    )
    for secret in SECRETS:
        assert secret not in log.getvalue()
    assert "attempt" in log.getvalue()
