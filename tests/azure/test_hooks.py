"""Hooks, logs, transports and certificates: azure-core's keywords."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest

from polychat.azure.models import UserMessage
from polychat.emulator import Emulator
from polychat.errors import ConfigurationError
from tests.network.servers import polite, serving

from .conftest import KEY, Both, answer

HI = [UserMessage("hi ☃")]


def test_the_request_hook_sees_and_changes_the_request(both: Both, emulator: Emulator) -> None:
    seen: list[Any] = []

    def hook(pipeline_request: Any) -> None:
        request = pipeline_request.http_request
        seen.append(request)
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        assert request.headers["API-KEY"] == KEY
        assert KEY not in repr(request.headers)
        assert request.data == request.body == request.content
        assert request.query["api-version"] == "2024-05-01-preview"
        request.headers["X-Mine"] = "1"
        del request.headers["api-key"]
        request.data = request.data.replace("hi", "bye")

    result = both("complete", messages=HI, raw_request_hook=hook)
    assert json.loads(seen[0].data)["messages"][0]["content"] == "bye ☃"
    assert result.choices[0].message.content == "bye ☃"
    arrived = emulator.requests[-1].headers
    assert arrived["x-mine"] == "1"
    assert "api-key" not in arrived
    assert seen[0].method == "POST"


def test_hooks_of_a_client_and_of_a_call(both: Both) -> None:
    seen: list[str] = []

    def noting(name: str) -> Any:
        return lambda _: seen.append(name)

    both.run(
        {"raw_request_hook": noting("client"), "raw_response_hook": noting("client answer")},
        lambda c: c.complete(messages=HI),
        lambda c: c.complete(messages=HI, raw_request_hook=noting("call")),
    )
    assert seen == ["client", "client answer", "call", "client answer"]


def test_the_response_hook_sees_the_answer_of_each_attempt(both: Both) -> None:
    seen: list[Any] = []
    answers = [httpx.Response(503, json={"error": "busy"}), answer("fine")]
    both.handled(
        lambda _: answers.pop(0),
        "complete",
        messages=HI,
        raw_response_hook=seen.append,
        retry_backoff_factor=0.001,
    )
    assert [r.http_response.status_code for r in seen] == [503, 200]
    assert seen[0].http_response.json() == {"error": "busy"}
    assert seen[1].http_response.reason == "OK"
    assert seen[1].http_request.method == "POST"


def test_an_exception_of_a_hook_is_the_callers(both: Both) -> None:
    def hook(_: Any) -> None:
        raise ZeroDivisionError

    for name in ("raw_request_hook", "raw_response_hook"):
        with pytest.raises(ZeroDivisionError):
            both("complete", messages=HI, **{name: hook})
        with pytest.raises(ZeroDivisionError):
            both("complete", messages=HI, stream=True, **{name: hook})


def test_logging_shows_bodies_and_hides_keys(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "polychat.azure")
    both("complete", messages=HI)
    assert not [r for r in caplog.records if r.name == "polychat.azure"]
    both("complete", messages=HI, logging_enable=True)
    lines = [r.getMessage() for r in caplog.records if r.name == "polychat.azure"]
    assert len(lines) == 2
    assert '"content": "hi \\u2603"' in lines[0]
    assert "answered 200" in lines[1]
    assert "***" in lines[0]
    assert KEY not in str(lines)


def test_transports_of_azure_core(both: Both, emulator: Emulator) -> None:
    from azure.core.pipeline.transport import AioHttpTransport, RequestsTransport

    transport: Any = RequestsTransport() if both.colour == "sync" else AioHttpTransport()
    seen: list[Any] = []
    updates = both.run(
        {"transport": transport, "raw_response_hook": seen.append},
        lambda c: c.complete(messages=HI),
        lambda c: c.complete(messages=HI, stream=True),
    )
    assert "".join(u.choices[0].delta.content or "" for u in updates) == "hi ☃"
    assert seen[0].http_response.json()["choices"][0]["message"]["content"] == "hi ☃"
    assert len(emulator.requests) == 2
    assert transport.session is None  # the client closed it


def test_a_client_of_ones_own_is_not_closed(both: Both) -> None:
    if both.colour == "sync":
        with httpx.Client() as own:
            both.on({"http_client": own}, "complete", messages=HI)
            assert not own.is_closed
        return

    async def main() -> None:
        async with httpx.AsyncClient() as own:
            async with both.client(http_client=own) as client:
                await client.complete(messages=HI)
            assert not own.is_closed

    asyncio.run(main())


def test_proxies(both: Both) -> None:
    with serving(polite) as proxy:
        both.on({"proxies": {"http": proxy.url}}, "complete", messages=HI)
        both("complete", messages=HI, proxies={"all": proxy.url})
        both("complete", messages=HI, proxies={"https": proxy.url})
        assert [r.path.startswith("http://127.0.0.1") for r in proxy.requests] == [True, True]
    with pytest.raises(ConfigurationError, match="proxies and transport"):
        both.client(proxies={"http": proxy.url}, transport=httpx.MockTransport(lambda _: answer()))


def test_certificates(both: Both, tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError):
        both.client(connection_verify=str(tmp_path / "no-such-ca.pem"), connection_cert="no.pem")
    with pytest.raises(FileNotFoundError, match="No such file"):
        both("complete", messages=HI, connection_cert=str(tmp_path / "none.pem"))


def test_calls_with_other_certificates_have_connections_of_their_own(both: Both) -> None:
    with serving(polite) as server:
        both.run(
            {"endpoint": server.url},
            lambda c: c.complete(messages=HI),
            lambda c: c.complete(messages=HI, connection_verify=False),
            lambda c: c.complete(messages=HI, connection_verify=False),
        )
        assert server.connections == 2


def test_user_agents(both: Both, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_HTTP_USER_AGENT", "from-env")
    both("complete", messages=HI, user_agent="Mine")
    both("complete", messages=HI, user_agent="Only", user_agent_overwrite=True)
    both("complete", messages=HI, user_agent_use_env=False)
    agents = [request.headers["user-agent"] for request in emulator.requests]
    assert agents[0].startswith("Mine azsdk-python-ai-inference/")
    assert " from-env polychat/" in agents[0]
    assert agents[1] == "Only"
    assert "from-env" not in agents[2]


def test_low_level_functions_take_the_client(emulator: Emulator) -> None:
    from polychat.azure import AzureKeyCredential, ChatCompletionsClient
    from polychat.azure.exceptions import ResourceNotFoundError
    from polychat_rest.azure.api.chat import get_chat_completions

    body: Any = {"messages": [{"role": "user", "content": "low"}], "model": "m"}
    with ChatCompletionsClient(emulator.url("azure"), AzureKeyCredential(KEY)) as client:
        result: Any = get_chat_completions.sync(client=client.rest, body=body, api_version="x")
        assert result.choices[0].message.content == "low"
        with pytest.raises(ResourceNotFoundError):
            get_chat_completions.sync(
                client=client.rest, body={**body, "model": "missing"}, api_version="x"
            )
    assert emulator.requests[0].headers["api-key"] == KEY
