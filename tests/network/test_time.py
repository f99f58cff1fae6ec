"""How long what is waited for: a client's own timeouts, its pool, and pauses between attempts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import httpx2
import pytest

from polychat import Timeout, errors
from polychat._core import effects, exchange
from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.aleph_alpha import AsyncClient, ChatRequest, Client, Role, TextMessage
from polychat.azure import AzureKeyCredential, ChatCompletionsClient
from polychat.azure.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from polychat.azure.models import UserMessage
from polychat.dial import AsyncDial, AsyncDialClientPool, Dial, DialClientPool

from .servers import CHAT, Peer, serving
from .ways import MAIN, Way, chat, finished, named

over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
B, K = "http://127.0.0.1:9", "k"
ASK = ChatRequest("m", [TextMessage(Role.User, "x")])
HI = [UserMessage("x")]
ROOMS: dict[str, tuple[bool, Callable[..., Any], Callable[[Any], Any], str]] = {
    "dial": (False, lambda **k: Dial(base_url=B, api_key="k", **k), chat, "timeout"),
    "dial async": (True, lambda **k: AsyncDial(base_url=B, api_key="k", **k), chat, "timeout"),
    "aimlapi": (False, lambda **k: AimlApi(base_url=B, api_key="k", **k), chat, "timeout"),
    "aimlapi async": (True, lambda **k: AsyncAimlApi(base_url=B, api_key=K, **k), chat, "timeout"),
    "azure": (
        False, lambda **k: ChatCompletionsClient(B, AzureKeyCredential("k"), model="m", **k),
        lambda c: c.complete(messages=HI), "read_timeout",
    ),
    "azure async": (
        True, lambda **k: AsyncChatCompletionsClient(B, AzureKeyCredential("k"), model="m", **k),
        lambda c: c.complete(messages=HI), "read_timeout",
    ),
    "aleph_alpha": (
        False, lambda **k: Client("t", B, **k), lambda c: c.chat(ASK), "request_timeout_seconds",
    ),
    "aleph_alpha async": (
        True, lambda **k: AsyncClient("t", B, **k), lambda c: c.chat(ASK),
        "request_timeout_seconds",
    ),
}  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("family", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_a_client_of_the_users_own_keeps_its_timeout(room: str, family: Any) -> None:
    asynchronous, make, call, argument = ROOMS[room]
    seen: list[Any] = []

    def handle(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return family.Response(200, json={**CHAT, "usage": usage})

    def own(**given: Any) -> Any:
        kind = family.AsyncClient if asynchronous else family.Client
        return kind(transport=family.MockTransport(handle), **given)

    async def main() -> None:
        clients = [
            own(timeout=1.5),
            own(),
            own(timeout=1.5),
            own(timeout=family.Timeout(7, read=9)),
        ]
        await finished(call(make(http_client=clients[0])))
        await finished(call(make(http_client=clients[1])))
        await finished(call(make(http_client=clients[2], **{argument: 3})))
        await finished(call(make(http_client=clients[3])))
        for client in clients:
            await finished(client.aclose() if asynchronous else client.close())

    asyncio.run(main())
    assert (seen[0]["read"], seen[0]["connect"]) == (1.5, 1.5)
    assert seen[1]["read"] > 100  # httpx's default says nothing about how long a model thinks
    assert seen[2]["read"] == 3
    assert (seen[3]["read"], seen[3]["connect"]) == (9, 7)


def test_a_pool_keeps_its_timeout() -> None:
    async def main() -> None:
        with DialClientPool(timeout=1.5) as pool:
            client = pool.create_client(base_url=B, api_key="k")
            assert client.rest.options.timeout.read == 1.5
        async with AsyncDialClientPool(timeout=1.5) as asynchronous:
            other = asynchronous.create_client(base_url=B, api_key="k", timeout=4)
            assert other.rest.options.timeout.read == 4

    asyncio.run(main())


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
def test_waiting_for_a_free_connection_is_not_silence(transport: str) -> None:
    def slow(peer: Peer) -> None:
        while peer.request() is not None:
            time.sleep(0.1)
            peer.answer(200, {**CHAT, "usage": {}})

    async def main() -> None:
        with serving(slow) as server:
            async with AsyncClient(
                "t", server.url, limit=2, request_timeout_seconds=0.4, total_retries=0,
                transport=transport,
            ) as client:  # fmt: skip
                answers = await asyncio.gather(*(client.chat(ASK) for _ in range(16)))
            assert len(answers) == 16
            assert server.connections == 2

    asyncio.run(main())


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
def test_that_wait_ends_too(transport: str) -> None:
    def silent(peer: Peer) -> None:
        peer.request()
        peer.gone(5)

    async def main() -> None:
        with serving(silent) as server:
            async with AsyncClient(
                "t", server.url, limit=1, request_timeout_seconds=Timeout(pool=0.1, read=5),
                total_retries=0, transport=transport,
            ) as client:  # fmt: skip
                first = asyncio.create_task(client.chat(ASK))
                await asyncio.sleep(0.05)
                with pytest.raises(errors.APITimeoutError, match="became free") as caught:
                    await client.chat(ASK)
                assert "pool=" in (caught.value.remedy or "")
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)

    asyncio.run(main())


@over_main_ways
@pytest.mark.parametrize("value", ["0", "-1", "Wed, 25 Nov 2020 06:00:00 GMT", "0.01"])
def test_retry_after_makes_no_burst(way: Way, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def note(self: effects.Sleep, http: Any) -> None:
        pauses.append(self.seconds)

    async def note_async(self: effects.Sleep, http: Any) -> None:
        pauses.append(self.seconds)

    monkeypatch.setattr(effects.Sleep, "perform", note)
    monkeypatch.setattr(effects.Sleep, "perform_async", note_async)
    monkeypatch.setattr(exchange, "backoff", lambda attempt: 0.4 * attempt)

    def busy(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(429, {}, retry_after=value)

    async def main() -> None:
        with serving(busy) as server:
            async with way.open(server.url, max_retries=3) as client:
                with pytest.raises(errors.RateLimitError):
                    await chat(client)

    way.run(main)
    assert pauses == pytest.approx([0.4, 0.8, 1.2])
