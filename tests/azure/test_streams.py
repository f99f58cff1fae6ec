"""Streams: every framing, every end, and their connections."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from polychat.azure.exceptions import (
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceResponseTimeoutError,
)
from polychat.azure.models import StreamingChatCompletions, UserMessage
from polychat.emulator import Emulator
from polychat.errors import (
    StreamError,
    StreamEventError,
    StreamIdleTimeoutError,
    StreamTruncatedError,
)
from tests.network.servers import Peer, serving, until

from .conftest import Both

HI = [UserMessage("Zażółć gęślą 🎉 jaźń")]
TEXT = "Zażółć gęślą 🎉 jaźń"


def text(updates: list[Any]) -> str:
    return "".join(c.delta.content or "" for u in updates for c in u.choices)


@pytest.mark.parametrize(
    "fault",
    [
        "framing=crlf",
        "framing=cr",
        "framing=nospace",
        "framing=comments",
        "framing=multiline",
        "framing=bom",
        "framing=event-lines",
        "dribble",
        "dribble,framing=crlf",
    ],
)
def test_every_framing_has_the_same_updates(both: Both, fault: str) -> None:
    plain = both("complete", messages=HI, stream=True, model="m")
    odd = both("complete", messages=HI, stream=True, model=f"fault:{fault}")
    assert text(plain) == text(odd) == TEXT
    assert [u.choices for u in plain] == [u.choices for u in odd]


class Response:
    """A response of the caller's own."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.closed = pieces, 0

    def iter_bytes(self) -> Any:
        return iter(self.pieces)

    def close(self) -> None:
        self.closed += 1


def chunk(content: str, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    return json.dumps({"id": "1", "choices": [choice], **more}, ensure_ascii=False).encode()


def test_every_cut_of_the_bytes_gives_the_same_updates() -> None:
    body = b"".join(b"data: " + chunk(word) + b"\r\n\r\n" for word in ("ż🎉", "日本"))
    body += b"data: [DONE]\r\n\r\n"
    for cut in range(1, len(body)):
        response = Response([body[:cut], body[cut:]])
        assert text(list(StreamingChatCompletions(response))) == "ż🎉日本"
        assert response.closed


def test_updates_that_bring_nothing_are_left_out() -> None:
    verdict = b'data: {"choices":[],"prompt_filter_results":[]}\n\n'
    usage = b'data: {"choices":[],"usage":{"total_tokens":1}}\n\n'
    stream = StreamingChatCompletions(
        Response([verdict, b"data: " + chunk("a") + b"\n\n", usage, b"data: [DONE]\n\n"])
    )
    assert [len(update.choices) for update in stream] == [1, 0]


def test_pieces_of_a_tool_call_have_their_index(both: Both) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    updates = both("complete", messages=HI, stream=True, tools=[tool])
    pieces = [call for u in updates for call in u.choices[0].delta.tool_calls or []]
    assert pieces[0].id.startswith("call_")
    assert {piece.index for piece in pieces} == {0}
    assert json.loads("".join(p.function.arguments for p in pieces)) == {}


@pytest.mark.parametrize(
    ("fault", "theirs", "ours"),
    [
        ("error-event=2", HttpResponseError, StreamEventError),
        ("truncate=2", IncompleteReadError, StreamTruncatedError),
        ("cut=2", IncompleteReadError, StreamTruncatedError),
    ],
)
def test_a_stream_that_does_not_end_well_says_so(
    both: Both, fault: str, theirs: type[Exception], ours: type[StreamError]
) -> None:
    with pytest.raises(theirs) as raised:
        both("complete", messages=HI, stream=True, model=f"fault:{fault}")
    assert isinstance(raised.value, ours)
    assert raised.value.text == "Zażółć"
    assert raised.value.chunks[1].choices[0].delta.content == "Zażółć"
    assert raised.value.status_code == 200


def test_a_stream_that_falls_silent_says_so(both: Both) -> None:
    with pytest.raises(ServiceResponseTimeoutError) as raised:
        both("complete", messages=HI, stream=True, model="fault:stall=2", read_timeout=0.3)
    assert isinstance(raised.value, StreamIdleTimeoutError)


def test_an_event_that_is_no_json_says_so() -> None:
    with pytest.raises(DecodeError, match="cannot be read"):
        list(StreamingChatCompletions(Response([b"data: {half\n\n"])))


def test_the_timeout_of_the_retries_does_not_end_a_stream(both: Both) -> None:
    def slow(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        for word in ("a", "b", "c"):
            asyncio.run(asyncio.sleep(0.25))
            peer.event(word)
        peer.chunk(b"data: [DONE]\n\n")
        peer.chunk(b"")
        peer.gone()

    with serving(slow) as server:
        updates = both.on(
            {"endpoint": server.url}, "complete", messages=HI, stream=True, timeout=0.4
        )
    assert text(updates) == "abc"


def stream_twice(peer: Peer) -> None:
    while peer.request() is not None:
        peer.start_stream()
        peer.event("a")
        peer.event("b", finish_reason="stop")
        peer.chunk(b"data: [DONE]\n\n")
        peer.chunk(b"")


def test_fifteen_streams_use_one_connection(both: Both) -> None:
    with serving(stream_twice) as server:
        stream: list[Any] = [lambda c: c.complete(messages=HI, stream=True)] * 15
        both.run({"endpoint": server.url}, *stream)
        assert len(server.requests) == 15
        assert server.connections == 1


def endless(peer: Peer) -> None:
    peer.request()
    peer.start_stream()
    while not peer.gone(0.01):
        peer.event("more")


def test_leaving_a_loop_gives_the_connection_back() -> None:
    from polychat.azure import AzureKeyCredential, ChatCompletionsClient

    with serving(endless) as server:
        with ChatCompletionsClient(server.url, AzureKeyCredential("k")) as client:
            for _ in client.complete(messages=HI, stream=True):
                break
            assert asyncio.run(until(lambda: server.open == 0))
            with client.complete(messages=HI, stream=True) as stream:
                next(stream)
            assert asyncio.run(until(lambda: server.open == 0))
        assert server.connections == 2


def test_leaving_an_asynchronous_loop_gives_the_connection_back() -> None:
    from polychat.azure import AzureKeyCredential
    from polychat.azure.aio import ChatCompletionsClient

    async def main(url: str) -> None:
        async with ChatCompletionsClient(url, AzureKeyCredential("k")) as client:
            async with await client.complete(messages=HI, stream=True) as stream:
                async for _ in stream:
                    break
            assert await until(lambda: server.open == 0)
            stream = await client.complete(messages=HI, stream=True)
            await anext(stream)
            await stream.aclose()
            assert await until(lambda: server.open == 0)

    with serving(endless) as server:
        asyncio.run(main(server.url))


def test_an_asynchronous_client_outlives_its_event_loop(emulator: Emulator) -> None:
    from polychat.azure import AzureKeyCredential
    from polychat.azure.aio import ChatCompletionsClient

    client = ChatCompletionsClient(emulator.url("azure"), AzureKeyCredential("k"))

    async def ask() -> str:
        return str((await client.complete(messages=HI)).choices[0].message.content)

    assert asyncio.run(ask()) == asyncio.run(ask()) == TEXT
    asyncio.run(client.close())
