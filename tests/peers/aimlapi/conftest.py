"""AIMLAPI's integrations before the frameworks' own suites: servers, a key, local files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from polychat.emulator import Emulator

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ.setdefault("LANGCHAIN_TESTS_USER_AGENT", "polychat")
HERE = Path(__file__).parent


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the frameworks and the suites themselves warn about is not ours."""
    for item in items:
        if HERE not in item.path.parents and "integrations" not in item.path.parts:
            continue  # the hook sees the items of all folders
        item.add_marker(pytest.mark.filterwarnings("default"))
