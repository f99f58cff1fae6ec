"""From AIMLAPI's answers to Haystack's messages, whole and piece by piece."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from haystack.dataclasses import (
    ChatMessage,
    ComponentInfo,
    StreamingChunk,
    ToolCallDelta,
)
from haystack.dataclasses.chat_message import ReasoningContent

from polychat.aimlapi import cost_of
from polychat.errors import ResponseParseError
from polychat.integrations._answers import malformed
from polychat_rest.model import plain
from polychat_rest.shapes import is_array, is_object

from ._calls import asks_for_json, calls_of, check_json

if TYPE_CHECKING:
    from polychat import ResponseInfo

log = logging.getLogger(__name__)
_FINISH = {"stop": "stop", "length": "length", "content_filter": "content_filter",
           "tool_calls": "tool_calls", "function_call": "tool_calls"}  # fmt: skip
_TOLD = ("refusal", "annotations", "audio")


def replies_of(answer: Any, request: dict[str, Any]) -> list[ChatMessage]:
    """The messages of a whole answer to a request, one for each choice. Calls of custom tools,
    which Haystack has no type for, are in ``meta["custom_tool_calls"]``. Raises
    `ResponseParseError` for an answer without a choice, and for a reply that was cut within a tool
    call or within the JSON that was asked for."""
    if not answer.choices:
        raise malformed(answer, "the answer has no choices")
    return [_reply(answer, choice, json=asks_for_json(request)) for choice in answer.choices]


def _reply(answer: Any, choice: Any, *, json: bool) -> ChatMessage:
    message = getattr(choice, "message", None)
    if message is None:
        index = getattr(choice, "index", None)
        raise malformed(answer, f"choice {index} of the answer has no message")

    def broken(what: str, remedy: str | None) -> ResponseParseError:
        return malformed(answer, f"reply {choice.index}: {what}", remedy=remedy)

    calls = [(call.id, getattr(call, "function", None)) for call in message.tool_calls or ()]
    meta: dict[str, Any] = {
        "model": answer.model,
        "index": choice.index,
        "finish_reason": choice.finish_reason,
        "usage": plain(answer.usage),
    }
    if choice.logprobs is not None:
        meta["logprobs"] = plain(choice.logprobs)
    _tell(meta, answer, message)
    _keep_custom(meta, [plain(call) for call in message.tool_calls or () if _is_custom(call)])
    found = [(i, f.name, f.arguments) for i, f in calls if f is not None]
    made = calls_of(found, meta, broken)
    check_json(message.content, meta, broken, asked=json, called=bool(made))
    _warn(meta)
    return ChatMessage.from_assistant(
        text=message.content,
        tool_calls=made,
        meta=meta,
        reasoning=message.reasoning_content or None,
    )


def _tell(meta: dict[str, Any], answer: Any, message: Any) -> None:
    cost = cost_of(answer)
    if cost is not None:
        meta["cost"] = {"credits": cost.credits, "usd": cost.usd}
    meta |= _told(message)


def _told(message: Any) -> dict[str, Any]:
    """What a message, or a piece of one, has that is kept in ``meta``."""
    values = {name: plain(getattr(message, name, None)) for name in _TOLD}
    return {name: value for name, value in values.items() if value}


def _joined(old: Any, new: Any, *, key: str = "") -> Any:
    """A piece of such a value put after the earlier ones. Of ``audio``, ``data`` and
    ``transcript`` come in pieces, and the rest whole."""
    if is_object(old) and is_object(new):
        return {**old, **{k: _joined(old.get(k), v, key=k) for k, v in new.items()}}
    if is_array(old) and is_array(new):
        return [*old, *new]
    if isinstance(old, str) and isinstance(new, str) and key in ("refusal", "data", "transcript"):
        return old + new
    return old if new is None else new


def _news(piece: Mapping[str, Any]) -> dict[str, Any]:
    """What a piece says: a null in it takes nothing back of what came before."""
    return {name: value for name, value in piece.items() if value is not None}


def _is_custom(call: Any) -> bool:
    return is_object(plain(getattr(call, "custom", None)))


def _keep_custom(meta: dict[str, Any], calls: list[Any]) -> None:
    """Calls of custom tools, which are no JSON and have no type in Haystack."""
    if calls:
        meta["custom_tool_calls"] = calls
        log.warning("reply %s calls custom tools: see custom_tool_calls in meta", meta["index"])


def _warn(meta: dict[str, Any]) -> None:
    if meta["finish_reason"] == "length":
        log.warning("reply %s was cut: raise max_tokens to have more of it", meta["index"])
    if meta["finish_reason"] == "content_filter":
        log.warning("reply %s was cut by the content filter", meta["index"])


class StreamedReply:
    """Collects a stream's events: `pieces` gives what a callback is called with, `reply` the
    message at the end."""

    def __init__(self, component: Any, request: dict[str, Any]) -> None:
        self._json = asks_for_json(request)
        self._answered = False
        self._info = ComponentInfo.from_component(component)
        self._text = self._thoughts = ""
        self._calls: dict[int, list[Any]] = {}
        self._custom: dict[int, dict[str, Any]] = {}
        self._slot = 0
        self._told: dict[str, Any] = {}
        self._logprobs: list[Any] = []
        self._begun: str | None = None
        self._model: str | None = None
        self._finish: str | None = None
        self._index = 0
        self._usage: Any = None
        self._cost: Any = None

    def pieces(self, chunk: Any) -> list[StreamingChunk]:
        """An event as Haystack's chunks, of which each has one kind of content."""
        now = datetime.now().astimezone().replace(tzinfo=None).isoformat()  # as Haystack tells it
        self._begun = self._begun or now
        self._model = chunk.model or self._model
        self._usage = plain(chunk.usage) or self._usage
        self._cost = cost_of(chunk) or self._cost
        meta: dict[str, Any] = {
            "model": chunk.model,
            "received_at": now,
            "usage": plain(chunk.usage),
        }
        choice: Any = chunk.choices[0] if chunk.choices else None
        if not hasattr(choice, "delta"):
            return [StreamingChunk(content="", component_info=self._info, meta=meta)]
        delta = choice.delta
        self._answered = True
        self._finish = choice.finish_reason or self._finish
        self._index = choice.index or 0
        calls = (delta and delta.tool_calls) or None
        meta |= {
            "index": choice.index,
            "tool_calls": plain(calls),
            "finish_reason": choice.finish_reason,
        }
        told = _told(delta)
        meta |= told
        for name, value in told.items():
            self._told[name] = _joined(self._told.get(name), value, key=name)
        logprobs = plain(choice.logprobs)
        if logprobs:
            meta["logprobs"] = logprobs
            self._logprobs += logprobs.get("content") or []
        common: dict[str, Any] = {
            "component_info": self._info,
            "meta": meta,
            "finish_reason": _FINISH.get(choice.finish_reason or ""),
        }
        made = self._contents(delta, calls)
        if not made:
            return [StreamingChunk(content="", **common)]
        return [StreamingChunk(**content, **common) for content in made]

    def _contents(self, delta: Any, calls: Any) -> list[dict[str, Any]]:
        if delta is None:
            return []
        made: list[dict[str, Any]] = []
        if delta.reasoning_content:
            thought = ReasoningContent(reasoning_text=delta.reasoning_content)
            made.append(
                {"content": "", "reasoning": thought, "index": 0, "start": not self._thoughts}
            )
            self._thoughts += delta.reasoning_content
        if delta.content:
            made.append({"content": delta.content, "index": 0, "start": not self._text})
            self._text += delta.content
        if calls:
            found = [self._call(call) for call in calls]
            deltas = [one for one in found if one is not None]
            if deltas:
                begins = any(one.tool_name for one in deltas)
                made.append(
                    {"content": "", "tool_calls": deltas, "index": deltas[0].index, "start": begins}
                )
        return made

    def _slot_of(self, call: Any) -> int:
        """Which call a piece belongs to. Without an index, a new id begins a new call, and a piece
        without an id goes on with the last."""
        if call.index is not None:
            return int(call.index)
        ids = {held[0]: slot for slot, held in self._calls.items()}
        ids |= {held.get("id"): slot for slot, held in self._custom.items()}
        if not call.id:
            return self._slot
        return ids.get(call.id, max((*self._calls, *self._custom), default=-1) + 1)

    def _call(self, call: Any) -> ToolCallDelta | None:
        index = self._slot = self._slot_of(call)
        if _is_custom(call):
            self._keep_custom(index, plain(call))
            return None
        name = call.function.name if call.function else None
        arguments = (call.function.arguments if call.function else None) or None
        held = self._calls.setdefault(index, [None, None, ""])
        held[0] = held[0] or call.id
        held[1] = held[1] or name
        held[2] += arguments or ""
        return ToolCallDelta(index=index, id=call.id, tool_name=name, arguments=arguments)

    def _keep_custom(self, index: int, call: dict[str, Any]) -> None:
        held = self._custom.setdefault(index, {"custom": {}})
        own, more = held["custom"], _news(call.pop("custom"))
        text = (own.get("input") or "") + (more.get("input") or "")
        held |= {key: value for key, value in _news(call).items() if key != "index"}
        held["custom"] = {**own, **more, "input": text}

    def reply(self, info: ResponseInfo) -> ChatMessage:
        """The whole message of a stream with this `info`. Raises what `replies_of` raises."""
        held = [(one[0], one[1], one[2]) for _, one in sorted(self._calls.items())]

        def broken(what: str, remedy: str | None = None) -> ResponseParseError:
            arrived = {"text": self._text, "tool_calls": held, "finish_reason": self._finish}
            return malformed(arrived, what, info=info, remedy=remedy)

        if not self._answered:
            raise broken("the stream has no choices")
        meta: dict[str, Any] = {
            "model": self._model,
            "index": self._index,
            "finish_reason": self._finish,
            "completion_start_time": self._begun,
            "usage": self._usage,
        }
        if self._logprobs:
            meta["logprobs"] = {"content": self._logprobs}
        if self._cost is not None:
            meta["cost"] = {"credits": self._cost.credits, "usd": self._cost.usd}
        meta |= self._told
        _keep_custom(meta, [call for _, call in sorted(self._custom.items())])
        _warn(meta)
        made = calls_of(held, meta, broken)
        check_json(self._text, meta, broken, asked=self._json, called=bool(made))
        return ChatMessage.from_assistant(
            text=self._text or None,
            tool_calls=made,
            meta=meta,
            reasoning=self._thoughts or None,
        )
