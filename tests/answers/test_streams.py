"""Streams that are answered otherwise, in every room and through ``.rest``: a document is its
events, what is no answer is an error, and a wrong byte or an error in between is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from polychat import errors
from tests.answers.bodies import CHATS, OTHERS, Endpoint, Source
from tests.answers.operations import ROOMS
from tests.answers.test_goes import Body
from tests.answers.test_goes_everywhere import opened
from tests.answers.test_more_bodies import ENVELOPES, HTML, WORDS

STREAMS = {**CHATS, **OTHERS}
streams = pytest.mark.parametrize("name", STREAMS)
colours = pytest.mark.parametrize("colour", [0, 1], ids=["sync", "async"])
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


def items(name: str, content: bytes, colour: int, kind: str | None = "text/event-stream",
          size: int = 50) -> list[Any]:  # fmt: skip
    source: Source = STREAMS[name]
    headers = {} if kind is None else {"content-type": kind}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, stream=Body(content, size), headers=headers)
    )
    client = ROOMS[source.platform][colour](transport)

    async def main() -> list[Any]:
        stream = source.start(client)
        return [item async for item in (await stream if asyncio.iscoroutine(stream) else stream)]

    return asyncio.run(main()) if colour else list(source.start(client))


@colours
@streams
def test_what_is_no_answer_is_an_error(name: str, colour: int) -> None:
    for kind in ("application/json", None, "text/event-stream"):
        for document in ENVELOPES:
            with pytest.raises(errors.PolychatError, match=WORDS):
                items(name, json.dumps(document).encode(), colour, kind)
        for content in (
            b"{}",
            b'{"choices": []}',
            b'{"hello": "world"}',
            b"",
            HTML,
            b"[]",
            b"null",
        ):
            with pytest.raises(errors.PolychatError) as caught:
                items(name, content, colour, kind)
            assert caught.value.platform == STREAMS[name].platform


@colours
@pytest.mark.parametrize("kind", ["application/json", None])
@pytest.mark.parametrize("name", [name for name in CHATS if name.endswith("-rest")])
def test_a_whole_chat_is_its_chunks(name: str, kind: str | None, colour: int) -> None:
    said = {"role": "assistant", "content": "all of it", "tool_calls": [CALL]}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    document = {"id": "1", "choices": [
        {"index": 0, "message": said, "finish_reason": "tool_calls"}], "usage": usage}  # fmt: skip
    assert isinstance(CHATS[name].start, Endpoint)
    first, *_, last = items(name, json.dumps(document).encode(), colour, kind)
    delta = first.choices[0].delta
    assert delta.content == "all of it"
    assert delta.tool_calls[0].function.arguments == '{"a": 1}'
    assert last.usage.total_tokens == 3


@colours
@streams
@pytest.mark.parametrize("error", [
    {"detail": WORDS}, {"message": WORDS, "statusCode": 503}, {"error": {"message": WORDS}},
    {"error": WORDS}, {"type": "error", "error": {"message": WORDS}},
])  # fmt: skip
def test_an_error_between_events_is_told(name: str, error: Any, colour: int) -> None:
    content = STREAMS[name].content
    at = content.index(b"data", len(content) // 2)
    broken = content[:at] + b"data: " + json.dumps(error).encode() + b"\n\n" + content[at:]
    with pytest.raises(errors.StreamEventError, match=WORDS) as caught:
        items(name, broken, colour)
    assert len(caught.value.chunks) >= 3


@colours
@pytest.mark.parametrize("size", [1, 7, 1000])
@streams
def test_a_wrong_byte_is_a_replacement_character(name: str, size: int, colour: int) -> None:
    content = STREAMS[name].content
    assert b"5 " in content
    found = items(name, content.replace(b'"5 "', b'"\xff5"', 1), colour, size=size)
    assert "\ufffd5" in "".join(map(repr, found))
    assert len(found) == len(items(name, content, colour))


@colours
@pytest.mark.parametrize("room", ROOMS)
def test_a_long_error_document_keeps_its_code_and_message(room: str, colour: int) -> None:
    said = {"error": {"trace": "x" * 200_000, "message": WORDS, "code": "overloaded"}}
    made = opened(f"{room}-rest", content=json.dumps(said).encode(), colour=colour)
    body, headers = made.body, {"content-type": "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(400, stream=body, headers=headers))
    client = ROOMS[room][colour](transport)

    with pytest.raises(errors.BadRequestError, match=WORDS) as caught:
        started = CHATS[room].start(client)
        if colour:
            _first(started)
    assert caught.value.code == "overloaded"
    assert len(caught.value.body or "") <= 65_536


def _first(started: Any) -> None:
    async def main() -> None:
        stream = await started if asyncio.iscoroutine(started) else started
        await anext(stream)

    asyncio.run(main())
