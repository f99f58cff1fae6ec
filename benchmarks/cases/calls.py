"""Plain chat calls: one after the other, and many in flight."""

from __future__ import annotations

import asyncio

from benchmarks.adapters import AsyncClient, open_async, open_sync
from benchmarks.measure import Case, Check, Context, Meter, Metrics, against_all, server_stats
from benchmarks.payloads import ANSWER

FEW, MANY = 64, 512
DELAY = 20
"""Milliseconds that the service takes, so that the calls are in flight at once."""


def sync_calls(subject: str, context: Context) -> Metrics:
    """Calls on a kept-alive connection."""
    calls = context.size(1_000, 300)
    client = open_sync(subject, context.url)
    for _ in range(20):
        _expect(client.chat("bench-plain-0"))
    with Meter() as meter:
        for _ in range(calls):
            _expect(client.chat("bench-plain-0"))
    client.close()
    return meter.per(calls)


def in_flight(subject: str, context: Context) -> Metrics:
    """`FEW` and `MANY` workers that call without a pause. Connections are counted from the
    client's first call, and set against the workers: more than one each is churn."""
    few = asyncio.run(_in_flight(subject, context, FEW, context.size(16, 4)))
    many = asyncio.run(_in_flight(subject, context, MANY, context.size(3, 1)))
    return {
        "few": few["cpu"],
        "many": many["cpu"],
        "growth": many["cpu"] / few["cpu"],
        "few-opened": few["opened"],
        "many-opened": many["opened"],
    }


async def _in_flight(subject: str, context: Context, workers: int, calls: int) -> Metrics:
    client = open_async(subject, context.url)
    before = server_stats(context.url)["connections"]
    await asyncio.gather(*(_work(client, 1) for _ in range(workers)))
    with Meter() as meter:
        await asyncio.gather(*(_work(client, calls) for _ in range(workers)))
    opened = server_stats(context.url)["connections"] - before
    await client.close()
    return {**meter.per(workers * calls), "opened": opened / workers}


async def _work(client: AsyncClient, calls: int) -> None:
    for _ in range(calls):
        _expect(await client.chat(f"bench-plain-{DELAY}"))


def _expect(answer: str) -> None:
    if answer != ANSWER:
        raise AssertionError(f"the answer was {answer!r}")


_OTHERS = ("httpx", "httpx-aiohttp", "aidial-client", "aleph-alpha-client")


def _opened(subject: str, limit: float | None = 1.0) -> tuple[Check, ...]:
    return tuple(
        Check(subject, metric, "conn/worker", limit, relation="value")
        for metric in ("few-opened", "many-opened")
    )


CASES = (
    Case(
        "call",
        "A plain call, sync",
        sync_calls,
        against_all(
            (Check("polychat", "cpu", "us/call", 1.0, "httpx"),),
            ("openai", "aidial-client", "azure-ai-inference", "aleph-alpha-client"),
            "cpu",
            "us/call",
            "httpx",
        ),
    ),
    Case(
        "in-flight",
        f"Async calls over the aiohttp transport with {FEW} and with {MANY} in flight",
        in_flight,
        (
            Check("polychat-aiohttp", "few", "us/call", 0.3, "openai"),
            Check("polychat-aiohttp", "many", "us/call", 0.3, "openai"),
            Check("polychat-aiohttp", "growth", "x", 1.2, relation="value"),
            Check("httpx-aiohttp", "growth", "x", relation="value"),
            *_opened("polychat-aiohttp"),
            *against_all((), _OTHERS, "few", "us/call", "openai"),
            *against_all((), _OTHERS, "many", "us/call", "openai"),
            *_opened("openai", None),
            *_opened("httpx", None),
        ),
    ),
    Case(
        "in-flight-httpx",
        f"Async calls over httpx with {FEW} and with {MANY} in flight",
        in_flight,
        (
            Check("polychat-httpx", "few", "us/call", 1.2, "httpx-same-limits"),
            Check("polychat-httpx", "many", "us/call", 1.2, "httpx-same-limits"),
            *_opened("polychat-httpx"),
        ),
        rounds=3,  # bare httpx with these limits takes a minute each time
        long=True,
    ),
)
