"""The error tree: its shape, its texts, its pickles."""

from __future__ import annotations

import copy
import pickle
import re
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat._core.failures import Received, parse_error, read_error, status_error
from polychat.errors import APIStatusError, PolychatError, StreamError
from polychat_rest.dial.models import ChatCompletionChunk
from polychat_rest.errors import InvalidPathError, UnexpectedStatus, UnreadableAnswer
from polychat_rest.secret import Secret


class Strict(PolychatError):
    """A drop-in's error, which takes what its old client's took."""

    def __init__(self, reason: int, detail: str) -> None:
        super().__init__(f"{reason} {detail}", status=reason)
        self.detail = detail


CLASSES = [getattr(errors, name) for name in errors.__all__]
COMMON: dict[str, Any] = {
    "remedy": "Do this",
    "platform": "dial",
    "request_id": "r-1",
    "attempts": 3,
    "status": 429,
    "body": '{"error": "no"}',
}
PARENTS = {
    "PolychatError": Exception,
    "ConfigurationError": PolychatError,
    "UnknownKeywordError": errors.ConfigurationError,
    "UnsupportedFeatureError": PolychatError,
    "APIConnectionError": PolychatError,
    "APITimeoutError": errors.APIConnectionError,
    "DeadlineExceededError": errors.APIConnectionError,
    "APIStatusError": PolychatError,
    "ResponseParseError": PolychatError,
    "StreamError": PolychatError,
    "StreamTruncatedError": StreamError,
    "StreamIdleTimeoutError": StreamError,
    "StreamEventError": StreamError,
}
STATUSES = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    412: errors.PreconditionFailedError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
    500: errors.InternalServerError,
    503: errors.InternalServerError,
    599: errors.InternalServerError,
    418: APIStatusError,
    300: APIStatusError,
}


def chunk(text: str | None, index: int = 0) -> ChatCompletionChunk:
    """A chunk with one choice."""
    return ChatCompletionChunk.from_dict(
        {"id": "1", "choices": [{"index": index, "delta": {"content": text}}], "new": {"x": 1}}
    )


def details(cls: type[PolychatError]) -> dict[str, Any]:
    """Everything that a class takes."""
    given = dict(COMMON)
    if issubclass(cls, APIStatusError):
        given |= {"headers": {"a": "b"}, "retry_after": 2.0}
    if issubclass(cls, (APIStatusError, errors.StreamEventError)):
        given |= {"code": "c", "type": "t", "param": "p", "display_message": "d"}
    if issubclass(cls, StreamError):
        given |= {"chunks": [chunk("a"), chunk("b")]}
    return given


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_pickles_and_copies_keep_everything(cls: type[PolychatError]) -> None:
    error = cls("it failed", **details(cls))
    for clone in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(clone) is cls
        assert str(clone) == str(error)
        assert clone.args == error.args
        assert clone.__dict__.keys() == error.__dict__.keys()
        for name, value in COMMON.items():
            assert getattr(clone, name) == value
        if isinstance(clone, StreamError):
            assert clone.text == "ab"
            assert clone.chunks[0].to_dict() == chunk("a").to_dict()


def test_errors_with_arguments_of_their_own_pickle_too() -> None:
    clone = pickle.loads(pickle.dumps(Strict(7, "seven")))
    assert (type(clone), clone.status, clone.detail, str(clone)) == (Strict, 7, "seven", "7 seven")


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_text_says_platform_request_id_attempts_and_remedy(cls: type[PolychatError]) -> None:
    text = str(cls("it failed.", **details(cls)))
    assert text == "dial: it failed. Do this (request id r-1, 3 attempts)"
    assert str(cls("it failed")) == "it failed"


def test_the_tree_is_as_drawn() -> None:
    for name, parent in PARENTS.items():
        assert getattr(errors, name).__bases__[0] is parent, name
    statuses = set(errors.__all__) - set(PARENTS)
    assert all(getattr(errors, name).__bases__ == (APIStatusError,) for name in statuses)
    drawing = errors.__doc__ or ""
    assert all(re.search(rf"\b{name}\b", drawing) for name in errors.__all__)
    assert issubclass(errors.ConfigurationError, ValueError)
    assert issubclass(errors.UnknownKeywordError, TypeError)
    timeouts = ("APITimeoutError", "DeadlineExceededError", "StreamIdleTimeoutError")
    assert all(issubclass(getattr(errors, name), TimeoutError) for name in timeouts)


def test_errors_without_details_have_them_as_none() -> None:
    error = PolychatError("x")
    names = ("platform", "request_id", "status", "body", "remedy")
    assert [getattr(error, name) for name in names] == [None] * 5
    assert error.attempts == 0


def test_stream_text_is_that_of_the_first_choice() -> None:
    odd = [SimpleNamespace(), SimpleNamespace(choices=None), SimpleNamespace(choices=[3])]
    pieces = [chunk("Hal"), chunk("other", 1), chunk(None), chunk("lo"), *odd]
    assert StreamError("x", chunks=pieces).text == "Hallo"
    assert StreamError("x").chunks == []
    assert StreamError("x").text == ""


def received(status: int, content: bytes, headers: dict[str, str] | None = None) -> Received:
    """An answer that arrived."""
    return Received(
        status, httpx.Headers(headers or {}), content, "dial", "r", 2, (Secret("canary-1234"),)
    )


@pytest.mark.parametrize(("status", "cls"), STATUSES.items())
def test_status_classes(status: int, cls: type[APIStatusError]) -> None:
    error = status_error(received(status, b'{"error":{"message":"no"}}'))
    assert type(error) is cls
    assert (error.status, error.status_code, error.message) == (status, status, "no")
    assert pickle.loads(pickle.dumps(error)).body == error.body


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error":{"message":"m","code":"c"}}', "m", "c"),
        (b'{"error":{"message":"m","code":429}}', "m", "429"),
        (b'{"error":"m","code":"c"}', "m", "c"),
        (b'{"message":"m","statusCode":404}', "m", "404"),
        (b'{"detail":[{"loc":["body"]}]}', '[{"loc":["body"]}]', None),
        (b'"m"', "m", None),
        (b"plain text", "plain text", None),
        (b"<html>proxy</html>", "HTTP status 502", None),
        (b"", "HTTP status 502", None),
        (b"null", "HTTP status 502", None),
        (b"[1]", "HTTP status 502", None),
        (b"7", "HTTP status 502", None),
        (b"\xff\xfe", "\ufffd\ufffd", None),
        (b'{"error":{"message":null}}', "HTTP status 502", None),
        (b'{"error":null,"message":"m"}', "m", None),
    ],
)
def test_error_bodies(body: bytes, message: str, code: str | None) -> None:
    error = status_error(received(502, body))
    assert (error.message, error.code) == (message, code)


def test_a_credential_that_the_service_echoes_is_masked() -> None:
    answer = received(
        401,
        b'{"error":{"message":"bad key canary-1234"}}',
        {"www-authenticate": 'Bearer token="canary-1234"', "set-cookie": "a=b"},
    )
    error = status_error(answer)
    seen = f"{error!r} {error} {error.__dict__} {pickle.dumps(error)!r} {answer!r}"
    assert "canary-1234" not in seen
    assert "bad key ***" in str(error)
    assert error.headers is not None
    assert "set-cookie" not in error.headers
    assert "canary-1234" not in str(parse_error(answer).__dict__)


def test_retry_after_is_on_the_error_and_in_its_text() -> None:
    error = status_error(received(429, b"", {"retry-after": "3"}))
    assert error.retry_after == 3
    assert "3 s" in str(error)


def test_odd_error_values_raise_nothing() -> None:
    for value in (None, 1, [], [1], {}, {"error": []}, {"error": {"message": {"a": 1}}}, True):
        assert read_error(value) is not None


def test_low_level_errors_are_picklable_and_say_what_came() -> None:
    answer = UnreadableAnswer(200, b"<html>", httpx.Headers({"content-type": "text/html"}))
    for error in (UnexpectedStatus(500, b"oops", httpx.Headers({"a": "b"})), answer):
        clone = pickle.loads(pickle.dumps(error))
        assert (clone.status_code, clone.content) == (error.status_code, error.content)
        assert str(clone) == str(error)
    assert "text/html" in str(answer)
    assert issubclass(InvalidPathError, ValueError)
