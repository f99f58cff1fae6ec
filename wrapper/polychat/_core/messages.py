"""Checks of arguments whose mistakes are common, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from polychat.errors import ConfigurationError
from polychat_rest.shapes import is_object


def check_messages(messages: Any, *, platform: str) -> list[Any]:
    """`messages` as a list. Raises `ConfigurationError` where it is not a non-empty sequence of
    objects with a ``role``: dicts, or the generated message models."""
    remedy = 'Pass messages=[{"role": "user", "content": "..."}]'
    if isinstance(messages, (str, bytes)) or not isinstance(messages, Sequence):
        raise ConfigurationError(
            f"messages is a {type(messages).__name__}, not a list of messages",
            platform=platform,
            remedy=remedy,
        )
    if not messages:
        raise ConfigurationError("messages is empty", platform=platform, remedy=remedy)
    given: list[Any] = list(messages)  # pyright: ignore[reportUnknownArgumentType]
    for index, message in enumerate(given):
        role: Any = message.get("role") if is_object(message) else getattr(message, "role", None)
        if not isinstance(role, str) or not role:
            raise ConfigurationError(
                f"messages[{index}] is a {type(message).__name__} without a role",
                platform=platform,
                remedy=remedy,
            )
    return given


def check_name(argument: str, value: Any, *, platform: str) -> str:
    """`value` as a non-empty string. Raises `ConfigurationError`."""
    if not isinstance(value, str) or not value:
        raise ConfigurationError(
            f"{argument}={value!r} is not a name",
            platform=platform,
            remedy=f"Pass {argument}='...'",
        )
    return value
