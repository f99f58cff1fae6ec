"""Each fault gives the documented typed error, or a retry that succeeds."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import anyio
import pytest

from polychat import errors, response_of
from polychat._core import effects
from polychat.emulator import Emulator
from tests.network.servers import Peer, polite, serving, until
from tests.network.ways import (
    EVERY,
    MAIN,
    TEXT,
    Way,
    busy,
    chat,
    check,
    collect,
    listed,
    named,
    text,
)

over_every_way = pytest.mark.parametrize("way", EVERY, ids=named)
over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
on_both_platforms = pytest.mark.parametrize("platform", ["dial", "aimlapi"])

STATUSES = {
    400: errors.BadRequestError, 401: errors.AuthenticationError,
    403: errors.PermissionDeniedError, 404: errors.NotFoundError, 409: errors.ConflictError,
    412: errors.PreconditionFailedError, 418: errors.APIStatusError,
    422: errors.UnprocessableEntityError, 429: errors.RateLimitError,
    500: errors.InternalServerError, 502: errors.InternalServerError,
    503: errors.InternalServerError, 504: errors.InternalServerError,
}  # fmt: skip
RETRIED = {408, 425, 429, 500, 502, 503, 504}


@over_main_ways
@on_both_platforms
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("stream", [False, True])
def test_statuses(way: Way, platform: str, status: int, stream: bool, emulator: Emulator) -> None:
    retried = RETRIED | ({409} if platform == "dial" else set())

    async def main() -> None:
        async with way.open(emulator.url(platform), platform) as client:
            with pytest.raises(STATUSES[status]) as caught:
                await chat(client, f"fault:status={status}", stream=stream)
            error = caught.value
            known = [cls for cls in type(error).__mro__ if cls.__module__ == errors.__name__]
            assert known[0] is STATUSES[status], "or the platform's own subclass of it"
            attempts = 3 if status in retried else 1
            check(error, platform, attempts)
            assert (error.status, error.code) == (status, str(status))
            assert "fault" in error.message
            assert "fault" in (error.body or "")
            assert len(emulator.requests) == attempts
            assert busy(client) == 0

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fault", [f"status={status},times=2" for status in sorted(RETRIED)] + ["drop,times=2"]
)
def test_retries_that_succeed(way: Way, fault: str, stream: bool, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            answer = await chat(client, f"fault:{fault}", stream=stream)
            assert response_of(answer).attempts == 3
            got = text(await collect(answer)) if stream else answer.choices[0].message.content
            assert got == TEXT
            assert busy(client) == 0

    way.run(main)


@over_main_ways
@pytest.mark.parametrize(
    ("fault", "least"), [("retry-after=1", 1), ("retry-after-ms=150", 0.15),
                         ("retry-after-date=2", 0.5)]
)  # fmt: skip
def test_retry_after_is_kept(way: Way, fault: str, least: float, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            began = time.monotonic()
            answer = await chat(client, f"fault:status=429,times=1,{fault}")
            assert least <= time.monotonic() - began < least + 2
            assert response_of(answer).attempts == 2

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("status", [429, 503])
def test_a_longer_wait_than_the_cap_is_the_callers(
    way: Way, status: int, emulator: Emulator
) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            began = time.monotonic()
            with pytest.raises(errors.RateLimitError) as caught:
                await chat(client, f"fault:status={status},retry-after=61")
            assert time.monotonic() - began < 2
            assert (caught.value.retry_after, caught.value.status) == (61, status)
            assert "61 s" in str(caught.value)
            check(caught.value, "dial", 1)

    way.run(main)


@over_main_ways
def test_max_retries(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial"), max_retries=1) as client:
            for retries, attempts in ((None, 2), (0, 1), (4, 5)):
                options = {} if retries is None else {"max_retries": retries}
                with pytest.raises(errors.InternalServerError) as caught:
                    await chat(client, "fault:status=500", **options)
                assert caught.value.attempts == attempts
            with pytest.raises(errors.InternalServerError) as caught:
                await chat(client.with_options(max_retries=0), "fault:status=500")
            assert caught.value.attempts == 1

    way.run(main)


@over_main_ways
@on_both_platforms
@pytest.mark.parametrize("fault", ["html", "malformed", "empty", "text"])
def test_success_that_cannot_be_read(
    way: Way, platform: str, fault: str, emulator: Emulator
) -> None:
    async def main() -> None:
        async with way.open(emulator.url(platform), platform) as client:
            with pytest.raises(errors.ResponseParseError) as caught:
                await chat(client, f"fault:{fault}")
            assert caught.value.status == 200
            check(caught.value, platform, 1)
            header = {"x-emulator-fault": f"fault:{fault}"}
            with pytest.raises(errors.ResponseParseError):
                await listed(client, extra_headers=header)
            assert busy(client) == 0

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("fault", ["html,status=502", "text,status=502", "empty,status=502"])
def test_error_bodies_of_proxies(way: Way, fault: str, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial"), max_retries=0) as client:
            with pytest.raises(errors.InternalServerError) as caught:
                await chat(client, f"fault:{fault}")
            assert caught.value.status == 502
            assert "<" not in caught.value.message
            assert "502" in str(caught.value)

    way.run(main)


@over_every_way
def test_dribbled_plain_answers(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            assert (await chat(client, "fault:dribble")).choices[0].message.content == TEXT

    way.run(main)


@over_every_way
@pytest.mark.parametrize("stream", [False, True])
def test_slow_answers(way: Way, stream: bool, emulator: Emulator) -> None:
    """A read timeout of a chat is retried: it can be asked again."""

    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            with pytest.raises(errors.APITimeoutError) as caught:
                await chat(client, "fault:slow=5", stream=stream, timeout=0.2, max_retries=1)
            check(caught.value, "dial", 2)
            assert len(emulator.requests) == 2
            answer = await chat(client, "fault:slow=0.5,times=1", timeout=0.3)
            assert response_of(answer).attempts == 2
            assert busy(client) == 0

    way.run(main)


@over_every_way
def test_refused_connections_are_retried_whatever_the_request(way: Way) -> None:
    with serving(polite) as server:
        url = server.url
    time.sleep(0.05)

    async def main() -> None:
        async with way.open(url) as client:
            with pytest.raises(errors.APIConnectionError) as caught:
                await chat(client)
            check(caught.value, "dial", 3)
            assert "base_url" in str(caught.value)
            assert not isinstance(caught.value, TimeoutError)

    way.run(main)


@over_every_way
@pytest.mark.parametrize("moment", ["before", "head", "body"])
def test_broken_connections(way: Way, moment: str) -> None:
    """Chat is sent again, what creates something is not unless asked to."""
    from polychat_rest.body import JsonBody
    from polychat_rest.protocol import Answer, Operation, Request

    def break_off(peer: Peer) -> None:
        while peer.request() is not None:
            if moment == "head":
                peer.send(b"HTTP/1.1 200 OK\r\ncontent-le")
            elif moment == "body":
                peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            return

    creating = Operation[Any](
        id="create", platform="dial", method="POST", path="/v1/images",
        answers={"200": Answer("json")},
    )  # fmt: skip

    async def main() -> None:
        with serving(break_off) as server:
            async with way.open(server.url) as client:
                with pytest.raises(errors.APIConnectionError) as caught:
                    await chat(client)
                check(caught.value, "dial", 3)
                assert len(server.requests) == 3
                for options, attempts in (({}, 1), ({"retry_unsafe": True}, 3)):
                    rest = client.with_options(**options).rest
                    with pytest.raises(errors.APIConnectionError) as caught:
                        send = rest.send_async if way.asynchronous else rest.send
                        answer = send(Request(creating, body=JsonBody({})))
                        if way.asynchronous:
                            await answer
                    assert caught.value.attempts == attempts
                assert await until(lambda: busy(client) == 0)

    way.run(main)


@over_main_ways
def test_an_idle_connection_that_the_server_closed_costs_no_error(way: Way) -> None:
    def one_answer(peer: Peer) -> None:
        if peer.request() is not None:
            peer.answer()

    async def main() -> None:
        with serving(one_answer) as server:
            async with way.open(server.url, max_retries=2) as client:
                for _ in range(4):
                    await chat(client)
                    await anyio.sleep(0.02)

    way.run(main)


@over_main_ways
def test_what_is_no_http(way: Way) -> None:
    def garbage(peer: Peer) -> None:
        peer.request()
        peer.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

    async def main() -> None:
        with serving(garbage) as server:
            async with way.open(server.url) as client:
                with pytest.raises(errors.APIConnectionError) as caught:
                    await chat(client)
                assert caught.value.attempts == 3

    way.run(main)


@over_main_ways
def test_odd_answers_lose_nothing(way: Way) -> None:
    """Nulls, unknown values and other shapes than the spec's."""
    odd = {
        "id": None, "object": 7, "created": "yesterday", "model": ["m"], "usage": None, "new": {},
        "choices": [{"index": "0", "finish_reason": "bored", "message": {"role": "robot",
                     "content": "ok", "tool_calls": None, "x": [None]}}, "what?"],
    }  # fmt: skip

    def answer(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            if "deployments?" in request.path or request.method == "GET":
                peer.answer(body={"data": [{"id": "a", "x": 1}, None, 7, {"id": None}]})
            else:
                peer.answer(body=odd)

    async def main() -> None:
        with serving(answer) as server:
            async with way.open(server.url) as client:
                completion = await chat(client)
                assert completion.choices[0].message.content == "ok"
                assert completion.choices[0].finish_reason == "bored"
                assert completion.choices[1] == "what?"
                assert completion.new == {}
                found = await listed(client)
                assert found[0].id == "a"
                assert found[1:3] == [None, 7]

    way.run(main)


def test_the_sleep_between_attempts_is_a_sleep() -> None:
    began = time.monotonic()
    effects.Sleep(0.05).perform(None)  # type: ignore[arg-type]
    asyncio.run(effects.Sleep(0.05).perform_async(None))  # type: ignore[arg-type]
    assert time.monotonic() - began >= 0.1
