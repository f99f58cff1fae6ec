"""Making a client when another was made before: the TLS context should be shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.adapters import open_async, open_sync
from benchmarks.measure import Case, Check, Context, Meter, Metrics


def construct(subject: str, context: Context) -> Metrics:
    """The second and later clients, made and closed; and made, used for one call and closed,
    so that work put off until the first call is seen."""
    clients = context.size(50, 20)
    _use(subject, context)
    with Meter() as made:
        for _ in range(clients):
            open_sync(subject, context.url).close()
    with Meter() as used:
        for _ in range(clients):
            _use(subject, context)
    return {"made": made.per(clients)["cpu"], "used": used.per(clients)["cpu"]}


def construct_async(subject: str, context: Context) -> Metrics:
    """`construct` for async clients."""
    return asyncio.run(_construct_async(subject, context))


async def _construct_async(subject: str, context: Context) -> Metrics:
    clients = context.size(50, 20)
    await _use_async(subject, context)
    with Meter() as made:
        for _ in range(clients):
            await open_async(subject, context.url).close()
    with Meter() as used:
        for _ in range(clients):
            await _use_async(subject, context)
    return {"made": made.per(clients)["cpu"], "used": used.per(clients)["cpu"]}


def _use(subject: str, context: Context) -> None:
    client = open_sync(subject, context.url)
    client.chat("bench-plain-0")
    client.close()


async def _use_async(subject: str, context: Context) -> None:
    client = open_async(subject, context.url)
    await client.chat("bench-plain-0")
    await client.close()


def _case(
    name: str, title: str, measure: Callable[[str, Context], Metrics], ours: tuple[str, ...]
) -> Case:
    others = ("openai", "aidial-client")
    return Case(
        name,
        title,
        measure,
        (
            *(Check(subject, "made", "us", 0.05, "httpx") for subject in ours),
            *(Check(subject, "used", "us, with a call", None, "httpx") for subject in ours),
            *(Check(subject, "made", "us", None, "httpx") for subject in others),
        ),
    )


CASES = (
    _case("client", "The second and later clients, sync", construct, ("polychat",)),
    _case(
        "client-async",
        "The second and later clients, async",
        construct_async,
        ("polychat-httpx", "polychat-aiohttp"),
    ),
)
