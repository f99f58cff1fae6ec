"""What is particular to DIAL Core: its credentials, and the statuses it means to be retried."""

from __future__ import annotations

from typing import Any

from polychat._core.auth import Auth, Credential, conceal
from polychat._core.client import COMMON_HEADERS
from polychat._core.config import base_url, from_environment
from polychat._core.headers import checked_headers
from polychat._core.keywords import check_fields
from polychat._core.outgoing import Service
from polychat._core.platform import Platform
from polychat._core.retry import RETRY_STATUSES
from polychat.errors import ConfigurationError, UnknownKeywordError
from polychat_rest.secret import Secret
from polychat_rest.shapes import is_object

from ._exception import dress


def _error_of_event(data: Any) -> Any:
    """The error in an event. That of a JSON-RPC response is an answer like others."""
    return data.get("error") if is_object(data) and "jsonrpc" not in data else None


DIAL = Platform(
    name="dial",
    # 409: another writer has the resource locked, as aidial-client retries it.
    retry_statuses=RETRY_STATUSES | {409},
    request_id_headers=("x-request-id", "x-dial-request-id"),
    error_of_event=_error_of_event,
    dress=dress,
)


def check_body(build: Any, given: dict[str, Any]) -> None:
    """Raises `DialUnknownKeywordError` for a keyword that is no field of an operation's body."""
    try:
        check_fields(build, given)
    except UnknownKeywordError as error:
        raise dress(error) from None


URL, KEY, TOKEN = "DIAL_URL", "DIAL_API_KEY", "DIAL_BEARER_TOKEN"


class DialAuth(Auth):
    """DIAL answers 400 to a key and a token that differ, so they never leave the client."""

    def __init__(self, credentials: list[Credential], *, allow_both: bool) -> None:
        self._allow_both = allow_both
        super().__init__(credentials)

    def check(self, values: list[Secret]) -> None:
        if not self._allow_both and values[0] != values[1]:
            raise ConfigurationError(
                "api_key and bearer_token are given, with different values",
                platform=DIAL.name,
                remedy="Pass one of them, or allow_both_auth=True for a service that takes both",
            )


def dial_service(
    url: str | None, api_key: Any, bearer_token: Any, headers: Any, *, allow_both_auth: bool
) -> Service:
    """Where the client's requests go, and with which credentials."""
    if api_key is None and bearer_token is None:
        api_key = conceal(from_environment([KEY]))
        bearer_token = conceal(from_environment([TOKEN])) if api_key is None else None
    root = base_url(url, platform=DIAL.name, names=[URL], default=None)
    credentials: list[Credential] = []
    if api_key is not None:
        credentials.append(
            Credential(api_key, argument="api_key", header="api-key", platform=DIAL.name)
        )
    if bearer_token is not None:
        credentials.append(
            Credential(
                bearer_token,
                argument="bearer_token",
                header="authorization",
                prefix="Bearer ",
                platform=DIAL.name,
            )
        )
    if not credentials:
        raise ConfigurationError(
            "at least one of api_key and bearer_token is needed",
            platform=DIAL.name,
            remedy=f"Pass api_key=... or bearer_token=..., or set {KEY} or {TOKEN}",
        )
    auth = DialAuth(credentials, allow_both=allow_both_auth)
    return Service(
        DIAL, root, auth, {**COMMON_HEADERS, **checked_headers(headers, "default_headers")}
    )
