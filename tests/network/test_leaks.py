"""Nothing is left after two hundred faults: no connection, no task, no socket."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest

from polychat import Timeout, errors
from polychat.emulator import Emulator
from tests.network.servers import until
from tests.network.ways import (
    ASYNC,
    MAIN,
    SYNC,
    Way,
    busy,
    chat,
    collect,
    named,
)

FAULTS = [
    "status=500", "status=429", "status=400", "html", "malformed", "drop", "cut=2", "truncate=2",
    "stall=2", "error-event=1", "html,status=502", "slow=0.4", "redirect=/elsewhere",
]  # fmt: skip


def sockets() -> int:
    """How many sockets this process has open."""
    count = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += str(descriptor.readlink()).startswith("socket:")
    return count


@pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning")  # httpx under trio
@pytest.mark.parametrize("way", [*MAIN, SYNC[2], ASYNC[3], ASYNC[-1]], ids=named)
def test_nothing_is_left_after_two_hundred_faults(way: Way, emulator: Emulator) -> None:
    async def one(client: Any, number: int, seen: list[str]) -> None:
        fault = FAULTS[number % len(FAULTS)]
        try:
            answer = await chat(client, f"fault:{fault}", stream=number % 2 == 0)
            if number % 2 == 0:
                await collect(answer)
        except errors.PolychatError as error:
            seen.append(type(error).__name__)

    async def main() -> None:
        seen: list[str] = []
        gc.collect()
        before = sockets() - len(emulator._connections)
        options = {"timeout": Timeout(read=0.1, stream=0.1), "max_retries": 1}
        async with way.open(emulator.url("dial"), **options) as client:
            numbers = iter(range(200))

            async def worker() -> None:
                for number in numbers:
                    await one(client, number, seen)

            if way.asynchronous:
                async with anyio.create_task_group() as group:
                    for _ in range(10):
                        group.start_soon(worker)
            else:
                run = lambda: asyncio.run(worker())  # noqa: E731
                threads = [threading.Thread(target=run) for _ in range(10)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(60)
            gc.collect()
            assert len(seen) > 180
            assert len(set(seen)) >= 8
            assert await until(lambda: busy(client) == 0), "a connection is in use"
            if way.asynchronous and way.backend == "asyncio":
                await anyio.sleep(0.05)
                assert len(asyncio.all_tasks()) == 1, "a task is left"
        assert await until(lambda: not emulator._connections), "the server has connections"
        assert await until(lambda: sockets() <= before), "a socket is open"

    way.run(main)
