"""Tokens that end: refreshed once after a 401, by one of many callers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from polychat import errors, response_of
from polychat.dial import Dial
from tests.network.servers import Peer, serving
from tests.network.ways import MAIN, Way, chat, named

over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)


class Tokens:
    """Gives t1, t2, ...; each says that it is valid for an hour."""

    def __init__(self) -> None:
        self.asked = 0

    def get_token(self, *scopes: str) -> Any:
        self.asked += 1
        return SimpleNamespace(token=f"t{self.asked}", expires_on=time.time() + 3600)


def takes_only(token: str) -> Any:
    """A server that answers 401 to any other token."""

    def serve(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            if request.headers.get("authorization") == f"Bearer {token}":
                peer.answer()
            else:
                peer.answer(401, {"error": {"message": "the token has ended"}})

    return serve


@over_main_ways
def test_one_refresh_after_a_401(way: Way) -> None:
    async def main() -> None:
        tokens = Tokens()
        with serving(takes_only("t2")) as server:
            auth = {"api_key": None, "bearer_token": tokens}
            async with way.open(server.url, max_retries=0, **auth) as client:
                answer = await chat(client)
                assert response_of(answer).attempts == 2
                assert response_of(await chat(client)).attempts == 1
                assert tokens.asked == 2

    way.run(main)


@over_main_ways
def test_a_token_that_stays_refused(way: Way) -> None:
    async def main() -> None:
        tokens = Tokens()
        with serving(takes_only("never")) as server:
            auth = {"api_key": None, "bearer_token": tokens}
            async with way.open(server.url, **auth) as client:
                with pytest.raises(errors.AuthenticationError) as caught:
                    await chat(client)
                assert (caught.value.attempts, tokens.asked) == (2, 2)
            async with way.open(server.url, api_key="fixed") as client:
                with pytest.raises(errors.AuthenticationError) as caught:
                    await chat(client)
                assert caught.value.attempts == 1

    way.run(main)


@over_main_ways
def test_many_callers_refresh_once(way: Way) -> None:
    async def main() -> None:
        tokens = Tokens()
        with serving(takes_only("t2")) as server:
            auth = {"api_key": None, "bearer_token": tokens}
            async with way.open(server.url, **auth) as client:
                if way.asynchronous:
                    async with anyio.create_task_group() as group:
                        for _ in range(30):
                            group.start_soon(chat, client)
                else:
                    assert isinstance(client, Dial)
                    messages = [{"role": "user", "content": "hi"}]
                    barrier = threading.Barrier(10)

                    def one(_: int) -> None:
                        barrier.wait(10)
                        client.chat.completions.create(deployment_name="m", messages=messages)

                    with ThreadPoolExecutor(10) as pool:
                        list(pool.map(one, range(10)))
                assert tokens.asked == 2

    way.run(main)


@over_main_ways
def test_a_callable_is_asked_for_every_attempt(way: Way) -> None:
    keys = iter(["one", "two", "three", "four"])

    def busy(peer: Peer) -> None:
        while peer.request() is not None:
            if len(peer.server.requests) < 3:
                peer.answer(503, {}, retry_after_ms="1")
            else:
                peer.answer()

    async def main() -> None:
        with serving(busy) as server:
            async with way.open(server.url, api_key=lambda: next(keys)) as client:
                await chat(client)
            assert [r.headers["api-key"] for r in server.requests] == ["one", "two", "three"]

    way.run(main)


@over_main_ways
def test_what_a_credential_raises_is_the_callers(way: Way) -> None:
    def vault() -> str:
        raise LookupError("the vault is sealed")

    async def main() -> None:
        async with way.open("http://127.0.0.1:9", api_key=vault) as client:
            with pytest.raises(LookupError, match="sealed"):
                await chat(client)

    way.run(main)


@over_main_ways
def test_dial_never_sends_two_different_credentials(way: Way) -> None:
    async def main() -> None:
        with serving(takes_only("b")) as server:
            both = {"api_key": lambda: "a", "bearer_token": lambda: "b"}
            async with way.open(server.url, **both) as client:
                with pytest.raises(errors.ConfigurationError, match="different"):
                    await chat(client)
            assert server.requests == []
            async with way.open(server.url, allow_both_auth=True, **both) as client:
                await chat(client)
            assert server.requests[0].headers["api-key"] == "a"

    way.run(main)
