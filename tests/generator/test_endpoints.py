"""Generated endpoint functions, called through the plain client over a mock transport."""

from __future__ import annotations

import asyncio
import email
import email.policy
import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.generator.conftest import Package

Handler = Callable[[httpx.Request], httpx.Response]


def client(zoo: Package, handler: Handler, **options: Any) -> Any:
    transport = httpx.MockTransport(handler)
    return zoo.module("client").Client(
        "http://zoo.test/", httpx_args={"transport": transport}, **options
    )


def answering(*args: Any, **kwargs: Any) -> Handler:
    return lambda request: httpx.Response(*args, **kwargs)


def test_json_and_event_stream_on_one_operation(zoo: Package) -> None:
    chat = zoo.module("api.chat.create_chat")
    bodies: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        if request.headers["accept"] == "text/event-stream":
            return httpx.Response(
                200, text='data: {"shape": "square"}\n\ndata: {"shape": "?"}\n\ndata: [DONE]\n\n'
            )
        return httpx.Response(200, json={"id": "a", "finish": "stop"})

    body = {"question": "q", "role": "user"}
    with client(zoo, handler) as sender:
        answer = chat.sync(client=sender, body=body)
        chunks = list(chat.stream(client=sender, body=zoo.model("Settings")(question="q")))
        with chat.stream(client=sender, body=body) as stream:
            assert next(stream).to_dict() == {"shape": "square"}
            assert stream.headers["content-type"].startswith("text/plain")
    assert type(answer) is zoo.model("Animal")
    assert type(chunks[0]) is zoo.model("Square")
    assert chunks[1] == {"shape": "?"}
    assert bodies == [body, {**body, "stream": True}, {**body, "stream": True}]
    operation = chat.OPERATION
    assert (operation.done, operation.resend, operation.platform) == ("[DONE]", True, "zoo")


def test_an_operation_with_an_event_stream_alone(zoo: Package) -> None:
    watch = zoo.module("api.chat.watch")
    assert not hasattr(watch, "sync")

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept"] == "text/event-stream"
        assert request.content == b""
        return httpx.Response(200, text='data: {"id": "1"}\n\n')

    async def run() -> list[Any]:
        async with client(zoo, handler) as sender:
            return [event async for event in await watch.astream(client=sender)]

    assert [event.id for event in asyncio.run(run())] == ["1"]


def test_slashes_stay_in_paths_of_segments_and_are_refused_elsewhere(zoo: Package) -> None:
    get = zoo.module("api.files.get_file")
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, content=b"\x00")

    sender = client(zoo, handler)
    assert get.sync("my bucket", "a b/ü?#%2F%.txt", client=sender) == b"\x00"
    assert seen == [b"/files/my%20bucket/a%20b/%C3%BC%3F%23%2F%25.txt"]
    refused = zoo.runtime("errors").InvalidPathError
    for bucket, path in (
        ("a/b", "c"),
        ("..", "c"),
        ("a", "b/../c"),
        ("a", "b//c"),
        ("", "c"),
        ("%2e%2e", "c"),
        ("a", "b/%2E./c"),
        ("a", "..%2Fc"),
        ("a", "%00"),
    ):
        with pytest.raises(refused):
            get.sync(bucket, path, client=sender)
    assert len(seen) == 1


def test_a_path_parameter_with_a_space_in_its_name(zoo: Package) -> None:
    animals = zoo.module("api.lists.list_animals")

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.raw_path == b"/list/x%20y?tags=a%2Cb"
        assert request.headers["x-trace"] == "t"
        return httpx.Response(200, json=[{"id": "a"}, 5])

    found = animals.sync("x y", client=client(zoo, handler), tags=["a", "b"], x_trace="t")
    assert type(found[0]) is zoo.model("Animal")
    assert found[1] == 5


def test_dates_are_sent_as_iso_8601(zoo: Package) -> None:
    when = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            assert request.url.params["since"] == "2026-11-21T10:00:00+00:00"
            return httpx.Response(200, json=[])
        assert datetime.fromisoformat(json.loads(request.content)["since"]) == when
        return httpx.Response(200, json={})

    sender = client(zoo, handler)
    assert zoo.module("api.lists.list_animals").sync("x", client=sender, since=when) == []
    chat = zoo.module("api.chat.create_chat")
    for body in (
        {"question": "q", "role": "user", "since": when},
        zoo.model("Settings")(question="q", since=when),
    ):
        assert type(chat.sync(client=sender, body=body)) is zoo.model("Animal")


def test_parameters_that_are_none_are_left_out(zoo: Package) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.query == b""
        assert "x-trace" not in request.headers
        return httpx.Response(200, json=[])

    animals = zoo.module("api.lists.list_animals")
    assert animals.sync("x", client=client(zoo, handler)) == []


def test_a_file_cannot_end_its_part_and_add_a_field(zoo: Package) -> None:
    put = zoo.module("api.files.put_file")
    file = zoo.module("types").File
    evil = b'x\r\n--+++\r\nContent-Disposition: form-data; name="note"\r\n\r\nadmin\r\n--+++--\r\n'
    seen: list[tuple[str, dict[str, bytes]]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        kind = request.headers["content-type"]
        raw = f"Content-Type: {kind}\r\n\r\n".encode() + request.read()
        message = email.message_from_bytes(raw, policy=email.policy.HTTP)
        parts = {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in message.iter_parts()
        }
        seen.append((kind, parts))
        return httpx.Response(200, json={"id": "f"})

    body = zoo.model("Upload")(file=file(evil, 'a"\r\nX: y.txt'), meta=zoo.model("Plain")(id="p"))
    sender = client(zoo, handler)
    assert put.sync("b", "p", client=sender, body=body).id == "f"
    put.sync("b", "p", client=sender, body={"file": file(evil), "note": None})
    (first, parts), (second, others) = seen
    assert parts == {"file": evil, "meta": b'{"id":"p"}'}
    assert others == {"file": evil}
    assert first != second


def test_audio_any_type_and_ndjson_answers_are_read(zoo: Package) -> None:
    speak, lines = zoo.module("api.sound.speak"), zoo.module("api.sound.lines")

    def speaking(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "text/plain"
        assert request.headers["accept"] == "*/*"
        assert request.read() == "hellö".encode()
        return httpx.Response(200, content=b"RIFF\xff", headers={"content-type": "audio/wav"})

    sender = client(zoo, speaking)
    assert speak.sync(client=sender, body="hellö") == b"RIFF\xff"
    assert b"".join(speak.download(client=sender, body="hellö")) == b"RIFF\xff"
    assert speak.OPERATION.resend is False
    found = lines.sync(client=client(zoo, answering(200, text='{"a":1}\n{"a":2}\n')))
    assert found == '{"a":1}\n{"a":2}\n'
    assert zoo.module("api.files.get_file").sync(
        "b", "p", client=client(zoo, answering(200, content=b"\xfe"))
    ) == (b"\xfe")


def test_json_and_bytes_on_one_operation_go_by_the_content_type(zoo: Package) -> None:
    both = zoo.module("api.sound.both")
    wav = answering(200, content=b"\xff", headers={"content-type": "audio/wav"})
    assert both.sync(client=client(zoo, wav)) == b"\xff"
    assert both.sync(client=client(zoo, answering(200, json={"id": "x"}))).id == "x"

    async def download() -> bytes:
        stream = await both.adownload(client=client(zoo, wav))
        return b"".join([piece async for piece in stream])

    assert asyncio.run(download()) == b"\xff"


def test_an_error_that_is_html_keeps_its_status_and_body(zoo: Package) -> None:
    chat, errors = zoo.module("api.chat.create_chat"), zoo.runtime("errors")
    html = answering(403, html="<h1>Forbidden</h1>")
    with pytest.raises(errors.UnreadableAnswer) as caught:
        chat.sync(client=client(zoo, html), body={})
    assert caught.value.status_code == 403
    assert caught.value.content == b"<h1>Forbidden</h1>"
    assert "text/html" in str(caught.value)


@pytest.mark.parametrize("status", [302, 500, 529, 599])
def test_an_undocumented_status_is_raised(zoo: Package, status: int) -> None:
    chat, errors = zoo.module("api.chat.create_chat"), zoo.runtime("errors")
    sender = client(zoo, answering(status, text="why", headers={"location": "http://evil.test"}))
    with pytest.raises(errors.UnexpectedStatus, match=f"{status}: why") as caught:
        chat.sync(client=sender, body={})
    assert caught.value.status_code == status
    with pytest.raises(errors.UnexpectedStatus):
        asyncio.run(chat.asyncio(client=sender, body={}))


def test_a_success_that_the_spec_lacks_is_read_as_the_one_that_it_has(zoo: Package) -> None:
    chat = zoo.module("api.chat.create_chat")
    body = {"id": "a", "finish": "stop"}
    for status in (201, 202, 203, 206, 299):
        sender = client(zoo, answering(status, json=body))
        assert type(chat.sync(client=sender, body={})) is zoo.model("Animal")
    with pytest.raises(zoo.runtime("errors").UnreadableAnswer, match="status 201"):
        chat.sync(client=client(zoo, answering(201, text="why")), body={})


def test_documented_errors_are_returned_by_range_and_default(zoo: Package) -> None:
    chat, put = zoo.module("api.chat.create_chat"), zoo.module("api.files.put_file")
    busy = chat.sync_detailed(client=client(zoo, answering(429, json={"message": "m"})), body={})
    assert (busy.status_code, busy.parsed.message) == (429, "m")
    body = {"file": zoo.module("types").File(b"")}
    problem = put.sync("b", "p", client=client(zoo, answering(529, json={})), body=body)
    assert type(problem) is zoo.model("Problem")


def test_an_empty_answer_is_none(zoo: Package) -> None:
    delete = zoo.module("api.files.delete_file")
    assert delete.sync("b", "p", client=client(zoo, answering(204))) is None


def test_the_default_timeout_ends(zoo: Package) -> None:
    sender = zoo.module("client").Client("http://zoo.test")
    timeout = sender.get_httpx_client().timeout
    assert (timeout.connect, timeout.read) == (5.0, 600.0)
    changed = sender.with_timeout(3.0)
    assert changed.get_httpx_client().timeout.read == 3.0
    assert sender.get_httpx_client().timeout.read == 600.0
    sender.close()
    changed.close()


def test_a_token_is_sent_and_not_shown(zoo: Package) -> None:
    secret = "canary-7c1f"
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["api-key"])
        return httpx.Response(204)

    sender = zoo.module("client").AuthenticatedClient(
        "http://zoo.test",
        secret,
        prefix="",
        auth_header_name="Api-Key",
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    zoo.module("api.files.delete_file").sync("b", "p", client=sender)
    assert seen == [secret]
    assert secret not in repr(sender) + str(vars(sender))
    default = zoo.module("client").AuthenticatedClient("http://zoo.test", "t")
    assert default._credentials() == {"Authorization": "Bearer t"}


def test_with_headers_leaves_the_original_alone(zoo: Package) -> None:
    seen: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("x-extra"))
        return httpx.Response(204)

    sender = client(zoo, handler)
    sender.get_httpx_client()
    changed = sender.with_headers({"X-Extra": "1"})
    delete = zoo.module("api.files.delete_file")
    delete.sync("b", "p", client=changed)
    delete.sync("b", "p", client=sender)
    assert seen == ["1", None]


def test_sync_and_async_take_and_give_the_same(zoo: Package) -> None:
    modules = sorted((zoo.folder / "zoo" / "api").glob("*/*.py"))
    pairs = [("sync", "asyncio"), ("sync_detailed", "asyncio_detailed")]
    compared = 0
    for path in modules:
        if path.name == "__init__.py":
            continue
        module = zoo.module(f"api.{path.parent.name}.{path.stem}")
        for one, other in pairs:
            if hasattr(module, one):
                first, second = (inspect.signature(getattr(module, n)) for n in (one, other))
                assert list(first.parameters) == list(second.parameters)
                assert first.return_annotation == second.return_annotation
                compared += 1
    assert compared >= 14
