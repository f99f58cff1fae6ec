"""Azure AI Inference, Aleph Alpha and AIMLAPI: what differs from platform to platform."""

from __future__ import annotations

import base64
import io
import json
import struct
import wave
from typing import Any

import httpx
import pytest

from polychat.emulator import Emulator

USER = {"role": "user", "content": "a b"}


def documents(answer: httpx.Response, done: bool = True) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert (lines[-1] == "[DONE]") == done
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize(
    ("flavour", "model"),
    [("/models", "echo"), ("/openai/v1", "m"), ("/openai/deployments/a%20b", "a b"), ("", "echo")],
)
def test_azure_flavours(emulator: Emulator, flavour: str, model: str) -> None:
    url = emulator.url("azure").removesuffix("/models") + flavour + "/chat/completions"
    body: dict[str, Any] = {"messages": [USER]}
    if model == "m":
        nameless = httpx.post(url, json=body, headers={"api-key": "k"})
        assert nameless.status_code == 400
        assert "model" in nameless.json()["error"]["message"]
        body["model"] = "m"
    answer = httpx.post(url, json=body, headers={"api-key": "k"}).json()
    assert answer["model"] == model
    assert answer["choices"][0]["message"]["content"] == "a b"


def test_azure_streams_embeds_and_tells_what_it_is(azure: httpx.Client) -> None:
    chunks = documents(azure.post("/chat/completions", json={"messages": [USER], "stream": True}))
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    document = azure.post("/embeddings", json={"input": ["x"], "model": "e"}).json()
    assert (document["object"], document["model"], document["id"]) == ("list", "e", "emb-2")
    image = {"image": "data:image/png;base64,AAAA", "text": "t"}
    assert len(azure.post("/images/embeddings", json={"input": [image]}).json()["data"]) == 1
    assert azure.get("/info").json()["model_type"] == "chat-completion"
    named = azure.get("/info", params={"model": "my-embed"}).json()
    assert named["model_type"] == "embeddings"
    assert azure.post("/chat/completions", json={"messages": [USER], "model": "missing"}).is_error


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_aleph_alpha_chat_writes_its_nulls(aleph_alpha: httpx.Client, prefix: str) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    body = {"model": "m", "messages": [USER], **options}
    chunks = documents(aleph_alpha.post(prefix + "/chat/completions", json=body))
    assert all("usage" in chunk and "system_fingerprint" in chunk for chunk in chunks)
    assert [chunk["usage"] is None for chunk in chunks] == [True] * 4 + [False]
    assert chunks[0]["choices"][0]["logprobs"] is None
    assert chunks[-1]["choices"] == []


def test_aleph_alpha_completes(aleph_alpha: httpx.Client) -> None:
    body = {"model": "m", "prompt": "one two three", "maximum_tokens": 2}
    whole = aleph_alpha.post("/complete", json=body).json()
    assert whole["completions"][0]["completion"] == "one two"
    assert whole["completions"][0]["finish_reason"] == "maximum_tokens"
    assert (whole["num_tokens_prompt_total"], whole["num_tokens_generated"]) == (3, 2)
    items = [{"type": "text", "data": "x"}, {"type": "token_ids", "data": [1]}]
    parts = aleph_alpha.post("/complete", json={"model": "m", "prompt": items}).json()
    assert parts["completions"][0]["completion"] == "x"


def test_aleph_alpha_completion_streams_without_done(aleph_alpha: httpx.Client) -> None:
    body = {"model": "m", "prompt": "one two", "stream": True}
    events = documents(aleph_alpha.post("/complete", json=body), done=False)
    kinds = ["stream_chunk", "stream_chunk", "stream_summary", "completion_summary"]
    assert [event["type"] for event in events] == kinds
    assert "".join(event.get("completion", "") for event in events) == "one two"
    plain = aleph_alpha.post("/complete/json", json=body)
    assert plain.json()["completions"][0]["completion"] == "one two"


def test_aleph_alpha_tokens_go_there_and_back(aleph_alpha: httpx.Client) -> None:
    body = {"model": "m", "prompt": "tell me, tell", "tokens": True, "token_ids": True}
    told = aleph_alpha.post("/tokenize", json=body).json()
    assert told["tokens"] == ["tell", " me,", " tell"]
    ids = {"model": "m", "token_ids": told["token_ids"]}
    assert aleph_alpha.post("/detokenize", json=ids).json() == {"result": "tell me, tell"}
    unknown = aleph_alpha.post("/detokenize", json={"model": "m", "token_ids": [10**9]})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "BAD_REQUEST")


def test_aleph_alpha_embeds_and_ranks(aleph_alpha: httpx.Client) -> None:
    one: dict[str, Any] = {"model": "m", "prompt": "x", "representation": "symmetric"}
    vector = aleph_alpha.post("/semantic_embed", json=one).json()["embedding"]
    many = {"model": "m", "prompts": ["x", "y"], "representation": "query"}
    vectors = aleph_alpha.post("/batch_semantic_embed", json=many).json()["embeddings"]
    assert len(vector) == 128
    assert vectors[0] == vector != vectors[1]
    instructed = {"model": "m", "input": "x", "instruction": "i"}
    assert aleph_alpha.post("/instructable_embed", json=instructed).json()["embedding"] == vector
    assert (
        len(aleph_alpha.post("/embeddings", json={"model": "m", "input": "x"}).json()["data"]) == 1
    )
    query = {"model": "m", "query": "red cat", "documents": ["dog", "red cat", "cat"], "top_n": 2}
    results = aleph_alpha.post("/rerank", json=query).json()["results"]
    assert [(one["index"], one["relevance_score"]) for one in results] == [(1, 1.0), (2, 0.5)]


def test_aleph_alpha_tells_its_version_and_models(aleph_alpha: httpx.Client) -> None:
    version = aleph_alpha.get("/version")
    assert (version.text, version.headers["content-type"].partition(";")[0]) == (
        "4.7.0",
        "text/plain",
    )
    assert aleph_alpha.get("/models_available").json()[0]["name"] == "echo"


def test_aimlapi_chat_costs_and_traces(aimlapi: httpx.Client) -> None:
    body = {"model": "m", "messages": [USER]}
    answer = aimlapi.post("/chat/completions", json=body, headers={"x-client-request-id": "me"})
    assert answer.headers["x-client-request-id"] == "me"
    assert answer.headers["x-inference-id"]
    used = answer.json()["meta"]["usage"]
    assert answer.headers["x-aimlapi-credits-used"] == str(used["credits_used"])
    assert answer.json()["choices"][0]["message"]["refusal"] is None
    stream = aimlapi.post("/chat/completions", json={**body, "stream": True})
    assert documents(stream)[-1]["meta"]["usage"] == used
    assert "x-aimlapi-credits-used" not in stream.headers


@pytest.mark.parametrize("messages", [[], "hi", ["hi"], [{"content": "x"}]])
def test_aimlapi_messages_have_a_shape(aimlapi: httpx.Client, messages: Any) -> None:
    answer = aimlapi.post("/chat/completions", json={"model": "m", "messages": messages})
    assert answer.status_code == 400
    assert "messages" in answer.json()["message"]


def test_aimlapi_chat_is_also_without_version(emulator: Emulator) -> None:
    url = emulator.url("aimlapi").removesuffix("/v1") + "/chat/completions"
    headers = {"Authorization": "Bearer k"}
    body = {"model": "m", "messages": [USER]}
    assert httpx.post(url, json=body, headers=headers).status_code == 200


def test_aimlapi_models(aimlapi: httpx.Client, emulator: Emulator) -> None:
    models = aimlapi.get("/models").json()["data"]
    root = emulator.url("aimlapi").removesuffix("/v1")
    for model in models:
        assert httpx.get(f"{root}/model/{model['id']}").json() == model
    assert httpx.get(f"{root}/model/nobody/x").status_code == 404
    only = aimlapi.get("/models", params={"type": "embedding"}).json()["data"]
    assert [model["type"] for model in only] == ["embedding"]
    assert len(models) > 1


def test_aimlapi_embeds(aimlapi: httpx.Client) -> None:
    body = {"model": "m", "input": ["x"], "encoding_format": "base64", "dimensions": 3}
    encoded = aimlapi.post("/embeddings", json=body).json()["data"][0]["embedding"]
    assert len(struct.unpack("<3f", base64.b64decode(encoded))) == 3


def test_aimlapi_draws_and_speaks(aimlapi: httpx.Client) -> None:
    body = {"model": "m", "prompt": "a cat", "n": 2, "response_format": "b64_json"}
    pictures = aimlapi.post("/images/generations", json=body).json()["data"]
    assert len(pictures) == 2
    assert base64.b64decode(pictures[0]["b64_json"]).startswith(b"\x89PNG\r\n")
    by_url = aimlapi.post("/images/generations", json={"model": "m", "prompt": "a cat"}).json()
    assert by_url["data"][0]["url"].endswith(pictures[0]["b64_json"])
    said = aimlapi.post("/tts", json={"model": "m", "text": "one two three"})
    assert said.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(said.content)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(0.3)
    accept = {"Accept": "application/json"}
    document = aimlapi.post("/tts", json={"model": "m", "text": "x"}, headers=accept).json()
    assert document["audio"]["url"].startswith("data:audio/wav;base64,")
    assert aimlapi.post("/tts", json={"model": "m"}).status_code == 400
