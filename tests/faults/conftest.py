"""Quick waits."""

from __future__ import annotations

import pytest

from polychat._core import exchange


@pytest.fixture(autouse=True)
def _quick_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that the client chooses itself are cut to nothing; those a server asks for are not."""
    monkeypatch.setattr(exchange, "backoff", lambda attempt: 0.001 * attempt)
