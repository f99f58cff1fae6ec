"""Credentials: keys, tokens, rotation; and where they do not go."""

from __future__ import annotations

import logging
import pickle
import time
import traceback
from typing import Any, NamedTuple

import httpx
import pytest

from polychat.azure import AzureKeyCredential, HttpRequest
from polychat.azure.exceptions import HttpResponseError, ServiceRequestError
from polychat.azure.models import UserMessage
from polychat.emulator import Emulator
from polychat.errors import APIStatusError
from tests.network.servers import Peer, serving

from .conftest import KEY, Both, answer

HI = [UserMessage("hi")]


class Token(NamedTuple):
    token: str
    expires_on: float


class Tokens:
    """Gives a new token each time it is asked; asynchronously for asynchronous clients."""

    def __init__(self, lifetime: float = 3600) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.lifetime = lifetime

    def _token(self, scopes: tuple[str, ...]) -> Token:
        self.asked.append(scopes)
        return Token(f"token-{len(self.asked)}", time.time() + self.lifetime)

    def get_token(self, *scopes: str, **kwargs: Any) -> Any:
        return self._token(scopes)


class AsyncTokens(Tokens):
    async def get_token(self, *scopes: str, **kwargs: Any) -> Any:
        return self._token(scopes)


def tokens(both: Both, **given: Any) -> Tokens:
    return (Tokens if both.colour == "sync" else AsyncTokens)(**given)


def calls(n: int) -> list[Any]:
    return [lambda c: c.complete(messages=HI)] * n


def test_rotation_reaches_both_headers(both: Both, emulator: Emulator) -> None:
    credential = AzureKeyCredential("first-key")

    def rotate(client: Any) -> Any:
        credential.update("second-key")
        return client.complete(messages=HI)

    both.run({"credential": credential}, *calls(1), rotate)
    first, second = (request.headers for request in emulator.requests)
    assert (first["api-key"], first["authorization"]) == ("first-key", "Bearer first-key")
    assert (second["api-key"], second["authorization"]) == ("second-key", "Bearer second-key")


def test_keys_that_are_none() -> None:
    with pytest.raises(TypeError, match="must be a string"):
        AzureKeyCredential(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="can not be None or empty"):
        AzureKeyCredential("")
    assert "abc" not in repr(AzureKeyCredential("abc"))
    assert AzureKeyCredential("abc").key == "abc"


def test_azure_cores_credential_is_taken(both: Both, emulator: Emulator) -> None:
    from azure.core.credentials import AzureKeyCredential as Theirs

    both.on({"credential": Theirs("their-key")}, "complete", messages=HI)
    assert emulator.requests[-1].headers["api-key"] == "their-key"


def test_a_wrong_key_is_refused_once(both: Both, emulator: Emulator) -> None:
    with pytest.raises(HttpResponseError):
        both.on({"credential": AzureKeyCredential("expired")}, "complete", messages=HI)
    assert len(emulator.requests) == 1


def test_tokens_are_kept_while_they_are_valid(both: Both, emulator: Emulator) -> None:
    credential = tokens(both)
    both.run({"credential": credential, "enforce_https": False}, *calls(3))
    assert credential.asked == [("https://ml.azure.com/.default",)]
    assert {r.headers["authorization"] for r in emulator.requests} == {"Bearer token-1"}
    assert not any("api-key" in request.headers for request in emulator.requests)


def test_a_token_that_has_ended_is_replaced(both: Both, emulator: Emulator) -> None:
    credential = tokens(both, lifetime=-1)
    both.run({"credential": credential, "enforce_https": False}, *calls(2))
    assert [r.headers["authorization"] for r in emulator.requests] == [
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_scopes_by_the_endpoint_and_as_given(both: Both) -> None:
    v1 = both.url.replace("/models", "/openai/v1")
    credential = tokens(both)
    both.run(
        {"endpoint": v1, "credential": credential, "enforce_https": False, "model": "m"}, *calls(1)
    )
    assert credential.asked == [("https://ai.azure.com/.default",)]
    other = tokens(both)
    both.run(
        {"credential": other, "enforce_https": False, "credential_scopes": ["a", "b"]}, *calls(1)
    )
    assert other.asked == [("a", "b")]


@pytest.mark.parametrize(
    "options", [{}, {"enforce_https": False, "endpoint": "http://example.com"}]
)
def test_tokens_do_not_go_over_plain_http(both: Both, options: dict[str, Any]) -> None:
    credential = tokens(both)
    with pytest.raises(ServiceRequestError, match="a token is not sent to http://"):
        both.client(credential=credential, **options)
    assert credential.asked == []


@pytest.mark.parametrize("credential", ["plain-text-key", b"plain-text-key", 3, AzureKeyCredential])
def test_what_is_no_credential_is_a_type_error_that_does_not_show_it(
    both: Both, credential: Any
) -> None:
    with pytest.raises(
        TypeError, match=r"Unsupported credential: a (str|bytes|int|type)"
    ) as raised:
        both.client(credential=credential)
    shown = "".join(
        traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
    )
    frames = shown.split("wrapper/polychat", 1)[1]
    assert "plain-text-key" not in frames


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_to_another_host_carry_no_credential(both: Both, status: int) -> None:
    arrived: list[Any] = []

    def other(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            arrived.append(request)
            peer.answer(body={"model_name": "evil", "model_type": "chat"})

    with serving(other) as evil:

        def redirects(peer: Peer) -> None:
            while peer.request() is not None:
                peer.answer(status, b"", location=f"{evil.url}/info")

        with serving(redirects) as server:
            both.on({"endpoint": server.url}, "get_model_info", headers={"X-Token": KEY})
            if status in (307, 308):  # a body stays at home
                with pytest.raises(HttpResponseError, match="another origin"):
                    both.on({"endpoint": server.url}, "complete", messages=HI)
    assert len(arrived) == 1
    assert KEY not in str(arrived)
    assert "api-key" not in arrived[0].headers
    assert "authorization" not in arrived[0].headers


def test_send_request_to_another_origin_carries_no_credential(both: Both) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    client = {"transport": httpx.MockTransport(handler), "headers": {"X-Secret": KEY}}
    both.on(client, "send_request", HttpRequest("GET", "http://elsewhere.example/x"))
    both.on(client, "send_request", HttpRequest("GET", both.url + "/x"))
    assert KEY not in str(seen[0].headers.multi_items())
    assert seen[1].headers["api-key"] == KEY


def test_a_key_is_nowhere_to_be_seen(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def handler(request: httpx.Request) -> httpx.Response:
        echo = request.headers["api-key"]
        return httpx.Response(400, json={"error": {"code": "c", "message": f"no {echo}"}})

    made = {"transport": httpx.MockTransport(handler), "logging_enable": True}
    with pytest.raises(APIStatusError) as raised:
        both.on(made, "complete", messages=HI, headers={"X-Api-Key": KEY})
    error = raised.value
    shown = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    frames = [part for part in shown.split('File "') if "wrapper/polychat" in part.split("\n")[0]]
    assert len(frames) > 2
    assert KEY not in "".join(frames)
    assert KEY not in str(error) + repr(error) + error.response.text() + str(vars(error))
    assert KEY not in str(pickle.dumps(error))
    assert KEY not in repr(both.client()) + repr(vars(both.client()))
    assert "X-Api-Key" not in caplog.text or KEY not in caplog.text
    assert "answered 400" in caplog.text
    assert KEY not in "\n".join(
        r.getMessage() for r in caplog.records if r.name.startswith("polychat")
    )


def test_an_answer_is_not_needed_to_try(both: Both) -> None:
    result = both.handled(lambda request: answer("fine"), "complete", messages=HI)
    assert result.choices[0].message.content == "fine"
