"""Run as a module: by how many MiB calls against a server raise this process's memory.

Arguments: the transport and the server's URL. Prints the most, and how the calls ended.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

from polychat._core import exchange

from .answers import all_well
from .calls import KINDS, SMALL, opened, outcome, serving

ALONE = ("events", *(kind for kind in KINDS if kind != "stream"))
"""Kinds of calls; of a stream's events none is kept."""


def resident() -> float:
    """The most MiB that this process has had since `forget`."""
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x)
    return int(line.split()[1]) / 1024


def forget() -> None:
    """Counts anew from what is in use now."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


async def main(transport: str, url: str) -> None:
    with serving(all_well) as server:
        async with opened(transport, server.url) as client:  # all that is imported, is
            for kind in ALONE:
                assert (await outcome(client, kind, large=False)).error is None
    forget()
    before = resident()
    async with opened(transport, url, max_retries=0, timeout=30.0) as made:
        client = made.with_options(max_answer_bytes=SMALL)
        ended = [(await outcome(client, kind, large=False)).name for kind in ALONE]
    print(f"{resident() - before:.1f} {' '.join(ended)}")


if __name__ == "__main__":
    exchange.backoff = lambda attempt: 0.001 * attempt
    asyncio.run(main(*sys.argv[1:3]))
