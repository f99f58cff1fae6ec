"""Connections come back, and clients survive event loops, tasks and threads."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import anyio
import httpx
import pytest

from polychat.dial import AsyncDial, Dial
from polychat.emulator import Emulator
from tests.network.servers import Peer, polite, serving, until
from tests.network.ways import (
    ASYNC,
    EVERY,
    MAIN,
    QUESTION,
    TEXT,
    Way,
    busy,
    chat,
    close,
    collect,
    named,
    text,
)

over_every_way = pytest.mark.parametrize("way", EVERY, ids=named)
over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
over_async_ways = pytest.mark.parametrize("way", ASYNC, ids=named)


def endless(peer: Peer) -> None:
    """Events without an end, as fast as they are taken."""
    while peer.request() is not None:
        peer.start_stream()
        number = 0
        while not peer.server._closed:
            peer.sock.settimeout(0.002)
            try:
                if not peer.sock.recv(1):
                    return
            except TimeoutError:
                pass
            except OSError:
                return
            peer.sock.settimeout(5)
            peer.event(f"{number} ")
            number += 1


def leave(stream: Any, how: str) -> None:
    """Leaves a stream."""
    if how == "close":
        next(stream)
        stream.close()
    elif how == "break":
        for _ in stream:
            break
    elif how == "exception":
        with pytest.raises(LookupError):
            for _ in stream:
                raise LookupError
    elif how == "with":
        with stream:
            next(stream)


async def leave_async(stream: Any, how: str) -> None:
    """Leaves an asynchronous stream."""
    if how == "close":
        await anext(stream)
        await stream.aclose()
    elif how == "break":
        async for _ in stream:
            break
    elif how == "exception":
        with pytest.raises(LookupError):
            async for _ in stream:
                raise LookupError
    elif how == "with":
        async with stream:
            await anext(stream)


@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # trio asks for async with
@over_every_way
@pytest.mark.parametrize("how", ["close", "exception", "with", "break"])
def test_a_stream_that_is_left_gives_its_connection_back(way: Way, how: str) -> None:
    async def main() -> None:
        with serving(endless) as server:
            async with way.open(server.url) as client:
                for _ in range(3):
                    stream = await chat(client, stream=True)
                    if way.asynchronous:
                        await leave_async(stream, how)
                    else:
                        leave(stream, how)
                    del stream  # who holds it can go on with it
                    assert way.asynchronous or busy(client) == 0
                assert await until(lambda: busy(client) == 0)
                assert await until(lambda: server.open == 0)

    way.run(main)


@over_main_ways
def test_a_finished_stream_leaves_its_connection_for_the_next(way: Way) -> None:
    def server_of_streams(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            peer.event("a", finish_reason="stop")
            peer.chunk(b"data: [DONE]\n\n")
            peer.chunk(b"")

    async def main() -> None:
        with serving(server_of_streams) as server:
            async with way.open(server.url) as client:
                for _ in range(5):
                    assert text(await collect(await chat(client, stream=True))) == "a"
                assert (server.connections, busy(client)) == (1, 0)

    way.run(main)


@over_main_ways
def test_a_server_that_keeps_the_body_open_after_its_end_does_not_hold_the_caller(way: Way) -> None:
    def dawdling(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            peer.event("a", finish_reason="stop")
            peer.chunk(b"data: [DONE]\n\n")
            peer.gone(20)

    async def main() -> None:
        with serving(dawdling) as server:
            async with way.open(server.url) as client:
                with anyio.fail_after(3):
                    assert text(await collect(await chat(client, stream=True))) == "a"
                assert busy(client) == 0
                assert await until(lambda: server.open == 0)

    way.run(main)


@over_async_ways
@pytest.mark.parametrize("moment", ["before", "within"])
def test_cancellation_gives_the_connection_back(way: Way, moment: str) -> None:
    def silent(peer: Peer) -> None:
        peer.request()
        if moment == "within":
            peer.start_stream()
            peer.event("a")
        peer.gone()

    async def main() -> None:
        with serving(silent) as server:
            async with way.open(server.url) as client:
                for _ in range(3):
                    with anyio.move_on_after(0.15) as scope:
                        await collect(await chat(client, stream=True))
                    assert scope.cancelled_caught
                assert busy(client) == 0
                assert await until(lambda: server.open == 0)

    way.run(main)


@over_async_ways
def test_many_tasks(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        answers: list[str] = []
        async with way.open(emulator.url("dial")) as client:

            async def one(stream: bool) -> None:
                answer = await chat(client, stream=stream)
                found = text(await collect(answer)) if stream else answer.choices[0].message.content
                answers.append(found)

            async with anyio.create_task_group() as group:
                for number in range(60):
                    group.start_soon(one, number % 2 == 0)
            assert busy(client) == 0
        assert answers == [TEXT] * 60

    way.run(main)


def test_many_threads(emulator: Emulator) -> None:
    with Dial(base_url=emulator.url("dial"), api_key="k") as client:

        def one(number: int) -> str:
            create = client.chat.completions.create
            if number % 2:
                return text(list(create(deployment_name="echo", messages=QUESTION, stream=True)))
            answer = create(deployment_name="echo", messages=QUESTION)
            return str(answer.choices[0].message.content)

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(one, range(80))) == [TEXT] * 80
        assert busy(client) == 0


@pytest.mark.parametrize("transport", [None, "httpx"])
def test_one_event_loop_after_another(transport: str | None, emulator: Emulator) -> None:
    client = AsyncDial(base_url=emulator.url("dial"), api_key="k", transport=transport)

    async def one() -> str:
        return text(await collect(await chat(client, stream=True)))

    for _ in range(3):
        assert asyncio.run(one()) == TEXT
        gc.collect()
    assert anyio.run(one, backend="trio" if transport != "aiohttp" else "asyncio") == TEXT

    async def last() -> None:
        assert await one() == TEXT
        await client.aclose()

    asyncio.run(last())
    gc.collect()


@pytest.mark.parametrize("transport", ["aiohttp", "httpx"])
def test_several_event_loops_at_once(transport: str, emulator: Emulator) -> None:
    client = AsyncDial(base_url=emulator.url("dial"), api_key="k", transport=transport)
    barrier = threading.Barrier(4)
    answers: list[str] = []

    def thread() -> None:
        async def main() -> None:
            for _ in range(5):
                barrier.wait(10)
                answers.append(text(await collect(await chat(client, stream=True))))

        asyncio.run(main())

    threads = [threading.Thread(target=thread) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert answers == [TEXT] * 20
    asyncio.run(client.aclose())
    gc.collect()


@over_main_ways
def test_nothing_is_open_after_close(way: Way) -> None:
    async def main() -> None:
        with serving(polite) as server:
            async with way.open(server.url) as client:
                if way.asynchronous:
                    async with anyio.create_task_group() as group:
                        for _ in range(5):
                            group.start_soon(chat, client)
                else:
                    await chat(client)
                derived = client.with_options(max_retries=0)
                await chat(derived)
                assert server.open == server.connections >= 1
            assert await until(lambda: server.open == 0)

    way.run(main)


def test_a_users_client_keeps_its_own_settings_and_stays_open(emulator: Emulator) -> None:
    seen: list[Any] = []
    own = httpx.Client(
        headers={"x-own": "1"},
        params={"own": "2"},
        cookies={"c": "3"},
        event_hooks={"request": [seen.append]},
    )
    with own:
        with Dial(base_url=emulator.url("dial"), api_key="k", http_client=own) as client:
            client.deployments.list()
        with Dial(base_url=emulator.url("dial"), api_key="l", http_client=own) as client:
            client.deployments.list()
        assert not own.is_closed
    assert len(seen) == 2
    first, second = emulator.requests
    assert (first.headers["x-own"], first.headers["cookie"]) == ("1", "c=3")
    assert first.path.endswith("?own=2")
    assert (first.headers["api-key"], second.headers["api-key"]) == ("k", "l")


@pytest.mark.parametrize("family", ["httpx", "httpx2"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_users_transport_stays_open(family: str, colour: str, emulator: Emulator) -> None:
    module = import_module(family)

    async def main() -> None:
        cls: Any = Dial if colour == "sync" else AsyncDial
        transport = module.HTTPTransport() if cls is Dial else module.AsyncHTTPTransport()
        for _ in range(2):
            client = cls(base_url=emulator.url("dial"), api_key="k", transport=transport)
            await chat(client)
            await close(client)
            assert len(transport._pool.connections) == 1, "one connection, kept and used again"
        await close(transport)

    asyncio.run(main())


def test_a_stream_is_closed_to_the_end_though_its_task_is_cancelled() -> None:
    closed: list[bool] = []

    class Body(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b'data: {"choices":[]}\n\n'
            await asyncio.sleep(60)

        async def aclose(self) -> None:
            await asyncio.sleep(0.05)
            closed.append(True)

    class Transport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=Body())

    async def main() -> None:
        client = AsyncDial(base_url="http://nowhere", api_key="k", transport=Transport())
        with anyio.move_on_after(0.05):  # cancels again at every further wait
            await collect(await chat(client, stream=True))
        assert closed == [True]

    asyncio.run(main())


def mock(family: Any, colour: str) -> Any:
    """A transport that answers by itself."""

    def answer(request: Any) -> Any:
        document = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"mocked"}}]}'
        return family.Response(200, content=document, request=request)

    if colour == "own-sync":

        class Sync(family.BaseTransport):  # type: ignore[misc]
            handle_request: Callable[..., Any] = staticmethod(answer)

        return Sync()
    if colour == "own-async":

        class Async(family.AsyncBaseTransport):  # type: ignore[misc]
            async def handle_async_request(self, request: Any) -> Any:
                return answer(request)

        return Async()
    return family.MockTransport(answer)


@pytest.mark.parametrize("family", ["httpx", "httpx2"])
@pytest.mark.parametrize("colour", ["own-sync", "own-async", "sync", "async"])
def test_custom_transports(family: str, colour: str) -> None:
    transport = mock(import_module(family), colour)

    async def main() -> None:
        cls: Any = AsyncDial if "async" in colour else Dial
        client = cls(base_url="http://nowhere.invalid", api_key="k", transport=transport)
        assert (await chat(client)).choices[0].message.content == "mocked"
        await close(client)

    asyncio.run(main())


@pytest.mark.parametrize("way", [ASYNC[1], ASYNC[2], ASYNC[3], ASYNC[-1]], ids=named)
def test_an_async_stream_that_is_dropped_unread_lets_its_connection_go(way: Way) -> None:
    def streaming(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            peer.event("begun")
            if peer.gone():
                return

    async def main() -> None:
        async with way.open(server.url) as client:
            for _ in range(3):
                dropped = [await chat(client, stream=True)]
                with pytest.warns(ResourceWarning, match="never closed"):
                    dropped.clear()  # at once: no collector is waited for
                assert await until(lambda: server.open == 0)

    with serving(streaming) as server:
        way.run(main)
