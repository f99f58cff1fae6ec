"""One emulator for all of these tests, and bare httpx clients of its platforms."""

from __future__ import annotations

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


def _client(emulator: Emulator, platform: str, headers: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=emulator.url(platform), headers=headers, trust_env=False)


@pytest.fixture
def dial(emulator: Emulator) -> Iterator[httpx.Client]:
    with _client(emulator, "dial", {"Api-Key": "alice"}) as client:
        yield client


@pytest.fixture
def azure(emulator: Emulator) -> Iterator[httpx.Client]:
    with _client(emulator, "azure", {"api-key": "alice"}) as client:
        yield client


@pytest.fixture
def aleph_alpha(emulator: Emulator) -> Iterator[httpx.Client]:
    with _client(emulator, "aleph_alpha", {"Authorization": "Bearer alice"}) as client:
        yield client


@pytest.fixture
def aimlapi(emulator: Emulator) -> Iterator[httpx.Client]:
    with _client(emulator, "aimlapi", {"Authorization": "Bearer alice"}) as client:
        yield client
