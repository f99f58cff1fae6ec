"""Answers of AIMLAPI that its descriptions leave open: batch results, errors, sound or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polychat import errors, response_of
from polychat.aimlapi import AimlApi, AsyncAimlApi, GenerationError, GenerationFailedError

from .conftest import Asker

Handler = Callable[[httpx.Request], httpx.Response]
HOST = "https://api.example.com"
HELLO = [{"role": "user", "content": "Hello there"}]
RESULTS: list[dict[str, Any]] = [
    {"custom_id": "a", "result": {"type": "succeeded", "message": {
        "id": "m", "content": [{"type": "text", "text": "Hi\u2028"}]}}},
    {"custom_id": "b", "result": {"type": "errored", "error": {"type": "error"}}},
]  # fmt: skip
LINES = "\n".join(json.dumps(one, ensure_ascii=False) for one in RESULTS) + "\n\n"
FORMS = {"lines": LINES, "array": json.dumps(RESULTS)}


@pytest.fixture(params=["sync", "async"])
def answered(request: pytest.FixtureRequest) -> Callable[..., Asker]:
    """Calls in either colour that `handler` answers."""

    def make(handler: Handler, **options: Any) -> Asker:
        transport = httpx.MockTransport(handler)
        asynchronous = request.param == "async"
        return Asker(f"{HOST}/v1", asynchronous=asynchronous, transport=transport, **options)

    return make


def always(*args: Any, **given: Any) -> Handler:
    return lambda _: httpx.Response(*args, **given)


@pytest.mark.parametrize("form", FORMS)
def test_batch_results_from_the_endpoint(answered: Any, form: str) -> None:
    ask = answered(always(200, text=FORMS[form], headers={"x-inference-id": "i"}))
    results = ask("batches.results", "b1")
    assert [one.custom_id for one in results] == ["a", "b"]
    assert results[0].result.message.content[0].text == "Hi\u2028"
    assert results[1].result.error == {"type": "error"}
    assert response_of(results).request_id == "i"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("link", "known"), [
    (f"{HOST}/out/b1?sig=a%2Fb", True), ("/out/b1?sig=a%2Fb", True),
    ("https://files.example.net/out/b1?sig=a%2Fb", False),
    ("http://api.example.com/out/b1?sig=a%2Fb", False),
])  # fmt: skip
def test_batch_results_from_a_link(answered: Any, form: str, link: str, *, known: bool) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/v1/batches":
            return httpx.Response(200, json={"id": "b1", "results_url": link})
        return httpx.Response(200, text=FORMS[form])

    ask = answered(handler, default_headers={"x-mine": "default"})
    results = ask("batches.results", "b1", extra_headers={"x-own": "call"}, extra_query={"q": 1})
    assert [one.custom_id for one in results] == ["a", "b"]
    asked, fetched = seen
    assert asked.url.query == b"batch_id=b1&q=1"
    assert asked.headers["authorization"] == "Bearer key"
    assert str(fetched.url) == (link if "://" in link else HOST + link)
    for name in ("authorization", "x-mine", "x-own", "x-client-request-id"):
        assert (name in fetched.headers) is known, name


def test_a_batch_without_results_says_so(answered: Any) -> None:
    ask = answered(always(200, json={"id": "b1", "processing_status": "in_progress"}))
    with pytest.raises(GenerationError, match="in_progress") as caught:
        ask("batches.results", "b1")
    assert (caught.value.generation_id, caught.value.job.id) == ("b1", "b1")


@pytest.mark.parametrize(("state", "said"), [
    ({"processing_status": "expired"}, "expired"), ({"processing_status": "failed"}, "failed"),
    ({"processing_status": "canceled"}, "canceled"), ({"status": "cancelled"}, "cancelled"),
    ({"processing_status": "ended", "error": {"message": "out of credits"}}, "out of credits"),
    ({"error": "gone"}, "gone"),
])  # fmt: skip
def test_a_batch_that_failed_says_so(answered: Any, state: dict[str, Any], said: str) -> None:
    with pytest.raises(GenerationFailedError, match=f"batch b1: {said}") as caught:
        answered(always(200, json={"id": "b1", **state}))("batches.results", "b1")
    assert caught.value.remedy is None
    assert (caught.value.generation_id, caught.value.job.id) == ("b1", "b1")


def test_an_expired_batch_that_has_results_gives_them(answered: Any) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/batches":
            state = {"id": "b1", "processing_status": "expired", "results_url": "/out"}
            return httpx.Response(200, json=state)
        return httpx.Response(200, text=LINES)

    results = answered(handler)("batches.results", "b1")
    assert [one.custom_id for one in results] == ["a", "b"]


@pytest.mark.parametrize("body", ["<html>", "[1]", '{"custom_id": "a"}\n{"cus', "{}",
                                  '{"hello": "world"}', '[{"custom_id": "a"}, {"foo": 1}]',
                                  '[{"foo": 1}, {"foo": 2}]'])  # fmt: skip
def test_results_that_cannot_be_read(answered: Any, body: str) -> None:
    with pytest.raises(errors.ResponseParseError, match="b1"):
        answered(always(200, text=body))("batches.results", "b1")


@pytest.mark.parametrize("link", ["ftp://files.example.net/a", "https://[", "https://h:x/"])
def test_a_link_that_is_none(answered: Any, link: str) -> None:
    with pytest.raises(errors.ResponseParseError, match="results_url"):
        answered(always(200, json={"results_url": link}))("batches.results", "b1")


@pytest.mark.parametrize("form", FORMS)
def test_results_where_a_state_was_asked_for(answered: Any, form: str) -> None:
    with pytest.raises(errors.ResponseParseError, match=r"batches\.results"):
        answered(always(200, text=FORMS[form]))("batches.get", "b1")


@pytest.mark.parametrize(("event", "code"), [
    ({"message": "Out of credits", "statusCode": 403, "requestId": "r"}, "403"),
    ({"message": "Out of credits", "statusCode": "403"}, "403"),
    ({"type": "error", "error": {"message": "Out of credits", "code": "c"}}, "c"),
    ({"type": "error", "message": "Out of credits", "code": "c"}, "c"),
])  # fmt: skip
def test_an_error_within_a_stream(answered: Any, event: dict[str, Any], code: str) -> None:
    chunk = {"id": "1", "choices": [{"index": 0, "delta": {"content": '"statusCode"'}}]}
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in (chunk, event, chunk))
    ask = answered(always(200, text=body, headers={"content-type": "text/event-stream"}))
    with pytest.raises(errors.StreamEventError, match="Out of credits") as caught:
        ask.events("chat.completions.create", model="m", messages=HELLO, stream=True)
    assert caught.value.code == code
    assert len(caught.value.chunks) == 1


def test_an_event_with_choices_is_no_error(answered: Any) -> None:
    chunk = {"message": "m", "statusCode": 200, "error": None,
             "choices": [{"index": 0, "delta": {"content": "Hi"}}]}  # fmt: skip
    ask = answered(always(200, text=f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n"))
    chunks = ask.events("chat.completions.create", model="m", messages=HELLO, stream=True)
    assert [one.choices[0].delta.content for one in chunks] == ["Hi"]


@pytest.mark.parametrize(("body", "headers", "expected"), [
    ({"message": "No", "requestId": "req-9", "statusCode": 400}, {}, "req-9"),
    ({"message": "No", "requestId": "req-9"}, {"x-inference-id": "inf-1"}, "inf-1"),
    ({"message": "No", "requestId": 9}, {}, None),
    ("No", {}, None),
])  # fmt: skip
def test_an_error_is_named_by_its_document(
    answered: Any, body: Any, headers: dict[str, str], expected: str | None
) -> None:
    with pytest.raises(errors.BadRequestError) as caught:
        answered(always(400, json=body, headers=headers))("embeddings.create", model="m", input="a")
    assert caught.value.request_id == expected


def test_a_document_is_no_sound(answered: Any) -> None:
    document = {"audio": {"url": "https://cdn.example.com/a.mp3"}}
    ask = answered(always(201, json=document, headers={"x-inference-id": "i"}))
    with pytest.raises(errors.ResponseParseError, match=r"audio\.speech\.create") as caught:
        ask.events("audio.speech.stream", model="t", text="one")
    assert caught.value.request_id == "i"
    assert "https://cdn.example.com/a.mp3" in (caught.value.body or "")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 129])
def test_a_request_id_that_would_be_dropped(answered: Any, name: str) -> None:
    ask = answered(always(500))
    with pytest.raises(errors.ConfigurationError, match="x-client-request-id"):
        ask("embeddings.create", model="m", input="a", extra_headers={"X-Client-Request-Id": name})
    for cls in (AimlApi, AsyncAimlApi):
        with pytest.raises(errors.ConfigurationError, match="x-client-request-id"):
            cls(api_key="k", default_headers={"X-Client-Request-Id": name})


@pytest.mark.parametrize("name", ["a", "A.b_c:d-1" + "x" * 119])
def test_a_request_id_that_is_taken(answered: Any, name: str) -> None:
    header = "x-client-request-id"

    def echo(request: httpx.Request) -> httpx.Response:
        data = [{"index": 0, "embedding": [1.0]}]
        return httpx.Response(200, json={"data": data}, headers={header: request.headers[header]})

    ask = answered(echo)
    made = ask("embeddings.create", model="m", input="a", extra_headers={header: name})
    assert response_of(made).request_id == name
