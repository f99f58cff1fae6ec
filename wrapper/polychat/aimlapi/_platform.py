"""What is particular to AIMLAPI: its base URL, its credentials, its request ids."""

from __future__ import annotations

from typing import Any

from polychat._core.auth import Auth, Credential, conceal
from polychat._core.client import COMMON_HEADERS
from polychat._core.config import base_url, from_environment
from polychat._core.exchange import Service
from polychat._core.options import concealed_headers
from polychat._core.platform import Platform
from polychat.errors import ConfigurationError

AIMLAPI = Platform(
    name="aimlapi",
    # x-inference-id is in every answer, x-client-request-id repeats what was sent.
    request_id_headers=("x-inference-id", "x-client-request-id"),
    sends_request_id="x-client-request-id",
)
BASE, KEY = "AIMLAPI_API_BASE", "AIMLAPI_API_KEY"
DEFAULT_BASE = "https://api.aimlapi.com/v1"


def aimlapi_service(url: str | None, api_key: Any, headers: Any) -> Service:
    """Where the client's requests go, and with which credentials."""
    root = base_url(url, platform=AIMLAPI.name, names=[BASE], default=DEFAULT_BASE)
    key = conceal(from_environment([KEY])) if api_key is None else api_key
    if key is None:
        raise ConfigurationError(
            "api_key is missing", platform=AIMLAPI.name, remedy=f"Pass api_key=... or set {KEY}"
        )
    credential = Credential(
        key, argument="api_key", header="authorization", prefix="Bearer ", platform=AIMLAPI.name
    )
    # The base URL that users know ends in /v1; the API has routes under /v2 and /model too.
    return Service(
        AIMLAPI,
        root.removesuffix("/v1"),
        Auth([credential]),
        {**COMMON_HEADERS, **concealed_headers(headers)},
    )
