"""The package that people use today (langchain-aimlapi 0.1.3, for LangChain 0.3 only) and ours,
side by side against the same server. Each difference is listed, with its reason."""

from __future__ import annotations

from typing import Any

import langchain_aimlapi as theirs
import pytest

from polychat.emulator import Emulator
from polychat.integrations import langchain as ours

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "W", "parameters": SCHEMA},
}
NOT_SENT = {"stream": False}
"""What they send though it is the default."""
ASKED_IN_STREAMS = {"stream_options": {"include_usage": True}}
"""What we send in streams: theirs tell no usage."""
IMAGE = {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}
CASES: list[tuple[dict[str, Any], Any]] = [
    ({}, "Hello there"),
    ({"temperature": 0.5, "max_tokens": 1, "top_p": 0.5, "n": 1, "seed": 3}, "Hello there"),
    ({"stop": ["there"], "presence_penalty": 0.1, "frequency_penalty": 0.2}, "Hello there"),
    ({"extra_body": {"top_k": 5}, "reasoning_effort": "low"}, "Hello there"),
    ({"model_kwargs": {"user": "me"}, "logprobs": True}, "Hello there"),
    ({}, [("system", "Be brief"), ("human", "Hi"), ("ai", "Ho"), ("human", "Hello there")]),
    ({}, [("human", [{"type": "text", "text": "See"}, IMAGE])]),
    ({"default_headers": {"x-app": "mine"}}, "Hello there"),
]  # fmt: skip


def sent(emulator: Emulator) -> dict[str, Any]:
    body: dict[str, Any] = emulator.requests[-1].json()
    return {name: value for name, value in body.items() if NOT_SENT.get(name) != value}


def headers(emulator: Emulator) -> dict[str, str]:
    names = ("authorization", "http-referer", "x-title", "x-aimlapi-partner-id",
             "x-aimlapi-source", "x-app")  # fmt: skip
    given = emulator.requests[-1].headers
    return {name: given[name] for name in names if name in given}


@pytest.mark.parametrize(("options", "messages"), CASES)
def test_both_send_and_answer_the_same(
    aimlapi_emulator: Emulator, options: dict[str, Any], messages: Any
) -> None:
    found: list[Any] = []
    for package in (theirs, ours):
        model = package.ChatAimlapi(
            model="echo", base_url=aimlapi_emulator.url("aimlapi"), **options
        )
        answer = model.invoke(messages)
        usage = answer.usage_metadata
        found.append((sent(aimlapi_emulator), headers(aimlapi_emulator), answer.content,
                      usage, answer.response_metadata["finish_reason"],
                      answer.response_metadata["model_name"]))  # fmt: skip
    assert found[0] == found[1]


def test_streams(aimlapi_emulator: Emulator) -> None:
    found: list[Any] = []
    for package in (theirs, ours):
        model = package.ChatAimlapi(model="echo", base_url=aimlapi_emulator.url("aimlapi"))
        pieces = [chunk.content for chunk in model.stream("Hello there") if chunk.content]
        found.append((sent(aimlapi_emulator), pieces))
    (their_request, their_pieces), (our_request, our_pieces) = found
    assert our_pieces == their_pieces == ["Hello", " there"]
    assert our_request == {**their_request, **ASKED_IN_STREAMS}


@pytest.mark.parametrize("choice", ["any", "auto", "weather", True])
def test_tools(aimlapi_emulator: Emulator, choice: Any) -> None:
    found: list[Any] = []
    for package in (theirs, ours):
        model = package.ChatAimlapi(model="echo", base_url=aimlapi_emulator.url("aimlapi"))
        answer = model.bind_tools([TOOL], tool_choice=choice).invoke("Oslo")
        calls = [(call["name"], call["args"]) for call in answer.tool_calls]
        found.append((sent(aimlapi_emulator), calls))
    assert found[0] == found[1]


def test_embeddings(aimlapi_emulator: Emulator) -> None:
    texts = ["a", "b", "c"]
    found: list[Any] = []
    counts: list[int] = []
    for package in (theirs, ours):
        aimlapi_emulator.reset()
        model = package.AimlapiEmbeddings(base_url=aimlapi_emulator.url("aimlapi"))
        found.append(model.embed_documents(texts))
        counts.append(len(aimlapi_emulator.requests))
    assert found[0] == found[1]
    assert counts == [3, 1]  # theirs asks for one text at a time


def test_completion(aimlapi_emulator: Emulator) -> None:
    found: list[Any] = []
    for package in (theirs, ours):
        url = aimlapi_emulator.url("aimlapi") + "/chat/completions"
        model = package.AimlapiLLM(model="echo", base_url=url, max_tokens=9, temperature=0.5)
        answer = model.invoke("Hello there")
        found.append((sent(aimlapi_emulator), answer))
    assert found[0] == found[1]


def test_what_theirs_breaks_is_whole(
    aimlapi_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen in theirs first, so that this fails when it is mended there."""
    url = aimlapi_emulator.url("aimlapi")
    schema = {"title": "City", "description": "A city.", **SCHEMA}
    for method in ("json_mode", "json_schema"):
        with pytest.raises(AttributeError):
            model = theirs.ChatAimlapi(model="echo", base_url=url)
            model.with_structured_output(schema, method=method).invoke("a 'city' in JSON")
        model = ours.ChatAimlapi(model="echo", base_url=url)
        found = model.with_structured_output(schema, method=method).invoke("a 'city' in JSON")
        assert found == {"city": "a 'city' in JSON"}
    monkeypatch.delenv("AIMLAPI_API_KEY")
    assert str(theirs.ChatAimlapi(model="echo").invoke("Hi").content).startswith("mock-")
    with pytest.raises(ValueError, match="AIMLAPI_API_KEY"):
        ours.ChatAimlapi(model="echo")
