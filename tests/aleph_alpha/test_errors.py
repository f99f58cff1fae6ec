"""Errors: polychat's tree, with the classes and arguments that users of the old client catch."""

from __future__ import annotations

import pickle
import time

import httpx
import pytest

from polychat import errors
from polychat.aleph_alpha import BusyError, ChatRequest, QuotaError, Role, TextMessage
from polychat.aleph_alpha.errors import AlephAlphaError
from tests.aleph_alpha.conftest import Both

ASK = ChatRequest("echo", [TextMessage(Role.User, "hello")])
EXPECTED: list[tuple[int, type[BaseException], type[BaseException]]] = [
    (400, ValueError, errors.BadRequestError),
    (401, PermissionError, errors.AuthenticationError),
    (402, QuotaError, errors.APIStatusError),
    (403, RuntimeError, errors.PermissionDeniedError),
    (404, RuntimeError, errors.NotFoundError),
    (408, TimeoutError, errors.APIStatusError),
    (409, RuntimeError, errors.ConflictError),
    (412, RuntimeError, errors.PreconditionFailedError),
    (418, RuntimeError, errors.APIStatusError),
    (422, RuntimeError, errors.UnprocessableEntityError),
    (429, RuntimeError, errors.RateLimitError),
    (500, RuntimeError, errors.InternalServerError),
    (502, RuntimeError, errors.InternalServerError),
    (503, BusyError, errors.InternalServerError),
    (504, RuntimeError, errors.InternalServerError),
]


@pytest.mark.parametrize(("status", "old", "ours"), EXPECTED)
def test_a_status_is_the_old_error_and_ours(
    both: Both, status: int, old: type[BaseException], ours: type[BaseException]
) -> None:
    with pytest.raises(old) as caught:
        both("chat", ASK, f"fault:status={status}", max_retries=0)
    error = caught.value
    assert isinstance(error, ours)
    assert isinstance(error, AlephAlphaError)
    assert error.args == (status, f'{{"error":"fault: status {status}","code":"{status}"}}')
    assert (error.status, error.code, error.platform) == (status, str(status), "aleph_alpha")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.args, copy.status) == (type(error), error.args, status)


def test_errors_of_the_system_have_its_fields(both: Both) -> None:
    with pytest.raises(PermissionError) as caught:
        both("chat", ASK, "fault:status=401")
    assert caught.value.errno == 401
    assert "fault" in str(caught.value.strerror)


def test_an_html_page_keeps_its_status(both: Both) -> None:
    with pytest.raises(BusyError) as caught:
        both("chat", ASK, "fault:status=503,html", max_retries=0)
    assert caught.value.args[0] == 503
    assert "<html>" in caught.value.args[1]


def test_a_page_instead_of_an_answer_is_a_parse_error(both: Both) -> None:
    for fault in ("html", "malformed", "empty"):
        with pytest.raises(errors.ResponseParseError) as caught:
            both("chat", ASK, f"fault:{fault}")
        assert isinstance(caught.value, ValueError)
        assert caught.value.status == 200


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_failures_are_sent_again(both: Both, status: int) -> None:
    answer = both("chat", ASK, f"fault:status={status},retry-after=0,times=2")
    assert answer.message.content == "hello"
    assert answer.__response__.attempts == 3


@pytest.mark.parametrize("way", ["retry-after=1", "retry-after-date=2", "retry-after-ms=900"])
def test_retry_after_is_honoured_by_both(both: Both, way: str) -> None:
    began = time.monotonic()
    assert both("chat", ASK, f"fault:status=503,{way},times=1").message.content == "hello"
    assert time.monotonic() - began > 0.85


@pytest.mark.parametrize(
    ("status", "old"), [(503, BusyError), (429, RuntimeError), (500, RuntimeError)]
)
def test_a_wait_that_is_too_long_is_the_callers(
    both: Both, status: int, old: type[BaseException]
) -> None:
    with pytest.raises(old) as caught:
        both("chat", ASK, f"fault:status={status},retry-after=3600")
    assert isinstance(caught.value, errors.RateLimitError)
    assert caught.value.retry_after == 3600
    assert caught.value.args[0] == status


def test_retries_end(both: Both) -> None:
    with pytest.raises(BusyError) as caught:
        both.on({"total_retries": 2}, "chat", ASK, "fault:status=503,retry-after=0")
    assert caught.value.attempts == 3


def test_a_host_that_is_not_there(both: Both) -> None:
    arguments = {"host": "http://127.0.0.1:9", "total_retries": 0}
    with pytest.raises(errors.APIConnectionError):
        both.on(arguments, "chat", ASK)


def test_silence_is_a_timeout_error_also_where_nothing_is_sent(both: Both) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silence", request=request)

    arguments = {"transport": httpx.MockTransport(silent), "total_retries": 0}
    for method in ("models", "get_version"):
        with pytest.raises(TimeoutError):
            both.on(arguments, method)


def test_gets_have_a_timeout(both: Both) -> None:
    fault = {"x-emulator-fault": "fault:slow=5"}
    began = time.monotonic()
    with pytest.raises(errors.APITimeoutError):
        both.on({"request_timeout_seconds": 0.3, "total_retries": 0}, "models", extra_headers=fault)
    assert time.monotonic() - began < 3


def test_the_deadline_is_for_all_attempts(both: Both) -> None:
    with pytest.raises(errors.DeadlineExceededError):
        both.on({"deadline": 0.6}, "chat", ASK, "fault:status=503,retry-after=5")


def test_the_token_is_in_no_error(both: Both) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, text=f"what is {request.headers['authorization']}?")

    with pytest.raises(ValueError, match="what is") as caught:
        both.answered(echo, "chat", ASK)
    assert "token-of-a-test" not in f"{caught.value!r} {caught.value.args} {caught.value}"
