"""Interrupts at any moment, many threads and many event loops: each gets its own answers."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from polychat.dial import AsyncDial, Dial
from tests.network.servers import serving
from tests.network.test_forks import asked
from tests.network.test_interrupts import echo, interrupt  # noqa: F401  # a fixture
from tests.network.test_leaks import sockets

from .calls import in_use

# A socket that is being made when an interrupt comes is closed by the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    gc.collect()
    before, threads = sockets(), threading.active_count()
    yield
    ends = time.monotonic() + 10
    while (sockets() > before or threading.active_count() > threads) and time.monotonic() < ends:
        gc.collect()
        time.sleep(0.05)
    assert sockets() <= before, "a socket is left"
    assert threading.active_count() <= threads, "a thread is left"


def test_a_thousand_calls_that_may_be_interrupted(
    interrupt: Callable[[float], None],  # noqa: F811
) -> None:
    moments = random.Random(3)
    came = 0
    with serving(echo) as server, Dial(base_url=server.url, api_key="k", max_retries=0) as client:
        asked(client, "warm")
        began = time.perf_counter()
        for number in range(10):
            asked(client, f"measured {number}")
        longest = 0.15 * (time.perf_counter() - began)
        for number in range(1000):
            try:
                interrupt(moments.uniform(1e-6, longest))
                try:
                    assert asked(client, f"interrupted {number}") == f"interrupted {number}"
                finally:
                    interrupt(0)
            except KeyboardInterrupt:
                came += 1
            assert asked(client, f"next {number}") == f"next {number}"
            assert in_use(client) == 0
        assert came >= 200
        ends = time.monotonic() + 5
        while server.open > 1 and time.monotonic() < ends:
            time.sleep(0.01)
        assert server.open == 1


def test_two_hundred_threads() -> None:
    with serving(echo) as server, Dial(base_url=server.url, api_key="k") as client:
        together = threading.Barrier(200)

        def one(name: int) -> list[Any]:
            together.wait(30)
            return [asked(client, f"{name} {number}") for number in range(5)]

        with ThreadPoolExecutor(200) as pool:
            found = list(pool.map(one, range(200)))
        assert found == [[f"{name} {number}" for number in range(5)] for name in range(200)]
        assert in_use(client) == 0


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
def test_thirty_event_loops(transport: str) -> None:
    """At once, through one client, and one after another."""
    with serving(echo) as server:
        client = AsyncDial(base_url=server.url, api_key="k", transport=transport)
        together = threading.Barrier(30)

        async def one(name: int) -> list[Any]:
            together.wait(30)
            calls = [asked(client, f"{name} {number}") for number in range(10)]
            return await asyncio.gather(*calls)

        with ThreadPoolExecutor(30) as pool:
            found = list(pool.map(lambda name: asyncio.run(one(name)), range(30)))
        assert found == [[f"{name} {number}" for number in range(10)] for name in range(30)]
        for number in range(30):
            assert asyncio.run(asked(client, f"later {number}")) == f"later {number}"
        asyncio.run(client.aclose())
