"""polychat.dial against a DIAL application server that runs the platform's own code."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from aidial_client import Dial as TodaysDial
from aidial_sdk.utils.merge_chunks import cleanup_indices, merge

from polychat import response_of
from polychat.dial import AsyncDial, Dial
from polychat.errors import (
    InternalServerError,
    RateLimitError,
    StreamEventError,
    UnprocessableEntityError,
)

Json = dict[str, Any]
QUESTION = [{"role": "user", "content": "what is the weather in Łódź ☂"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "forecast",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    },
}


class Synchronous:
    """Calls of `Dial`, each with a client of its own."""

    def __init__(self, url: str, **options: Any) -> None:
        self.options = {"base_url": url, "api_key": "any", **options}

    def plain(self, deployment: str, **call: Any) -> Any:
        """The answer."""
        with Dial(**self.options) as client:
            return client.chat.completions.create(deployment_name=deployment, **call)

    def streamed(self, deployment: str, **call: Any) -> list[Any]:
        """All chunks of the answer."""
        with Dial(**self.options) as client:
            create = client.chat.completions.create
            with create(deployment_name=deployment, stream=True, **call) as stream:
                return list(stream)


class Asynchronous:
    """Calls of `AsyncDial`, each with a client and an event loop of its own."""

    def __init__(self, url: str, **options: Any) -> None:
        self.options = {"base_url": url, "api_key": "any", **options}

    def plain(self, deployment: str, **call: Any) -> Any:
        """The answer."""

        async def run() -> Any:
            async with AsyncDial(**self.options) as client:
                return await client.chat.completions.create(deployment_name=deployment, **call)

        return asyncio.run(run())

    def streamed(self, deployment: str, **call: Any) -> list[Any]:
        """All chunks of the answer."""

        async def run() -> list[Any]:
            async with AsyncDial(**self.options) as client:
                create = client.chat.completions.create
                async with await create(deployment_name=deployment, stream=True, **call) as stream:
                    return [chunk async for chunk in stream]

        return asyncio.run(run())


Caller = Callable[..., Synchronous | Asynchronous]


@pytest.fixture(params=["sync", "async over httpx", "async over aiohttp"])
def caller(request: pytest.FixtureRequest, dial_url: str) -> Caller:
    """Makes callers of one kind, with options for their clients."""
    if request.param == "sync":
        return lambda **options: Synchronous(dial_url, **options)
    transport = request.param.split()[-1]
    return lambda **options: Asynchronous(dial_url, transport=transport, **options)


def without_identity(document: Json) -> Json:
    """What two answers to one question have in common, without nulls."""
    own = {"id", "created", "object"}
    return {k: v for k, v in document.items() if k not in own and v is not None}


def joined(chunks: list[Json]) -> Json:
    """Chunks put together as the server's library does it, which repeats the answer's name and
    model in each."""
    repeated = {"id", "created", "object", "model"}
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = merge(whole, {k: v for k, v in chunk.items() if k not in repeated})
    choices = [
        {
            **{k: v for k, v in choice.items() if k != "delta"},
            "message": cleanup_indices(choice["delta"]),
        }
        for choice in whole["choices"]
    ]
    return without_identity({**whole, "choices": choices})


def text(chunks: list[Any]) -> str:
    """The content of the chunks' first choice."""
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_a_plain_answer(caller: Caller) -> None:
    answer = caller().plain("echo", messages=QUESTION)
    assert answer.choices[0].message.content == QUESTION[0]["content"]
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "echo-1"
    assert answer.usage.total_tokens == 14
    assert answer.statistics.usage_per_model[0].model == "echo-1"
    response = response_of(answer)
    assert (response.status, response.attempts) == (200, 1)
    assert response.headers["X-Request-Id"] == "echo-request"


def test_a_streamed_answer(caller: Caller) -> None:
    chunks = caller().streamed("echo", messages=QUESTION)
    assert text(chunks) == QUESTION[0]["content"]
    assert [bool(chunk.choices[0].finish_reason) for chunk in chunks] == [False] * 8 + [True]
    assert chunks[-1].usage.total_tokens == 14


@pytest.mark.parametrize("deployment", ["echo", "staged", "tools"])
def test_chunks_add_up_to_the_plain_answer(caller: Caller, deployment: str) -> None:
    call: Json = {"messages": QUESTION, "tools": [TOOL]}
    plain = caller().plain(deployment, **call).to_dict()
    chunks = [chunk.to_dict() for chunk in caller().streamed(deployment, **call)]
    assert joined(chunks) == without_identity(plain)


def test_stages_and_attachments(caller: Caller) -> None:
    content = caller().plain("staged", messages=QUESTION).choices[0].message.custom_content
    assert [(stage.name, stage.content, stage.status) for stage in content.stages] == [
        ("Search done", "two hits", "completed"),
        ("Rank", "first wins", "completed"),
    ]
    assert content.stages[0].attachments[0].data == "text of the hit"
    assert [attachment.url for attachment in content.attachments] == [
        "files/b/chart.png",
        "files/b/table.csv",
    ]
    assert content.state == {"turn": 1}


def test_a_tool_call_round_trip(caller: Caller) -> None:
    first = caller().plain("tools", messages=QUESTION, tools=[TOOL]).choices[0]
    assert first.finish_reason == "tool_calls"
    (call,) = first.message.tool_calls
    assert call.function.name == "forecast"
    assert json.loads(call.function.arguments) == {"place": QUESTION[0]["content"]}
    result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    history = [*QUESTION, first.message.to_dict(), result]
    second = caller().plain("tools", messages=history, tools=[TOOL])
    assert second.choices[0].message.content == "The tool says rain"


def test_heartbeats_are_no_events_but_signs_of_life(caller: Caller) -> None:
    started = time.monotonic()
    chunks = caller(timeout=0.5).streamed("patient", messages=QUESTION)
    assert text(chunks) == "worth waiting"
    assert time.monotonic() - started > 1.5, "the pauses are longer than the timeout"


@pytest.mark.parametrize("way", ["plain", "streamed"])
def test_an_error_before_the_first_chunk(caller: Caller, way: str) -> None:
    with pytest.raises(UnprocessableEntityError) as caught:
        getattr(caller(), way)("refusing", messages=QUESTION)
    error = caught.value
    assert (error.status, error.attempts, error.platform) == (422, 1, "dial")
    assert (error.code, error.param) == ("no_question", "messages")
    assert error.type == "invalid_request_error"
    assert error.display_message == "Please ask a question"
    assert "the prompt has no question" in str(error)


def test_an_error_in_mid_stream_carries_what_had_arrived(caller: Caller) -> None:
    with pytest.raises(StreamEventError) as caught:
        caller().streamed("breaking", messages=QUESTION)
    error = caught.value
    assert (error.code, error.display_message) == ("lost", "Try later")
    assert "upstream lost" in str(error)
    assert error.text == "so far"
    assert len(error.chunks) == 3


def test_a_plain_answer_that_fails_is_asked_for_again(caller: Caller) -> None:
    with pytest.raises(InternalServerError) as caught:
        caller(max_retries=1).plain("breaking", messages=QUESTION)
    assert (caught.value.status, caught.value.attempts) == (502, 2)
    assert caught.value.code == "lost"


@pytest.mark.parametrize("way", ["plain", "streamed"])
def test_retry_after_is_honoured(caller: Caller, way: str) -> None:
    started = time.monotonic()
    answer = getattr(caller(), way)("limited", messages=QUESTION, user=uuid.uuid4().hex)
    assert time.monotonic() - started >= 1
    if way == "plain":
        assert answer.choices[0].message.content == "call 2"
        assert response_of(answer).attempts == 2
    else:
        assert text(answer) == "call 2"


@pytest.mark.parametrize("way", ["plain", "streamed"])
def test_without_retries_the_rate_limit_is_raised(caller: Caller, way: str) -> None:
    with pytest.raises(RateLimitError) as caught:
        getattr(caller(max_retries=0), way)("limited", messages=QUESTION, user=uuid.uuid4().hex)
    assert (caught.value.retry_after, caught.value.attempts) == (1.0, 1)


@pytest.mark.parametrize("deployment", ["echo", "staged", "tools"])
def test_todays_client_reads_the_same(dial_url: str, deployment: str) -> None:
    call: Json = {"deployment_name": deployment, "messages": QUESTION, "tools": [TOOL]}
    today = TodaysDial(base_url=dial_url, api_key="any", api_version="2024-10-21")
    theirs = [
        chunk.model_dump(exclude_none=True)
        for chunk in today.chat.completions.create(stream=True, **call)
    ]
    with Dial(base_url=dial_url, api_key="any") as client:
        ours = [
            chunk.model_dump(exclude_none=True, by_alias=True)
            for chunk in client.chat.completions.create(stream=True, **call)
        ]
    assert joined(ours) == joined(theirs)
