"""What is particular to AIMLAPI: its base URL, its credentials, its request ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from polychat._core.auth import Auth, Credential, conceal
from polychat._core.client import COMMON_HEADERS
from polychat._core.config import base_url, from_environment
from polychat._core.headers import checked_headers
from polychat._core.options import DEFAULT_TIMEOUT, Options, is_seconds
from polychat._core.outgoing import Service
from polychat._core.platform import Platform
from polychat.errors import ConfigurationError, PermissionDeniedError, PolychatError
from polychat_rest import codec
from polychat_rest.secret import Secret
from polychat_rest.shapes import is_object


def _dress(error: PolychatError) -> PolychatError:
    """AIMLAPI's documents give 403 one meaning: the credits are used up. An answer that no header
    names is named by its document."""
    if error.request_id is None and error.body:
        error.request_id = _named_in(error.body)
    if type(error) is PermissionDeniedError:
        error.remedy = "Check the balance with client.billing.balance(), or what the key may do"
    return error


def _named_in(body: str) -> str | None:
    """The ``requestId`` of an error document."""
    try:
        document = codec.read(body)
    except codec.DecodeError:
        return None
    name = document.get("requestId") if is_object(document) else None
    return name if isinstance(name, str) else None


def error_of_event(data: Any) -> Any:
    """The error that an event is or holds, or None: ``{"error": ...}``, an event of the type
    ``error``, or the bare document of an error status."""
    if not is_object(data):
        return None
    said = data.get("error")
    if said is not None:
        return said
    bare = "statusCode" in data and "message" in data and "choices" not in data
    return data if bare or data.get("type") == "error" else None


_REQUEST_ID = "x-client-request-id"
_REQUEST_ID_FORM = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def check_request_id(headers: Mapping[str, str | Secret]) -> None:
    """Raises `ConfigurationError` for a request id that AIMLAPI would drop without a word."""
    given = headers.get(_REQUEST_ID)
    if isinstance(given, str) and not _REQUEST_ID_FORM.fullmatch(given):
        raise ConfigurationError(
            f"{_REQUEST_ID}={given[:200]!r} is no id that AIMLAPI takes",
            platform=AIMLAPI.name,
            remedy="Give 1 to 128 letters, digits and characters of '._:-'",
        )


AIMLAPI = Platform(
    name="aimlapi",
    # x-inference-id is in every answer, x-client-request-id repeats what was sent.
    request_id_headers=("x-inference-id", _REQUEST_ID),
    sends_request_id=_REQUEST_ID,
    dress=_dress,
    error_of_event=error_of_event,
)
BASE, KEY = "AIMLAPI_API_BASE", "AIMLAPI_API_KEY"
RETRIES, TIMEOUT = "AIMLAPI_MAX_RETRIES", "AIMLAPI_TIMEOUT"
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
    default_headers = checked_headers(headers, "default_headers")
    check_request_id(default_headers)
    # The base URL that users know ends in /v1; the API has routes under /v2 and /model too.
    return Service(
        AIMLAPI,
        root.removesuffix("/v1"),
        Auth([credential]),
        {**COMMON_HEADERS, **default_headers},
    )


def aimlapi_options(
    max_retries: int | None,
    timeout: Any,
    deadline: float | None,
    max_answer_bytes: int | None = None,
    *,
    retries: int = 2,
) -> Options:
    """The client's options: as given, else from the environment, else `retries` and the default
    timeout. Raises `ConfigurationError` for a variable that is no number."""
    if max_retries is None:
        max_retries = int(_number(RETRIES, retries, whole=True))
    if timeout is DEFAULT_TIMEOUT:
        timeout = _number(TIMEOUT, DEFAULT_TIMEOUT)
    return Options().with_(
        {
            "max_retries": max_retries,
            "timeout": timeout,
            "deadline": deadline,
            "max_answer_bytes": max_answer_bytes,
        }
    )


def _number(name: str, default: Any, *, whole: bool = False) -> Any:
    text = from_environment([name])
    if text is None:
        return default
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise ConfigurationError(
            f"{name}={text!r} is not a number", platform=AIMLAPI.name, remedy=f"Set {name}=2"
        ) from None
    if value < 0 if whole else not is_seconds(value):
        raise ConfigurationError(
            f"{name}={text!r} is out of range", platform=AIMLAPI.name, remedy=f"Set {name}=2"
        )
    return value
