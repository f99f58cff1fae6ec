"""AIMLAPI's integrations before the frameworks' own suites: servers, a key, local files."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from polychat.emulator import Emulator

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ.setdefault("LANGCHAIN_TESTS_USER_AGENT", "polychat")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, "the server ended before it listened"
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


@pytest.fixture(scope="session")
def aimlapi_emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suites fetch a picture, a PDF and a sound by httpx.get: they are given local ones. All
    that such a test says about a model is that it takes them."""

    def local(url: str, **_: object) -> httpx.Response:
        kinds = {"png": b"\x89PNG\r\n\x1a\n" + bytes(64), "pdf": b"%PDF-1.4\n%%EOF\n",
                 "jpg": b"\xff\xd8\xff" + bytes(64), "wav": b"RIFF" + bytes(40)}  # fmt: skip
        return httpx.Response(200, content=kinds[url.rpartition(".")[2]])

    monkeypatch.setattr(httpx, "get", local)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "key-of-the-tests")
    monkeypatch.setenv("LANGSMITH_TRACING", "false")


def npm_tool(name: str) -> list[str]:
    """The command of an npm package's tool. NPM_TOOLS names a folder where it is installed
    already; otherwise npx fetches it."""
    folder = os.environ.get("NPM_TOOLS")
    if folder:
        return [str(Path(folder) / "node_modules" / ".bin" / name)]
    npx = shutil.which("npx")
    assert npx is not None, "npx is needed: install Node.js"
    packages = {"aimock": "@copilotkit/aimock", "prism": "@stoplight/prism-cli@5"}
    return [npx, "--yes", "--package", packages[name], name]
