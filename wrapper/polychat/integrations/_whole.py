"""What of an answer is whole, for all frameworks: what was cut is never completed by guessing."""

from __future__ import annotations

import json
import re
from typing import Any

from polychat_rest.shapes import is_array, is_object

_OF_ITSELF = frozenset({"stop", "tool_calls", "function_call"})
"""The finish reasons of a model that has said all that it wanted to say."""
_DECODER = json.JSONDecoder(strict=False)  # models write line breaks into strings
_BLOCK = re.compile(r"```(?:json)?(.*)", re.DOTALL)
_REMEDIES = {
    "length": "Raise max_tokens to have all of it",
    "content_filter": "The content filter ended it: change the prompt",
}


def was_cut(reason: Any) -> bool:
    """Whether an answer with this finish reason may lack its end."""
    return reason not in _OF_ITSELF


def remedy_of(reason: Any) -> str | None:
    """What to do about an answer that was cut."""
    return _REMEDIES.get(str(reason))


def because(reason: Any) -> str:
    """How an answer ended and the remedy, to be put after what is wrong with it."""
    remedy = remedy_of(reason)
    return f" (finish_reason: {reason}). {remedy}" if remedy else f" (finish_reason: {reason})"


def whole_arguments(arguments: Any, reason: Any) -> dict[str, Any] | None:
    """The arguments of a tool call; None where they are no whole JSON object.

    No arguments at all are an empty object, unless the answer was cut before they came.
    """
    if is_object(arguments):  # some services send them so
        return dict(arguments)
    if not arguments:
        return None if was_cut(reason) and reason is not None else {}
    try:
        found: Any = _DECODER.decode(arguments)
    except (ValueError, TypeError, RecursionError):
        return None
    return dict(found) if is_object(found) else None


def leading_json(text: str, reason: Any) -> Any:
    """The JSON value that a text begins with, maybe within a Markdown block; what follows it, such
    as an explanation, is left. Raises ValueError where there is none, or not all of one."""
    text = text.strip()
    if not text.startswith(("{", "[")):
        block = _BLOCK.search(text)
        text = (block[1] if block else text).strip(" \n\r\t`")
    try:
        found: Any = _DECODER.raw_decode(text)[0]
    except RecursionError:
        raise ValueError("the JSON is too deep") from None
    if reason == "length" and not (is_object(found) or is_array(found)):
        raise ValueError("the value may go on")  # 12 may be the beginning of 123
    return found
