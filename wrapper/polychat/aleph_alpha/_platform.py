"""What is particular to a PhariaInference host: its URL, its token, its errors and streams."""

from __future__ import annotations

from typing import Any

from polychat._core.auth import Auth, Credential, conceal
from polychat._core.client import COMMON_HEADERS
from polychat._core.config import base_url, from_environment
from polychat._core.headers import checked_headers
from polychat._core.outgoing import Service
from polychat._core.platform import Platform
from polychat.errors import ConfigurationError
from polychat_rest.shapes import is_object

from ._name import PLATFORM
from .errors import STATUS_ERRORS, dress


def _error_of_event(event: Any) -> Any:
    """An event that is an error: text in ``error``, and beside it a ``code``."""
    return event if is_object(event) and event.get("error") else None


ALEPH_ALPHA = Platform(
    name=PLATFORM,
    status_errors=STATUS_ERRORS,
    error_of_event=_error_of_event,
    dress=dress,
)
HOST, TOKENS = "AA_CLIENT_BASE_URL", ("AA_TOKEN", "ALEPH_ALPHA_API_KEY")


def aleph_alpha_service(host: str | None, token: Any, headers: Any) -> Service:
    """Where the client's requests go, and with which token."""
    root = base_url(host, platform=PLATFORM, names=[HOST], default=None, argument="host")
    value = conceal(from_environment(TOKENS)) if token is None else token
    if value is None:
        raise ConfigurationError(
            "token is missing",
            platform=PLATFORM,
            remedy=f"Pass token=... or set {' or '.join(TOKENS)}",
        )
    credential = Credential(
        value, argument="token", header="authorization", prefix="Bearer ", platform=PLATFORM
    )
    common = {**COMMON_HEADERS, **checked_headers(headers, "default_headers")}
    return Service(ALEPH_ALPHA, root, Auth([credential]), common)
