"""The emulator as a program has it: addresses, what it recorded, its life and its process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from polychat.emulator import Emulator
from polychat.emulator.server import PLATFORMS

CHAT = "/openai/deployments/a%2Fb/chat/completions"
BODY = {"messages": [{"role": "user", "content": "hi"}]}


def test_every_platform_has_a_url(emulator: Emulator) -> None:
    root = f"http://127.0.0.1:{emulator.port}"
    urls = {platform: emulator.url(platform) for platform in PLATFORMS}
    assert urls == {
        "dial": f"{root}/dial",
        "azure": f"{root}/azure/models",
        "aleph_alpha": f"{root}/aleph_alpha",
        "aimlapi": f"{root}/aimlapi/v1",
    }


def test_an_unknown_platform_is_named_with_the_known_ones(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match=r"'openai' is unknown; .* dial, azure, aleph_alpha"):
        emulator.url("openai")


def test_requests_are_recorded_as_sent(emulator: Emulator, dial: httpx.Client) -> None:
    dial.post(CHAT, params={"api-version": "1"}, json=BODY, headers={"X-Mine": "yes"})
    dial.get("/nowhere")
    first, second = emulator.requests
    assert (first.platform, first.method) == ("dial", "POST")
    assert first.path == f"/dial{CHAT}?api-version=1"
    assert first.headers["x-mine"] == "yes"
    assert first.headers["api-key"] == "alice"
    assert first.json() == BODY
    assert (second.path, second.body) == ("/dial/nowhere", b"")


def test_a_reset_forgets_everything(emulator: Emulator, dial: httpx.Client) -> None:
    bucket = dial.get("/v1/bucket").json()["bucket"]
    dial.put(f"/v1/files/{bucket}/x", files={"file": b"x"}).raise_for_status()
    once = {"x-emulator-fault": "fault:status=500,times=1"}
    assert dial.get("/v1/bucket", headers=once).status_code == 500
    emulator.reset()
    assert emulator.requests == []
    assert dial.get(f"/v1/files/{bucket}/x").status_code == 404
    assert dial.get("/v1/bucket", headers=once).status_code == 500
    document = dial.post("/openai/deployments/echo/chat/completions", json=BODY).json()
    assert document["id"] == "chatcmpl-1"


def test_it_answers_as_soon_as_it_is_entered_and_not_after() -> None:
    with Emulator() as emulator:
        url = emulator.url("aleph_alpha") + "/version"
        assert httpx.get(url).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    with pytest.raises(RuntimeError, match="already"):
        emulator.start()


def test_it_closes_while_a_stream_stalls() -> None:
    with Emulator() as emulator, contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(headers={"Api-Key": "k"}))
        headers = {"x-emulator-fault": "fault:stall=1"}
        url = emulator.url("dial") + "/openai/deployments/echo/chat/completions"
        stream = client.stream("POST", url, json={**BODY, "stream": True}, headers=headers)
        response = stack.enter_context(stream)
        assert next(response.iter_raw())
        begun = time.monotonic()
        emulator.close()
        assert time.monotonic() - begun < 10


def test_latency_and_interval() -> None:
    with Emulator(latency=0.1, interval=0.05) as emulator:
        url = emulator.url("dial") + "/openai/deployments/echo/chat/completions"
        begun = time.monotonic()
        httpx.post(url, json=BODY, headers={"Api-Key": "k"}).raise_for_status()
        plain = time.monotonic() - begun
        httpx.post(url, json={**BODY, "stream": True}, headers={"Api-Key": "k"})
        assert plain >= 0.1
        assert time.monotonic() - begun - plain >= 0.1 + 3 * 0.05


def test_many_callers_at_once(emulator: Emulator) -> None:
    answers: list[str] = []

    def call(number: int) -> None:
        body = {"messages": [{"role": "user", "content": f"caller {number}"}]}
        url = emulator.url("dial") + "/openai/deployments/echo/chat/completions"
        answer = httpx.post(url, json=body, headers={"Api-Key": "k"}, timeout=20)
        answers.append(answer.json()["choices"][0]["message"]["content"])

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(f"caller {number}" for number in range(20))
    assert len(emulator.requests) == 20


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Emulator(port=taken.getsockname()[1])


def test_as_a_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "polychat.emulator", "--port", "0", "--folder", str(tmp_path)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        urls: dict[str, str] = {}
        for line in process.stdout:
            if line == "ready\n":
                break
            name, _, url = line.strip().partition(": ")
            urls[name] = url
        assert list(urls) == list(PLATFORMS)
        headers = {"Api-Key": "k"}
        bucket = httpx.get(urls["dial"] + "/v1/bucket", headers=headers).json()["bucket"]
        url = f"{urls['dial']}/v1/files/{bucket}/x"
        httpx.put(url, files={"file": b"kept"}, headers=headers).raise_for_status()
        process.send_signal(signal.SIGINT)
        process.wait(10)
    assert [path.read_bytes() for path in (tmp_path / "content").iterdir()] == [b"kept"]


def test_a_process_that_cannot_begin_says_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "polychat.emulator", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert port in ended.stderr


def test_without_its_extra_it_names_the_remedy() -> None:
    code = """
import sys
sys.modules["starlette"] = None
import polychat.emulator
"""
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "pip install 'polychat[emulator]'" in ended.stderr
