"""Headers that users give: credentials among them concealed, what cannot be sent refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from polychat.errors import ConfigurationError
from polychat_rest.secret import Secret

_SENSITIVE = re.compile("auth|cookie|credential|key|passw|secret|session|token", re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field name: RFC 9110, section 5.1."""


class Unusable:
    """Stands for a value of a wrong type by that type's name: the value itself may well be a
    secret, such as a key in bytes, and must not be seen in a traceback."""

    __slots__ = ("kind",)

    def __init__(self, value: Any) -> None:
        self.kind = type(value).__name__


def sensitive(name: str) -> bool:
    """Whether a header of this name may hold a credential, whoever gives it."""
    return _SENSITIVE.search(name) is not None


def concealed_headers(headers: Any) -> Any:
    """Headers with lower-case names, what may be a credential as `Secret`. Raises nothing, so
    that the plain values are gone from its callers before `checked_headers` raises."""
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        return headers if isinstance(headers, Unusable) else Unusable(headers)
    return {str(name).lower(): _concealed(str(name), value) for name, value in headers.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _concealed(name: str, value: Any) -> Any:
    if isinstance(value, (Secret, Unusable)):
        return value
    if not isinstance(value, str):
        return Unusable(value)
    return Secret(value) if sensitive(name) else str.__str__(value)


def checked_headers(headers: Any, argument: str) -> dict[str, str | Secret]:
    """Concealed headers that can be sent. Raises `ConfigurationError`, without their values."""
    headers = concealed_headers(headers)  # in the place of what was given, for tracebacks
    if isinstance(headers, Unusable):
        raise ConfigurationError(
            f"{argument} is a {headers.kind}", remedy=f"Pass {argument}={{'name': 'value'}}"
        )
    checked: dict[str, str | Secret] = headers
    for name, value in checked.items():
        problem = _problem(name, value)
        if problem is not None:
            raise ConfigurationError(
                f"{argument}: the header {name!r} {problem}",
                remedy="Give a name and a text of visible ASCII characters, without line breaks",
            )
    return checked


def _problem(name: str, value: str | Secret | Unusable) -> str | None:
    if not _NAME.fullmatch(name):
        return "has a name that no header can have"
    if isinstance(value, Unusable):
        return f"is a {value.kind}"
    sound = sendable(value.reveal()) if isinstance(value, Secret) else sendable(value)
    return None if sound else "has a line break, a space at an end or a character outside ASCII"


def sendable(value: str) -> bool:
    """Whether text can be a header's value: visible ASCII, spaces and tabs only within."""
    return value.isascii() and value.replace("\t", " ").isprintable() and value == value.strip()
