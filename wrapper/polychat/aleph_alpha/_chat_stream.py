"""From the events of a streamed chat to its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from polychat_rest import codec
from polychat_rest.aleph_alpha.models import (
    ChatChunkChoice,
    ChatDelta,
    ChatResponseChunk,
    ChatToolCallDelta,
    ChatToolCallFunctionDelta,
    ChatUsage,
)
from polychat_rest.shapes import is_array

from .chat import ChatStreamChunk, FinishReason, FunctionCall, Role, ToolCall, ToolCallState, Usage

ChatItem: TypeAlias = ChatStreamChunk | ToolCall | Usage | FinishReason


class ChatItems:
    """Gives the items of each event, in the order: piece of text, tool calls, finish reason,
    usage. A tool call is given when it is whole: just before its choice's finish reason."""

    def __init__(self) -> None:
        self._calls: dict[int, list[_Call]] = {}

    def of(self, value: Any, /) -> Sequence[ChatItem]:
        """The items of a decoded event.

        Nearly all events are one choice's next piece of text and nothing else. Such a piece takes
        its text from the JSON and leaves the rest of it for `ChatStreamChunk.raw`; all others go
        through the generated model at once.
        """
        try:
            (choice,) = value["choices"]
            delta = choice["delta"]
            content = delta["content"]
            get = choice.get
            if (
                len(delta) == 1
                and type(content) is str
                and not (get("finish_reason") or get("index") or get("logprobs"))
                and value.get("usage") is None
            ):
                piece = _new(ChatStreamChunk)
                state = piece.__dict__  # the other fields are their defaults
                state["content"] = content
                state["_choice"] = choice
                return (piece,)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
        return self._all(ChatResponseChunk.from_owned(value))

    def _all(self, event: ChatResponseChunk) -> Sequence[ChatItem]:
        """The items of an event that may bring more than a piece of text."""
        items: list[ChatItem] = []
        choices: Any = event.choices
        for choice in choices if is_array(choices) else ():
            if not isinstance(choice, ChatChunkChoice):
                continue
            delta, reason = choice.delta, choice.finish_reason
            if isinstance(delta, ChatDelta):  # pyright: ignore[reportUnnecessaryIsInstance]
                if _has_news(delta, ended=bool(reason)):
                    items.append(_piece(choice, delta))
                if is_array(delta.tool_calls):
                    self._add(_number(choice.index), delta.tool_calls)
            if reason:
                items += self._whole(_number(choice.index))
                items.append(FinishReason.of(reason))
        if isinstance(event.usage, ChatUsage):
            items.append(Usage.of(event.usage))
        return items

    def rest(self) -> Sequence[ChatItem]:
        """The tool calls that no finish reason followed, when the stream has ended."""
        return [call for index in list(self._calls) for call in self._whole(index)]

    def _whole(self, index: int) -> list[ToolCall]:
        return [
            ToolCall(state.id, state.type, FunctionCall(state.function_name, state.arguments))
            for state in self._calls.pop(index, ())
        ]

    def _add(self, index: int, deltas: Sequence[Any]) -> None:
        """Some services number the pieces of a call, some repeat its id, some do neither."""
        calls = self._calls.setdefault(index, [])
        for delta in deltas:
            if not isinstance(delta, ChatToolCallDelta):
                continue
            state = _continued(calls, delta)
            if state is None:
                state = _Call("", "", delta.type or "function", "")
                calls.append(state)
            state.id = state.id or delta.id or ""
            if state.number is None:
                state.number = delta.index
            function: Any = delta.function
            if isinstance(function, ChatToolCallFunctionDelta):
                state.function_name = state.function_name or function.name or ""
                state.arguments += _text(function.arguments)


@dataclass
class _Call(ToolCallState):
    """A tool call and its number, where it has one."""

    number: Any = None


def _continued(calls: Sequence[_Call], delta: ChatToolCallDelta) -> _Call | None:
    """The call that a piece goes on with, None where it begins another: by its id, else by its
    number, else the last one. Another id under the same number is another call if it names its
    function; some services make up an id for every piece."""
    number: Any = delta.index
    for call in calls:
        if delta.id and call.id == delta.id:
            return call
    if number is not None:
        same = [call for call in calls if call.number == number]
        if same:
            named = bool(getattr(delta.function, "name", None))
            return None if delta.id and same[-1].id and named else same[-1]
        calls = [call for call in calls if call.number is None]
    return calls[-1] if calls and not delta.id else None


def _number(index: Any) -> int:
    """A choice's number; 0 where a service does not number them."""
    return index if isinstance(index, int) else 0


def _text(arguments: Any) -> str:
    """Arguments as JSON text; some services send the object itself."""
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return codec.encode(arguments).decode()


def _has_news(delta: ChatDelta, *, ended: bool) -> bool:
    """Whether a delta is a piece for users: text, something that the spec does not know, or a
    role, which some services repeat beside calls and at the end."""
    if delta.content or delta.additional_properties:
        return True
    return not (ended or delta.tool_calls or (delta.content is None and delta.role is None))


def _piece(choice: ChatChunkChoice, delta: ChatDelta) -> ChatStreamChunk:
    piece = ChatStreamChunk(
        content=delta.content or "",
        role=Role.of(delta.role) if delta.role else None,
        index=_number(choice.index),
        logprobs=choice.logprobs,
    )
    piece.__dict__["_choice"] = choice
    return piece


_new = object.__new__
