"""A forked child has connections, locks and token fetches of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat.dial import AsyncDial, AsyncDialClientPool, Dial, DialClientPool
from tests.network.servers import CHAT, Peer, serving
from tests.network.ways import QUESTION

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # it has threads


def echo(peer: Peer) -> None:
    """Answers what was asked, a moment later."""
    while (arrived := peer.request()) is not None:
        said = json.loads(arrived.body)["messages"][0]["content"]
        time.sleep(0.05)
        choice = {"index": 0, "message": {"role": "assistant", "content": said}}
        peer.answer(body={**CHAT, "choices": [{**choice, "finish_reason": "stop"}]})


def start(function: Callable[[], Any]) -> Callable[[], str]:
    """Runs a function in a forked child; gives what waits for what it gave."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(20)  # a child that waits for ever is ended
        try:
            said = str(function())
        except BaseException as error:  # noqa: BLE001
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)

    def wait() -> str:
        said = b""
        while piece := os.read(reading, 4096):
            said += piece
        os.close(reading)
        os.waitpid(child, 0)
        return said.decode()

    return wait


def asked(client: Any, text: str) -> Any:
    message = [{"role": "user", "content": text}]
    answer = client.chat.completions.create(deployment_name="d", messages=message)
    if isinstance(client, Dial):
        return answer.choices[0].message.content

    async def content() -> Any:
        return (await answer).choices[0].message.content

    return content()


ONE = httpx.Limits(max_connections=1)


@contextmanager
def sync_client(made: str, url: str) -> Iterator[Any]:
    """A client on connections of its own, or on a pool's."""
    settings = {"connection_limits": ONE} if made == "limited" else {}
    with DialClientPool(**settings) as pool:
        more = {} if made == "own" else {"http_client": pool._http}
        with Dial(base_url=url, api_key="k", max_retries=0, **more) as client:
            yield client


@asynccontextmanager
async def async_client(made: str, url: str) -> AsyncIterator[Any]:
    settings = {"connection_limits": ONE} if made == "limited" else {}
    async with AsyncDialClientPool(**settings) as pool:
        more = {"http_client": pool._http} if made in ("pool", "limited") else {"transport": made}
        async with AsyncDial(base_url=url, api_key="k", max_retries=0, **more) as client:
            yield client


@pytest.mark.parametrize("made", ["own", "pool", "limited"])
def test_a_child_of_a_sync_client_connects_anew(made: str) -> None:
    with serving(echo) as server, sync_client(made, server.url) as client:
        asked(client, "warm")
        child = start(lambda: asked(client, "child"))
        assert asked(client, "parent") == "parent"
        assert child() == "child"
        assert asked(client, "again") == "again"
        assert server.connections == 2, "the parent's was used again, the child has its own"


@pytest.mark.parametrize("made", ["httpx", "aiohttp", "pool", "limited"])
def test_a_child_of_an_async_client_connects_anew(made: str) -> None:
    async def main() -> None:
        async with async_client(made, server.url) as client:
            await asked(client, "warm")
            child = start(lambda: asyncio.run(asked(client, "child")))
            assert await asked(client, "parent") == "parent"
            assert await asyncio.to_thread(child) == "child"
            assert await asked(client, "again") == "again"
            assert server.connections == 2, "the parent's was used again, the child has its own"

    with serving(echo) as server:
        asyncio.run(main())


class Watched:
    """Echoes, and tells when a connection has ended."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    def __call__(self, peer: Peer) -> None:
        echo(peer)
        self.gone.set()


@contextmanager
def living_child() -> Iterator[None]:
    """A forked child that does nothing meanwhile."""
    reading, writing = os.pipe()
    child = start(lambda: os.read(reading, 1))
    try:
        yield
    finally:
        os.write(writing, b"x")
        child()
        os.close(reading)
        os.close(writing)


def test_a_child_holds_no_connection_open() -> None:
    watched = Watched()
    with serving(watched) as server, sync_client("own", server.url) as client:
        asked(client, "warm")
        with living_child():
            client.close()
            assert watched.gone.wait(5)


@pytest.mark.parametrize("made", ["httpx", "aiohttp", "limited"])
def test_a_child_holds_no_connection_of_an_event_loop_open(made: str) -> None:
    watched = Watched()

    async def main() -> None:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(async_client(made, server.url))
            await asked(client, "warm")
            with living_child():
                await stack.aclose()
                assert await asyncio.to_thread(watched.gone.wait, 5)

    with serving(watched) as server:
        asyncio.run(main())


def test_a_lock_that_was_held_at_the_fork_is_free_in_the_child() -> None:
    with serving(echo) as server, sync_client("own", server.url) as client:
        with client.rest.http._lock:
            child = start(lambda: asked(client, "child"))
        assert child() == "child"

        async def main() -> None:
            async with async_client("httpx", server.url) as other:
                with other.rest.http._lock:
                    child = start(lambda: asyncio.run(asked(other, "child")))
                assert await asyncio.to_thread(child) == "child"

        asyncio.run(main())


class Tokens:
    """A token credential whose first fetch does not come back until it is told to."""

    def __init__(self) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()
        self.parent = os.getpid()

    def get_token(self, *scopes: str) -> Any:
        self.asked.set()
        if os.getpid() == self.parent:
            assert self.answer.wait(20)
        return type("Token", (), {"token": "t", "expires_on": time.time() + 3600})()


def test_a_token_that_was_being_fetched_at_the_fork_is_fetched_in_the_child() -> None:
    tokens = Tokens()
    with (
        serving(echo) as server,
        Dial(base_url=server.url, bearer_token=tokens, max_retries=0) as client,
    ):
        fetching = threading.Thread(target=lambda: asked(client, "parent"))
        fetching.start()
        assert tokens.asked.wait(10)
        child = start(lambda: asked(client, "child"))
        assert child() == "child"
        tokens.answer.set()
        fetching.join(10)


def test_an_async_token_fetch_of_the_parent_is_not_waited_for_in_the_child() -> None:
    parent = os.getpid()

    class Slow:
        async def get_token(self, *scopes: str) -> Any:
            if os.getpid() == parent:
                await asyncio.sleep(0.3)
            return type("Token", (), {"token": "t", "expires_on": time.time() + 3600})()

    async def main() -> None:
        async with AsyncDial(base_url=server.url, bearer_token=Slow(), max_retries=0) as client:
            fetching = asyncio.create_task(asked(client, "parent"))
            await asyncio.sleep(0.05)
            child = start(lambda: asyncio.run(asked(client, "child")))
            assert await asyncio.to_thread(child) == "child"
            assert await fetching == "parent"

    with serving(echo) as server:
        asyncio.run(main())


def streaming(peer: Peer) -> None:
    """A stream whose second half comes when the child is done with it."""
    while peer.request() is not None:
        peer.start_stream()
        peer.event("one")
        assert HALF.wait(20)
        peer.event("two", finish_reason="stop")
        peer.chunk(b"data: [DONE]\n\n")
        peer.chunk(b"")


HALF = threading.Event()


@pytest.mark.parametrize("how", ["read", "close", "drop"])
def test_a_stream_of_the_parent_is_not_touched_by_the_child(how: str) -> None:
    HALF.clear()

    def in_child() -> str:
        nonlocal stream
        if how == "read":
            try:
                return str(list(stream))
            except errors.StreamTruncatedError:
                return "cut"
        if how == "close":
            stream.close()
        stream = None
        return "cut"

    with serving(streaming) as server, sync_client("own", server.url) as client:
        stream: Any = client.chat.completions.create(
            deployment_name="d", messages=QUESTION, stream=True
        )
        assert next(stream).choices[0].delta.content == "one"
        assert start(in_child)() == "cut"
        HALF.set()
        assert [chunk.choices[0].delta.content for chunk in stream] == ["two"]


def test_sixty_forks_while_calls_run() -> None:
    def calls(said: list[bool], number: int) -> None:
        for turn in range(15):
            text = f"{number} {turn}"
            said.append(asked(client, text) == text)

    with serving(echo) as server, sync_client("own", server.url) as client:
        said: list[bool] = []
        threads = [threading.Thread(target=calls, args=(said, n)) for n in range(4)]
        for thread in threads:
            thread.start()
        children = []
        for n in range(60):
            children.append((start(lambda n=n: asked(client, f"child {n}")), f"child {n}"))
            if n % 10 == 9:
                assert [wait() for wait, _ in children] == [text for _, text in children]
                children.clear()
        for thread in threads:
            thread.join(60)
        assert said == [True] * 60


def test_the_plain_low_level_client_connects_anew_in_a_child() -> None:
    from polychat_rest.aimlapi.api.models import list_models
    from polychat_rest.client import Client

    def listing(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(body={"object": "list", "data": [{"id": "m", "type": "x"}]})

    def listed() -> str:
        answer: Any = list_models.sync(client=client)
        return str(answer.data[0].id)

    with serving(listing) as server, Client(server.url) as client:
        assert listed() == "m"
        assert start(listed)() == "m"
        assert listed() == "m"
        assert server.connections == 2


def test_a_components_own_client_connects_anew_in_a_child() -> None:
    from haystack.utils import Secret

    from polychat.integrations.haystack._clients import Clients

    key = Secret.from_token("k")

    def listing(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(body={"object": "list", "data": [{"id": "m", "type": "x"}]})

    with serving(listing) as server:
        clients = Clients(key, server.url, 5.0, 0, None, {"trust_env": False})
        listed = lambda: clients.get().models.list()[0].id  # noqa: E731
        assert listed() == "m"
        assert start(listed)() == "m"
        assert listed() == "m"
        assert server.connections == 2
        clients.close()
