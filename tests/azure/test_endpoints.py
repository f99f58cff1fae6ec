"""The same program on the old routes and on their successor."""

from __future__ import annotations

from typing import Any

import pytest

from polychat.azure._endpoint import read_endpoint
from polychat.azure.exceptions import ResourceNotFoundError
from polychat.azure.models import (
    ChatCompletionsToolDefinition,
    FunctionDefinition,
    JsonSchemaFormat,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from polychat.emulator import Emulator
from polychat.errors import ConfigurationError

from .conftest import Both

ML = "https://ml.azure.com/.default"
COGNITIVE = "https://cognitiveservices.azure.com/.default"
V1 = "https://ai.azure.com/.default"


@pytest.mark.parametrize(
    ("url", "v1", "scope"),
    [
        ("https://models.inference.ai.azure.com", False, ML),
        ("https://host.eastus2.models.ai.azure.com/", False, ML),
        ("https://endpoint.eastus.inference.ml.azure.com/score", False, ML),
        ("https://res.openai.azure.com/openai/deployments/gpt-4o", False, COGNITIVE),
        ("https://res.services.ai.azure.com/models", False, COGNITIVE),
        ("https://res.openai.azure.com/openai/v1", True, V1),
        ("https://res.services.ai.azure.com/openai/v1/", True, V1),
    ],
)
def test_flavours(url: str, v1: bool, scope: str) -> None:
    endpoint = read_endpoint(url)
    assert (endpoint.v1, endpoint.scope) == (v1, scope)
    assert endpoint.base_url == url.rstrip("/")


def test_the_route_can_be_said() -> None:
    assert read_endpoint("https://gateway.example/ai", "openai/v1").v1
    assert not read_endpoint("https://gateway.example/openai/v1", "models").v1
    with pytest.raises(ConfigurationError, match="route='v1'"):
        read_endpoint("https://x/y", "v1")  # type: ignore[arg-type]


def script(both: Both, endpoint: str) -> list[Any]:
    """A user's program; only its endpoint changes."""
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = ChatCompletionsToolDefinition(
        function=FunctionDefinition(name="weather", parameters=city)
    )
    messages: list[Any] = [SystemMessage("Be brief."), UserMessage("Lisbon")]
    seen: list[Any] = []

    def keep(result: Any) -> Any:
        seen.append(result)
        return result

    made = {"endpoint": endpoint, "model": "gpt-4o", "temperature": 0.1}
    keep(both.on(made, "complete", messages=messages))
    keep(both.on(made, "complete", messages=messages, stream=True))
    called = keep(both.on(made, "complete", messages=messages, tools=[tool])).choices[0].message
    again = [*messages, called, ToolMessage("17", tool_call_id=called.tool_calls[0].id)]
    keep(both.on(made, "complete", messages=again, tools=[tool]))
    keep(both.on(made, "complete", messages=messages, model_extras={"logit_bias": {}}))
    schema = JsonSchemaFormat(name="n", schema=city)
    keep(both.on(made, "complete", messages=messages, response_format=schema))
    embed = {"endpoint": endpoint, "name": "EmbeddingsClient", "model": "e"}
    keep(both.on(embed, "embed", input=["a", "b"], dimensions=3))
    return [[u.as_dict() for u in r] if isinstance(r, list) else r.as_dict() for r in seen]


def test_the_same_program_on_models_and_on_openai_v1(both: Both, emulator: Emulator) -> None:
    old = script(both, both.url)
    assert all("api-version=2024-05-01-preview" in request.path for request in emulator.requests)
    bodies = [request.body for request in emulator.requests]
    emulator.reset()
    new = script(both, both.url.replace("/models", "/openai/v1"))
    assert new == old
    assert [request.body for request in emulator.requests] == bodies
    assert not any("api-version" in request.path for request in emulator.requests)
    assert not any("extra-parameters" in request.headers for request in emulator.requests)
    assert {request.path for request in emulator.requests} == {
        "/azure/openai/v1/chat/completions",
        "/azure/openai/v1/embeddings",
    }


def test_v1_needs_a_model(both: Both, emulator: Emulator) -> None:
    v1 = {"endpoint": both.url.replace("/models", "/openai/v1")}
    with pytest.raises(ConfigurationError, match="model is missing"):
        both.on(v1, "complete", messages=[UserMessage("hi")])
    with pytest.raises(ConfigurationError, match="model is missing"):
        both.on(v1, "complete", {"messages": [{"role": "user", "content": "hi"}]})
    assert not emulator.requests


def test_api_version_of_a_client_of_a_call_and_of_the_endpoint(
    both: Both, emulator: Emulator
) -> None:
    hi = [UserMessage("hi")]
    both("complete", messages=hi, api_version="a")
    both.on({"api_version": "b"}, "complete", messages=hi)
    both.on({"endpoint": both.url + "?api-version=c"}, "complete", messages=hi)
    both("complete", messages=hi, params={"api-version": "d"})
    versions = [request.path.partition("api-version=")[2] for request in emulator.requests]
    assert versions == ["a", "b", "c", "d"]


def test_settings_come_from_the_environment(
    both: Both, monkeypatch: pytest.MonkeyPatch, emulator: Emulator
) -> None:
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", both.url)
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "from-the-environment")
    made = {"endpoint": None, "credential": None}
    assert both.on(made, "complete", messages=[UserMessage("hi")]).choices[0].index == 0
    assert emulator.requests[-1].headers["api-key"] == "from-the-environment"


def test_send_request_goes_through_the_pipeline(both: Both, emulator: Emulator) -> None:
    from polychat.azure import HttpRequest

    body = {"messages": [{"role": "user", "content": "hi"}]}
    request = HttpRequest("POST", "/chat/completions?api-version=x", json=body)
    response = both("send_request", request)
    assert response.status_code == 200
    assert response.json()["choices"][0]["message"]["content"] == "hi"
    assert emulator.requests[-1].headers["api-key"]
    missing = both("send_request", HttpRequest("GET", "/nowhere"))
    assert missing.status_code == 404
    assert missing.text()
    with pytest.raises(ResourceNotFoundError, match="there is no GET /nowhere"):
        missing.raise_for_status()


def test_send_request_takes_azure_cores_requests(both: Both) -> None:
    from azure.core.rest import HttpRequest

    request = HttpRequest("GET", "/info", params={"api-version": "x"})
    assert both("send_request", request).json()["model_name"] == "echo"


def test_send_request_streams(both: Both) -> None:
    import asyncio

    from polychat.azure import HttpRequest

    body = {"messages": [{"role": "user", "content": "hi"}], "stream": True}
    request = HttpRequest("POST", "/chat/completions", params={"api-version": "x"}, json=body)

    async def main() -> bytes:
        async with both.client() as client:
            async with await client.send_request(request, stream=True) as response:
                assert not response.is_closed
                pieces = b"".join([piece async for piece in response.aiter_bytes()])
            assert response.is_closed
            return pieces

    if both.colour == "async":
        assert asyncio.run(main()).endswith(b"data: [DONE]\n\n")
        return
    with both.client() as client:
        with client.send_request(request, stream=True) as response:
            assert b"".join(response.iter_bytes()).endswith(b"data: [DONE]\n\n")
        assert response.is_closed
        assert client.send_request(request, stream=True).read().startswith(b"data: {")


def test_results_remember_their_answer(both: Both) -> None:
    from polychat import response_of

    result = both("complete", messages=[UserMessage("hi")], model="fault:status=503,times=1")
    info = response_of(result)
    assert (info.status, info.attempts, info.request_id) == (200, 2, "chatcmpl-1")
