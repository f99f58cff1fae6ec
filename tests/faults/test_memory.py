"""Whatever a server sends, without an end, blown up or as an error, costs a process at most
80 MiB: every fault of the table, each measured by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.network.servers import Peer, serving

from .alone import ALONE, Place
from .answers import well
from .calls import HEALED, TRANSPORTS, Fault
from .table import TABLE

MOST = 80
"""MiB."""
PARTS = 4
"""In which the table is measured, so that several processors can."""
AS_NEW = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""glibc's own beginning, which it raises in a process that has freed much: what is measured later
would have the pieces that it does not give back since."""
ROOT = Path(__file__).parents[2]


def measured(faults: list[Fault], transport: str) -> dict[str, tuple[float, list[str]]]:
    """The most MiB that each fault costs, and how the calls ended, in a process of their own."""
    with ExitStack() as stack:
        places: list[Place] = []
        for fault in faults:
            server = stack.enter_context(serving(fault.serve))
            host = server.url.partition("//")[2]
            url = fault.url.format(url=server.url, host=host)
            proxy = fault.proxy.format(host=host) or None
            places.append(Place(fault.name, url, proxy, fault.silent, fault.phase == "large"))
        ended = subprocess.run(
            [sys.executable, "-m", "tests.faults.alone", transport],
            input="".join(f"{json.dumps(place)}\n" for place in places),
            env={**os.environ, **AS_NEW},
            cwd=ROOT, capture_output=True, text=True, timeout=400, check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    return {name: (most, kinds) for name, most, *kinds in lines}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_it_costs_little(transport: str, part: int) -> None:
    faults = list(TABLE.values())[part::PARTS]
    found = measured(faults, transport)
    assert list(found) == [fault.name for fault in faults]
    assert {name: most for name, (most, _) in found.items() if most > MOST} == {}
    for fault in faults:
        assert len(found[fault.name][1]) == len(ALONE)


def hoard(peer: Peer) -> None:
    """An answer of 50 MiB to a chat, which are held as bytes and as text."""
    while (arrived := peer.request()) is not None:
        if arrived.path.endswith("/completions") and b'"stream"' not in arrived.body:
            peer.answer(body=b'{"id": "' + b"x" * (50 << 20) + b'"}')
        else:
            well(peer, arrived)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_costs_much_is_seen(transport: str) -> None:
    found = measured([Fault("hoards", "document", hoard, {"": HEALED})], transport)
    assert found["hoards"][0] > MOST
