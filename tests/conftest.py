"""What several test groups share: the emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polychat.emulator import Emulator


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    """One emulator for the whole run; use `emulator`, which is empty for every test."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    """The emulator, having seen nothing yet."""
    running_emulator.reset()
    return running_emulator


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests sets nothing."""
    for name in ("DIAL_URL", "DIAL_API_KEY", "DIAL_BEARER_TOKEN", "AIMLAPI_API_BASE", "AIMLAPI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
