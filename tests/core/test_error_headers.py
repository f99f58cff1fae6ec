"""The headers of an answer are found in whatever case they are asked for, on every error."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polychat import aleph_alpha, errors
from polychat.azure import HttpResponse
from polychat_rest.headers import ResponseHeaders

from .clients import HELLO, made, use

CHAT = aleph_alpha.ChatRequest([aleph_alpha.Message(aleph_alpha.Role.User, "x")], "m")
CALLS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "aimlapi": ("chat.completions.create", {"model": "m", "messages": HELLO}, {"stream": True}),
    "dial": (
        "chat.completions.create", {"deployment_name": "d", "messages": HELLO}, {"stream": True}
    ),
    "azure.ChatCompletionsClient": ("complete", {"messages": HELLO}, {"stream": True}),
    "aleph_alpha": ("chat", {"request": CHAT, "model": "m"}, {}),
}  # fmt: skip
HEADERS = {"Retry-After": "7", "X-RateLimit-TimeRemaining": "86400", "X-Request-Id": "r"}
ANSWERS: dict[str, Callable[[], httpx.Response]] = {
    "error": lambda: httpx.Response(400, headers=HEADERS, json={"error": {"message": "no"}}),
    "limited": lambda: httpx.Response(429, headers=HEADERS | {"Retry-After": "70"}),
    "document": lambda: httpx.Response(200, headers=HEADERS, json={"error": {"message": "no"}}),
    "page": lambda: httpx.Response(200, headers=HEADERS, html="<html>"),
    "foreign": lambda: httpx.Response(200, headers=HEADERS, json=[1]),
    "cut": lambda: httpx.Response(
        200, headers=HEADERS | {"Content-Type": "text/event-stream"}, content=b"data: {\n\n"
    ),
}


def failure(client: str, answer: Callable[[], httpx.Response], stream: bool) -> Any:
    """The error of a chat that is answered so."""
    path, given, more = CALLS[client.removeprefix("async ")]
    method = made(client, httpx.MockTransport(lambda _: answer()))
    for step in path.split("."):
        method = getattr(method, step)
    with pytest.raises(errors.PolychatError) as caught:
        use(method(**given, **more if stream else {}), whole=True)
    return caught.value


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("client", [*CALLS, *(f"async {name}" for name in CALLS)])
def test_the_headers_of_an_error_are_found_in_any_case(
    client: str, said: str, stream: bool
) -> None:
    error = failure(client, ANSWERS[said], stream)
    for one in (error, pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        places = [one.headers, *([one.response.headers] if "azure" in client else [])]
        for headers in places:
            for name, value in ANSWERS[said]().headers.items():
                for cased in (name.lower(), name.upper(), name.title()):
                    assert headers[cased] == headers.get(cased) == value
                    assert cased in headers


CUT = [{"message": {"role": "assistant", "content": "{"}, "finish_reason": "length"}]
FORMED = aleph_alpha.ChatRequest(
    [aleph_alpha.Message(aleph_alpha.Role.User, "x")],
    "m",
    response_format=aleph_alpha.JSONSchema({"type": "object"}, "s"),
)
PAGE = {"name": "n", "nodeType": "FOLDER", "resourceType": "FILE", "bucket": "b", "url": "files/b/"}
READ_LATER: dict[str, tuple[str, Any, Callable[[Any], Any]]] = {
    "cut object": (
        "aleph_alpha", {"choices": CUT}, lambda client: client.chat(FORMED, "m").parsed
    ),
    "page that comes again": (
        "dial", PAGE | {"nextToken": "t"}, lambda client: list(client.files.iter("files/b/"))
    ),
    "job without an id": (
        "aimlapi", {"status": "queued"},
        lambda client: client.video.create_and_wait(model="m", prompt="p"),
    ),
    "results that are none": (
        "aimlapi", [{"no": "id"}], lambda client: client.batches.results("b1")
    ),
    "a link that is none": (
        "aimlapi", {"id": "b1", "results_url": "//"}, lambda client: client.batches.results("b1")
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", READ_LATER)
def test_an_error_of_what_was_read_later_has_them_too(said: str) -> None:
    client, document, call = READ_LATER[said]
    answer = httpx.MockTransport(lambda _: httpx.Response(200, headers=HEADERS, json=document))
    with pytest.raises(errors.PolychatError) as caught:
        call(made(client, answer))
    assert caught.value.status == 200
    assert caught.value.attempts == 1
    assert caught.value.headers is not None
    assert caught.value.headers["x-ratelimit-TIMEREMAINING"] == "86400"


@pytest.mark.parametrize("colour", ["", "async "])
def test_an_error_of_a_users_own_gets_them_too(colour: str) -> None:
    class Mine(Exception):
        def __init__(self, *, response: HttpResponse) -> None:
            self.response = response

    client = made(
        f"{colour}azure.ChatCompletionsClient",
        httpx.MockTransport(lambda _: ANSWERS["error"]()),
    )
    with pytest.raises(Mine) as caught:
        use(client.complete(messages=HELLO, error_map={400: Mine}))
    assert caught.value.response.headers.get("RETRY-AFTER") == "7"


def test_response_headers_are_a_mapping_that_ignores_case() -> None:
    headers = ResponseHeaders({"Retry-After": "7", "ETag": "e"})
    assert headers["RETRY-after"] == "7"
    assert headers.get("none") is None
    assert 1 not in headers
    assert list(headers) == ["retry-after", "etag"]
    assert len(headers) == 2
    assert headers == {"retry-AFTER": "7", "etag": "e"}
    assert headers == ResponseHeaders({"RETRY-AFTER": "7", "etag": "e"})
    assert headers != {"retry-after": "7"}
    assert headers != 1
    assert headers.copy() == {"retry-after": "7", "etag": "e"}
    assert type(headers.copy()) is dict
    assert repr(headers) == "ResponseHeaders({'retry-after': '7', 'etag': 'e'})"
    for clone in (pickle.loads(pickle.dumps(headers)), copy.copy(headers), copy.deepcopy(headers)):
        assert type(clone) is ResponseHeaders
        assert clone == headers
