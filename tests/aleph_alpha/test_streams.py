"""Streams, whole and broken: nothing of an answer is lost, and every break is a typed error."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import time
from typing import Any

import httpx
import pytest

from polychat import response_of
from polychat.aleph_alpha import (
    AsyncClient,
    ChatRequest,
    ChatStreamChunk,
    Client,
    CompletionRequest,
    FinishReason,
    FunctionCall,
    Prompt,
    Role,
    StreamChunk,
    TextMessage,
    ToolCall,
    Usage,
)
from polychat.aleph_alpha._chat_stream import ChatItems
from polychat.emulator import Emulator
from polychat.errors import StreamEventError, StreamIdleTimeoutError, StreamTruncatedError
from polychat_rest.aleph_alpha.models import ChatResponseChunk
from tests.aleph_alpha.conftest import Both, events

ASK = ChatRequest("echo", [TextMessage(Role.User, "hello big world")])
COMPLETE = CompletionRequest(Prompt("a b c"))


def event(delta: Any, reason: str | None = None, **more: Any) -> str:
    choice = {"index": more.pop("index", 0), "delta": delta, "finish_reason": reason}
    return json.dumps({"id": "1", "choices": [choice], **more})


def stream(both: Both, *documents: str, done: bool = True) -> list[Any]:
    items: list[Any] = both.answered(
        lambda _: events(*documents, done=done), "chat_with_streaming", ASK
    )
    return items


def test_content_beside_a_finish_reason_and_usage_is_kept(both: Both) -> None:
    usage = {"completion_tokens": 1, "prompt_tokens": 2, "total_tokens": 3}
    assert stream(both, event({"content": "all"}, "stop", usage=usage)) == [
        ChatStreamChunk("all"),
        FinishReason.Stop,
        Usage(1, 2, 3),
    ]


def test_unknown_finish_reasons_and_roles_are_kept(both: Both) -> None:
    items = stream(both, event({"role": "robot", "content": "a"}), event({}, "eos_token"))
    assert items[0].role.value == "robot"
    assert isinstance(items[1], FinishReason)
    assert items[1].value == items[1] == "eos_token"


def test_a_piece_with_a_role_only_is_a_piece_without_text(both: Both) -> None:
    assert stream(both, event({"role": "assistant"}), event({}, "stop")) == [
        ChatStreamChunk("", Role.Assistant),
        FinishReason.Stop,
    ]


def test_events_without_choices_or_news_are_passed_over(both: Both) -> None:
    filtered = json.dumps({"id": "", "choices": [], "prompt_filter_results": [{}]})
    assert stream(both, filtered, event({}), event({"content": "a"}), event({}, "stop")) == [
        ChatStreamChunk("a"),
        FinishReason.Stop,
    ]


def test_all_alternatives_of_a_stream_come_with_their_number(both: Both) -> None:
    items = stream(
        both, event({"content": "a"}), event({"content": "b"}, index=1), event({}, "stop"),
        event({}, "length", index=1),
    )  # fmt: skip
    assert items == [
        ChatStreamChunk("a"),
        ChatStreamChunk("b", index=1),
        FinishReason.Stop,
        FinishReason.Length,
    ]


def test_log_probabilities_come_with_their_piece(both: Both) -> None:
    entry = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}
    choice = {"index": 0, "delta": {"content": "a"}, "logprobs": {"content": [entry]}}
    (piece, _) = stream(both, json.dumps({"choices": [choice]}), event({}, "stop"))
    assert piece.logprobs.content[0].logprob == -0.5


def pieces_of_a_call(**fields: Any) -> list[str]:
    first = {"id": "c1", "function": {"name": "f", "arguments": '{"a"'}, **fields}
    second = {"function": {"arguments": ": 1}"}, **fields}
    return [event({"content": None, "tool_calls": [first]}), event({"tool_calls": [second]})]


@pytest.mark.parametrize("numbered", [True, False])
def test_tool_calls_are_assembled_with_and_without_numbers_and_types(
    both: Both, numbered: bool
) -> None:
    fields = {"index": 0, "type": "function"} if numbered else {}
    assert stream(both, *pieces_of_a_call(**fields), event({}, "tool_calls")) == [
        ToolCall("c1", "function", FunctionCall("f", '{"a": 1}')),
        FinishReason.ToolCalls,
    ]


def test_two_calls_without_numbers_are_told_apart_by_their_ids(both: Both) -> None:
    calls = [
        {"id": "c1", "function": {"name": "f", "arguments": "{}"}},
        {"id": "c2", "function": {"name": "g"}},
    ]
    assert stream(both, event({"tool_calls": calls}, "tool_calls")) == [
        ToolCall("c1", "function", FunctionCall("f", "{}")),
        ToolCall("c2", "function", FunctionCall("g", "")),
        FinishReason.ToolCalls,
    ]


def piece(arguments: str = "{}", **fields: Any) -> dict[str, Any]:
    name = fields.pop("name", None)
    return {**fields, "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        pytest.param(
            [piece('{"a"', id="a", name="f"), piece(": 1", index=0), piece("}", index=0)],
            [("a", "f", '{"a": 1}')],
            id="numbered from the second piece on",
        ),
        pytest.param(
            [piece("[1", id="a", name="f"), piece(id="b", name="g"), piece("]", id="a")],
            [("a", "f", "[1]"), ("b", "g", "{}")],
            id="ids in turns",
        ),
        pytest.param(
            [piece("[1", id="a", name="f", index=0), piece("[2", id="b", name="g", index=0),
             piece("]", index=0), piece("]", index=0, id="a")],
            [("a", "f", "[1]"), ("b", "g", "[2]")],
            id="one number for all",
        ),
        pytest.param(
            [piece("[", id="a", name="f", index=0), piece("]", id="other", index=0)],
            [("a", "f", "[]")],
            id="an id made up for every piece",
        ),
        pytest.param(
            [piece("[", index=1, name="g"), piece("[", index=0, name="f"), piece("]", index=1),
             piece("]", index=0, id="a")],
            [("", "g", "[]"), ("a", "f", "[]")],
            id="numbers in turns, an id at the end",
        ),
    ],
)  # fmt: skip
def test_pieces_find_their_call(
    both: Both, pieces: list[dict[str, Any]], calls: list[tuple[str, str, str]]
) -> None:
    items = stream(both, *(event({"tool_calls": [one]}) for one in pieces), event({}, "tool_calls"))
    found = [item for item in items if isinstance(item, ToolCall)]
    assert [(one.id, one.function.name, one.function.arguments) for one in found] == calls


def test_tool_calls_without_a_finish_reason_are_not_lost(both: Both) -> None:
    assert stream(both, *pieces_of_a_call(index=0)) == [
        ToolCall("c1", "function", FunctionCall("f", '{"a": 1}'))
    ]


def test_a_call_with_text_beside_it_keeps_both(both: Both) -> None:
    call = {"id": "c", "index": 0, "function": {"name": "f", "arguments": "{}"}}
    items = stream(both, event({"content": "now", "tool_calls": [call]}), event({}, "tool_calls"))
    assert [type(item) for item in items] == [ChatStreamChunk, ToolCall, FinishReason]


FRAMINGS = ["crlf", "cr", "nospace", "comments", "multiline", "bom", "event-lines", "dribble"]


@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_framing_of_events_is_read(both: Both, framing: str) -> None:
    fault = framing if framing == "dribble" else f"framing={framing}"
    items = both("chat_with_streaming", ASK, f"fault:{fault}")
    text = "".join(item.content for item in items if isinstance(item, ChatStreamChunk))
    assert (text, items[-1]) == ("hello big world", FinishReason.Stop)


def test_an_event_of_a_megabyte_is_read(both: Both) -> None:
    """From a real server, and by aiohttp, which bounds lines that it reads itself."""
    text = "x" * 1_000_000
    request = ChatRequest("echo", [TextMessage(Role.User, text)])
    arguments = {} if both.colour == "sync" else {"transport": "aiohttp"}
    items = both.on(arguments, "chat_with_streaming", request)
    assert text in [item.content for item in items if isinstance(item, ChatStreamChunk)]


def until_error(both: Both, error: type[Exception], model: str, **arguments: Any) -> Any:
    """The error that ends a stream, and the items before it."""
    items: list[Any] = []
    if both.colour == "sync":
        with both.client(**arguments) as client, pytest.raises(error) as caught:
            for item in client.chat_with_streaming(ASK, model):
                items.append(item)  # noqa: PERF402  # it is to stop in the middle
        return caught.value, items

    async def read() -> Any:
        async with both.client(**arguments) as client:
            with pytest.raises(error) as caught:
                async for item in client.chat_with_streaming(ASK, model):
                    items.append(item)  # noqa: PERF401  # it is to stop in the middle
        return caught.value

    return asyncio.run(read()), items


@pytest.mark.parametrize("fault", ["cut=2", "truncate=2"])
def test_a_stream_that_is_cut_short_says_so(both: Both, fault: str) -> None:
    error, items = until_error(both, StreamTruncatedError, f"fault:{fault}")
    assert "".join(item.content for item in items) == "hello"
    assert error.text == "hello"
    assert error.platform == "aleph_alpha"


def test_an_error_in_the_middle_is_told(both: Both) -> None:
    error, items = until_error(both, StreamEventError, "fault:error-event=2")
    assert len(items) == 2
    assert (str(error), error.code) == (
        "aleph_alpha: the upstream failed in mid-stream",
        "upstream_failed",
    )


def test_silence_within_a_stream_is_an_error(both: Both) -> None:
    error, items = until_error(
        both, StreamIdleTimeoutError, "fault:stall=2", request_timeout_seconds=0.3
    )
    assert isinstance(error, TimeoutError)
    assert len(items) == 2


def test_a_stream_of_a_completion_without_its_summary_was_cut(both: Both) -> None:
    with pytest.raises(StreamTruncatedError) as caught:
        both("complete_with_streaming", COMPLETE, "fault:truncate=2")
    assert [chunk.completion for chunk in caught.value.chunks] == ["a", " b"]
    with pytest.raises(StreamTruncatedError):
        both("complete_with_streaming", COMPLETE, "fault:truncate=4")


def test_items_of_a_completion_that_are_not_known_are_kept(both: Both) -> None:
    summary = {
        "type": "completion_summary",
        "num_tokens_prompt_total": 1,
        "num_tokens_generated": 1,
    }
    documents = [
        json.dumps({"type": "stream_chunk", "index": 0, "completion": "a", "mood": "good"}),
        json.dumps({"type": "news", "x": 1}),
        json.dumps({**summary, "optimized_prompt": [{"type": "text", "data": "a"}]}),
    ]
    items = both.answered(
        lambda _: events(*documents, done=False), "complete_with_streaming", COMPLETE, "m"
    )
    assert isinstance(items[0], StreamChunk)
    assert items[0].mood == "good"
    assert items[1] == {"type": "news", "x": 1}
    assert items[2].optimized_prompt == Prompt("a")


def test_a_healthy_stream_may_last_longer_than_the_timeout() -> None:
    with Emulator(interval=0.25) as slow:
        for colour in ("sync", "async"):
            both = Both(colour, slow.url("aleph_alpha"))
            began = time.monotonic()
            items = both.on({"request_timeout_seconds": 0.9}, "chat_with_streaming", ASK)
            assert time.monotonic() - began > 0.9
            assert items[-1] is FinishReason.Stop


def test_a_stream_is_a_context_manager_with_its_answer(client: Client) -> None:
    with client.chat_with_streaming(ASK) as stream:
        assert response_of(stream).status == stream.response.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert next(stream).role is Role.Assistant
    assert list(stream) == []


def test_an_async_stream_begins_when_it_is_entered_or_read(host: str) -> None:
    async def read() -> None:
        async with AsyncClient("t", host) as client:
            async with client.chat_with_streaming(ASK) as stream:
                assert response_of(stream).status == 200
                assert (await anext(stream)).role is Role.Assistant
            unread = client.chat_with_streaming(ASK)
            with pytest.raises(ValueError, match="has not begun"):
                _ = unread.response
            await unread.aclose()
            assert [item async for item in unread] == []

    asyncio.run(read())


def test_a_stream_that_is_left_gives_its_connection_back(host: str) -> None:
    transport = httpx.HTTPTransport(limits=httpx.Limits(max_connections=1))
    with transport, Client("t", host, transport=transport, request_timeout_seconds=5) as client:
        for _ in range(3):
            for item in client.chat_with_streaming(ASK):
                assert item.role is Role.Assistant
                break
        assert client.chat(ASK).message.content == "hello big world"


def test_refusals_come_before_the_first_item(both: Both) -> None:
    with pytest.raises(RuntimeError) as caught:
        both("chat_with_streaming", ASK, "missing")
    assert caught.value.args[0] == 404


def test_what_the_spec_does_not_know_comes_with_its_piece(both: Both) -> None:
    thought = event({"reasoning_content": "hm"})
    plain = json.dumps({"choices": [{"index": 0, "delta": {"content": "a"}, "mood": "good"}]})
    first, second, _ = stream(both, thought, plain, event({}, "stop"))
    assert (first.content, first.reasoning_content) == ("", "hm")
    assert (second.mood, second.raw.delta.content) == ("good", "a")
    with pytest.raises(AttributeError, match="colour"):
        _ = second.colour
    assert ChatStreamChunk("a").raw is None


PIECES = [
    {"delta": {"content": "a"}},
    {"delta": {"content": ""}},
    {"delta": {"content": "a"}, "index": 0, "finish_reason": None, "logprobs": None},
    {"delta": {"content": "a", "role": None, "tool_calls": None}},
    {"delta": {"content": "a", "role": "assistant"}},
]


@pytest.mark.parametrize("choice", PIECES, ids=str)
def test_the_quick_way_is_the_generated_way(choice: dict[str, Any]) -> None:
    (quick,) = ChatItems().of({"choices": [copy.deepcopy(choice)]})
    (slow,) = ChatItems()._all(ChatResponseChunk.from_dict({"choices": [choice]}))
    assert quick == slow
    assert quick.raw == slow.raw
    other = pickle.loads(pickle.dumps(quick))
    assert (other, other.raw) == (quick, quick.raw)
