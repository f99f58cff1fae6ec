"""What a server sends without an end, or blows up, costs a process at most 80 MiB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.network.servers import serving

from .calls import TRANSPORTS
from .table import TABLE

MOST = 80
"""MiB."""
MUCH = ("without an end", "bomb", "9 MB", "ten thousand", "deep nesting", "a head without", "a 500")
REDIRECTED = ("307 to itself", "303 to another origin")
HEAVY = [name for name in TABLE if any(word in name for word in MUCH) or name in REDIRECTED]
ROOT = Path(__file__).parents[2]


def test_all_that_is_much_is_measured() -> None:
    assert len(HEAVY) >= 20


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", HEAVY)
def test_it_costs_little(name: str, transport: str) -> None:
    with serving(TABLE[name].serve) as server:
        command = [sys.executable, "-m", "tests.faults.alone", transport, server.url]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert ended.returncode == 0, ended.stderr[-2000:]
        most, *kinds = ended.stdout.split()
        assert len(kinds) == 5
        assert float(most) <= MOST, (most, kinds)
