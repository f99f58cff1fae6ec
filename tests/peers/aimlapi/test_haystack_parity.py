"""The component that people use today (aimlapi-haystack 3.0.0) and ours, side by side against the
same server: what they send, and what they answer. Each difference is listed, with its reason."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from haystack import Pipeline
from haystack.dataclasses import ChatMessage, StreamingChunk, ToolCall
from haystack.tools import Tool
from haystack_integrations.components.generators.aimlapi import (
    AIMLAPIChatGenerator as Theirs,
)

from polychat.emulator import Emulator
from polychat.integrations.haystack import AIMLAPIChatGenerator as Ours

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CALL = ToolCall("weather", {"city": "Oslo"}, id="1")


def tool() -> Tool:
    return Tool(name="weather", description="The weather", parameters=dict(SCHEMA), function=print)


CASES: list[dict[str, Any]] = [
    {"messages": [ChatMessage.from_user("Hello there")]},
    {"messages": "Hello there"},
    {"messages": []},
    {"messages": [ChatMessage.from_system("Be brief"), ChatMessage.from_user("Hi")],
     "generation_kwargs": {"temperature": 0.5, "max_tokens": 1}, "beside": {"safe_prompt": True}},
    {"messages": "Hi", "generation_kwargs": {"n": 2}},
    {"messages": "Oslo", "tools": [tool()]},
    {"messages": [ChatMessage.from_user("Oslo"), ChatMessage.from_assistant(tool_calls=[CALL]),
                  ChatMessage.from_tool("3", origin=CALL)], "tools": [tool()]},
    {"messages": "Hello there", "streamed": True},
    {"messages": "Oslo", "tools": [tool()], "streamed": True},
]  # fmt: skip

NOT_SENT = {"n": 1, "stream": False}
"""What they send though nobody asked for it: some models refuse `n`, and both are the defaults."""
ASKED_IN_STREAMS = {"stream_options": {"include_usage": True}}
"""What we send in streams: theirs tell no usage."""
MORE_META = {"cost"}
"""What our replies tell beside theirs: credits and dollars."""


def without_nulls(usage: dict[str, Any]) -> dict[str, Any]:
    """Theirs lists every count that OpenAI may tell, as None where it was not told."""
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in usage.items()
        if value is not None
    }


def run(cls: Any, url: str, case: dict[str, Any], emulator: Emulator) -> dict[str, Any]:
    emulator.reset()
    case = dict(case)
    beside = case.pop("beside", None)
    if beside is not None:  # fields that the spec does not know: ours tells them from misspelt ones
        beside = {"extra_body": beside} if cls is Ours else beside
        case["generation_kwargs"] = {**case["generation_kwargs"], **beside}
    pieces: list[StreamingChunk] = []
    if case.pop("streamed", False):
        case["streaming_callback"] = pieces.append
    generator = cls(model="echo", api_base_url=url)
    replies = generator.run(**case)["replies"]
    generator.close()
    return {
        "sent": [request.json() for request in emulator.requests],
        "headers": [request.headers for request in emulator.requests],
        "replies": replies,
        "pieces": [(p.content, p.start, p.finish_reason, p.index) for p in pieces],
    }


@pytest.mark.parametrize("case", CASES)
def test_both_send_and_answer_the_same(aimlapi_emulator: Emulator, case: dict[str, Any]) -> None:
    url = aimlapi_emulator.url("aimlapi")
    theirs, ours = (run(cls, url, case, aimlapi_emulator) for cls in (Theirs, Ours))
    expected = [
        {**{k: v for k, v in sent.items() if NOT_SENT.get(k) != v},
         **(ASKED_IN_STREAMS if sent["stream"] else {})}
        for sent in theirs["sent"]
    ]  # fmt: skip
    assert [{k: v for k, v in s.items() if NOT_SENT.get(k) != v} for s in ours["sent"]] == expected
    for name in ("authorization", "http-referer", "x-title"):
        assert [h[name] for h in ours["headers"]] == [h[name] for h in theirs["headers"]]
    assert len(ours["replies"]) == len(theirs["replies"])
    for our, their in zip(ours["replies"], theirs["replies"], strict=True):
        assert our.text == their.text
        assert [(c.tool_name, c.arguments) for c in our.tool_calls] == [
            (c.tool_name, c.arguments) for c in their.tool_calls]  # fmt: skip
        assert our.meta.keys() - MORE_META == their.meta.keys()
        for name in ("model", "index", "finish_reason"):
            assert our.meta[name] == their.meta[name]
        if their.meta["usage"] is not None:
            assert our.meta["usage"] == without_nulls(their.meta["usage"])


@pytest.mark.parametrize("case", [case for case in CASES if case.get("streamed")])
def test_both_call_back_with_the_same(aimlapi_emulator: Emulator, case: dict[str, Any]) -> None:
    url = aimlapi_emulator.url("aimlapi")
    theirs, ours = (run(cls, url, case, aimlapi_emulator)["pieces"] for cls in (Theirs, Ours))
    assert ours[-1] == ("", False, None, None)  # the usage, which they do not ask for

    def told(pieces: list[Any]) -> list[Any]:
        return [(content, finish) for content, _, finish, _ in pieces]

    assert told(ours[:-1]) == told(theirs)
    content = [piece for piece in ours if piece[0]]
    assert content == [piece for piece in theirs if piece[0]]


def test_the_same_arguments() -> None:
    theirs = inspect.signature(Theirs.__init__).parameters
    ours = inspect.signature(Ours.__init__).parameters
    assert ours.keys() - theirs.keys() == {"tools_strict"}  # which theirs takes at run time only
    assert theirs.keys() - ours.keys() == set()
    for name in theirs.keys() - {"self"}:
        assert ours[name].default == theirs[name].default, name
        assert ours[name].kind == theirs[name].kind, name
    for method in ("run", "run_async"):
        assert list(inspect.signature(getattr(Ours, method)).parameters) == list(
            inspect.signature(getattr(Theirs, method)).parameters)  # fmt: skip
    public = {name for name in dir(Theirs(model="m")) if not name.startswith("_")}
    assert public - set(dir(Ours(model="m"))) == {"organization"}  # of OpenAI, never sent


def test_a_pipeline_that_theirs_saved_runs_with_ours(
    aimlapi_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from haystack import component

    from polychat.integrations.haystack._loading import OLD_TYPE

    pipeline = Pipeline()
    theirs = Theirs(model="echo", api_base_url=aimlapi_emulator.url("aimlapi"), max_retries=2)
    pipeline.add_component("llm", theirs)
    saved = pipeline.dumps()
    assert OLD_TYPE in saved
    monkeypatch.setitem(component.registry, OLD_TYPE, Ours)  # as where theirs is not installed
    loaded = Pipeline.loads(saved)
    assert isinstance(loaded.get_component("llm"), Ours)
    messages = [ChatMessage.from_user("Hi")]
    assert loaded.run({"llm": {"messages": messages}})["llm"]["replies"][0].text == "Hi"
