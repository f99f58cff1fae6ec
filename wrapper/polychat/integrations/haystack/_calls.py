"""Tool calls as Haystack has them, and answers that are not what was asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from haystack.dataclasses import ToolCall

from polychat.errors import ResponseParseError
from polychat.integrations._whole import (
    leading_json,
    remedy_of,
    was_cut,
    whole_arguments,
)
from polychat_rest.shapes import is_object

log = logging.getLogger(__name__)
Broken = Callable[[str, str | None], ResponseParseError]
"""Makes the error for a reply, of what is wrong and the remedy."""


def calls_of(
    found: Iterable[tuple[Any, Any, Any]], meta: dict[str, Any], broken: Broken
) -> list[ToolCall]:
    """Tool calls of ids, names and arguments.

    A call that the model wrote badly cannot be made: it is in ``meta["invalid_tool_calls"]`` and in
    the log. Raises `ResponseParseError` for one that was cut, which nobody must take for made.
    """
    reason = meta["finish_reason"]
    calls: list[ToolCall] = []
    invalid: list[dict[str, Any]] = []
    for identity, name, arguments in found:
        whole = whole_arguments(arguments, reason)
        if whole is not None and name:
            calls.append(ToolCall(id=identity, tool_name=name, arguments=whole))
            continue
        if whole is None and was_cut(reason):
            what = f"the arguments of the call {name} are not whole (finish_reason: {reason})"
            raise broken(what, remedy_of(reason))
        log.warning("the call %s of %s has arguments that are no object", identity, name)
        invalid.append({"id": identity, "name": name, "arguments": arguments})
    if invalid:
        meta["invalid_tool_calls"] = invalid
    return calls


def check_json(
    text: str | None, meta: dict[str, Any], broken: Broken, *, asked: bool, called: bool
) -> None:
    """Raises `ResponseParseError` where JSON was `asked` for, and a reply that called no tool was
    refused or cut before its JSON was whole."""
    reason = meta["finish_reason"]
    refusal = meta.get("refusal")
    if not asked or called or not (refusal or was_cut(reason)):
        return
    try:
        leading_json(text or "", reason)
    except ValueError:
        if refusal:
            raise broken(f"the model refused: {refusal}", None) from None
        what = "the reply is no whole JSON"
        raise broken(f"{what} (finish_reason: {reason})", remedy_of(reason)) from None


def asks_for_json(request: dict[str, Any]) -> bool:
    """Whether a request wants a reply that is JSON."""
    wanted: Any = request.get("response_format")
    return is_object(wanted) and wanted.get("type") in ("json_schema", "json_object")
