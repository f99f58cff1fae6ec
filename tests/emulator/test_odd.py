"""What no service would be sent by an honest client: refused, and no wait is without an end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from polychat.emulator import Emulator
from polychat.emulator.__main__ import main

CHATS = {
    "dial": "/openai/deployments/echo/chat/completions",
    "azure": "/chat/completions",
    "aleph_alpha": "/chat/completions",
    "aimlapi": "/chat/completions",
}
ODD = {
    "a deep list": b"[" * 100_000 + b"]" * 100_000,
    "a deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a list that is just too deep": b"[" * 980 + b"]" * 980,
    "half a character": json.dumps("a\ud800").encode(),
    "half a character in bytes": b'"\xed\xa0\x80"',
    "the halves in the wrong order": rb'"\udc00\ud800"',
    "half a character as a name": rb'{"\ud800": 1}',
    "no UTF-8": b'"\xff"',
    "no number": b"NaN",
    "a number without end": b"-Infinity",
    "a number that is too large": b"1e400",
    "a number of too many digits": b"1" * 5000,
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("platform", CHATS)
@pytest.mark.parametrize("stream", [b"", b',"stream":true'])
def test_odd_json_is_refused(emulator: Emulator, platform: str, odd: str, stream: bytes) -> None:
    message = b'{"role":"user","content":"x","more":%s}' % ODD[odd]
    body = b'{"model":"m","messages":[%s]%s}' % (message, stream)
    headers = {"Api-Key": "k", "Authorization": "Bearer k", "content-type": "application/json"}
    answer = httpx.post(emulator.url(platform) + CHATS[platform], content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert "JSON" in answer.text or "deeply" in answer.text


def test_whole_characters_are_none_of_that(dial: httpx.Client) -> None:
    body = rb'{"messages":[{"role":"user","content":"\ud83c\udf89 \\ud800 1e400"}]}'
    answer = dial.post(CHATS["dial"], content=body, headers={"content-type": "application/json"})
    assert answer.json()["choices"][0]["message"]["content"] == "🎉 \\ud800 1e400"


def test_a_document_of_another_kind_is_refused(dial: httpx.Client) -> None:
    for body in (["x"], {"ids": 1}, {"a": 1}, "x"):
        assert dial.post("/v1/ops/notification/delete", json=body).status_code == 400
    fault = {"x-emulator-fault": "fault:status=1000"}
    assert dial.get("/v1/bucket", headers=fault).status_code == 400


@pytest.mark.parametrize("text", ["slow=inf", "slow=nan", "slow=-1", "retry-after-date=1e300"])
def test_a_fault_waits_for_a_time_that_ends(dial: httpx.Client, text: str) -> None:
    answer = dial.get("/v1/bucket", headers={"x-emulator-fault": f"fault:{text}"})
    assert answer.status_code == 400
    assert "must be from" in answer.text


@pytest.mark.parametrize("name", ["latency", "interval", "patience"])
def test_an_emulator_waits_for_a_time_that_ends(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for seconds in (float("inf"), float("nan"), -1.0):
        with pytest.raises(ValueError, match=name):
            Emulator(**{name: seconds})
    if name != "patience":
        assert main([f"--{name}", "inf"]) == 1
        assert f"--{name}=inf" in capsys.readouterr().err


@pytest.fixture(scope="module")
def impatient() -> Iterator[Emulator]:
    with Emulator(patience=0.3) as emulator:
        yield emulator


HEAD = b"POST /dial%s HTTP/1.1\r\nhost: x\r\napi-key: k\r\ncontent-type: application/json\r\n"
CHAT = HEAD % CHATS["dial"].encode()
STALLS = {
    "nothing": b"",
    "half a head": CHAT,
    "half a body": CHAT + b"content-length: 1000\r\n\r\n{",
    "half a form": b"PUT /dial/v1/files/b/x HTTP/1.1\r\nhost: x\r\napi-key: k\r\ncontent-length: 99"
    b"\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n",
    "a stalled answer": b"GET /dial/v1/bucket HTTP/1.1\r\nhost: x\r\napi-key: k\r\n"
    b"x-emulator-fault: fault:stall=1\r\n\r\n",
}


@pytest.mark.parametrize("stall", STALLS)
def test_a_client_that_stalls_is_left(impatient: Emulator, stall: str) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port)) as client:
        client.settimeout(10)
        client.sendall(STALLS[stall])
        try:
            while client.recv(65536):
                pass
        except ConnectionResetError:
            pass


def test_a_client_that_does_not_read_is_left(impatient: Emulator) -> None:
    question = json.dumps({"messages": [{"role": "user", "content": "x" * 9_000_000}]}).encode()
    head = CHAT + b"content-length: %d\r\n\r\n" % len(question)
    with socket.create_connection(("127.0.0.1", impatient.port)) as client:
        client.sendall(head + question)
        ends = time.monotonic() + 10
        while impatient._connections and time.monotonic() < ends:
            time.sleep(0.05)
        assert not impatient._connections


@pytest.mark.parametrize("busy", [False, True])
def test_an_interrupt_ends_it_well(busy: bool) -> None:
    command = [sys.executable, "-m", "polychat.emulator"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    while (line := process.stdout.readline().strip()) != "ready":
        lines.append(line)
    port = int(lines[0].rsplit(":", 1)[1].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as client:
        if busy:
            client.sendall(STALLS["a stalled answer"])
            assert client.recv(100)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")
