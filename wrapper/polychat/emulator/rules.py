"""What the emulator's models answer: fixed rules over the request, and nothing else.

The rules are listed in the docstring of `polychat.emulator`. Everything here is a function of the
request document; the four platforms' chat requests agree in the fields that are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeGuard

from polychat.emulator.fill import fill

_TOKEN = re.compile(r"\s*\S+")
_QUOTED = re.compile(r"'(\w+)'")
"""A key that a prompt for JSON asks for."""
_PIECE = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `content`, or a call of the tool `tool` with `arguments` (JSON text)."""

    content: str | None
    finish_reason: str
    tool: str | None = None
    arguments: str = ""

    @property
    def tokens(self) -> int:
        return count_tokens(self.content or self.arguments)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a part of a JSON document is an array."""
    return isinstance(value, list)


def tokens(text: str) -> list[str]:
    """The words of a text, each with the space before it."""
    return _TOKEN.findall(text)


def count_tokens(text: str) -> int:
    """The emulator's unit of usage: words."""
    return len(tokens(text))


def pieces(text: str) -> list[str]:
    """A text in the pieces in which it is streamed; joined they are the text."""
    return _PIECE.findall(text)


def text_of(content: Any) -> str:
    """The text of a message's content, which is a string, a list of parts, or nothing."""
    if isinstance(content, str):
        return content
    parts = content if is_list(content) else []
    texts = (part if isinstance(part, str) else part.get("text", "") for part in parts)
    return "".join(text for text in texts if isinstance(text, str))


def prompt_tokens(messages: Iterable[dict[str, Any]]) -> int:
    """The words of all messages."""
    return sum(count_tokens(text_of(message.get("content"))) for message in messages)


def last_user_text(messages: list[dict[str, Any]]) -> str:
    """The text of the last message whose role is user, else of the last message."""
    of_users = [message for message in messages if message.get("role") == "user"]
    chosen = (of_users or messages)[-1:]
    return text_of(chosen[0].get("content")) if chosen else ""


def reply(request: dict[str, Any]) -> Reply:
    """The answer to a chat request."""
    messages: list[dict[str, Any]] = request.get("messages") or []
    text = last_user_text(messages)
    results = _tool_results(messages)
    if results:
        return _limited(request, "\n".join(results))
    tool = _chosen_tool(request)
    if tool is not None:
        arguments = fill(tool.get("parameters") or {"type": "object"}, text)
        return Reply(None, "tool_calls", tool["name"], json.dumps(arguments, ensure_ascii=False))
    return _limited(request, _formatted(request.get("response_format") or {}, text))


def _tool_results(messages: list[dict[str, Any]]) -> list[str]:
    """The texts of the tool messages with which the conversation ends."""
    results: list[str] = []
    for message in reversed(messages):
        if message.get("role") not in ("tool", "function"):
            break
        results.insert(0, text_of(message.get("content")))
    return results


def _chosen_tool(request: dict[str, Any]) -> dict[str, Any] | None:
    """The named tool, else the first; None where there is none or none may be called."""
    given: list[dict[str, Any]] = request.get("tools") or []
    functions: list[dict[str, Any]] = [tool["function"] for tool in given if "function" in tool]
    choice: Any = request.get("tool_choice")
    if not functions or choice == "none":
        return None
    if choice in (None, "auto", "required"):
        return functions[0]
    named = choice["function"]["name"]
    return next((function for function in functions if function["name"] == named), None)


def _formatted(wanted: dict[str, Any], text: str) -> str:
    if wanted.get("type") == "json_schema":
        schema = wanted.get("json_schema", {}).get("schema") or {"type": "object"}
        return json.dumps(fill(schema, text), ensure_ascii=False)
    if wanted.get("type") == "json_object":
        keys = _QUOTED.findall(text) or ["content"]
        return json.dumps(dict.fromkeys(keys, text), ensure_ascii=False)
    return text


def _limited(request: dict[str, Any], text: str) -> Reply:
    """`text` as far as the stop sequences and the token limit allow."""
    stop: Any = request.get("stop") or []
    marks: list[str] = [stop] if isinstance(stop, str) else stop
    for mark in marks:
        text = text.split(mark, 1)[0]
    names = ("max_completion_tokens", "max_tokens", "maximum_tokens")
    limit = next((request[name] for name in names if request.get(name) is not None), None)
    words = tokens(text)
    if limit is not None and len(words) > limit:
        return Reply("".join(words[: int(limit)]), "length")
    return Reply(text, "stop")
