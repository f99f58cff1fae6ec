"""Faults on demand: the language, and each fault as a bare client sees it."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from polychat.emulator import Emulator
from polychat.emulator.faults import NONE, Fault, Faults, parse

TEXT = "über one two three"
WHOLE = 7  # events of TEXT: the role, four words, the finish reason, [DONE]


def chat(client: httpx.Client, fault: str = "", *, stream: bool = False, **more: Any) -> Any:
    body = {"messages": [{"role": "user", "content": TEXT}], "stream": stream}
    headers = {"x-emulator-fault": f"fault:{fault}"} if fault else {}
    headers |= more.pop("headers", {})
    path = more.pop("path", "/openai/deployments/echo/chat/completions")
    return client.post(path, json=body, headers=headers, timeout=20, **more)


def stream(client: httpx.Client, fault: str = "") -> tuple[bytes, Exception | None]:
    """The bytes that arrive, and what ended them."""
    url = "/openai/deployments/echo/chat/completions"
    body = {"messages": [{"role": "user", "content": TEXT}], "stream": True}
    headers = {"x-emulator-fault": f"fault:{fault}"} if fault else {}
    arrived = bytearray()
    timeout = 0.5 if "stall" in fault else 20
    try:
        with client.stream("POST", url, json=body, headers=headers, timeout=timeout) as response:
            for piece in response.iter_raw():
                arrived += piece
    except httpx.TransportError as error:
        return bytes(arrived), error
    return bytes(arrived), None


def said(data: bytes) -> str:
    """The text of a stream in the plainest framing."""
    events = [event.removeprefix(b"data: ") for event in data.split(b"\n\n") if event]
    chunks = [json.loads(event) for event in events if event != b"[DONE]"]
    return "".join(c["choices"][0]["delta"].get("content", "") for c in chunks)


def test_the_language() -> None:
    assert parse("fault:status=429,retry-after-ms=200,times=2") == Fault(
        status=429, retry_after_ms=200.0, times=2
    )
    assert parse("html, slow=0.5") == Fault(html=True, slow=0.5)
    assert parse("redirect=http%3A//h/a%2Cb").redirect == "http://h/a,b"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nonsense", "nonsense"),
        ("status", "status"),
        ("html=1", "html"),
        ("cut=x", "cut"),
        ("framing=morse", "framing"),
    ],
)
def test_what_is_not_understood_is_named(dial: httpx.Client, text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse(text)
    answer = chat(dial, text)
    assert answer.status_code == 400
    assert named in answer.json()["error"]["message"]


def test_times_are_counted_by_text_and_key() -> None:
    faults = Faults()
    struck = [faults.strike("fault:drop,times=2", key) is not NONE for key in "aaab"]
    assert struck == [True, True, False, True]
    assert faults.strike("fault:slow=0,times=2", "a") is not NONE


def test_a_status_and_then_the_answer(dial: httpx.Client) -> None:
    path = "/openai/deployments/fault%3Astatus%3D503%2Ctimes%3D2/chat/completions"
    answers = [chat(dial, path=path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json()["error"]["code"] == "503"
    assert answers[2].json()["choices"][0]["message"]["content"] == TEXT


def test_each_key_has_its_own_count(dial: httpx.Client) -> None:
    fault = "status=500,times=1"
    answers = [chat(dial, fault, headers={"x-emulator-key": key}) for key in "aabb"]
    assert [answer.status_code for answer in answers] == [500, 200, 500, 200]


def test_a_model_name_is_a_fault_on_the_other_platforms(
    azure: httpx.Client, aleph_alpha: httpx.Client, aimlapi: httpx.Client
) -> None:
    body = {"model": "fault:status=418", "messages": [{"role": "user", "content": "hi"}]}
    envelopes = [
        client.post("/chat/completions", json=body) for client in (azure, aleph_alpha, aimlapi)
    ]
    assert [envelope.status_code for envelope in envelopes] == [418] * 3
    assert envelopes[0].json()["error"]["code"] == envelopes[0].headers["x-ms-error-code"]
    assert set(envelopes[1].json()) == {"error", "code"}
    assert envelopes[2].json()["statusCode"] == 418


def test_retry_after_in_its_three_forms(dial: httpx.Client) -> None:
    assert chat(dial, "status=429,retry-after=7").headers["retry-after"] == "7"
    assert chat(dial, "status=429,retry-after-ms=200").headers["retry-after-ms"] == "200"
    date = chat(dial, "status=429,retry-after-date=60").headers["retry-after"]
    ahead = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    assert 50 < ahead <= 60


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ("html", 200, "text/html", b"<html>"),
        ("html,status=502", 502, "text/html", b"<html>"),
        ("malformed", 200, "application/json", b"{"),
        ("text,status=500", 500, "text/plain", b"fault 500"),
        ("empty,status=404", 404, None, b""),
    ],
)
def test_bodies_of_another_kind(
    dial: httpx.Client, fault: str, status: int, content_type: str | None, body: bytes
) -> None:
    answer = chat(dial, fault)
    assert answer.status_code == status
    assert answer.headers.get("content-type", "").partition(";")[0] == (content_type or "")
    assert answer.content.startswith(body)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_redirect_goes_where_it_is_told(dial: httpx.Client) -> None:
    answer = chat(dial, "redirect=http://elsewhere.test/x")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://elsewhere.test/x")
    assert chat(dial, "redirect=/x,status=302").status_code == 302


def test_a_slow_answer_is_late(dial: httpx.Client) -> None:
    begun = time.monotonic()
    assert chat(dial, "slow=0.2").status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_a_drop_sends_nothing(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as raw:
        raw.sendall(
            b"GET /dial/v1/bucket HTTP/1.1\r\nhost: h\r\napi-key: k\r\n"
            b"x-emulator-fault: fault:drop\r\n\r\n"
        )
        received = b""
        with contextlib.suppress(ConnectionResetError):  # the other way for nothing to arrive
            received = raw.recv(1)
        assert received == b""


def test_a_whole_stream_is_whole(dial: httpx.Client) -> None:
    data, error = stream(dial)
    assert error is None
    assert data.count(b"\n\n") == WHOLE
    assert data.endswith(b"data: [DONE]\n\n")
    assert said(data) == TEXT


def test_a_cut_has_no_end(dial: httpx.Client) -> None:
    data, error = stream(dial, "cut=3")
    assert isinstance(error, httpx.RemoteProtocolError)
    assert said(data) == "über one"


def test_a_cut_after_the_last_event_still_cuts(dial: httpx.Client) -> None:
    data, error = stream(dial, f"cut={WHOLE}")
    assert isinstance(error, httpx.RemoteProtocolError)
    assert data.endswith(b"data: [DONE]\n\n")


def test_a_truncated_stream_ends_cleanly(dial: httpx.Client) -> None:
    data, error = stream(dial, "truncate=3")
    assert error is None
    assert said(data) == "über one"
    assert b"[DONE]" not in data


def test_a_stalled_stream_falls_silent(dial: httpx.Client) -> None:
    data, error = stream(dial, "stall=2")
    assert isinstance(error, httpx.ReadTimeout)
    assert said(data) == "über"


def test_the_connections_of_faults_are_closed_and_the_next_is_fine(dial: httpx.Client) -> None:
    for fault in ("cut=1", "stall=1", "truncate=1", "drop"):
        stream(dial, fault)
    assert chat(dial).status_code == 200


def test_an_error_within_a_stream(dial: httpx.Client) -> None:
    data, error = stream(dial, "error-event=2")
    events = [event.removeprefix(b"data: ") for event in data.split(b"\n\n") if event]
    assert error is None
    assert len(events) == 4
    assert json.loads(events[2])["error"]["code"] == "upstream_failed"
    assert events[3] == b"[DONE]"


@pytest.mark.parametrize(
    ("framing", "part"),
    [
        ("crlf", b"\r\n\r\ndata: {"),
        ("cr", b"\r\rdata: {"),
        ("nospace", b"\n\ndata:{"),
        ("comments", b"\n\n: heartbeat\n\n:\ndata: {"),
        ("multiline", b'data: {\ndata:  "id"'),
        ("bom", b"\xef\xbb\xbfdata: {"),
        ("event-lines", b"event: message\nid: 3\nretry: 1000\ndata: {"),
    ],
)
def test_framings(dial: httpx.Client, framing: str, part: bytes) -> None:
    data, error = stream(dial, f"framing={framing}")
    assert error is None
    assert part in data
    assert data.startswith(b"\xef\xbb\xbf") == (framing == "bom")
    assert (b"\n" in data) == (framing != "cr")


def test_dribbled_bytes_are_the_same_bytes(emulator: Emulator, dial: httpx.Client) -> None:
    whole, _ = stream(dial)
    emulator.reset()
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as raw:
        body = json.dumps({"messages": [{"role": "user", "content": TEXT}], "stream": True})
        raw.sendall(
            b"POST /dial/openai/deployments/echo/chat/completions HTTP/1.1\r\nhost: h\r\n"
            b"api-key: k\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"x-emulator-fault: fault:dribble\r\ncontent-length: %d\r\n\r\n%s"
            % (len(body), body.encode())
        )
        received = b"".join(iter(lambda: raw.recv(65536), b""))
    chunked = received.partition(b"\r\n\r\n")[2]
    sizes = chunked.split(b"\r\n")[::2]
    assert set(sizes) == {b"1", b"0", b""}
    one_by_one = b"".join(chunked[i + 3 : i + 4] for i in range(0, len(chunked) - 5, 6))
    assert len(one_by_one) == sizes.count(b"1")
    # The first stream's id was 1 of a new emulator or a later one; the rest is equal.
    assert said(one_by_one) == said(whole)


def test_faults_of_a_plain_answer_count_bytes(dial: httpx.Client) -> None:
    assert chat(dial, "truncate=10").content == chat(dial).content[:10]
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        chat(dial, "cut=10")


def test_faults_strike_every_route(dial: httpx.Client) -> None:
    strike = {"x-emulator-fault": "fault:status=503"}
    for path in ("/v1/bucket", "/openai/models", "/nowhere", "/v1/files/b/x"):
        assert dial.get(path, headers=strike).status_code == 503
    upload = {"file": ("x", b"x" * 100_000)}
    assert dial.put("/v1/files/b/x", files=upload, headers=strike).status_code == 503
