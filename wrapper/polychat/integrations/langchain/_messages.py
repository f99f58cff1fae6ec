"""Messages between LangChain and AIMLAPI's chat, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.messages.tool import ToolCallChunk

from polychat.aimlapi import cost_of
from polychat.errors import UnsupportedFeatureError
from polychat_rest.model import plain
from polychat_rest.shapes import is_object

from ._calls import StreamedMessage, sorted_calls
from ._content import Part, is_text, parts_of, text_or_parts

if TYPE_CHECKING:
    from polychat_rest.aimlapi.models import (
        ChatCompletionChunk,
        ChatCompletionDelta,
        ChatCompletionMessage,
        CompletionUsage,
    )

PROVIDER = "aimlapi"


def to_wire(messages: Iterable[BaseMessage]) -> list[dict[str, Any]]:
    """The messages of a request.

    Tools may answer with text only (AIMLAPI's tool messages have no other parts). What else a
    ToolMessage holds follows the tools' answers in a message of the user, so that a model sees it.
    """
    wire: list[dict[str, Any]] = []
    shown: list[Part] = []
    for message in messages:
        if shown and not isinstance(message, ToolMessage):
            wire.append({"role": "user", "content": shown})
            shown = []
        if isinstance(message, ToolMessage):
            parts = parts_of(message.content)
            others = [part for part in parts if not is_text(part)]
            if others:
                label = f"What the tool call {message.tool_call_id} has given:"
                shown += [{"type": "text", "text": label}, *others]
            text = text_or_parts([part for part in parts if is_text(part)])
            if message.status == "error":
                text = text or "The tool has failed."
            wire.append({"role": "tool", "tool_call_id": message.tool_call_id, "content": text})
        else:
            wire.append(_named(message, _message(message)))
    if shown:
        wire.append({"role": "user", "content": shown})
    return wire


def _named(message: BaseMessage, wire: dict[str, Any]) -> dict[str, Any]:
    return {**wire, "name": message.name} if message.name else wire


def _message(message: BaseMessage) -> dict[str, Any]:
    if isinstance(message, AIMessage):
        return _assistant(message)
    content = text_or_parts(parts_of(message.content))
    if isinstance(message, HumanMessage):
        return {"role": "user", "content": content}
    if isinstance(message, SystemMessage):
        role = message.additional_kwargs.get("__openai_role__", "system")
        return {"role": role, "content": content}
    if isinstance(message, ChatMessage):
        return {"role": message.role, "content": content}
    raise UnsupportedFeatureError(
        f"a {type(message).__name__} cannot be sent",
        platform=PROVIDER,
        remedy="Send System-, Human-, AI-, Tool- and ChatMessages",
    )


def _assistant(message: AIMessage) -> dict[str, Any]:
    calls = [
        _call(call["id"], call["name"], json.dumps(call["args"], ensure_ascii=False))
        for call in message.tool_calls
    ]
    calls += [
        _call(call["id"], call["name"] or "", call["args"] or "")
        for call in message.invalid_tool_calls
    ]
    calls += message.additional_kwargs.get(_CUSTOM, [])
    told = {call["id"] for call in [*message.tool_calls, *message.invalid_tool_calls]}
    calls += [
        _call(block["id"], block["name"], json.dumps(block.get("input"), ensure_ascii=False))
        for block in message.content
        if is_object(block) and block.get("type") == "tool_use" and block["id"] not in told
    ]
    content = text_or_parts([part for part in parts_of(message.content) if is_text(part)])
    content = content or message.additional_kwargs.get("refusal") or ""
    if not calls:
        return {"role": "assistant", "content": content}
    return {"role": "assistant", "content": content or None, "tool_calls": calls}


def _call(identity: str | None, name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": identity or "", "type": "function", "function": function}


def from_wire(
    message: ChatCompletionMessage, usage: CompletionUsage | None, reason: str | None
) -> AIMessage:
    """A message that a model has written and ended for a `reason`. Calls whose arguments are no
    whole JSON object are kept as invalid ones."""
    custom = [plain(call) for call in message.tool_calls or () if _is_custom(call)]
    calls = [
        (getattr(call, "id", None), getattr(function, "name", None),
         getattr(function, "arguments", None))
        for call in message.tool_calls or ()
        if not _is_custom(call)
        for function in (getattr(call, "function", None),)
    ]  # fmt: skip
    valid, invalid = sorted_calls(calls, reason)
    return AIMessage(
        content=message.content or "",
        additional_kwargs={**_extras(message), **({_CUSTOM: custom} if custom else {})},
        tool_calls=valid,
        invalid_tool_calls=invalid,
        usage_metadata=usage_of(usage),
    )


def _is_custom(call: Any) -> bool:
    return getattr(call, "type", None) == "custom"


_CUSTOM = "custom_tool_calls"
"""Calls of custom tools, whose input is no JSON, as they came; they are sent back so."""
_EXTRAS = ("reasoning_content", "refusal", "audio", "annotations")


def _extras(source: Any) -> dict[str, Any]:
    """What of a message has no place of its own in LangChain, under AIMLAPI's names."""
    found = {name: getattr(source, name, None) for name in _EXTRAS}
    return {name: plain(value) for name, value in found.items() if value}


def chunk_from_wire(delta: ChatCompletionDelta) -> AIMessageChunk:
    """What one event of a stream adds."""
    calls = [
        ToolCallChunk(
            name=call.function.name if call.function else None,
            args=call.function.arguments if call.function else None,
            id=call.id,
            index=call.index or 0,
            type="tool_call_chunk",
        )
        for call in delta.tool_calls or ()
    ]
    return StreamedMessage(
        content=delta.content or "", additional_kwargs=_extras(delta), tool_call_chunks=calls
    )


def usage_of(usage: CompletionUsage | None) -> UsageMetadata | None:
    """Token counts as LangChain has them; None where the platform told none."""
    if usage is None:
        return None
    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
    read: Any = usage.prompt_tokens_details
    written: Any = usage.completion_tokens_details
    created = getattr(read, "cache_creation_tokens", None) or getattr(
        read, "cache_write_tokens", None
    )
    reads = {"audio": getattr(read, "audio_tokens", None), "cache_creation": created,
             "cache_read": getattr(read, "cached_tokens", None)}  # fmt: skip
    writes = {"audio": getattr(written, "audio_tokens", None),
              "reasoning": getattr(written, "reasoning_tokens", None)}  # fmt: skip
    result = UsageMetadata(
        input_tokens=prompt,
        output_tokens=completion,
        total_tokens=usage.total_tokens or prompt + completion,
    )
    if inputs := {name: count for name, count in reads.items() if count is not None}:
        result["input_token_details"] = InputTokenDetails(**inputs)  # type: ignore[typeddict-item]
    if outputs := {name: count for name, count in writes.items() if count is not None}:
        result["output_token_details"] = OutputTokenDetails(**outputs)  # type: ignore[typeddict-item]
    return result


def metadata_of(answer: Any, finish_reason: str | None, logprobs: Any) -> dict[str, Any]:
    """``response_metadata``: how it ended, which model answered, ids, and what it cost."""
    info = getattr(answer, "__response__", None)
    cost = cost_of(answer)
    found = {
        "model_name": answer.model,
        "model_provider": PROVIDER,
        "finish_reason": finish_reason,
        "id": answer.id,
        "request_id": info and info.request_id,
        "logprobs": plain(logprobs),
        "cost": cost and {"credits": cost.credits, "usd": cost.usd},
    }
    return {name: value for name, value in found.items() if value is not None}


class StreamState:
    """What of a stream is told once, at its end: merging chunks joins texts and adds numbers."""

    def __init__(self) -> None:
        self._last: ChatCompletionChunk | None = None
        self._model: str | None = None
        self._usage: CompletionUsage | None = None
        self._finish: str | None = None
        self._cost: Any = None
        self.answered = False
        """Whether there was a choice."""

    def message(self, chunk: ChatCompletionChunk) -> tuple[AIMessageChunk, Any] | None:
        """The message of an event and its log probabilities; None where it has no news."""
        self._last = chunk
        self._model = chunk.model or self._model
        self._usage = chunk.usage or self._usage
        self._cost = cost_of(chunk) or self._cost
        choices: Sequence[Any] = chunk.choices or ()
        choice = choices[0] if choices else None
        if choice is None or not hasattr(choice, "delta"):  # reading is lenient
            return None
        self.answered = True
        self._finish = choice.finish_reason or self._finish
        delta: Any = choice.delta
        if delta is None:
            return None
        message = chunk_from_wire(delta)
        logprobs = plain(choice.logprobs)
        if logprobs:
            message.response_metadata["logprobs"] = logprobs
        if message.content or message.additional_kwargs or message.tool_call_chunks or logprobs:
            return message, logprobs
        return None

    def last(self, request_id: str | None) -> AIMessageChunk:
        """The chunk that ends the stream."""
        found = {
            "model_name": self._model,
            "model_provider": PROVIDER,
            "finish_reason": self._finish,
            "id": self._last and self._last.id,
            "request_id": request_id,
            "cost": self._cost and {"credits": self._cost.credits, "usd": self._cost.usd},
        }
        metadata = {name: value for name, value in found.items() if value is not None}
        position = {"chunk_position": "last"} if _HAS_POSITION else {}
        return AIMessageChunk(
            content="",
            response_metadata=metadata,
            usage_metadata=usage_of(self._usage),
            **position,  # type: ignore[arg-type]
        )


_HAS_POSITION = "chunk_position" in AIMessageChunk.model_fields
"""Since langchain-core 1.0."""
