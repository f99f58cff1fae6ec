"""DIAL's deployments: chat with its custom content, features, listings."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

CHAT = "/openai/deployments/{}/chat/completions"


def user(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **more}


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def deltas(answer: httpx.Response) -> list[dict[str, Any]]:
    return [event["choices"][0]["delta"] for event in events(answer) if event["choices"]]


def test_a_plain_answer(dial: httpx.Client) -> None:
    answer = dial.post(CHAT.format("echo"), json={"messages": [user("hello big world")], "n": 2})
    document = answer.json()
    assert answer.headers["x-upstream-attempts"] == "1"
    assert document["object"] == "chat.completion"
    assert document["model"] == "echo"
    said = [choice["message"]["content"] for choice in document["choices"]]
    assert said == ["hello big world"] * 2
    usage = {"prompt_tokens": 3, "completion_tokens": 6, "total_tokens": 9}
    assert document["usage"] == usage
    per_model = {"index": 0, "model": "echo", **usage}
    assert document["statistics"] == {"usage_per_model": [per_model]}


def test_the_same_requests_have_the_same_answers(dial: httpx.Client) -> None:
    body = {"messages": [user("x")]}
    one, other = (dial.post(CHAT.format("echo"), json=body).json() for _ in range(2))
    assert (one["id"], other["id"]) == ("chatcmpl-1", "chatcmpl-2")
    assert other["created"] == one["created"] + 1


def test_a_stream_has_an_event_a_word(dial: httpx.Client) -> None:
    body = {"messages": [user("a b c")], "stream": True}
    answer = dial.post(CHAT.format("echo"), json=body)
    assert answer.headers["content-type"] == "text/event-stream"
    assert [delta.get("content") for delta in deltas(answer)] == ["", "a", " b", " c", None]
    last = events(answer)[-1]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["usage"]["total_tokens"] == 6


def test_usage_comes_by_itself_when_it_is_asked_for(dial: httpx.Client) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    answer = dial.post(CHAT.format("echo"), json={"messages": [user("a")], **options})
    assert events(answer)[-1]["choices"] == []
    assert events(answer)[-1]["usage"]["completion_tokens"] == 1


def test_a_tool_call_in_pieces_is_the_whole_one(dial: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
    tool = {"type": "function", "function": {"name": "find", "parameters": schema}}
    body: dict[str, Any] = {"messages": [user("two words")], "tools": [tool]}
    plain = dial.post(CHAT.format("echo"), json=body).json()["choices"][0]
    streamed = deltas(dial.post(CHAT.format("echo"), json={**body, "stream": True}))
    calls = [delta["tool_calls"][0] for delta in streamed if "tool_calls" in delta]
    assert plain["finish_reason"] == "tool_calls"
    assert plain["message"]["content"] is None
    function = plain["message"]["tool_calls"][0]["function"]
    assert json.loads(function["arguments"]) == {"q": "two words"}
    assert calls[0]["function"]["name"] == function["name"] == "find"
    assert "".join(c["function"]["arguments"] for c in calls) == function["arguments"]


def test_stages_attachments_and_state(dial: httpx.Client) -> None:
    body: dict[str, Any] = {"messages": [user("some text")]}
    whole = dial.post(CHAT.format("stages"), json=body).json()["choices"][0]["message"]
    content = whole["custom_content"]
    assert [stage["status"] for stage in content["stages"]] == ["completed"] * 2
    assert content["stages"][0]["content"] == "some text"
    assert content["attachments"][0]["data"] == "some text"
    assert content["state"] == {"turns": 1}
    streamed = deltas(dial.post(CHAT.format("stages"), json={**body, "stream": True}))
    custom = [delta["custom_content"] for delta in streamed if "custom_content" in delta]
    first = [stage for one in custom for stage in one.get("stages", []) if stage["index"] == 0]
    assert "".join(stage.get("content", "") for stage in first) == "some text"
    assert [stage.get("status") for stage in first][-1] == "completed"
    assert {"state": {"turns": 1}} in custom


def test_attachments_come_back(dial: httpx.Client) -> None:
    attachment = {"type": "image/png", "title": "t", "url": "files/b/x.png"}
    message = user("see", custom_content={"attachments": [attachment]})
    answer = dial.post(CHAT.format("echo"), json={"messages": [message]}).json()
    given = answer["choices"][0]["message"]["custom_content"]["attachments"]
    assert given == [{"index": 0, **attachment}]


def test_the_configuration_has_a_prefix(dial: httpx.Client) -> None:
    schema = dial.get("/v1/deployments/echo/configuration").json()
    assert list(schema["properties"]) == ["prefix"]
    fields = {"configuration": {"prefix": "> "}}
    body = {"messages": [user("hi")], "custom_fields": fields}
    answer = dial.post(CHAT.format("echo"), json=body).json()
    assert answer["choices"][0]["message"]["content"] == "> hi"


def test_unknown_deployments(dial: httpx.Client) -> None:
    for name in ("missing", "applications/nobody/x"):
        answer = dial.post(CHAT.format(name), json={"messages": [user("hi")]})
        assert answer.status_code == 404
        assert name in answer.json()["error"]["message"]


def test_embeddings(dial: httpx.Client) -> None:
    path = "/openai/deployments/embed/embeddings"
    document = dial.post(path, json={"input": ["a", "b c"], "dimensions": 4}).json()
    assert [len(item["embedding"]) for item in document["data"]] == [4, 4]
    assert document["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert dial.post(path, json={}).status_code == 400


@pytest.mark.parametrize("kind", ["deployments", "models", "applications", "toolsets"])
def test_listings_and_their_entries(dial: httpx.Client, kind: str) -> None:
    listed = dial.get(f"/openai/{kind}").json()
    assert listed["object"] == "list"
    for entry in listed["data"]:
        assert dial.get(f"/openai/{kind}/{entry['id']}").json() == entry
    assert dial.get(f"/openai/{kind}/nobody").status_code == 404


def test_a_saved_application_is_listed_and_answers(dial: httpx.Client) -> None:
    bucket = dial.get("/v1/bucket").json()["bucket"]
    name = f"applications/{bucket}/folder/my%20app"
    document = {"display_name": "Mine", "endpoint": "http://app.test/"}
    assert dial.put(f"/v1/{name}", json=document).status_code == 200
    listed = {entry["id"]: entry for entry in dial.get("/openai/applications").json()["data"]}
    entry = listed[name]  # percent-encoded, as DIAL Core lists it
    assert (entry["display_name"], entry["object"]) == ("Mine", "application")
    assert dial.get(f"/openai/applications/{name}").json() == entry
    answer = dial.post(CHAT.format(name), json={"messages": [user("hi")]})
    assert answer.json()["choices"][0]["message"]["content"] == "hi"
    names = dial.get("/v1/deployment-names", params={"type": "application"}).json()
    assert {"id": entry["id"], "object": "application"} in names
    assert all(one["object"] == "application" for one in names)


def test_tokenize_and_truncate(dial: httpx.Client) -> None:
    request = {"messages": [user("a b"), user("c")]}
    inputs = [{"type": "string", "value": "x y z"}, {"type": "request", "value": request}]
    counted = dial.post("/v1/deployments/echo/tokenize", json={"inputs": inputs}).json()
    assert counted["outputs"] == [{"status": "success", "token_count": 3}] * 2
    messages = [{"role": "system", "content": "s"}, user("a b"), user("c d"), user("e")]
    requests = [{"messages": messages, "max_prompt_tokens": limit} for limit in (6, 4, 1)]
    path = "/v1/deployments/echo/truncate_prompt"
    outputs = dial.post(path, json={"inputs": requests}).json()["outputs"]
    assert [output.get("discarded_messages") for output in outputs] == [[], [1], None]
    assert outputs[2]["status"] == "error"


def test_limits_count_what_was_used(dial: httpx.Client) -> None:
    dial.post(CHAT.format("echo"), json={"messages": [user("a b")]})
    limits = dial.get("/v1/deployments/echo/limits").json()
    assert limits["minuteTokenStats"] == {"total": 2**63 - 1, "used": 4}
    assert limits["dayRequestStats"]["used"] == 1


def test_rates_and_the_caller(dial: httpx.Client, emulator: Any) -> None:
    rated = dial.post("/v1/echo/rate", json={"rate": True, "responseId": "r"})
    assert (rated.status_code, rated.content) == (200, b"")
    assert dial.get("/v1/user/info").json()["project"] == "emulator"
    headers = {"Authorization": "Bearer token"}
    told = httpx.get(emulator.url("dial") + "/v1/user/info", headers=headers).json()
    assert "userClaims" in told
