"""The options of a call reach its requests, by every method of every client."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from polychat.errors import PolychatError

from .clients import TABLE, Silent, made, method_of, use

SETTINGS = ("x-mine", "authorization", "api-key", "user-agent")


def headers(azure: bool, whose: str) -> dict[str, Any]:
    """Headers of a client, or of a call."""
    return {
        ("headers" if azure else "extra_headers" if whose == "call" else "default_headers"): {
            name.title(): whose for name in SETTINGS
        }
    }


@pytest.mark.parametrize(("client", "path", "name"), TABLE, ids=lambda value: str(value))
def test_the_headers_of_a_call_beat_those_of_the_client_and_the_credentials(
    client: str, path: str, name: str, tmp_path: Path
) -> None:
    azure, silent = "azure" in client, Silent()
    one = made(client, silent, **headers(azure, "client"))
    method, given = method_of(one, path, name, tmp_path)
    with suppress(PolychatError):  # most are answered with what they did not ask for
        use(method(**given, **headers(azure, "call")))
    assert silent.headers
    for sent in silent.headers:
        assert [sent.get_list(name) for name in SETTINGS] == [["call"]] * len(SETTINGS)
