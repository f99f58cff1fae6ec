"""Streamed chat: CPU an event, and how late the first event comes."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import aclosing

from benchmarks.adapters import AsyncClient, open_async, open_sync
from benchmarks.measure import Case, Check, Context, Meter, Metrics, against_all
from benchmarks.payloads import TOKEN

CONCURRENT = 32


def sync_events(subject: str, context: Context) -> Metrics:
    """One stream after the other, each event in an HTTP chunk of its own."""
    events, streams = context.size(5_000, 2_000), context.size(4, 2)
    client = open_sync(subject, context.url)
    sum(len(text) for text in client.stream("bench-stream-200"))
    received = 0
    with Meter() as meter:
        for _ in range(streams):
            for text in client.stream(f"bench-stream-{events}"):
                received += len(text)
    client.close()
    _expect(received, streams, events)
    return meter.per(streams * events)


def async_events(subject: str, context: Context) -> Metrics:
    """`sync_events` with the async client."""
    return asyncio.run(_async_events(subject, context, context.size(4, 2), at_once=1))


def concurrent_events(subject: str, context: Context) -> Metrics:
    """`CONCURRENT` streams at once."""
    return asyncio.run(_async_events(subject, context, CONCURRENT, at_once=CONCURRENT))


async def _async_events(subject: str, context: Context, streams: int, at_once: int) -> Metrics:
    events = context.size(5_000, 2_000) if at_once == 1 else context.size(600, 200)
    client = open_async(subject, context.url)
    await asyncio.gather(*(_read(client, 50) for _ in range(at_once)))
    with Meter() as meter:
        received = 0
        for _ in range(streams // at_once):
            received += sum(await asyncio.gather(*(_read(client, events) for _ in range(at_once))))
    await client.close()
    _expect(received, streams, events)
    return meter.per(streams * events)


async def _read(client: AsyncClient, events: int) -> int:
    received = 0
    async with aclosing(client.stream(f"bench-stream-{events}")) as texts:
        async for text in texts:
            received += len(text)
    return received


def first_event(subject: str, context: Context) -> Metrics:
    """From the call to the first event in hand, while the others are still to come; a median."""
    return asyncio.run(_first_event(subject, context))


async def _first_event(subject: str, context: Context) -> Metrics:
    client = open_async(subject, context.url)
    waits: list[float] = []
    events = 5
    for _ in range(context.size(300, 100)):
        started = time.perf_counter()
        received = 0
        async for text in client.stream(f"bench-first-{events}"):
            if not received:
                waits.append(time.perf_counter() - started)
            received += len(text)
        _expect(received, 1, events)
    await client.close()
    return {"first": statistics.median(waits[len(waits) // 10 :]) * 1e6}


def _expect(received: int, streams: int, events: int) -> None:
    if received != streams * (events - 1) * len(TOKEN):  # the last event of a stream has no text
        raise AssertionError(f"{received} characters came in {streams} streams of {events} events")


_OTHERS = ("openai", "aidial-client")

CASES = (
    Case(
        "stream-sync",
        "A streamed event, sync",
        sync_events,
        against_all(
            (Check("polychat", "cpu", "us/event", 1.05, "httpx"),),
            (*_OTHERS, "azure-ai-inference"),
            "cpu",
            "us/event",
            "httpx",
        ),
    ),
    Case(
        "stream-async",
        "A streamed event, async over the aiohttp transport",
        async_events,
        against_all(
            (
                Check("polychat-aiohttp", "cpu", "us/event", 0.45, "httpx"),
                Check("polychat-httpx", "cpu", "us/event", None, "httpx"),
            ),
            ("httpx-aiohttp", *_OTHERS, "aleph-alpha-client"),
            "cpu",
            "us/event",
            "httpx",
        ),
    ),
    Case(
        "first-event",
        "Wall time to the first event, async",
        first_event,
        against_all(
            (
                Check("polychat-aiohttp", "first", "us", 1.1, "httpx"),
                Check("polychat-httpx", "first", "us", None, "httpx"),
            ),
            ("httpx-aiohttp", *_OTHERS, "aleph-alpha-client"),
            "first",
            "us",
            "httpx",
        ),
    ),
    Case(
        "streams-32",
        f"A streamed event, {CONCURRENT} async streams at once (httpx with its default limits)",
        concurrent_events,
        against_all(
            (
                Check("polychat-httpx", "cpu", "us/event", 0.9, "httpx"),
                Check("polychat-aiohttp", "cpu", "us/event", 0.9, "httpx"),
            ),
            ("httpx-aiohttp", *_OTHERS, "aleph-alpha-client"),
            "cpu",
            "us/event",
            "httpx",
        ),
    ),
)
