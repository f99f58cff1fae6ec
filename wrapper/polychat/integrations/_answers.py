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
    return ResponseParseError(
        what,
        platform="aimlapi",
        request_id=info and info.request_id,
        attempts=info.attempts if info else 0,
        status=info and info.status,
        body=json.dumps(plain(answer), default=str, ensure_ascii=False)[:_KEPT],
        remedy=remedy,
    )


def vectors_of(answer: Any, count: int) -> list[Any]:
    """The vectors of an answer in the order of the `count` texts that were sent.

    They are put in order by their numbers; one without a number has that of its place. Raises
    `ResponseParseError` where one is missing, comes twice, is empty or is one too many.
    """
    items: Any = answer.data
    items = items if is_array(items) else []
    numbers = [_number(item, place) for place, item in enumerate(items)]
    if sorted(numbers) != list(range(count)):
        told = f"{len(items)} vectors came for {count} texts, numbered {numbers[:50]}"
        raise malformed(answer, told)
    found = dict(zip(numbers, items, strict=True))
    vectors = [getattr(found[number], "embedding", None) for number in range(count)]
    for number, vector in enumerate(vectors):
        if not vector:
            raise malformed(answer, f"no vector came for text {number}")
    return vectors


def _number(item: Any, place: int) -> int:
    """The number of an item; its place where it has none, and -1 for what is no number."""
    number: Any = getattr(item, "index", None)
    if number is None:
        return place
    return number if type(number) is int else -1
