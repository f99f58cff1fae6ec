"""What LangChain's own suite does not ask: the wire, and what the older package breaks."""

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import json
import pickle
import subprocess
import sys
from typing import Any

import pytest
from langchain_core.load import dumpd, load
from langchain_core.messages import (
    AIMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.tools import tool
from pydantic import BaseModel

from polychat import errors
from polychat.aimlapi import GenerationFailedError, GenerationTimeoutError
from polychat.emulator import Emulator
from polychat.integrations.langchain import (
    AimlapiEmbeddings,
    AimlapiImageModel,
    AimlapiLLM,
    AimlapiVideoModel,
    ChatAimlapi,
)
from polychat.integrations.langchain._messages import to_wire

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


class City(BaseModel):
    """A city."""

    name: str
    people: int


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"3 degrees in {city}"


def chat(url: str, **options: Any) -> ChatAimlapi:
    return ChatAimlapi(model="echo", base_url=url, **options)


# --- the wire ---


def test_what_is_sent(url: str, emulator: Emulator) -> None:
    model = chat(url, temperature=0.5, top_k=5, stop=[], min_p=0.1, extra_body={"own": 1},
                 default_headers={"x-app": "mine"}, default_query={"q": "1"})  # fmt: skip
    model.invoke([SystemMessage("Be brief"), HumanMessage("Hi", name="Ann")], n=1)
    sent = emulator.requests[-1]
    assert sent.json() == {
        "model": "echo", "temperature": 0.5, "top_k": 5, "min_p": 0.1, "own": 1, "n": 1,
        "messages": [{"role": "system", "content": "Be brief"},
                     {"role": "user", "content": "Hi", "name": "Ann"}],
    }  # fmt: skip
    assert sent.path.endswith("/v1/chat/completions?q=1")
    assert (sent.headers["x-app"], sent.headers["x-title"]) == ("mine", "LangChain")
    assert sent.headers["authorization"] == "Bearer key"


def test_a_call_that_only_anthropics_block_tells_is_sent() -> None:
    use = {"type": "tool_use", "id": "7", "name": "weather", "input": {"city": "Oslo"}}
    (wire,) = to_wire([AIMessage([{"type": "text", "text": "I look"}, use])])
    assert wire["content"] == "I look"
    assert [(call["id"], call["function"]) for call in wire["tool_calls"]] == [
        ("7", {"name": "weather", "arguments": '{"city": "Oslo"}'})
    ]


def test_disabled_params_are_not_sent(url: str, emulator: Emulator) -> None:
    model = chat(url, disabled_params={"parallel_tool_calls": None, "temperature": [0.5]})
    model.bind_tools([weather], parallel_tool_calls=False).invoke("Oslo", temperature=0.5)
    sent = emulator.requests[-1].json()
    assert not {"parallel_tool_calls", "temperature"} & sent.keys()


BLOCKS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "image", "url": "https://x.example/a.png"},
     {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}),
    ({"type": "image", "base64": "QQ==", "mime_type": "image/png"},
     {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}),
    ({"type": "image", "source_type": "base64", "data": "QQ==", "mime_type": "image/png"},
     {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}),
    ({"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "QQ=="}},
     {"type": "image_url", "image_url": {"url": "data:image/gif;base64,QQ=="}}),
    ({"type": "image_url", "image_url": "https://x.example/a.png"},
     {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}),
    ({"type": "audio", "base64": "QQ==", "mime_type": "audio/mpeg"},
     {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "mp3"}}),
    ({"type": "video", "url": "https://x.example/a.mp4"},
     {"type": "video_url", "video_url": {"url": "https://x.example/a.mp4"}}),
    ({"type": "video", "base64": "QQ==", "mime_type": "video/webm"},
     {"type": "video_url", "video_url": {"url": "data:video/webm;base64,QQ=="}}),
    ({"type": "file", "base64": "QQ==", "mime_type": "application/pdf", "filename": "a.pdf"},
     {"type": "file", "file": {"filename": "a.pdf",
                               "file_data": "data:application/pdf;base64,QQ=="}}),
    ({"type": "file", "url": "https://x.example/a.pdf"},
     {"type": "document", "source": {"type": "url", "url": "https://x.example/a.pdf"}}),
    ({"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}},
     {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}),
]  # fmt: skip


@pytest.mark.parametrize(("block", "part"), BLOCKS)
def test_a_block_is_sent_as_the_spec_has_it(
    url: str, emulator: Emulator, block: dict[str, Any], part: dict[str, Any]
) -> None:
    chat(url).invoke([HumanMessage([{"type": "text", "text": "See"}, block])])
    assert emulator.requests[-1].json()["messages"][0]["content"][1] == part


@pytest.mark.parametrize("block", [
    {"type": "hologram", "url": "https://x.example"},
    {"type": "image", "file_id": "file-1"},
    {"type": "audio", "url": "https://x.example/a.wav"},
])  # fmt: skip
def test_a_block_that_cannot_be_sent_is_refused(
    url: str, emulator: Emulator, block: dict[str, Any]
) -> None:
    with pytest.raises(errors.UnsupportedFeatureError):
        chat(url).invoke([HumanMessage([block])])
    assert not emulator.requests


def test_pictures_of_tools_follow_their_answers() -> None:
    picture = {"type": "image", "base64": "QQ==", "mime_type": "image/png"}
    call = {"name": "draw", "args": {}, "id": "1"}
    wire = to_wire([
        AIMessage("", tool_calls=[call, {**call, "id": "2"}]),
        ToolMessage([{"type": "text", "text": "Here"}, picture], tool_call_id="1"),
        ToolMessage("", tool_call_id="2", status="error"),
        HumanMessage("Thanks"),
    ])  # fmt: skip
    assert [m["role"] for m in wire] == ["assistant", "tool", "tool", "user", "user"]
    assert wire[1]["content"] == "Here"
    assert wire[2]["content"] == "The tool has failed."
    assert [part["type"] for part in wire[3]["content"]] == ["text", "image_url"]
    assert wire[0]["content"] is None


def test_other_messages() -> None:
    developer = SystemMessage("x", additional_kwargs={"__openai_role__": "developer"})
    assert to_wire([developer, ChatMessage(role="user", content="y")]) == [
        {"role": "developer", "content": "x"}, {"role": "user", "content": "y"}]  # fmt: skip
    with pytest.raises(errors.UnsupportedFeatureError):
        to_wire([FunctionMessage(name="f", content="x")])


# --- answers ---


def test_thoughts_price_and_ids_are_told(url: str) -> None:
    answer = chat(url).invoke("Two and two?", reasoning_effort="low")
    assert answer.additional_kwargs["reasoning_content"] == "I answer: Two and two?"
    assert answer.response_metadata["cost"]["credits"] == answer.usage_metadata["total_tokens"] * 10
    assert answer.response_metadata["request_id"].startswith("inf-")


@pytest.mark.skipif(not hasattr(AIMessage, "content_blocks"), reason="LangChain 1 has them first")
def test_thoughts_are_a_block_of_content(url: str) -> None:
    answer = chat(url).invoke("Two and two?", reasoning_effort="low")
    assert {"type": "reasoning", "reasoning": "I answer: Two and two?"} in [
        {k: v for k, v in block.items() if k in ("type", "reasoning")}
        for block in answer.content_blocks
    ]


def test_thoughts_and_price_are_streamed(url: str) -> None:
    chunks = list(chat(url).stream("Two and two?", reasoning_effort="low"))
    thoughts = "".join(c.additional_kwargs.get("reasoning_content", "") for c in chunks)
    assert thoughts == "I answer: Two and two?"
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert whole.usage_metadata["output_token_details"]["reasoning"] == 5
    assert whole.response_metadata["model_name"] == "echo"
    assert whole.response_metadata["finish_reason"] == "stop"
    assert whole.response_metadata["cost"]["usd"] > 0


def test_log_probabilities(url: str) -> None:
    answer = chat(url, logprobs=True).invoke("Hi there")
    assert [t["token"] for t in answer.response_metadata["logprobs"]["content"]] == ["Hi", " there"]
    streamed = [c.response_metadata.get("logprobs") for c in chat(url, logprobs=True).stream("Hi")]
    assert [p["content"][0]["token"] for p in streamed if p] == ["Hi"]


def test_several_answers(url: str) -> None:
    result = chat(url, n=2).generate([[HumanMessage("Hi")]])
    assert [g.text for g in result.generations[0]] == ["Hi", "Hi"]
    with pytest.raises(errors.ConfigurationError, match="n must be 1"):
        list(chat(url, n=2).stream("Hi"))


def test_headers_on_demand(url: str) -> None:
    answer = chat(url, include_response_headers=True).invoke("Hi")
    assert answer.response_metadata["headers"]["x-inference-id"].startswith("inf-")


@pytest.mark.parametrize("method", ["function_calling", "json_schema"])
@pytest.mark.parametrize("strict", [None, False, True])
def test_structured_output(url: str, emulator: Emulator, method: Any, strict: bool | None) -> None:
    model = chat(url).with_structured_output(City, method=method, strict=strict, include_raw=True)
    result = model.invoke("Oslo has 7 people")
    assert result["parsed"] == City(name="Oslo has 7 people", people=7)
    assert result["parsing_error"] is None
    sent = emulator.requests[-1].json()
    inner = (sent["tools"][0]["function"] if method == "function_calling"
             else sent["response_format"]["json_schema"])  # fmt: skip
    assert inner.get("strict") is strict
    assert "ls_structured_output_format" not in sent


def test_json_mode_and_its_errors(url: str) -> None:
    model = chat(url).with_structured_output(City, method="json_mode", include_raw=True)
    result = model.invoke("Give me JSON with 'name' only")
    assert result["parsed"] is None
    assert "people" in str(result["parsing_error"])


def test_wrong_wishes_are_refused(url: str) -> None:
    model = chat(url)
    for wish in ({"method": "magic"}, {"schema": None}, {"tools": [weather]},
                 {"method": "json_mode", "strict": True}):  # fmt: skip
        with pytest.raises(errors.ConfigurationError):
            model.with_structured_output(**{"schema": City, **wish})
    with pytest.raises(errors.ConfigurationError, match="none of the tools"):
        model.bind_tools([weather], tool_choice="wether")
    with pytest.raises(ValueError, match="temprature"):
        chat(url, temprature=1)


# --- what the package before this one breaks ---


def test_a_missing_key_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIMLAPI_API_KEY", raising=False)
    for make in (lambda: ChatAimlapi(model="m"), AimlapiEmbeddings, AimlapiImageModel,
                 lambda: AimlapiLLM(model="m"), AimlapiVideoModel):  # fmt: skip
        with pytest.raises(ValueError, match="AIMLAPI_API_KEY"):
            make()


def test_dummytoken_is_a_key_like_any_other(url: str, emulator: Emulator) -> None:
    assert chat(url, api_key="dummytoken").invoke("Hi").content == "Hi"
    assert emulator.requests[-1].headers["authorization"] == "Bearer dummytoken"


@pytest.mark.filterwarnings("ignore:The function `load` is in beta")
def test_a_model_is_written_and_loaded_without_its_key(url: str) -> None:
    written = dumpd(chat(url, temperature=0.5, api_key="very-secret"))
    assert "very-secret" not in json.dumps(written)
    allowed: dict[str, Any] = {"allowed_objects": [ChatAimlapi]}
    if "allowed_objects" not in inspect.signature(load).parameters:  # LangChain 0.3
        allowed.clear()
    loaded = load(written, secrets_map={"AIMLAPI_API_KEY": "k"}, valid_namespaces=["polychat"],
                  **allowed)  # fmt: skip
    assert loaded.temperature == 0.5
    assert loaded.invoke("Hi").content == "Hi"


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda m: m.model_copy(),
                                 lambda m: pickle.loads(pickle.dumps(m))])  # fmt: skip
def test_a_copy_outlives_its_model(url: str, way: Any) -> None:
    model = chat(url)
    model.invoke("Hi")
    copied = way(model)
    del model
    gc.collect()
    assert copied.invoke("Hi").content == "Hi"
    assert asyncio.run(copied.ainvoke("Hi")).content == "Hi"


def test_one_model_in_several_event_loops(url: str) -> None:
    model = chat(url)
    assert [asyncio.run(model.ainvoke("Hi")).content for _ in range(3)] == ["Hi"] * 3


def test_a_cut_stream_keeps_what_had_come(url: str) -> None:
    with pytest.raises(errors.StreamTruncatedError) as caught:
        list(ChatAimlapi(model="fault:cut=3", base_url=url).stream("one two three four"))
    assert caught.value.text == "one two"


def test_errors_are_typed_and_the_key_is_not_in_them(url: str) -> None:
    model = ChatAimlapi(model="fault:status=429,retry-after=99", base_url=url, api_key="hidden")
    with pytest.raises(errors.RateLimitError) as caught:
        model.invoke("Hi")
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(model)


# --- embeddings, completion, pictures, videos ---


def test_embeddings_are_batched_and_in_order(url: str, emulator: Emulator) -> None:
    model = AimlapiEmbeddings(base_url=url, chunk_size=2, dimensions=4)
    texts = ["a", "b", "c", "d", "e"]
    vectors = model.embed_documents(texts)
    assert [r.json()["input"] for r in emulator.requests] == [["a", "b"], ["c", "d"], ["e"]]
    assert vectors == [model.embed_query(text) for text in texts]
    assert asyncio.run(model.aembed_documents(texts)) == vectors
    assert len(vectors[0]) == 4


def test_empty_texts_are_skipped_on_demand(url: str, emulator: Emulator) -> None:
    vectors = AimlapiEmbeddings(base_url=url, skip_empty=True).embed_documents(["a", " ", "b"])
    assert emulator.requests[-1].json()["input"] == ["a", "b"]
    assert [bool(vector) for vector in vectors] == [True, False, True]


def test_the_completion_model(url: str, emulator: Emulator) -> None:
    model = AimlapiLLM(model="echo", base_url=url, max_tokens=9, logprobs=2)
    assert model.invoke("One two") == "One two"
    assert emulator.requests[-1].json()["top_logprobs"] == 2
    assert list(model.stream("One two")) == ["One", " two", ""]
    assert asyncio.run(model.ainvoke("One two", stop=["two"])) == "One "

    async def collect() -> list[str]:
        return [piece async for piece in model.astream("One two")]

    assert asyncio.run(collect()) == ["One", " two", ""]


def test_the_image_model(url: str) -> None:
    model = AimlapiImageModel(base_url=url)
    assert model.invoke("A cat").startswith("data:image/png")
    assert len(model.generate_images("A cat", n=2, response_format="b64_json")) == 2
    assert asyncio.run(model.ainvoke("A cat")).startswith("data:image/png")
    with pytest.raises(errors.UnsupportedFeatureError):
        model.invoke("A cat", stop=["cat"])


def test_the_video_model(url: str, emulator: Emulator) -> None:
    model = AimlapiVideoModel(base_url=url)
    link = "https://cdn.example.com/video.mp4"
    assert model.invoke("A cat", poll_interval=0.01) == link
    assert emulator.requests[0].json() == {"model": "google/veo3", "prompt": "A cat"}
    assert asyncio.run(model.agenerate_videos("A cat", poll_interval=0.01)) == [link]
    with pytest.raises(GenerationFailedError):
        model.invoke("fail!", poll_interval=0.01)
    with pytest.raises(GenerationTimeoutError):
        model.invoke("wait!", poll_interval=0.01, timeout=0.05)


def test_the_import_adds_little() -> None:
    code = ("import time, langchain_core.language_models.chat_models, langchain_core.embeddings,"
            " langchain_core.language_models.llms, langchain_core.output_parsers.openai_tools,"
            " langchain_core.utils.function_calling;"
            " b = time.process_time(); import polychat.integrations.langchain;"
            " print(time.process_time() - b)")  # fmt: skip
    command = [sys.executable, "-c", code]
    for _ in range(3):  # CPU time, which a busy machine stretches less than the clock
        spent = float(subprocess.run(command, capture_output=True, check=True).stdout)
        if spent < 0.15:
            break
    assert spent < 0.15
