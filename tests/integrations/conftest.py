"""The frameworks' components, against the emulator."""

from __future__ import annotations

import os

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when haystack is imported
os.environ["LANGSMITH_TRACING"] = "false"

import gc
from collections.abc import Iterator

import pytest

from polychat.emulator import Emulator


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """The frameworks close no asynchronous client when an event loop ends, so sockets of ended
    loops are left to the collector: within the test, whose mark allows it."""
    if not gc.get_freeze_count():  # the frameworks, which stay: to look at them takes 0.3 s a time
        gc.collect()
        gc.freeze()
    yield
    gc.collect()


@pytest.fixture
def url(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """The emulator's AIMLAPI; the key is in the environment, where the frameworks look for it."""
    monkeypatch.setenv("AIMLAPI_API_KEY", "key")
    monkeypatch.delenv("AIMLAPI_MAX_RETRIES", raising=False)
    monkeypatch.delenv("AIMLAPI_TIMEOUT", raising=False)
    return emulator.url("aimlapi")
