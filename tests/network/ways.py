"""All ways to carry a request: both colours, both families, a user's own client or transport."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp  # noqa: F401  # imported here, so that no test waits for it
import anyio
import httpx
import httpx2

from polychat import errors
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.dial import AsyncDial, Dial

QUESTION = [{"role": "user", "content": "Zażółć gęślą 🎉 jaźń"}]
TEXT = "Zażółć gęślą 🎉 jaźń"
CLIENTS = {("dial", False): Dial, ("dial", True): AsyncDial,
           ("aimlapi", False): AimlApi, ("aimlapi", True): AsyncAimlApi}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One way; `make` gives the arguments of a client that make it go that way."""

    name: str
    asynchronous: bool
    make: Callable[[], dict[str, Any]]
    backend: str = "asyncio"

    @asynccontextmanager
    async def open(self, url: str, platform: str = "dial", **options: Any) -> AsyncIterator[Any]:
        """A client, closed at the end, and with it the user's own client that it was given."""
        arguments = self.make()
        cls = CLIENTS[platform, self.asynchronous]
        client = cls(**{"base_url": url, "api_key": "key", **arguments, **options})
        try:
            yield client
        finally:
            await close(client)
            own = arguments.get("http_client")
            if own is not None:
                assert not own.is_closed, "polychat closed a client that is not its own"
            else:
                own = arguments.get("transport")
            if hasattr(own, "close") or hasattr(own, "aclose"):
                await close(own)

    def run(self, main: Callable[[], Awaitable[Any]]) -> Any:
        """Runs a test in the way's event loop."""
        return anyio.run(main, backend=self.backend)


SYNC = [
    Way("sync", False, dict),
    Way("sync-own-httpx", False, lambda: {"http_client": httpx.Client()}),
    Way("sync-own-httpx2", False, lambda: {"http_client": httpx2.Client()}),
    Way("sync-transport-httpx", False, lambda: {"transport": httpx.HTTPTransport()}),
    Way("sync-transport-httpx2", False, lambda: {"transport": httpx2.HTTPTransport()}),
]
ASYNC = [
    Way("async-aiohttp", True, lambda: {"transport": "aiohttp"}),
    Way("async-httpx", True, lambda: {"transport": "httpx"}),
    Way("async-own-httpx", True, lambda: {"http_client": httpx.AsyncClient()}),
    Way("async-own-httpx2", True, lambda: {"http_client": httpx2.AsyncClient()}),
    Way("async-transport-httpx", True, lambda: {"transport": httpx.AsyncHTTPTransport()}),
    Way("async-transport-httpx2", True, lambda: {"transport": httpx2.AsyncHTTPTransport()}),
    Way("trio", True, dict, backend="trio"),
]
EVERY = [*SYNC, *ASYNC]
MAIN = [SYNC[0], ASYNC[0], ASYNC[1]]
"""The three ways of clients that were given nothing."""


def named(way: Any) -> str:
    """The id of a parametrised way."""
    return way.name if isinstance(way, Way) else str(way)


async def finished(value: Any) -> Any:
    """What a call gave, of either colour."""
    return await value if inspect.isawaitable(value) else value


async def close(client: Any) -> None:
    """Closes a client of either colour."""
    await finished(client.aclose() if hasattr(client, "aclose") else client.close())


def target(client: Any, name: str) -> dict[str, str]:
    """The argument that names a deployment or a model."""
    return {"deployment_name": name} if "Dial" in type(client).__name__ else {"model": name}


async def chat(client: Any, name: str = "echo", **call: Any) -> Any:
    """One chat call."""
    arguments = {"messages": QUESTION, **target(client, name), **call}
    return await finished(client.chat.completions.create(**arguments))


async def listed(client: Any, **call: Any) -> list[Any]:
    """The deployments or models."""
    resource = client.deployments if hasattr(client, "deployments") else client.models
    items: list[Any] = await finished(resource.list(**call))
    return items


async def items(stream: Any) -> AsyncIterator[Any]:
    """The items of a stream of either colour."""
    if hasattr(stream, "__aiter__"):
        async for item in stream:
            yield item
    else:
        for item in stream:
            yield item


async def collect(stream: Any) -> list[Any]:
    """All items of a stream."""
    return [item async for item in items(stream)]


def text(chunks: list[Any]) -> str:
    """The text of a stream's chunks."""
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def busy(client: Any) -> int:
    """How many connections of a client are in use."""
    http = client.rest.http
    adapter = http._theirs or http._latest[1] if hasattr(http, "_theirs") else http._adapter
    if adapter is None:
        return 0
    transport = adapter.client._transport
    lanes = getattr(transport, "_lanes", None)
    if lanes is not None:
        return sum(not lane.is_idle() and not lane.is_closed() for lane in lanes)
    pool = getattr(transport, "_pool", None)
    if pool is not None:
        return sum(not connection.is_idle() for connection in pool.connections)
    return transport.in_use


def check(error: errors.PolychatError, platform: str, attempts: int) -> None:
    """What every error must have."""
    assert error.platform == platform
    assert error.attempts == attempts
    clone = pickle.loads(pickle.dumps(error))
    assert str(clone) == str(error)
    assert type(clone) is type(error)
