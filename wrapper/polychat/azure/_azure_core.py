"""The parts of azure-core that callers name, for where azure-core is not installed.

`exceptions` and `credentials` take the originals where they are: code that catches
``azure.core.exceptions.HttpResponseError`` then catches ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from polychat_rest.shapes import is_array, is_object


class AzureError(Exception):
    """The base of all errors of azure-core."""


class ServiceRequestError(AzureError):
    """The request did not leave: no connection, or not an acceptable one."""


class ServiceResponseError(AzureError):
    """The request left, and no answer came."""


class ServiceRequestTimeoutError(ServiceRequestError):
    """Making the connection took too long."""


class ServiceResponseTimeoutError(ServiceResponseError):
    """The answer took too long."""


class HttpResponseError(AzureError):
    """An answer that says no, or that cannot be read."""


class DecodeError(HttpResponseError):
    """An answer that cannot be read."""


class IncompleteReadError(DecodeError):
    """An answer that stopped before its end."""


class ResourceExistsError(HttpResponseError):
    """409."""


class ResourceNotFoundError(HttpResponseError):
    """404."""


class ClientAuthenticationError(HttpResponseError):
    """401."""


class ResourceNotModifiedError(HttpResponseError):
    """304."""


class ODataV4Format:
    """What an error body says: `code`, `message`, `target`, `details`, `innererror`.

    Raises ValueError for a body that is none of these.
    """

    def __init__(self, json_object: Mapping[str, Any]) -> None:
        inner = json_object.get("error")
        node: Mapping[str, Any] = inner if is_object(inner) else json_object
        self.code: str | None = node.get("code")
        self.message: str | None = node.get("message")
        if not (self.code or self.message):
            raise ValueError("neither a code nor a message")
        self.target: str | None = node.get("target")
        details = node.get("details")
        self.details: list[ODataV4Format] = [
            ODataV4Format(one)
            for one in (details if is_array(details) else [])
            if is_object(one) and (one.get("code") or one.get("message"))
        ]
        self.innererror: Mapping[str, Any] = node.get("innererror") or {}

    def __str__(self) -> str:
        return f"({self.code}) {self.message}"


class AccessToken(NamedTuple):
    """A token, and when it ends in seconds since 1970."""

    token: str
    expires_on: int


class AzureKeyCredential:
    """A key that can be changed while clients use it.

    Raises TypeError for a key that is no string and ValueError for an empty one.
    """

    def __init__(self, key: str) -> None:
        self._key = ""
        self.update(key)

    @property
    def key(self) -> str:
        """The key."""
        return self._key

    def update(self, key: str) -> None:
        """Changes the key: the next request of every client that has this credential uses it."""
        if not isinstance(key, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("The key used for updating must be a string.")
        if not key:
            raise ValueError("The key used for updating can not be None or empty")
        self._key = key

    def __repr__(self) -> str:
        return f"{type(self).__name__}('***')"
