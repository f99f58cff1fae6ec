"""Requests that the specs, or the platforms' auth, do not allow; each platform's envelope."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from polychat.emulator import Emulator

USER = {"role": "user", "content": "hi"}
CHAT = "/openai/deployments/echo/chat/completions"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "messages: is required"),
        ({"messages": [{"role": "user"}]}, "messages[0].content: is required"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [USER], "temperature": "warm"}, "temperature"),
        ({"messages": [USER], "n": 1.5}, "n:"),
        ({"messages": [USER], "tools": [{"type": "function"}]}, "tools[0]"),
        ({"messages": [USER], "reasoning_effort": "utmost"}, "reasoning_effort"),
        ([], "the whole document"),
    ],
)
def test_a_wrong_field_is_named(dial: httpx.Client, body: Any, named: str) -> None:
    answer = dial.post(CHAT, json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code", "display_message"}
    assert named in error["message"]


@pytest.mark.parametrize(
    "more",
    [{"unknown_field": {"x": 1}}, {"n": None}, {"stop": None}, {"stream": None}],
)
def test_unknown_fields_and_nulls_that_are_allowed_pass(
    dial: httpx.Client, more: dict[str, Any]
) -> None:
    assert dial.post(CHAT, json={"messages": [USER], **more}).status_code == 200


def test_a_body_must_be_json_and_be_there(dial: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert "JSON" in dial.post(CHAT, content=b"{", headers=headers).json()["error"]["message"]
    assert dial.post(CHAT, headers=headers).status_code == 400
    assert dial.post(CHAT, content=b"{}", headers={"Content-Type": "text/x"}).status_code == 415


def test_a_body_of_17_mib_is_too_large(dial: httpx.Client) -> None:
    body = {"messages": [{"role": "user", "content": "x" * (17 << 20)}]}
    assert dial.post(CHAT, json=body).status_code == 413


def test_unknown_routes_and_methods(dial: httpx.Client, emulator: Emulator) -> None:
    assert dial.get("/v1/nowhere").status_code == 404
    wrong = dial.get(CHAT.replace("/chat/completions", "/embeddings").replace("openai", "v9"))
    assert wrong.json()["error"]["code"] == "not_found"
    refused = dial.delete("/v1/bucket")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    other = httpx.get(f"http://127.0.0.1:{emulator.port}/other/x")
    assert other.status_code == 404
    assert "/dial" in other.json()["error"]


def test_what_is_not_implemented_says_so(emulator: Emulator) -> None:
    headers = {"Authorization": "Bearer key"}
    answer = httpx.get(emulator.url("aleph_alpha") + "/users/me", headers=headers)
    assert answer.status_code == 501
    assert "getMe" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Api-Key": ""}, 401),
        ({"Authorization": "Basic x"}, 401),
        ({"Api-Key": "expired"}, 401),
        ({"Authorization": "Bearer expired"}, 401),
        ({"Api-Key": "a", "Authorization": "Bearer b"}, 400),
        ({"Api-Key": "a", "Authorization": "Bearer a"}, 200),
        ({"Api-Key": "a"}, 200),
        ({"Authorization": "Bearer a"}, 200),
    ],
)
def test_dial_auth(emulator: Emulator, headers: dict[str, str], status: int) -> None:
    answer = httpx.get(emulator.url("dial") + "/v1/bucket", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("platform", "header"),
    [("azure", "api-key"), ("azure", "bearer"), ("aleph_alpha", "bearer"), ("aimlapi", "bearer")],
)
def test_auth_of_the_others(emulator: Emulator, platform: str, header: str) -> None:
    def call(key: str) -> httpx.Response:
        headers = {"api-key": key} if header == "api-key" else {"authorization": f"Bearer {key}"}
        body = {"model": "echo", "messages": [USER]}
        return httpx.post(
            emulator.url(platform) + "/chat/completions", json=body, headers=headers if key else {}
        )

    assert [call(key).status_code for key in ("", "expired", "any")] == [401, 401, 200]


def test_some_operations_need_no_key(emulator: Emulator) -> None:
    assert httpx.get(emulator.url("aimlapi") + "/models").status_code == 200
    assert httpx.get(emulator.url("aleph_alpha") + "/version").status_code == 200
    assert httpx.get(emulator.url("aleph_alpha") + "/models_available").status_code == 401


def test_envelopes_of_the_others(
    azure: httpx.Client, aleph_alpha: httpx.Client, aimlapi: httpx.Client
) -> None:
    no_messages = {"model": "echo"}
    of_azure = azure.post("/chat/completions", json=no_messages)
    of_aleph_alpha = aleph_alpha.post("/chat/completions", json=no_messages)
    of_aimlapi = aimlapi.post("/chat/completions", json=no_messages)
    assert {a.status_code for a in (of_azure, of_aleph_alpha, of_aimlapi)} == {400}
    assert of_azure.json()["error"]["code"] == of_azure.headers["x-ms-error-code"] == "BadRequest"
    assert "messages" in of_azure.json()["error"]["message"]
    assert "messages" in of_aleph_alpha.json()["error"]
    assert of_aleph_alpha.json()["code"] == "BAD_REQUEST"
    fields = {"message", "path", "requestId", "statusCode", "timestamp"}
    assert set(of_aimlapi.json()) == fields
    assert of_aimlapi.json()["path"] == "/v1/chat/completions"


def test_query_and_headers_are_held_against_the_spec(
    aleph_alpha: httpx.Client, dial: httpx.Client
) -> None:
    body = {"model": "echo", "messages": [USER]}
    wrong = aleph_alpha.post("/chat/completions", json=body, params={"nice": "maybe"})
    assert wrong.status_code == 400
    assert "'nice'" in wrong.json()["error"]
    headers = {"X-DIAL-CACHE-POLICY": "none"}
    refused = dial.post(CHAT, json=body, headers=headers)
    assert refused.status_code == 400
    assert "'X-DIAL-CACHE-POLICY'" in refused.json()["error"]["message"]
