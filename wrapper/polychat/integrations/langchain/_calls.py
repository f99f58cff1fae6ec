"""Tool calls as LangChain has them: valid where their arguments are whole, invalid otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessageChunk, InvalidToolCall, ToolCall
from langchain_core.messages.tool import invalid_tool_call, tool_call

from polychat.integrations._whole import because, whole_arguments
from polychat_rest.shapes import is_array, is_object


def sorted_calls(
    calls: Iterable[tuple[str | None, Any, Any]], reason: Any
) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """The valid and the invalid ones of calls, each an id, a name and arguments, in an answer that
    ended for a `reason`. Arguments that were cut are never completed."""
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for identity, name, arguments in calls:
        whole = whole_arguments(arguments, reason)
        if whole is not None and name:
            valid.append(tool_call(name=name, args=whole, id=identity))
            continue
        lacks = "a name" if whole is not None else "arguments that are a whole JSON object"
        told = arguments if arguments is None or isinstance(arguments, str) else _text(arguments)
        error = f"The call lacks {lacks}{because(reason)}"
        invalid.append(invalid_tool_call(name=name, args=told, id=identity, error=error))
    return valid, invalid


def _text(arguments: Any) -> str:
    try:
        return json.dumps(arguments, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(arguments)


class StreamedMessage(AIMessageChunk):
    """A piece of a message.

    As pieces are added up, langchain-core completes the arguments of calls that are still to come.
    With the last piece it is known what was cut, and the sum is a plain `AIMessageChunk` again,
    whose calls are as those of an answer that came at once.
    """

    @classmethod
    def lc_id(cls) -> list[str]:
        """Written down as the class of langchain-core."""
        return AIMessageChunk.lc_id()

    def __add__(self, other: Any) -> BaseMessageChunk:  # type: ignore[override]
        """The sum of pieces."""
        added: Any = super().__add__(other)
        if "model_provider" not in added.response_metadata:  # which the last piece tells
            return added  # type: ignore[no-any-return]
        return _settled(added)


def _settled(added: AIMessageChunk) -> AIMessageChunk:
    """The sum of all pieces."""
    fields = {name: value for name, value in vars(added).items() if name != "type"}
    whole = AIMessageChunk(**fields)
    calls = [(one["id"], one["name"], one["args"]) for one in added.tool_call_chunks]
    if not calls:
        return whole
    reason = added.response_metadata.get("finish_reason")
    whole.tool_calls, whole.invalid_tool_calls = sorted_calls(calls, reason)
    invalid = {one["id"]: one for one in whole.invalid_tool_calls}
    content: Any = whole.content
    if is_array(content):  # blocks of LangChain 1, which name the calls once more
        whole.content = [_as_it_came(block, invalid) for block in content]
    return whole


def _as_it_came(block: Any, invalid: dict[Any, InvalidToolCall]) -> Any:
    """A block of content; that of a call which was cut is replaced."""
    if is_object(block) and block.get("type") == "tool_call" and block.get("id") in invalid:
        return dict(invalid[block.get("id")])
    return block
