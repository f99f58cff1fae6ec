"""Answers of AIMLAPI that are not what was asked for, for all frameworks."""

from __future__ import annotations

import json
from typing import Any

from polychat.errors import ResponseParseError
from polychat_rest.model import plain
from polychat_rest.shapes import is_array

_KEPT = 65_536
"""So many characters of an answer are kept as the body of its error."""


def malformed(
    answer: Any, what: str, *, info: Any = None, remedy: str | None = None
) -> ResponseParseError:
    """The error for an answer, or for what a stream with this `info` brought, that is not what was
    asked for."""
    info = info or getattr(answer, "__response__", None)
    told: dict[str, Any] = info.common() if info else {}
    return ResponseParseError(
        what,
        platform="aimlapi",
        body=json.dumps(plain(answer), default=str, ensure_ascii=False)[:_KEPT],
        remedy=remedy,
        **told,
    )


def vectors_of(answer: Any, count: int) -> list[Any]:
    """The vectors of an answer to `count` texts, in their order, which the client has seen to.

    Raises `ResponseParseError` where one is missing or empty: a text without its vector is never
    found again.
    """
    items: Any = answer.data
    vectors = [getattr(item, "embedding", None) for item in (items if is_array(items) else ())]
    if len(vectors) != count:
        raise malformed(answer, f"{len(vectors)} vectors came for {count} texts")
    for number, vector in enumerate(vectors):
        if not vector:
            raise malformed(answer, f"no vector came for text {number} of a request")
    return vectors
