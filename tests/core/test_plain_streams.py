"""The plain low-level client's streams: an end, an error or a document is never taken for less."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polychat_rest.dial.api.chat import send_chat_completion_request as chat
from polychat_rest.dial.client import Client
from polychat_rest.errors import ErrorDocument, TruncatedStream, UnreadableAnswer

BODY: Any = {"messages": [{"role": "user", "content": "Hi"}]}
DONE = b"data: [DONE]\n\n"


def event(text: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode() + b"\n\n"


def sender(*pieces: bytes, kind: str = "text/event-stream") -> Client:
    def answer(_: httpx.Request) -> httpx.Response:
        content: Any = b"".join(pieces)
        return httpx.Response(200, content=content, headers={"content-type": kind})

    return Client("http://service.test", httpx_args={"transport": httpx.MockTransport(answer)})


def sync(client: Client) -> list[str]:
    stream = chat.stream("d", client=client, body=BODY)
    return [choice.delta.content or "" for chunk in stream for choice in chunk.choices or ()]


def asynchronous(client: Client) -> list[str]:
    async def read() -> list[str]:
        stream = await chat.astream("d", client=client, body=BODY)
        return [
            choice.delta.content or "" async for chunk in stream for choice in chunk.choices or ()
        ]

    return asyncio.run(read())


both = pytest.mark.parametrize("read", [sync, asynchronous], ids=["sync", "async"])
Read = Callable[[Client], list[str]]


@both
@pytest.mark.parametrize("end", [DONE, b"data: [DONE]", b""])
def test_a_stream_with_an_end_is_whole(read: Read, end: bytes) -> None:
    assert read(sender(event("a"), event("b", "stop"), end)) == ["a", "b"]


@both
def test_a_stream_without_an_end_is_no_whole_one(read: Read) -> None:
    with pytest.raises(TruncatedStream, match="before its end"):
        read(sender(event("a"), event("b")))


@both
@pytest.mark.parametrize("data", [
    b'data: {"error": {"message": "overloaded"}}\n\n', b'data: {"detail": "overloaded"}\n\n',
    b'event: error\ndata: {"reason": "overloaded"}\n\n',
])  # fmt: skip
def test_an_error_within_a_stream_is_raised(read: Read, data: bytes) -> None:
    with pytest.raises(ErrorDocument, match="overloaded"):
        read(sender(event("a"), data, DONE))


@both
def test_a_stream_without_a_choice_is_no_answer(read: Read) -> None:
    for nothing in (DONE, b'data: {"foo": 1}\n\n' + DONE):
        with pytest.raises(UnreadableAnswer):
            read(sender(nothing))


@both
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_document_in_the_place_of_a_stream_is_its_chunks(read: Read, kind: str) -> None:
    message = {"role": "assistant", "content": "whole"}
    document = {"id": "1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    assert "".join(read(sender(json.dumps(document).encode(), kind=kind))) == "whole"
    for odd, error in (
        ({"error": {"message": "busy"}}, ErrorDocument), ({}, UnreadableAnswer),
        ({"choices": []}, UnreadableAnswer), ({"id": "1"}, UnreadableAnswer),
    ):  # fmt: skip
        with pytest.raises(error):
            read(sender(json.dumps(odd).encode(), kind=kind))


@both
def test_a_wrong_byte_is_one_character(read: Read) -> None:
    wrong = event("tXo").replace(b"X", b"\xff")
    assert read(sender(event("one"), wrong, event("", "stop"), DONE)) == ["one", "t\ufffdo", ""]


def test_a_stream_goes_on_where_the_last_loop_stopped() -> None:
    client = sender(*(event(text) for text in "abcdef"), event("", "stop"), DONE)
    stream = chat.stream("d", client=client, body=BODY)
    got = [next(stream), *itertools.islice(stream, 2)]
    for chunk in stream:
        got.append(chunk)
        break
    got += stream
    assert "".join(chunk.choices[0].delta.content or "" for chunk in got) == "abcdef"


@pytest.mark.parametrize("end", [b"", b'data: {"error": {"message": "overloaded"}}\n\n'])
def test_a_stream_that_failed_fails_again(end: bytes) -> None:
    failures = (TruncatedStream, ErrorDocument)
    stream = chat.stream("d", client=sender(event("a"), end), body=BODY)
    assert next(stream).id == "1"
    for _ in range(2):
        with pytest.raises(failures):
            list(stream)
    with pytest.raises(failures):
        next(stream)

    async def read() -> None:
        stream = await chat.astream("d", client=sender(event("a"), end), body=BODY)
        assert (await anext(stream)).id == "1"
        for _ in range(2):
            with pytest.raises(failures):
                [chunk async for chunk in stream]
        with pytest.raises(failures):
            await anext(stream)

    asyncio.run(read())
