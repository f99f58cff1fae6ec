"""LangChain: what was cut is never taken for whole, at once or in a stream, in either colour."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypedDict

import httpx
import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.load import dumpd
from langchain_core.messages import AIMessage, AIMessageChunk
from pydantic import BaseModel

from polychat import errors
from polychat.integrations.langchain import AimlapiLLM, ChatAimlapi

from .answers import call, events, langchain, streamed, whole

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
CUT = '{"total": 3, "items": ["apples", "pea'
WHOLE = '{"total": 3, "items": ["apples"]}'
RESULT = json.loads(WHOLE)


class Basket(BaseModel):
    """What was bought."""

    total: int
    items: list[str]


class BasketDict(TypedDict):
    """What was bought."""

    total: int
    items: list[str]


SCHEMA = {"title": "Basket", "type": "object", "properties": {
    "total": {"type": "integer"}, "items": {"type": "array", "items": {"type": "string"}}},
    "required": ["total", "items"]}  # fmt: skip
SCHEMAS: dict[str, Any] = {"class": Basket, "typed dict": BasketDict, "schema": SCHEMA}
METHODS = ["function_calling", "json_schema", "json_mode"]


def _invoke(runnable: Any) -> Any:
    return runnable.invoke("json")


def _ainvoke(runnable: Any) -> Any:
    return asyncio.run(runnable.ainvoke("json"))


def _stream(runnable: Any) -> Any:
    return list(runnable.stream("json"))[-1]


def _astream(runnable: Any) -> Any:
    async def main() -> Any:
        return [piece async for piece in runnable.astream("json")][-1]

    return asyncio.run(main())


WAYS: dict[str, tuple[Callable[..., httpx.Response], Callable[[Any], Any]]] = {
    "invoke": (whole, _invoke), "ainvoke": (whole, _ainvoke),
    "stream": (streamed, _stream), "astream": (streamed, _astream),
}  # fmt: skip


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Any:
    """How an answer is made and read."""
    return WAYS[request.param]


def _message(method: str, text: str, *, name: str = "Basket") -> dict[str, Any]:
    if method == "function_calling":
        return {"tool_calls": [call(text, name=name)]}
    return {"content": text}


def _name(schema: str) -> str:
    return "BasketDict" if schema == "typed dict" else "Basket"


def _structured(
    answer: Any, method: str, schema: str, reason: str | None, text: str, **options: Any
) -> Any:
    message = _message(method, text, name=_name(schema))
    model = langchain(answer(reason, **message))
    return model.with_structured_output(SCHEMAS[schema], method=method, **options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_object_that_was_cut_is_an_error(way: Any, method: str, schema: str) -> None:
    answer, read = way
    for reason in ("length", "content_filter", "stop", None):
        with pytest.raises(OutputParserException) as caught:
            read(_structured(answer, method, schema, reason, CUT))
        assert caught.value.llm_output == CUT
        assert f"finish_reason: {reason}" in str(caught.value)
        assert ("Raise max_tokens" in str(caught.value)) is (reason == "length")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_include_raw_tells_what_was_cut(way: Any, method: str, schema: str) -> None:
    answer, read = way
    result = read(_structured(answer, method, schema, "length", CUT, include_raw=True))
    assert result["parsed"] is None
    assert isinstance(result["parsing_error"], OutputParserException)
    assert isinstance(result["raw"], AIMessage)
    assert result["raw"].response_metadata["finish_reason"] == "length"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_object_that_is_whole_is_given(way: Any, method: str, schema: str) -> None:
    answer, read = way
    wanted = Basket(**RESULT) if schema == "class" else RESULT
    for reason in ("stop", "length"):
        assert read(_structured(answer, method, schema, reason, WHOLE)) == wanted
        raw = read(_structured(answer, method, schema, reason, WHOLE, include_raw=True))
        assert (raw["parsed"], raw["parsing_error"]) == (wanted, None)


@pytest.mark.parametrize("method", METHODS)
def test_a_stream_gives_no_object_of_a_class_before_it_is_whole(method: str) -> None:
    model = _structured(streamed, method, "class", "stop", WHOLE)
    assert list(model.stream("json")) == [Basket(**RESULT)]
    given: list[Any] = []
    with pytest.raises(OutputParserException):
        given.extend(_structured(streamed, method, "class", "length", CUT).stream("json"))
    assert given == []


@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
def test_a_stream_of_a_dict_grows(method: str) -> None:
    given = list(_structured(streamed, method, "schema", "stop", WHOLE).stream("json"))
    assert len(given) > 1
    assert given[-1] == RESULT


@pytest.mark.parametrize("text", [
    f"```json\n{WHOLE}\n```", f"```\n{WHOLE}\n```\nThat is all :}}", f"{WHOLE} That is all.",
    f"Here it is:\n```json\n{WHOLE}\n```", f"  {WHOLE}\n\n", '{"total": 3, "items": ["apples"]}```',
])  # fmt: skip
def test_what_surrounds_an_object_is_left(way: Any, text: str) -> None:
    answer, read = way
    assert read(_structured(answer, "json_mode", "class", "stop", text)) == Basket(**RESULT)


@pytest.mark.parametrize("text", ['{"md": "```json []', '{"md": "```json {}', "12", "", "[" * 9999])
def test_what_only_looks_whole_is_an_error(way: Any, text: str) -> None:
    answer, read = way
    model = langchain(answer("length", content=text))
    with pytest.raises(OutputParserException):
        read(model.with_structured_output(None, method="json_mode"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("include_raw", [False, True])
def test_a_refusal_is_told_in_its_words(way: Any, method: str, include_raw: bool) -> None:
    answer, read = way
    model = langchain(answer("stop", refusal="I will not help with that."))
    structured = model.with_structured_output(Basket, method=method, include_raw=include_raw)
    if include_raw:
        error = read(structured)["parsing_error"]
    else:
        with pytest.raises(Exception, match="I will not help with that") as caught:
            read(structured)
        error = caught.value
    assert "The model refused: I will not help with that." in str(error)


def test_an_answer_that_calls_nothing_is_an_error(way: Any) -> None:
    answer, read = way
    model = langchain(answer("stop", content="I would rather talk."))
    with pytest.raises(OutputParserException, match=r"does not call Basket.*rather talk"):
        read(model.with_structured_output(Basket))
    other = langchain(answer("tool_calls", tool_calls=[call(WHOLE, name="Other")]))
    with pytest.raises(OutputParserException, match="does not call Basket"):
        read(other.with_structured_output(SCHEMA))


# --- tool calls ---


def _summed(model: ChatAimlapi) -> AIMessage:
    total: Any = None
    for piece in model.stream("q"):
        total = piece if total is None else total + piece
    return total  # type: ignore[no-any-return]


CALLERS: dict[str, Callable[[Any], AIMessage]] = {
    "invoke": lambda answer: langchain(answer(whole)).invoke("q"),
    "ainvoke": lambda answer: asyncio.run(langchain(answer(whole)).ainvoke("q")),
    "stream": lambda answer: _summed(langchain(answer(streamed))),
    "streaming": lambda answer: langchain(answer(streamed), streaming=True).invoke("q"),
    "astreaming": lambda answer: asyncio.run(
        langchain(answer(streamed), streaming=True).ainvoke("q")
    ),
    "v1": lambda answer: _summed(langchain(answer(streamed), output_version="v1")),
}
if "output_version" not in ChatAimlapi.model_fields:  # LangChain 0.3, whose `invoke` streams never
    del CALLERS["v1"], CALLERS["streaming"], CALLERS["astreaming"]


@pytest.fixture(params=CALLERS)
def message_of(request: pytest.FixtureRequest) -> Callable[..., AIMessage]:
    """The message that a reason and the fields of a message make."""
    read = CALLERS[request.param]
    return lambda reason, **fields: read(lambda answer: answer(reason, **fields))


@pytest.mark.parametrize("reason", ["length", "content_filter", "tool_calls"])
def test_a_call_that_was_cut_is_invalid(message_of: Any, reason: str) -> None:
    first = call(WHOLE, identity="c1", index=0)
    message = message_of(reason, tool_calls=[first, call(CUT, identity="c2", index=1)])
    assert [(one["id"], one["args"]) for one in message.tool_calls] == [("c1", RESULT)]
    (invalid,) = message.invalid_tool_calls
    assert (invalid["id"], invalid["name"], invalid["args"]) == ("c2", "Basket", CUT)
    assert f"finish_reason: {reason}" in invalid["error"]
    assert ("Raise max_tokens" in invalid["error"]) is (reason == "length")
    assert message.response_metadata["finish_reason"] == reason


def test_arguments_that_were_cut_before_they_came_are_not_empty_ones(message_of: Any) -> None:
    assert message_of("tool_calls", tool_calls=[call("")]).tool_calls[0]["args"] == {}
    cut = message_of("length", tool_calls=[call("")])
    assert cut.tool_calls == []
    assert cut.invalid_tool_calls[0]["name"] == "Basket"


@pytest.mark.parametrize("arguments", ["[1]", "null", "12", "{'a': 1}", '{"a": 1}}', "{" * 9999])
def test_arguments_that_are_no_object_are_invalid(message_of: Any, arguments: str) -> None:
    message = message_of("tool_calls", tool_calls=[call(arguments)])
    assert (message.tool_calls, message.invalid_tool_calls[0]["args"]) == ([], arguments)


def test_a_message_with_calls_that_were_cut_can_be_sent_back(message_of: Any) -> None:
    from polychat.integrations.langchain._messages import to_wire

    (wire,) = to_wire([message_of("length", tool_calls=[call(CUT)])])
    assert wire["tool_calls"][0]["function"] == {"name": "Basket", "arguments": CUT}


def test_the_pieces_and_their_sum_are_langchains() -> None:
    pieces = list(langchain(streamed("tool_calls", tool_calls=[call(WHOLE)])).stream("q"))
    assert all(isinstance(piece, AIMessageChunk) for piece in pieces)
    assert dumpd(pieces[0])["id"][-1] == "AIMessageChunk"
    total = _summed(langchain(streamed("tool_calls", tool_calls=[call(WHOLE)])))
    assert type(total) is AIMessageChunk
    if "streaming" in CALLERS:
        streaming = langchain(streamed("tool_calls", tool_calls=[call(WHOLE)]), streaming=True)
        assert type(streaming.invoke("q")) is AIMessage


# --- answers without a choice ---


@pytest.mark.parametrize("model", [ChatAimlapi, AimlapiLLM])
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("chunks", [[], [[]], [None], [["odd"]]])
def test_a_stream_without_a_choice_is_an_error(
    model: Any, asynchronous: bool, chunks: list[Any]
) -> None:
    read = _astream if asynchronous else _stream
    with pytest.raises((errors.ResponseParseError, errors.StreamError), match="choice") as caught:
        read(langchain(events(*chunks), model))
    assert caught.value.request_id == "inf-1"


@pytest.mark.parametrize("model", [ChatAimlapi, AimlapiLLM])
@pytest.mark.parametrize("choices", [[], [None], ["odd"], [{"index": 0}]])
def test_an_answer_without_a_message_is_an_error(model: Any, choices: list[Any]) -> None:
    document = {"id": "1", "model": "m", "choices": choices}
    answer = httpx.Response(200, headers={"X-RateLimit-Left": "7"}, json=document)
    for read in (_invoke, _ainvoke):
        with pytest.raises(errors.ResponseParseError) as caught:
            read(langchain(answer, model))
        assert caught.value.headers is not None
        assert caught.value.headers["x-ratelimit-LEFT"] == "7"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_error_within_a_stream_raises(asynchronous: bool) -> None:
    read = _astream if asynchronous else _stream
    text = 'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "{}"}}]}\n\n'
    error = 'data: {"error": {"message": "the provider is gone", "code": 502}}\n\n'
    answer = httpx.Response(200, text=text + error, headers={"content-type": "text/event-stream"})
    model = langchain(answer)
    for runnable in (model, model.with_structured_output(SCHEMA, method="json_mode")):
        with pytest.raises(errors.PolychatError, match="the provider is gone"):
            read(runnable)
