"""What a decoded JSON value is, in a form that type checkers follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a JSON object: a dict, or another mapping that stands for one."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def is_document(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value that was just decoded is a JSON object. Quicker than `is_object`, for what is
    asked of each event of a stream; a decoder gives no other mappings."""
    return type(value) is dict
