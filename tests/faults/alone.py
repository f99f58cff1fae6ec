"""Run as a module: by how many MiB calls against servers raise this process's memory.

Argument: the transport. Reads a `Place` a line, as JSON, and prints for each a line of JSON: its
name, the most MiB above what the process had in use before, and how the calls ended.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import sys
from pathlib import Path
from typing import NamedTuple

from polychat._core import exchange

from .answers import all_well
from .calls import KINDS, SMALL, opened, outcome, serving

ALONE = ("events", *(kind for kind in KINDS if kind != "stream"))
"""Kinds of calls; of a stream's events none is kept."""


class Place(NamedTuple):
    """Where a fault is served."""

    name: str
    url: str
    proxy: str | None
    silent: bool
    small: bool
    """Whether only `SMALL` answers are asked for."""


def resident() -> float:
    """The most MiB that this process has had since `forget`."""
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x)
    return int(line.split()[1]) / 1024


def forget() -> None:
    """Gives back what is free, and counts anew from what is in use now."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


async def calls(transport: str, place: Place) -> list[str]:
    """How a call of each kind ends: one after the other, but for those that only wait."""
    patience = 0.4 if place.silent else 30.0
    async with opened(
        transport, place.url, proxy=place.proxy, max_retries=0, timeout=patience,
        max_answer_bytes=SMALL if place.small else None,
    ) as client:  # fmt: skip
        if place.silent:
            ended = await asyncio.gather(*(outcome(client, kind, large=False) for kind in ALONE))
            return [one.name for one in ended]
        # An error holds what its frames do: none is kept while the next call is made.
        return [(await outcome(client, kind, large=False)).name for kind in ALONE]


async def main(transport: str, places: list[Place]) -> None:
    with serving(all_well) as server:
        whole = Place("", server.url, None, False, False)
        assert set(await calls(transport, whole)) == {"healed"}  # all that is imported, is
    for place in places:
        forget()
        before = resident()
        ended = await calls(transport, place)
        print(json.dumps([place.name, resident() - before, *ended]), flush=True)


if __name__ == "__main__":
    exchange.backoff = lambda attempt: 0.001 * attempt
    asyncio.run(main(sys.argv[1], [Place(*json.loads(line)) for line in sys.stdin]))
