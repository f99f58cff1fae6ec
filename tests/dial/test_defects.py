"""The nineteen defects of aidial-client 0.18 that were reproduced: each is absent here."""

from __future__ import annotations

import asyncio
import gc
import inspect
import io
import json
import pickle
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from polychat import errors, response_of
from polychat.dial import (
    AsyncDial,
    Dial,
    DialClientPool,
    DialException,
    EtagMismatchError,
    InvalidDialURLError,
    InvalidRequestError,
    NotDialURLError,
    ParsingDataError,
    ResourceNotFoundError,
    etag_of,
)
from polychat.emulator import Emulator

HI: list[Any] = [{"role": "user", "content": "hello there"}]


def fault(text: str, key: str = "") -> dict[str, str]:
    return {"x-emulator-fault": f"fault:{text}", "x-emulator-key": key}


@pytest.mark.parametrize("status", [408, 409, 429])
def test_01_asynchronous_retries_work(make: Any, status: int) -> None:
    dial = make(max_retries=1)
    headers = fault(f"status={status},retry-after=0,times=1", f"d1-{status}")
    info = dial.user.info(extra_headers=headers)
    assert info.roles == ["default"]
    assert response_of(info).attempts == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("status=404,text", ResourceNotFoundError),
        ("status=412,text", EtagMismatchError),
        ("status=502,html", errors.InternalServerError),
    ],
)
def test_02_streamed_downloads_raise_typed_errors(dial: Any, text: str, kind: Any) -> None:
    with pytest.raises(kind) as caught:  # noqa: SIM117
        with dial.files.stream_download("files/b/x", extra_headers=fault(text)):
            pass
    assert isinstance(caught.value, DialException)


def test_03_errors_are_typed_after_a_retry_too(make: Any) -> None:
    dial = make(max_retries=1)
    url = dial.my_files_home() / "x"
    dial.files.upload(url, b"1")
    with pytest.raises(EtagMismatchError) as caught:
        dial.files.delete(
            url, etag_if_match="abc", extra_headers=fault("status=409,retry-after=0,times=1", "d3")
        )
    assert caught.value.attempts == 2


def test_04_timeouts_and_retries_hold_for_chat_and_in_pools(emulator: Emulator) -> None:
    with DialClientPool() as pool:
        arguments: Any = {"base_url": emulator.url("dial"), "api_key": "k"}
        arguments.update({"timeout": 0.2, "max_retries": 0})
        for client in (Dial(**arguments), pool.create_client(**arguments)):
            emulator.reset()
            start = time.monotonic()
            with pytest.raises(errors.APITimeoutError) as caught:
                client.chat.completions.create(deployment_name="fault:slow=3", messages=HI)
            assert time.monotonic() - start < 2
            assert caught.value.status_code == 408  # type: ignore[attr-defined]
            assert len(emulator.requests) == 1
            client.close()


def test_05_uploads_take_any_reader(dial: Any) -> None:
    item = dial.files.upload(dial.my_files_home() / "x", io.BytesIO(b"abc"))
    assert item.content_length == 3


def test_06_the_tuple_of_the_readme_uploads_the_content(dial: Any) -> None:
    url = dial.my_files_home() / "x"
    assert dial.files.upload(url, ("n", "text/plain", b"abc")).content_type == "text/plain"
    assert dial.files.download(url).get_content() == b"abc"


def test_07_extra_params_are_sent_and_model_leaves_the_url_alone(
    dial: Any, emulator: Emulator
) -> None:
    dial.chat.completions.create(
        deployment_name="echo", model="other", messages=HI, extra_params={"some": "thing"}
    )
    request = emulator.requests[-1]
    assert request.path == "/dial/openai/deployments/echo/chat/completions?some=thing"
    assert request.json()["model"] == "other"


def test_08_folders_keep_their_slash_and_buckets_can_be_listed(
    dial: Any, emulator: Emulator
) -> None:
    home = dial.my_files_home()
    dial.files.upload(home / "folder" / "x", b"1")
    assert dial.files.get_metadata(f"{home}/folder/").items[0].name == "x"
    assert emulator.requests[-1].path.endswith("/folder/")
    assert dial.files.get_metadata(f"{home}/").items[0].name == "folder"


class Odd(BaseHTTPRequestHandler):
    """Answers every request with a list in which most is odd."""

    document: Any = {
        "object": "list",
        "data": [
            {"id": "good", "object": "model", "created_at": 1, "model": "m"},
            {"id": "odd", "scale_settings": {"scale_type": "odd"}, "features": None},
            {"id": "nothing else"},
            {"id": 7, "created_at": "yesterday", "features": ["a"], "display_name": {"en": "X"}},
            "text",
            None,
        ],
    }

    def do_GET(self) -> None:
        body = json.dumps(self.document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.mark.parametrize("resource", ["deployments", "application", "applications", "models"])
def test_09_lists_survive_odd_items(make: Any, resource: str) -> None:
    server = HTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        dial = make(base_url=f"http://127.0.0.1:{server.server_port}")
        found = getattr(dial, resource).list()
        assert [getattr(item, "id", item) for item in found] == [
            "good", "odd", "nothing else", 7, "text", None
        ]  # fmt: skip
        assert found[3].display_name == {"en": "X"}
        assert found[1].scale_settings.scale_type == "odd"
    finally:
        dial.close()
        server.shutdown()
        server.server_close()


def test_10_nothing_escapes_raw(dial: Any, emulator: Emulator) -> None:
    def chat(name: str, **more: Any) -> Any:
        return dial.chat.completions.create(deployment_name=name, messages=HI, **more)

    with pytest.raises(ParsingDataError) as unreadable:
        chat("fault:malformed")
    assert unreadable.value.status_code == 422
    with pytest.raises(DialException) as silent:
        list(chat("fault:stall=2", stream=True, timeout=0.2))
    assert isinstance(silent.value, errors.StreamIdleTimeoutError)
    with pytest.raises(DialException) as cut:
        list(chat("fault:cut=2", stream=True))
    assert isinstance(cut.value, errors.StreamTruncatedError)
    assert len(cut.value.chunks) == 2
    url = dial.my_files_home() / "large"
    dial.files.upload(url, bytes(2_000_000))
    with pytest.raises(errors.StreamTruncatedError):
        dial.files.download(url, extra_headers=fault("cut=1500000")).get_content()


@pytest.mark.parametrize("value", [lambda: None, lambda: 5, lambda: ""])
def test_10_credentials_that_are_none_are_named(make: Any, value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="api_key"):
        make(api_key=value).user.info()


def test_10_a_coroutine_function_in_a_synchronous_client_is_named(emulator: Emulator) -> None:
    async def key() -> str:
        return "k"

    with Dial(base_url=emulator.url("dial"), api_key=key) as dial:  # type: ignore[arg-type]  # noqa: SIM117
        with pytest.raises(InvalidRequestError, match="coroutine"):
            dial.user.info()


@pytest.mark.parametrize(
    "call",
    [
        lambda d: d.deployments.get("missing-1"),
        lambda d: d.deployments.get_configuration_schema("missing-1"),
        lambda d: d.application.get("missing-1"),
        lambda d: d.model.get("missing-1"),
        lambda d: d.toolset.get("missing-1"),
        lambda d: d.metadata.get("files", f"{d.my_files_home()}/none"),
        lambda d: d.prompts.get(d.my_prompts_home() / "none"),
        lambda d: d.chat.completions.create(deployment_name="missing-1", messages=HI),
    ],
)
def test_11_every_resource_says_what_was_not_found(dial: Any, call: Any) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        call(dial)
    assert caught.value.status_code == 404
    assert "Error code" not in caught.value.message


def test_11_errors_have_what_dial_said_and_a_connection_error_its_cause(make: Any) -> None:
    dial = make()
    stream = dial.chat.completions.create(
        deployment_name="fault:error-event=1", messages=HI, stream=True
    )
    with pytest.raises(DialException) as event:
        list(stream)
    error = event.value
    assert (error.message, error.code) == ("the upstream failed in mid-stream", "upstream_failed")
    assert (error.status_code, error.display_message) == (500, error.message)
    unreachable = make(base_url="http://127.0.0.1:9")
    with pytest.raises(errors.APIConnectionError) as refused:
        unreachable.user.info()
    assert isinstance(refused.value, DialException)
    assert refused.value.__cause__ is not None


def test_12_exceptions_survive_pickling(dial: Any) -> None:
    seen: list[Any] = []
    for call in (
        lambda: dial.deployments.get("missing-1"),
        lambda: dial.files.download("files/../x"),
        lambda: dial.chat.completions.create(deployment_name="fault:html", messages=HI),
        lambda: list(
            dial.chat.completions.create(deployment_name="fault:cut=1", messages=HI, stream=True)
        ),
    ):
        with pytest.raises(DialException) as caught:
            call()
        copy = pickle.loads(pickle.dumps(caught.value))
        assert type(copy) is type(caught.value)
        assert str(copy) == str(caught.value)
        assert copy.status_code == caught.value.status_code
        seen.append(copy)
    assert len({type(error) for error in seen}) == 4
    plain = pickle.loads(pickle.dumps(DialException("m", 418, code="c")))
    assert (plain.message, plain.status_code, plain.code) == ("m", 418, "c")


def test_13_an_abandoned_stream_gives_its_connection_back(emulator: Emulator) -> None:
    with Dial(base_url=emulator.url("dial"), api_key="k") as dial:
        for _ in range(3):
            stream = dial.chat.completions.create(deployment_name="echo", messages=HI, stream=True)
            assert next(stream).choices
            assert stream.headers["content-type"].startswith("text/event-stream")
            del stream
            gc.collect()
        pool = dial._core.http._adapter.client._transport._pool  # type: ignore[union-attr]
        assert all(c.is_idle() or c.is_closed() for c in pool.connections)
        with dial.chat.completions.create(deployment_name="echo", messages=HI, stream=True) as s:
            next(s)


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:{port}/x", "../../v1/bucket", "a/../b", "//127.0.0.1:{port}/x", ""]
)
def test_14_ids_lead_nowhere_else(dial: Any, emulator: Emulator, name: str) -> None:
    name = name.format(port=emulator.port)
    for call in (
        lambda: dial.application.get(name),
        lambda: dial.deployments.get(name),
        lambda: dial.model.get(name),
        lambda: dial.chat.completions.create(deployment_name=name, messages=HI),
    ):
        with pytest.raises(InvalidRequestError):
            call()
    assert not emulator.requests


def test_14_ids_are_encoded(dial: Any, emulator: Emulator) -> None:
    with pytest.raises(ResourceNotFoundError):
        dial.deployments.get("a?b=c#d e/f")
    path = emulator.requests[-1].path
    assert "?" not in path
    assert unquote(path) == "/dial/openai/deployments/a?b=c#d e/f"


@pytest.mark.parametrize("mark", ["?", "#", "%3F", "%23"])
def test_15_dots_are_refused_after_marks_too(dial: Any, emulator: Emulator, mark: str) -> None:
    for call in (dial.files.download, dial.files.delete, dial.files.get_metadata):
        with pytest.raises(InvalidDialURLError):
            call(f"files/b/a{mark}/../../other/x")
    assert not emulator.requests


def test_16_a_literal_escape_in_a_name_can_be_addressed(dial: Any) -> None:
    url = dial.my_files_home() / "a%41.txt"
    item = dial.files.upload(url, b"literal")
    assert (item.name, item.url.rpartition("/")[2]) == ("a%41.txt", "a%2541.txt")
    for same in (url, item.url):
        assert dial.files.download(same).get_content() == b"literal"


def test_16_prefixes_are_removed_as_a_whole() -> None:
    from polychat.dial.helpers._url import remove_leading_slash, remove_prefix

    assert remove_prefix("files/filesystem", "files/") == "filesystem"
    assert remove_leading_slash("/a/b") == "a/b"


def test_17_synchronous_downloads_stream(emulator: Emulator) -> None:
    with Dial(base_url=emulator.url("dial"), api_key="k") as dial:
        url = dial.my_files_home() / "large"
        dial.files.upload(url, bytes(20_000_000))
        with dial.files.stream_download(url) as response:
            largest = max(len(piece) for piece in response)
        assert largest < 2_000_000


def test_18_imports_are_light_and_no_headers_of_openai_are_sent(emulator: Emulator) -> None:
    program = (
        "import sys; from polychat.dial import Dial, AsyncDial, DialClientPool, DialException;"
        "Dial(base_url='http://h', api_key='k');"
        "print([m for m in ('httpx', 'openai', 'pydantic', 'polychat_rest.dial.models',"
        " 'httpx_aiohttp', 'anyio') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    with Dial(base_url=emulator.url("dial"), api_key="k") as dial:
        dial.chat.completions.create(deployment_name="echo", messages=HI)
    sent = emulator.requests[-1].headers
    assert not [name for name in sent if name.startswith("x-stainless")]
    assert "OpenAI" not in sent["user-agent"]


def test_19_prompts_tell_their_etag(dial: Any) -> None:
    url = dial.my_prompts_home() / "p"
    saved = dial.prompts.save(url, {"id": "i", "name": "n", "folderId": "f", "content": "c"})
    found = dial.prompts.get(url)
    assert etag_of(found) == saved.etag == etag_of(saved)
    dial.prompts.save(url, found, etag_if_match=etag_of(found))


def test_19_the_scheme_is_part_of_a_service(dial: Any, emulator: Emulator) -> None:
    other = emulator.url("dial").replace("http://", "https://")
    assert not dial.is_dial_url(f"{other}/v1/files/b/x")
    assert dial.is_dial_url(f"{emulator.url('dial')}/v1/files/b/x")
    with pytest.raises(NotDialURLError):
        dial.files.get_storage_resource(f"{other}/v1/files/b/x")


def test_19_token_credentials_are_asked_again_after_a_401(make: Any) -> None:
    class Token:
        def __init__(self, token: str) -> None:
            self.token = token
            self.expires_on = time.time() + 3600

    class Credential:
        asked = 0

        def get_token(self, *_: str) -> Token:
            self.asked += 1
            return Token("expired" if self.asked == 1 else "fresh")

    credential = Credential()
    dial = make(api_key=None, bearer_token=credential)
    assert dial.user.info().roles == ["default"]
    assert dial.user.info().roles == ["default"]
    assert credential.asked == 2


def test_the_asynchronous_client_has_all_methods_of_the_synchronous_one() -> None:
    one = Dial(base_url="http://h", api_key="k")
    other = AsyncDial(base_url="http://h", api_key="k")
    names = [n for n in dir(one) if not n.startswith("_") and n not in ("close", "rest")]
    for name in names:
        mine, theirs = getattr(one, name), getattr(other, name)
        if inspect.ismethod(mine):
            assert inspect.signature(mine).parameters.keys() == (
                inspect.signature(theirs).parameters.keys()
            )
            continue
        if isinstance(mine, str):
            assert mine == theirs
            continue
        for method in dir(mine):
            if method.startswith("_") or not callable(getattr(mine, method)):
                continue
            given = inspect.signature(getattr(mine, method)).parameters
            assert given.keys() == inspect.signature(getattr(theirs, method)).parameters.keys(), (
                name,
                method,
            )
    asyncio.run(other.aclose())
