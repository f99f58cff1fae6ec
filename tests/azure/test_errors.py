"""Errors are azure-core's and ours; and what is tried again."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import time
from typing import Any

import azure.core.exceptions as core
import httpx
import pytest

from polychat import errors
from polychat.azure.models import UserMessage
from polychat.emulator import Emulator

from .conftest import Both, answer

HI = [UserMessage("hi")]
STATUSES = [
    (304, core.ResourceNotModifiedError, errors.APIStatusError),
    (400, core.HttpResponseError, errors.BadRequestError),
    (401, core.ClientAuthenticationError, errors.AuthenticationError),
    (403, core.HttpResponseError, errors.PermissionDeniedError),
    (404, core.ResourceNotFoundError, errors.NotFoundError),
    (409, core.ResourceExistsError, errors.ConflictError),
    (412, core.HttpResponseError, errors.PreconditionFailedError),
    (418, core.HttpResponseError, errors.APIStatusError),
    (422, core.HttpResponseError, errors.UnprocessableEntityError),
    (429, core.HttpResponseError, errors.RateLimitError),
    (500, core.HttpResponseError, errors.InternalServerError),
    (504, core.HttpResponseError, errors.InternalServerError),
]


def failing(status: int, **answers: Any) -> Any:
    return lambda request: httpx.Response(status, **answers)


@pytest.mark.parametrize(("status", "theirs", "ours"), STATUSES)
def test_statuses(both: Both, status: int, theirs: type[Exception], ours: type[Exception]) -> None:
    inner = {"code": "Inner", "innererror": {"code": "Deep"}}
    body = {
        "error": {
            "code": "C",
            "message": "M",
            "target": "t",
            "details": [{"code": "D", "message": "x"}],
            "innererror": inner,
        }
    }
    with pytest.raises(theirs) as raised:
        both.handled(
            failing(status, json=body, headers={"x-ms-request-id": "r"}),
            "complete",
            messages=HI,
            retry_total=0,
        )
    error: Any = raised.value
    assert isinstance(error, ours)
    assert isinstance(error, core.AzureError)
    assert error.status_code == error.status == status
    assert error.reason == error.response.reason
    assert (error.error.code, error.error.message, error.error.target) == ("C", "M", "t")
    assert error.error.details[0].code == "D"
    assert error.error.innererror == inner
    assert error.response.json() == body
    assert error.response.request.method == "POST"
    assert error.response.request.url == error.response.url == f"{both.url}/chat/completions"
    assert error.response.headers["x-ms-request-id"] == error.request_id == "r"
    assert error.code == "C"
    assert "M" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert again.error.code == "C"
    assert again.response.status_code == status


def test_errors_of_serverless_endpoints(both: Both) -> None:
    body = {
        "status": 422,
        "code": "parameter_not_supported",
        "message": "no json here",
        "detail": {"loc": ["body", "response_format"], "input": "json_object"},
    }
    with pytest.raises(core.HttpResponseError) as raised:
        both.handled(failing(422, json=body), "complete", messages=HI)
    error: Any = raised.value
    assert (error.code, error.param, error.message) == (
        "parameter_not_supported",
        "response_format",
        "no json here",
    )


def test_error_bodies_that_are_no_json(both: Both) -> None:
    with pytest.raises(core.HttpResponseError) as raised:
        both.handled(failing(403, html="<html>login</html>"), "complete", messages=HI)
    error: Any = raised.value
    assert error.error is None
    assert error.response.text() == "<html>login</html>"


def test_error_map(both: Both) -> None:
    class MyError(core.HttpResponseError):
        pass

    made = {"error_map": {404: MyError}}
    with pytest.raises(MyError) as raised:
        both.on({**made, "transport": httpx.MockTransport(failing(404))}, "complete", messages=HI)
    assert raised.value.status_code == 404
    assert isinstance(raised.value.__cause__, errors.NotFoundError)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b'{"half": '])
def test_a_success_that_cannot_be_read(both: Both, content: bytes) -> None:
    with pytest.raises(core.DecodeError) as raised:
        both.handled(failing(200, content=content), "complete", messages=HI)
    assert isinstance(raised.value, errors.ResponseParseError)
    assert raised.value.status_code == 200


def test_an_error_in_a_success_is_an_error(both: Both) -> None:
    body = {"error": {"code": "Overloaded", "message": "come back later"}}
    with pytest.raises(core.HttpResponseError) as raised:
        both.handled(failing(200, json=body), "complete", messages=HI)
    error: Any = raised.value
    assert error.error.code == "Overloaded"
    with pytest.raises(core.HttpResponseError, match="come back later"):
        both.handled(failing(200, json={**body, "choices": []}), "complete", messages=HI)


def test_load_client_says_why_it_cannot(both: Both) -> None:
    import asyncio

    from polychat.azure import AzureKeyCredential

    def load(response: httpx.Response) -> Any:
        transport = httpx.MockTransport(lambda _: response)
        made = both.module.load_client(both.url, AzureKeyCredential("k"), transport=transport)
        return made if both.colour == "sync" else asyncio.run(made)

    with pytest.raises(core.ResourceNotFoundError, match="`load_client` function does not work"):
        load(httpx.Response(404))
    for kind, message in (("speech", "No client available"), ("", "missing a value")):
        info = {"model_name": "n", "model_type": kind}
        with pytest.raises(ValueError, match=message):
            load(httpx.Response(200, json=info))
    made = load(httpx.Response(200, json={"model_type": "image embeddings"}))
    assert type(made).__name__ == "ImageEmbeddingsClient"


def test_no_connection(both: Both) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(core.ServiceRequestError) as raised:
        both.on({"endpoint": url}, "complete", messages=HI, retry_total=0)
    assert isinstance(raised.value, errors.APIConnectionError)
    with pytest.raises(core.ServiceRequestError):
        both.on({"endpoint": "http://no-such-host.invalid"}, "complete", messages=HI, retry_total=0)


def test_no_answer(both: Both) -> None:
    with pytest.raises(core.ServiceResponseError) as raised:
        both("complete", messages=HI, model="fault:drop", retry_total=0)
    assert isinstance(raised.value, errors.APIConnectionError)
    with pytest.raises(core.ServiceResponseTimeoutError) as late:
        both("complete", messages=HI, model="fault:slow=2", retry_total=0, read_timeout=0.1)
    assert isinstance(late.value, errors.APITimeoutError)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(both: Both, emulator: Emulator, status: int) -> None:
    model = f"fault:status={status},times=2"
    result = both("complete", messages=HI, model=model, retry_backoff_factor=0.01)
    assert result.choices[0].message.content == "hi"
    assert len(emulator.requests) == 3


def attempts(both: Both, emulator: Emulator, fault: str, **keywords: Any) -> int:
    emulator.reset()
    with pytest.raises(core.AzureError):
        both(
            "complete", messages=HI, model=f"fault:{fault}", retry_backoff_factor=0.001, **keywords
        )
    return len(emulator.requests)


def test_how_often_is_said_by_kind(both: Both, emulator: Emulator) -> None:
    assert attempts(both, emulator, "status=503") == 4
    assert attempts(both, emulator, "status=503", retry_total=1) == 2
    assert attempts(both, emulator, "status=503", retry_status=0) == 1
    assert attempts(both, emulator, "status=503", retry_status=5) == 6
    assert attempts(both, emulator, "drop", retry_status=0) == 4
    assert attempts(both, emulator, "drop", retry_read=1) == 2
    assert attempts(both, emulator, "status=418") == 1
    assert attempts(both, emulator, "status=418", retry_on_status_codes=[418]) == 4


@pytest.mark.parametrize("header", ["86400", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_nobody_sleeps_for_a_day(both: Both, header: str) -> None:
    started = time.monotonic()
    with pytest.raises(core.HttpResponseError) as raised:
        both.handled(failing(429, headers={"Retry-After": header}), "complete", messages=HI)
    assert time.monotonic() - started < 2
    error: Any = raised.value
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after > 80_000
    assert "Wait" in str(error)


def test_retry_after_in_milliseconds_and_one_that_nobody_can_read(both: Both) -> None:
    for headers in ({"retry-after-ms": "10"}, {"Retry-After": "soon"}):
        answers = [httpx.Response(429, headers=headers), answer("fine")]
        result = both.handled(lambda _, a=answers: a.pop(0), "complete", messages=HI)
        assert result.choices[0].message.content == "fine"


def test_the_timeout_is_for_all_attempts_together(both: Both) -> None:
    started = time.monotonic()
    with pytest.raises(core.AzureError) as raised:
        both.handled(failing(503, headers={"Retry-After": "5"}), "complete", messages=HI, timeout=1)
    assert time.monotonic() - started < 1.5
    assert isinstance(raised.value, errors.DeadlineExceededError)


def test_redirects_can_be_refused(both: Both) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/moved"):
            return httpx.Response(200, json={"model_name": "n"})
        return httpx.Response(307, headers={"location": f"{both.url}/moved"})

    assert both.handled(handler, "get_model_info").model_name == "n"
    with pytest.raises(core.HttpResponseError):
        both.handled(handler, "get_model_info", permit_redirects=False)


WITHOUT = """
import sys
sys.modules["azure"] = None
from polychat.azure import AzureKeyCredential, ChatCompletionsClient, exceptions
from polychat.errors import NotFoundError
import httpx
client = ChatCompletionsClient("http://x/models", AzureKeyCredential("k"),
    transport=httpx.MockTransport(lambda r: httpx.Response(404, json={"error": {"code": "C"}})))
try:
    client.complete(messages=[{"role": "user", "content": "hi"}])
except exceptions.ResourceNotFoundError as error:
    assert isinstance(error, NotFoundError) and isinstance(error, exceptions.HttpResponseError)
    assert error.error.code == "C" and error.status_code == 404
    print("caught")
"""


def test_without_azure_core_there_are_errors_of_the_same_names() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("caught\n", "")


LAZY = """
import sys
import polychat.azure
from polychat.azure import AzureKeyCredential, ChatCompletionsClient, models
ChatCompletionsClient("https://x/models", AzureKeyCredential("k"))
loaded = {n.partition(".")[0] for n in sys.modules}
heavy = {"aiohttp", "asyncio", "azure", "httpx", "httpx2", "opentelemetry", "requests", "yaml"}
print(sorted(loaded & heavy))
"""


def test_importing_and_making_a_client_loads_nothing_heavy() -> None:
    ran = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")
