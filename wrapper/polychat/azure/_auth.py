"""Credentials, told apart by their shape: what has ``key`` is a key, what has ``get_token``
gives tokens.

A key is sent in two headers, because serverless, managed compute and GitHub endpoints read one
of them and the others the other. It is read for every request, so that `update` reaches both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from polychat._core.auth import Auth, Credential, TokenCredential
from polychat._core.auth import conceal as conceal_value
from polychat._core.config import from_environment
from polychat._core.headers import Unusable
from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

from ._endpoint import CREDENTIAL, Endpoint


class KeyCredential(Protocol):
    """A key that may change; azure-core's and our ``AzureKeyCredential`` are such."""

    @property
    def key(self) -> str: ...


AzureCredential = KeyCredential | TokenCredential


def conceal(credential: Any) -> Any:
    """Text and bytes, which are no credentials but may be the key itself, out of sight; all else
    as it is."""
    return conceal_value(credential) if isinstance(credential, (str, bytes)) else credential


class _KeyInHeader(Credential):
    """A key in one header."""

    def forget(self, refused: Secret) -> bool:
        """Another attempt makes sense only with another key."""
        return self.value() != refused


def read_credential(
    credential: Any, endpoint: Endpoint, scopes: Sequence[str] | None, *, enforce_https: bool
) -> Auth:
    """What authorises requests.

    Raises `ConfigurationError` where there is no credential, TypeError for what is none, and
    ``ServiceRequestError`` where a token would go over plain http.
    """
    if credential is None:
        fixed = conceal_value(from_environment([CREDENTIAL]))
        if fixed is None:
            raise ConfigurationError(
                "Parameter 'credential' must not be None.",
                platform="azure",
                remedy=f"Pass credential=AzureKeyCredential(...) or set {CREDENTIAL}",
            )
        return _key(fixed)
    if hasattr(credential, "get_token"):
        _check_connection(endpoint, enforce_https=enforce_https)
        token = Credential(
            credential,
            argument="credential",
            header="authorization",
            prefix="Bearer ",
            scopes=tuple(scopes or (endpoint.scope,)),
            platform="azure",
        )
        return Auth([token])
    if hasattr(credential, "key") and not isinstance(credential, type):
        return _key(lambda: credential.key)
    raise TypeError(
        f"Unsupported credential: a {_kind(credential)}. Pass AzureKeyCredential(key) or"
        " a token credential of azure-identity"
    )


def _kind(credential: Any) -> str:
    if isinstance(credential, Unusable):
        return credential.kind
    return "str" if isinstance(credential, Secret) else type(credential).__name__


def _key(value: Any) -> Auth:
    bearer = _KeyInHeader(
        value, argument="credential", header="authorization", prefix="Bearer ", platform="azure"
    )
    return Auth(
        [
            bearer,
            _KeyInHeader(value, argument="credential", header="api-key", platform="azure"),
        ]
    )


def _check_connection(endpoint: Endpoint, *, enforce_https: bool) -> None:
    if endpoint.secure or (endpoint.loopback and not enforce_https):
        return
    from .exceptions import AzureInsecureError

    raise AzureInsecureError(
        f"a token is not sent to {endpoint.base_url}: that is plain http",
        platform="azure",
        remedy="Use https; for a server on this machine pass enforce_https=False",
    )
