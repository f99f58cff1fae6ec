"""Our requests, and the emulator's answers, before Prism, which holds both against our spec."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from haystack.dataclasses import ChatMessage
from haystack.tools import Tool

from polychat import errors
from polychat.aimlapi import AimlApi
from polychat.integrations.haystack import AIMLAPIChatGenerator, AIMLAPITextEmbedder
from polychat.integrations.langchain import AimlapiEmbeddings, ChatAimlapi

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
PARTS: list[Any] = [{"role": "user", "content": [
    {"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "https://x.example"}},
    {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}},
    {"type": "video_url", "video_url": {"url": "https://x.example"}},
    {"type": "file", "file": {"filename": "a.pdf", "file_data": "QQ=="}},
    {"type": "document", "source": {"type": "url", "url": "https://x.example"}}]}]  # fmt: skip
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("chat.completions.create", {"model": "echo", "messages": HELLO}),
    ("chat.completions.create", {"model": "echo", "messages": PARTS}),
    ("chat.completions.create", {"model": "echo", "messages": HELLO, "tools": [TOOL],
                                 "tool_choice": "required", "temperature": 0.5, "stop": ["x"]}),
    ("chat.completions.create", {"model": "echo", "messages": HELLO, "response_format": {
        "type": "json_schema", "json_schema": {"name": "c", "schema": SCHEMA, "strict": True}}}),
    ("chat.completions.create", {"model": "echo", "messages": [
        *HELLO, {"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "3"}]}),
    ("responses.create", {"model": "m", "input": "Hi"}),
    ("messages.create", {"model": "m", "max_tokens": 9, "messages": HELLO}),
    ("embeddings.create", {"model": "m", "input": ["a", "b"]}),
    ("images.generate", {"model": "m", "prompt": "A cat", "image_size": {"width": 8}}),
    ("images.edit", {"model": "m", "prompt": "A cat", "image": "https://x.example"}),
    ("video.create", {"model": "m", "prompt": "A cat", "duration": 5}),
    ("music.create", {"model": "m", "prompt": "A song"}),
    ("audio.transcriptions.create", {"model": "m", "url": "https://x.example"}),
    ("ocr.process", {"model": "m", "document": "https://x.example"}),
    ("batches.create", {"requests": [{"custom_id": "1", "params": {"model": "m"}}]}),
    ("models.list", {"type": "embedding"}),
    ("keys.create", {"name": "k", "limit": {"retention": "daily", "threshold": 5}}),
    ("billing.transactions", {"direction": "CHARGE", "limit": 5}),
    ("usage.detail", {"group_by": "day,model"}),
]  # fmt: skip


def _method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


@pytest.mark.parametrize(("path", "params"), CALLS)
def test_a_call_fits_the_spec(prism_url: str, path: str, params: dict[str, Any]) -> None:
    with AimlApi(base_url=prism_url, api_key="k", max_retries=0) as client:
        assert _method(client, path)(**params) is not None


SPOILED: list[dict[str, Any]] = [
    {"model": "m", "messages": "Hello"},
    {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
    {"model": "m", "messages": [{"role": "tool", "content": "no id"}]},
    {"model": "m", "messages": HELLO, "tools": [{"name": "weather"}]},
    {"model": "m", "messages": HELLO, "tool_choice": "weather"},
    {"model": "m", "messages": HELLO, "temperature": "hot"},
]


@pytest.mark.parametrize("body", SPOILED)
def test_a_spoiled_request_is_reported(prism_url: str, body: dict[str, Any]) -> None:
    url = f"{prism_url}/chat/completions"
    answer = httpx.post(url, json=body, headers={"authorization": "Bearer k"})
    assert answer.status_code == 422
    assert answer.json()["validation"]


def test_a_call_that_is_spoiled_is_an_error(prism_url: str) -> None:
    with (
        AimlApi(base_url=prism_url, api_key="k") as client,
        pytest.raises(errors.UnprocessableEntityError),
    ):
        client.chat.completions.create(model="m", messages=HELLO, extra_body={"top_p": "much"})


def test_langchains_requests_fit_the_spec(prism_url: str) -> None:
    model = ChatAimlapi(model="echo", base_url=prism_url, max_retries=0, temperature=0.5)
    assert model.invoke("Hi").content == "Hi"
    assert model.bind_tools([TOOL], tool_choice="any").invoke("Oslo").tool_calls
    schema = {"title": "City", "description": "A city.", **SCHEMA}
    for method in ("function_calling", "json_schema"):
        assert model.with_structured_output(schema, method=method, strict=True).invoke("Oslo")
    assert "".join(str(chunk.content) for chunk in model.stream("Hi there")) == "Hi there"
    assert asyncio.run(model.ainvoke("Hi")).content == "Hi"
    assert AimlapiEmbeddings(base_url=prism_url, max_retries=0).embed_query("a")


def test_haystacks_requests_fit_the_spec(prism_url: str) -> None:
    tool = Tool(name="weather", description="", parameters=SCHEMA, function=print)
    generator = AIMLAPIChatGenerator(model="echo", api_base_url=prism_url, tools=[tool],
                                     tools_strict=True, max_retries=0)  # fmt: skip
    reply = generator.run([ChatMessage.from_user("Oslo")])["replies"][0]
    assert reply.tool_calls[0].arguments == {"city": "Oslo"}
    pieces: list[Any] = []
    generator.run("Hi", pieces.append, tools=[])
    assert pieces
    assert AIMLAPITextEmbedder(api_base_url=prism_url, max_retries=0).run("a")["embedding"]
