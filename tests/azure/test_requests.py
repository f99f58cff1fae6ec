"""What is sent: bodies, headers, queries; and what is refused before anything is."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from polychat.azure.models import (
    ChatCompletionsResponseFormatJSON,
    ImageEmbeddingInput,
    SystemMessage,
    UserMessage,
)
from polychat.emulator import Emulator
from polychat.errors import ConfigurationError, UnsupportedFeatureError

from .conftest import KEY, Both

HI = [UserMessage("hi")]


def sent(emulator: Emulator, index: int = -1) -> Any:
    return emulator.requests[index]


def test_the_body_is_written_as_azure_ai_inference_writes_it(
    both: Both, emulator: Emulator
) -> None:
    both(
        "complete",
        top_p=0.5,
        stop=["x"],
        seed=1,
        temperature=0.5,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        max_tokens=5,
        model="m",
        response_format="text",
        messages=[SystemMessage("naïve"), UserMessage("☃")],
        model_extras={"top_k": 1},
    )
    assert sent(emulator).body == (
        b'{"messages": [{"role": "system", "content": "na\\u00efve"}, {"role": "user", "content":'
        b' "\\u2603"}], "frequency_penalty": 0.2, "max_tokens": 5, "model": "m",'
        b' "presence_penalty": 0.1, "response_format": {"type": "text"}, "seed": 1, "stop": ["x"],'
        b' "temperature": 0.5, "top_p": 0.5, "top_k": 1}'
    )
    assert sent(emulator).headers["extra-parameters"] == "pass-through"


def test_new_fields_are_keywords(both: Both, emulator: Emulator) -> None:
    new = {
        "max_completion_tokens": 7,
        "reasoning_effort": "low",
        "parallel_tool_calls": False,
        "logprobs": True,
        "top_logprobs": 2,
        "n": 2,
        "modalities": ["text"],
    }
    result = both("complete", messages=HI, **new)
    assert list(json.loads(sent(emulator).body).items())[1:] == sorted(
        new.items(), key=lambda item: list(json.loads(sent(emulator).body)).index(item[0])
    )
    assert "extra-parameters" not in sent(emulator).headers
    assert len(result.choices) == 2


def test_stream_options_bring_the_usage(both: Both) -> None:
    updates = both("complete", messages=HI, stream=True, stream_options={"include_usage": True})
    assert updates[-1].usage.total_tokens == 2
    assert updates[-1].choices == []


def test_headers_of_every_request(both: Both, emulator: Emulator) -> None:
    both.on({"user_agent": "MyAppId"}, "complete", messages=HI)
    headers = sent(emulator).headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["api-key"] == KEY
    assert headers["user-agent"].startswith("MyAppId azsdk-python-ai-inference/1.0.0b9 Python/3")
    assert " polychat/" in headers["user-agent"]
    assert headers["accept"] == headers["content-type"] == "application/json"
    both("complete", messages=HI)
    assert len(sent(emulator).headers["x-ms-client-request-id"]) == 36
    assert sent(emulator).headers["x-ms-client-request-id"] != headers["x-ms-client-request-id"]


def test_the_callers_dicts_stay_as_they_are(both: Both) -> None:
    headers, params, extras = {"X-Mine": "1"}, {"a": "b"}, {"top_k": 1}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}
    both.run(
        {"headers": headers, "model_extras": extras},
        lambda c: c.complete(messages=HI, headers=headers, params=params, model_extras=extras),
        lambda c: c.complete(body),
        lambda c: c.complete(body, stream=True),
    )
    assert (headers, params, extras) == ({"X-Mine": "1"}, {"a": "b"}, {"top_k": 1})
    assert body == {"messages": [{"role": "user", "content": "hi"}]}


def test_a_stream_of_a_dict_asks_for_it(both: Both) -> None:
    body = {"messages": [{"role": "user", "content": "one two"}]}
    updates = both("complete", body, stream=True)
    assert "".join(u.choices[0].delta.content or "" for u in updates) == "one two"


def test_bodies_of_bytes_and_files(both: Both, emulator: Emulator) -> None:
    raw = b'{"messages":[{"role":"user","content":"raw"}]}'
    assert both("complete", raw).choices[0].message.content == "raw"
    assert sent(emulator).body == raw
    assert both("complete", body=io.BytesIO(raw)).choices[0].message.content == "raw"
    assert sent(emulator).body == raw


@pytest.mark.parametrize("method", ["complete", "get_model_info", "send_request"])
def test_an_unknown_keyword_is_named(both: Both, method: str) -> None:
    from polychat.azure import HttpRequest

    given = {"complete": {"messages": HI}, "send_request": {"request": HttpRequest("GET", "/info")}}
    with pytest.raises(
        TypeError, match=rf"{method}\(\) got an unexpected keyword argument 'bogus'"
    ):
        both(method, **given.get(method, {}), bogus=1)


def test_an_unknown_keyword_of_a_client_is_named(both: Both) -> None:
    with pytest.raises(TypeError, match=r"EmbeddingsClient\(\) got an unexpected .* 'temperature'"):
        both.client("EmbeddingsClient", temperature=0.1)
    with pytest.raises(ConfigurationError, match="per_call_policies: there is no pipeline"):
        both.client(per_call_policies=[])


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, TypeError, "missing required argument: messages"),
        ({"messages": "hi"}, ConfigurationError, "messages is a str, not a list of messages"),
        ({"messages": []}, ConfigurationError, "messages is empty"),
        ({"messages": HI, "response_format": {}}, ValueError, "Unsupported `response_format`"),
        ({"messages": HI, "body": {}}, TypeError, "takes a body or messages, not both"),
        ({"body": {}, "temperature": 1}, TypeError, "takes a body or temperature, not both"),
        ({"body": 3}, TypeError, "body is a int: pass a dict, bytes or an open file"),
        ({"messages": HI, "model_extras": {"x": object}}, ConfigurationError, "cannot be written"),
        ({"messages": HI, "retry_total": -1}, ConfigurationError, "retry_total=-1"),
        ({"messages": HI, "read_timeout": 0}, ConfigurationError, "read_timeout=0"),
        (
            {"messages": HI, "headers": {"a b": "c"}},
            ConfigurationError,
            "the header 'a b' has a name",
        ),
        ({"messages": HI, "timeout": -2}, ConfigurationError, "timeout=-2"),
    ],
)
def test_what_cannot_work_is_refused(
    both: Both, emulator: Emulator, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        both("complete", **given)
    assert not emulator.requests


@pytest.mark.parametrize("endpoint", [None, "", "example.com/models", "ftp://x", "https://u:p@x"])
def test_endpoints_that_are_none(both: Both, endpoint: Any) -> None:
    with pytest.raises(ConfigurationError):
        both.client(endpoint=endpoint)


def test_older_response_formats_are_taken(both: Both) -> None:
    result = both("complete", messages=HI, response_format=ChatCompletionsResponseFormatJSON())
    assert json.loads(result.choices[0].message.content) == {"content": "hi"}


def test_embeddings_and_images(both: Both, emulator: Emulator) -> None:
    result = both.on({"name": "EmbeddingsClient", "dimensions": 4}, "embed", input=["a", "b"])
    assert [len(item.embedding) for item in result.data] == [4, 4]
    images = [ImageEmbeddingInput(image="data:,", text="t")]
    both.on({"name": "ImageEmbeddingsClient"}, "embed", input=images)
    assert sent(emulator).body == b'{"input": [{"image": "data:,", "text": "t"}]}'
    made = both.on(
        {"name": "ImageGenerationsClient", "size": "1024x1024"}, "generate", prompt="a cat", n=2
    )
    assert len(made.data) == made.usage.image_generations == 2
    assert made.data[0].image.startswith("iVBOR")
    assert sent(emulator).json() == {"prompt": "a cat", "size": "1024x1024", "n": 2}
    assert sent(emulator).path.endswith("?api-version=2025-02-01-preview")


def test_model_info_is_asked_for_once(both: Both, emulator: Emulator) -> None:
    both.run(
        {}, lambda c: c.get_model_info(), lambda c: c.get_model_info(), lambda c: c.get_model_info()
    )
    assert len(emulator.requests) == 1
    client = both.client()
    assert "model_name" not in str(client)
    client._model_info = "what is known"
    assert str(client).endswith("\nwhat is known")


def test_load_client_picks_by_the_model(both: Both, emulator: Emulator) -> None:
    import asyncio

    def load(**params: str) -> Any:
        from polychat.azure import AzureKeyCredential

        made = both.module.load_client(both.url, AzureKeyCredential(KEY), params=params)
        return made if both.colour == "sync" else asyncio.run(made)

    assert type(load()).__name__ == "ChatCompletionsClient"
    client = load(model="my-embed")
    assert type(client).__name__ == "EmbeddingsClient"
    assert client._model_info.model_name == "my-embed"
    assert len(emulator.requests) == 2


def test_no_route_of_v1_is_called_that_there_is_not(both: Both, emulator: Emulator) -> None:
    v1 = both.url.replace("/models", "/openai/v1")
    with pytest.raises(UnsupportedFeatureError, match="Model information is not available"):
        both.on({"endpoint": v1}, "get_model_info")
    with pytest.raises(UnsupportedFeatureError, match="there is no /images/embeddings"):
        both.on({"endpoint": v1, "name": "ImageEmbeddingsClient"}, "embed", input=[{"image": "x"}])
    assert not emulator.requests
