"""From the events of a streamed chat to its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from polychat_rest.aleph_alpha.models import ChatChunkChoice, ChatDelta, ChatResponseChunk

from .chat import ChatStreamChunk, FinishReason, FunctionCall, Role, ToolCall, ToolCallState, Usage

ChatItem: TypeAlias = ChatStreamChunk | ToolCall | Usage | FinishReason


class ChatItems:
    """Gives the items of each event, in the order: piece of text, tool calls, finish reason,
    usage. A tool call is given when it is whole: just before its choice's finish reason."""

    def __init__(self) -> None:
        self._calls: dict[int, list[tuple[Any, ToolCallState]]] = {}

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
        for choice in event.choices or ():
            if not isinstance(choice, ChatChunkChoice):  # pyright: ignore[reportUnnecessaryIsInstance]
                continue
            delta, reason = choice.delta, choice.finish_reason
            if isinstance(delta, ChatDelta):  # pyright: ignore[reportUnnecessaryIsInstance]
                if _has_news(delta, ended=reason is not None):
                    items.append(_piece(choice, delta))
                if delta.tool_calls:
                    self._add(choice.index or 0, delta.tool_calls)
            if reason is not None:
                items += self._whole(choice.index or 0)
                items.append(FinishReason(reason))
        if event.usage is not None:
            items.append(Usage.of(event.usage))
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


def _has_news(delta: ChatDelta, *, ended: bool) -> bool:
    """Whether a delta is a piece for users: text, something that the spec does not know, or a
    role, which some services repeat beside calls and at the end."""
    if delta.content or delta.additional_properties:
        return True
    return not (ended or delta.tool_calls or (delta.content is None and delta.role is None))


def _piece(choice: ChatChunkChoice, delta: ChatDelta) -> ChatStreamChunk:
    piece = ChatStreamChunk(
        content=delta.content or "",
        role=Role(delta.role) if delta.role else None,
        index=choice.index or 0,
        logprobs=choice.logprobs,
    )
    piece.__dict__["_choice"] = choice
    return piece


_new = object.__new__
