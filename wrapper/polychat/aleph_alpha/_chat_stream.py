"""From the events of a streamed chat to its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from polychat_rest.model import Model

from .chat import ChatStreamChunk, FinishReason, FunctionCall, Role, ToolCall, ToolCallState, Usage

ChatItem: TypeAlias = ChatStreamChunk | ToolCall | Usage | FinishReason


class ChatItems:
    """Gives the items of each event, in the order: piece of text, tool calls, finish reason,
    usage. A tool call is given when it is whole: just before its choice's finish reason."""

    def __init__(self) -> None:
        self._calls: dict[int, list[tuple[Any, ToolCallState]]] = {}

    def of(self, event: Any) -> Sequence[ChatItem]:
        """The items of a generated chunk."""
        items: list[ChatItem] = []
        for choice in event.choices or ():
            if not isinstance(choice, Model):
                continue
            chosen = cast("Any", choice)
            index: int = chosen.index or 0
            delta, reason = chosen.delta, chosen.finish_reason
            if delta is not None:
                content, role, calls = delta.content, delta.role, delta.tool_calls
                silent = calls or reason is not None or (content is None and role is None)
                if content or not silent:
                    items.append(_piece(content, role, index, chosen.logprobs))
                if calls:
                    self._add(index, calls)
            if reason is not None:
                items += self._whole(index)
                items.append(FinishReason(reason))
        usage = event.usage
        if usage is not None:
            items.append(Usage.of(usage))
        return items

    def rest(self) -> Sequence[ChatItem]:
        """The tool calls that no finish reason followed, when the stream has ended."""
        return [call for index in list(self._calls) for call in self._whole(index)]

    def _whole(self, index: int) -> list[ToolCall]:
        return [
            ToolCall(state.id, state.type, FunctionCall(state.function_name, state.arguments))
            for _, state in self._calls.pop(index, ())
        ]

    def _add(self, index: int, deltas: Sequence[Any]) -> None:
        """Some services number the pieces of a call, some repeat its id, some do neither."""
        calls = self._calls.setdefault(index, [])
        for delta in deltas:
            number, identity = delta.index, delta.id
            state = None
            if number is not None:
                state = next((call for known, call in calls if known == number), None)
            elif calls and identity in (None, "", calls[-1][1].id):
                state = calls[-1][1]
            if state is None:
                state = ToolCallState(identity or "", "", delta.type or "function", "")
                calls.append((number, state))
            function = delta.function
            if function is not None:
                state.function_name = state.function_name or function.name or ""
                state.arguments += function.arguments or ""


def _piece(content: str | None, role: str | None, index: int, logprobs: Any) -> ChatStreamChunk:
    """A chunk, without the checks of a frozen dataclass's own way: there is one an event."""
    piece = object.__new__(ChatStreamChunk)
    state = piece.__dict__
    state["content"] = content or ""
    state["role"] = Role(role) if role else None
    state["tool_calls"] = None
    state["index"] = index
    state["logprobs"] = logprobs
    return piece
