"""Haystack: what was cut is never taken for whole, and an answer without a reply is an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from haystack.components.generators.chat import FallbackChatGenerator
from haystack.dataclasses import ChatMessage
from pydantic import BaseModel

from polychat import errors

from .answers import call, events, haystack, streamed, whole

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
ASK = [ChatMessage.from_user("q")]
CUT = '{"total": 3, "items": ["apples", "pea'
WHOLE = '{"total": 3, "items": ["apples"]}'


class Basket(BaseModel):
    """What was bought."""

    total: int
    items: list[str]


SCHEMA = {"name": "B", "schema": Basket.model_json_schema()}
FORMATS: list[Any] = [
    Basket,
    {"type": "json_object"},
    {"type": "json_schema", "json_schema": SCHEMA},
]


def _run(generator: Any) -> ChatMessage:
    return generator.run(ASK)["replies"][0]  # type: ignore[no-any-return]


def _run_async(generator: Any) -> ChatMessage:
    async def main() -> Any:
        try:
            return (await generator.run_async(ASK))["replies"][0]
        finally:
            await generator.close_async()

    return asyncio.run(main())  # type: ignore[no-any-return]


WAYS: dict[str, tuple[Callable[..., httpx.Response], bool, Callable[[Any], ChatMessage]]] = {
    "run": (whole, False, _run), "run_async": (whole, False, _run_async),
    "stream": (streamed, True, _run), "stream_async": (streamed, True, _run_async),
}  # fmt: skip


@pytest.fixture(params=WAYS)
def reply(request: pytest.FixtureRequest) -> Callable[..., ChatMessage]:
    """The reply to an answer that has a message and ended for a reason."""
    answer, stream, read = WAYS[request.param]

    def ask(reason: str | None, response_format: Any = None, **message: Any) -> ChatMessage:
        kwargs = {"stream": stream, "response_format": response_format}
        return read(haystack(answer(reason, **message), generation_kwargs=kwargs))

    return ask


@pytest.mark.parametrize("reason", ["length", "content_filter", None])
def test_a_call_that_was_cut_is_an_error(reply: Any, reason: str | None) -> None:
    with pytest.raises(errors.ResponseParseError, match=f"finish_reason: {reason}") as caught:
        reply(reason, tool_calls=[call(WHOLE), call(CUT, identity="c2", index=1)])
    assert ("max_tokens" in str(caught.value.remedy)) is (reason == "length")
    assert "apples" in str(caught.value.body)
    assert caught.value.request_id == "inf-1"


def test_arguments_that_were_cut_before_they_came_are_not_empty_ones(reply: Any) -> None:
    assert reply("tool_calls", tool_calls=[call("")]).tool_calls[0].arguments == {}
    with pytest.raises(errors.ResponseParseError, match="Basket"):
        reply("length", tool_calls=[call("")])


def test_calls_that_are_whole_are_kept_of_an_answer_that_was_cut(reply: Any) -> None:
    (made,) = reply("length", tool_calls=[call(WHOLE)]).tool_calls
    assert made.arguments == json.loads(WHOLE)


def test_a_call_that_the_model_wrote_badly_is_told_and_not_made(
    reply: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answered = reply("tool_calls", tool_calls=[call(WHOLE), call(CUT, identity="c2", index=1)])
    assert [one.id for one in answered.tool_calls] == ["c1"]
    assert answered.meta["invalid_tool_calls"] == [{"id": "c2", "name": "Basket", "arguments": CUT}]
    assert "c2" in caplog.text


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_json_that_was_cut_is_an_error(reply: Any, wanted: Any, reason: str) -> None:
    with pytest.raises(errors.ResponseParseError, match=f"finish_reason: {reason}") as caught:
        reply(reason, wanted, content=CUT)
    assert "apples" in str(caught.value.body)
    assert ("max_tokens" in str(caught.value.remedy)) is (reason == "length")


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize("reason", ["stop", "length"])
def test_json_that_is_whole_is_the_reply(reply: Any, wanted: Any, reason: str) -> None:
    assert reply(reason, wanted, content=WHOLE).text == WHOLE


def test_text_that_was_cut_is_a_reply_that_tells_it(reply: Any) -> None:
    for wanted in (None, {"type": "text"}):
        answered = reply("length", wanted, content="One two thr")
        assert (answered.text, answered.meta["finish_reason"]) == ("One two thr", "length")


@pytest.mark.parametrize("wanted", FORMATS)
def test_a_refusal_to_give_json_is_told_in_its_words(reply: Any, wanted: Any) -> None:
    with pytest.raises(errors.ResponseParseError, match=r"refused: I will not help\."):
        reply("stop", wanted, refusal="I will not help.")
    assert reply("stop", refusal="I will not help.").meta["refusal"] == "I will not help."


# --- answers without a reply ---

NO_REPLY: list[tuple[httpx.Response, bool]] = [
    *((httpx.Response(200, json={"id": "1", "model": "m", "choices": choices}), False)
      for choices in ([], [None], ["odd"], [{"index": 0}])),
    *((events(*chunks), True) for chunks in ([], [[]], [None], [["odd"]])),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "stream"), NO_REPLY)
@pytest.mark.parametrize("read", [_run, _run_async])
def test_an_answer_without_a_reply_is_an_error(answer: Any, stream: bool, read: Any) -> None:
    with pytest.raises((errors.ResponseParseError, errors.StreamError)):
        read(haystack(answer, generation_kwargs={"stream": stream}))


@pytest.mark.parametrize(("answer", "stream"), NO_REPLY)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_fallback_does_not_take_it_for_success(
    answer: Any, stream: bool, asynchronous: bool
) -> None:
    first = haystack(answer, generation_kwargs={"stream": stream})
    fallback = FallbackChatGenerator([first, haystack(whole("stop", content="second"))])
    if asynchronous:

        async def main() -> Any:
            try:
                return await fallback.run_async(ASK)
            finally:
                for generator in fallback.chat_generators:
                    await generator.close_async()

        result = asyncio.run(main())
    else:
        result = fallback.run(ASK)
    assert result["replies"][0].text == "second"
    assert result["meta"]["total_attempts"] == 2


@pytest.mark.parametrize("read", [_run, _run_async])
def test_an_error_within_a_stream_raises(read: Any) -> None:
    text = 'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "Hel"}}]}\n\n'
    error = 'data: {"error": {"message": "the provider is gone", "code": 502}}\n\n'
    answer = httpx.Response(200, text=text + error, headers={"content-type": "text/event-stream"})
    with pytest.raises(errors.StreamError, match="the provider is gone") as caught:
        read(haystack(answer, generation_kwargs={"stream": True}))
    assert caught.value.text == "Hel"
