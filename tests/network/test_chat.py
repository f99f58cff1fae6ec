"""Chat over every way: plain, streamed, with options, and with what came around the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from polychat import response_of
from polychat.emulator import Emulator
from polychat.errors import ConfigurationError
from tests.network.ways import EVERY, MAIN, TEXT, Way, chat, collect, finished, listed, named, text

over_every_way = pytest.mark.parametrize("way", EVERY, ids=named)
over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
on_both_platforms = pytest.mark.parametrize("platform", ["dial", "aimlapi"])


@over_every_way
@on_both_platforms
def test_plain_streamed_and_listed(way: Way, platform: str, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url(platform), platform) as client:
            answer = await chat(client)
            assert answer.choices[0].message.content == TEXT
            info = response_of(answer)
            assert (info.status, info.attempts) == (200, 1)
            assert info.headers["Content-Type"] == "application/json"
            stream = await chat(client, stream=True)
            assert response_of(stream).status == 200
            assert stream.headers["content-type"] == "text/event-stream"
            chunks = await collect(stream)
            assert text(chunks) == TEXT
            assert len(chunks) >= 4
            found = await listed(client)
            assert len(found) >= 2
            assert response_of(found).attempts == 1

    way.run(main)
    received = emulator.requests
    assert [r.method for r in received] == ["POST", "POST", "GET"]
    assert json.loads(received[1].body)["stream"] is True
    assert "stream" not in json.loads(received[0].body)
    assert received[1].headers["accept"] == "text/event-stream"
    auth = "api-key" if platform == "dial" else "authorization"
    assert all(r.headers[auth].endswith("key") for r in received)
    assert all(r.headers["user-agent"].startswith("polychat/") for r in received)


@over_main_ways
def test_extra_headers_query_and_body(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        base = {"X-Base": "1"}
        async with way.open(emulator.url("dial"), default_headers=base, api_version="v") as client:
            tuned = client.with_options(
                extra_headers={"X-Mine": "1", "X-Call": "no"}, extra_body={"seed": 3, "a": {"b": 1}}
            )
            await chat(
                tuned,
                temperature=0.5,
                max_tokens=None,
                extra_headers={"x-call": "yes", "User-Agent": "me"},
                extra_query={"q": "a b&c", "n": 1, "none": None, "api-version": "w"},
                extra_body={"stop": None, "temperature": 1, "new": [None]},
            )
            await chat(client)

    way.run(main)
    first, second = emulator.requests
    sent = first.json()
    assert sent["stop"] is None
    assert (sent["temperature"], sent["seed"], sent["new"], sent["a"]) == (1, 3, [None], {"b": 1})
    assert "max_tokens" not in sent
    assert first.path.endswith("?q=a+b%26c&n=1&api-version=w")
    names = ("x-base", "x-mine", "x-call", "user-agent")
    assert [first.headers.get(name) for name in names] == ["1", "1", "yes", "me"]
    assert second.path.endswith("?api-version=v")
    assert second.json().keys() == {"messages"}
    assert "x-mine" not in second.headers


@over_main_ways
def test_attempts_and_request_id_are_on_results(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("aimlapi"), "aimlapi") as client:
            name = "fault:status=503,times=2,retry-after-ms=1"
            answer = await chat(client, name)
            assert response_of(answer).attempts == 3
            assert response_of(answer).request_id
            headers = {"x-emulator-fault": "fault:status=429,times=1,retry-after-ms=1"}
            stream = await chat(client, stream=True, extra_headers=headers)
            assert response_of(stream).attempts == 2
            assert text(await collect(stream)) == TEXT
            assert response_of(await listed(client)).attempts == 1

    way.run(main)


def test_response_of_refuses_what_no_call_returned() -> None:
    for value in (None, "text", [1], {"a": 1}):
        with pytest.raises(TypeError, match="sync_detailed"):
            response_of(value)


@over_main_ways
def test_the_low_level_goes_through_the_same_pipeline(way: Way, emulator: Emulator) -> None:
    from polychat_rest.dial.api.deployments import get_deployments

    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            rest = client.with_options(
                extra_headers={"x-emulator-fault": "fault:status=503,times=1,retry-after-ms=1"}
            ).rest
            call: Any = (
                get_deployments.asyncio_detailed if way.asynchronous
                else get_deployments.sync_detailed
            )  # fmt: skip
            answer = await finished(call(client=rest))
            assert (answer.status_code, answer.attempts) == (200, 2)
            assert answer.parsed.data

    way.run(main)
    assert all(r.headers["api-key"] == "key" for r in emulator.requests)


@over_main_ways
def test_models_may_be_given_as_messages(way: Way, emulator: Emulator) -> None:
    from polychat_rest.dial.models import UserMessage

    message = UserMessage.from_dict({"role": "user", "content": "hi", "new": {"x": None}})

    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            assert (await chat(client, messages=(message,))).choices[0].message.content == "hi"

    way.run(main)
    assert emulator.requests[0].json() == {"messages": [message.to_dict()]}


@over_main_ways
def test_a_closed_client_says_so(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            await chat(client)
            await finished(client.aclose() if way.asynchronous else client.close())
            with pytest.raises(ConfigurationError, match="closed"):
                await chat(client)

    way.run(main)
    assert len(emulator.requests) == 1


@over_every_way
def test_names_arrive_as_they_were_meant(way: Way, emulator: Emulator) -> None:
    names = ["a b", "%", "a%zz", "a?b=c", "a#b", "é🎉", "a/b", "a+b", "x:y@z"]
    listed = ["my%20app", "a%2Fb", "%C3%A9", "100%25", "%252e", "%3Fa%23"]
    outside = ["..", "a/../b", "./a", "a//b", "a/", "\0", "/etc", "http://host/x"]
    outside += ["%2e%2e", "a/%2E%2e/b", "%2e", "a%2F..%2Fb", "%2F", "a%00", "%0D%0A"]

    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            for name in [*names, *listed]:
                await chat(client, name)
            for name in outside:
                with pytest.raises(ConfigurationError, match="deployment_name"):
                    await chat(client, name)

    way.run(main)
    from urllib.parse import unquote

    paths = [r.path.split("/deployments/")[1].split("/chat")[0] for r in emulator.requests]
    assert [unquote(path) for path in paths[: len(names)]] == names
    assert paths[len(names) :] == listed
