"""Our requests, and the emulator's answers, before Prism, which holds both against our spec."""

from __future__ import annotations

import json
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


class Checked:
    """An httpx client's hooks, which collect what Prism says of each exchange. Of a stream's answer
    it says nothing useful: it holds the text of all events against the schema of one."""

    def __init__(self) -> None:
        self.exchanges = 0
        self.violations: list[Any] = []
        self.hooks = {"response": [self._see]}

    def _see(self, response: httpx.Response) -> None:
        self.exchanges += 1
        told = json.loads(response.headers.get("sl-violations", "[]"))
        if response.headers["content-type"].startswith("text/event-stream"):
            told = [one for one in told if one["location"][0] != "response"]
        self.violations += told


@pytest.fixture
def checked() -> Checked:
    return Checked()


def _method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


@pytest.mark.parametrize(("path", "params"), CALLS)
def test_a_call_and_its_answer_fit_the_spec(
    prism_url: str, checked: Checked, path: str, params: dict[str, Any]
) -> None:
    with httpx.Client(event_hooks=checked.hooks) as http:
        client = AimlApi(base_url=prism_url, api_key="k", max_retries=0, http_client=http)
        assert _method(client, path)(**params) is not None
    assert (checked.exchanges, checked.violations) == (1, [])


SPOILED: list[dict[str, Any]] = [
    {"model": "m", "messages": "Hello"},
    {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
    {"model": "m", "messages": [{"role": "tool", "content": "no id"}]},
    {"model": "m", "messages": HELLO, "tools": [{"name": "weather"}]},
    {"model": "m", "messages": HELLO, "tool_choice": "weather"},
    {"model": "m", "messages": HELLO, "temperature": "hot"},
]


@pytest.mark.parametrize("body", SPOILED)
def test_a_spoiled_request_is_reported(
    prism_url: str, checked: Checked, body: dict[str, Any]
) -> None:
    with httpx.Client(event_hooks=checked.hooks) as http:
        url = f"{prism_url}/chat/completions"
        http.post(url, json=body, headers={"authorization": "Bearer k"})
    assert "request" in [one["location"][0] for one in checked.violations]


def test_a_call_of_ours_that_is_spoiled_is_reported(prism_url: str, checked: Checked) -> None:
    with httpx.Client(event_hooks=checked.hooks) as http:
        client = AimlApi(base_url=prism_url, api_key="k", http_client=http)
        with pytest.raises(errors.BadRequestError):
            client.chat.completions.create(model="m", messages=HELLO, extra_body={"top_p": "much"})
    assert ["request", "body", "top_p"] in [one["location"] for one in checked.violations]


def test_langchains_requests_fit_the_spec(prism_url: str, checked: Checked) -> None:
    schema = {"title": "City", "description": "A city.", **SCHEMA}
    with httpx.Client(event_hooks=checked.hooks) as http:
        model = ChatAimlapi(model="echo", base_url=prism_url, temperature=0.5, http_client=http)
        assert model.invoke("Hi").content == "Hi"
        assert model.bind_tools([TOOL], tool_choice="any").invoke("Oslo").tool_calls
        for method in ("function_calling", "json_schema"):
            assert model.with_structured_output(schema, method=method, strict=True).invoke("Oslo")
        assert "".join(str(chunk.content) for chunk in model.stream("Hi there")) == "Hi there"
        assert AimlapiEmbeddings(base_url=prism_url, http_client=http).embed_query("a")
    assert (checked.exchanges, checked.violations) == (6, [])


def test_haystacks_requests_fit_the_spec(prism_url: str, checked: Checked) -> None:
    http = {"event_hooks": checked.hooks}
    tool = Tool(name="weather", description="", parameters=SCHEMA, function=print)
    generator = AIMLAPIChatGenerator(model="echo", api_base_url=prism_url, tools=[tool],
                                     tools_strict=True, http_client_kwargs=http)  # fmt: skip
    reply = generator.run([ChatMessage.from_user("Oslo")])["replies"][0]
    assert reply.tool_calls[0].arguments == {"city": "Oslo"}
    pieces: list[Any] = []
    generator.run("Hi", pieces.append, tools=[])
    generator.close()
    assert pieces
    embedder = AIMLAPITextEmbedder(api_base_url=prism_url, http_client_kwargs=http)
    assert embedder.run("a")["embedding"]
    embedder.close()
    assert (checked.exchanges, checked.violations) == (3, [])
