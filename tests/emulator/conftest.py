"""One emulator for all of these tests, and bare httpx clients of its platforms."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from polychat.emulator import Emulator


@pytest.fixture(scope="session")
def shared() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared: Emulator) -> Emulator:
    """The shared emulator as if it were new."""
    shared.reset()
    return shared


@pytest.fixture(scope="session")
def clients(shared: Emulator) -> Iterator[dict[str, httpx.Client]]:
    """A client of each platform: making one is what would cost these tests most of their time."""
    bearer = {"Authorization": "Bearer alice"}
    headers = {
        "dial": {"Api-Key": "alice"},
        "azure": {"api-key": "alice"},
        "aleph_alpha": bearer,
        "aimlapi": bearer,
    }
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(httpx.Client(base_url=shared.url(name), headers=values))
            for name, values in headers.items()
        }


@pytest.fixture
def dial(emulator: Emulator, clients: dict[str, httpx.Client]) -> httpx.Client:
    return clients["dial"]


@pytest.fixture
def azure(emulator: Emulator, clients: dict[str, httpx.Client]) -> httpx.Client:
    return clients["azure"]


@pytest.fixture
def aleph_alpha(emulator: Emulator, clients: dict[str, httpx.Client]) -> httpx.Client:
    return clients["aleph_alpha"]


@pytest.fixture
def aimlapi(emulator: Emulator, clients: dict[str, httpx.Client]) -> httpx.Client:
    return clients["aimlapi"]
