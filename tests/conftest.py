"""What several test groups share: the emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polychat.emulator import Emulator

SETTINGS = [
    "AA_CLIENT_BASE_URL", "AA_TOKEN", "AIMLAPI_API_BASE", "AIMLAPI_API_KEY",
    "ALEPH_ALPHA_API_KEY", "AZURE_INFERENCE_CREDENTIAL", "AZURE_INFERENCE_ENDPOINT",
    "DIAL_API_KEY", "DIAL_BEARER_TOKEN", "DIAL_URL",
]  # fmt: skip


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
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
