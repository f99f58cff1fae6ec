"""Completions: what is sent, and what is answered, whole or as a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, cast

from polychat.errors import ConfigurationError
from polychat_rest.model import Model, plain

from ._name import PLATFORM
from ._wire import Answer, Sendable, many
from .prompt import Prompt, as_prompt

__all__ = [
    "CompletionRequest",
    "CompletionResponse",
    "CompletionResponseStreamItem",
    "CompletionResult",
    "CompletionSummary",
    "StreamChunk",
    "StreamSummary",
    "stream_item_from_json",
]


@dataclass(frozen=True)
class CompletionRequest(Sendable):
    """A prompt to go on with; what the fields mean and may be is told in
    `polychat_rest.aleph_alpha.models.CompletionRequest`."""

    prompt: Prompt
    maximum_tokens: int | None = None
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 0.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalties_include_prompt: bool = False
    use_multiplicative_presence_penalty: bool = False
    penalty_bias: str | None = None
    penalty_exceptions: Sequence[str] | None = None
    penalty_exceptions_include_stop_sequences: bool | None = None
    best_of: int | None = None
    n: int = 1
    logit_bias: Mapping[int, float] | None = None
    log_probs: int | None = None
    stop_sequences: Sequence[str] | None = None
    tokens: bool = False
    disable_optimizations: bool = False
    minimum_tokens: int = 0
    echo: bool = False
    use_multiplicative_frequency_penalty: bool = False
    sequence_penalty: float = 0.0
    sequence_penalty_min_length: int = 2
    use_multiplicative_sequence_penalty: bool = False
    completion_bias_inclusion: Sequence[str] | None = None
    completion_bias_inclusion_first_token_only: bool = False
    completion_bias_exclusion: Sequence[str] | None = None
    completion_bias_exclusion_first_token_only: bool = False
    contextual_control_threshold: float | None = None
    control_log_additive: bool | None = True
    repetition_penalties_include_completion: bool = True
    raw_completion: bool = False
    steering_concepts: Sequence[str] | None = None
    _parts: ClassVar = {"prompt": as_prompt}


def _optimized(value: Any) -> Any:
    """The prompt as the host has rewritten it; what is no prompt stays as it came."""
    items = plain(value)
    try:
        prompt = Prompt.from_json(items)
        prompt.to_json()
    except (AttributeError, KeyError, TypeError, ValueError):
        return items
    return prompt if items else None


@dataclass(frozen=True)
class CompletionResult(Answer):
    """One of the alternative completions."""

    log_probs: Sequence[Mapping[str, float | None]] | None = None
    completion: str | None = None
    completion_tokens: Sequence[str] | None = None
    finish_reason: str | None = None
    raw_completion: str | None = None
    _model: ClassVar[str] = "Completion"


@dataclass(frozen=True)
class CompletionResponse(Answer):
    """The completions of a prompt, and how many tokens they took."""

    model_version: str
    completions: Sequence[CompletionResult]
    num_tokens_prompt_total: int
    num_tokens_generated: int
    optimized_prompt: Prompt | None = None
    _model: ClassVar[str] = "CompletionResponse"
    _parts: ClassVar = {
        "completions": many(CompletionResult.of),
        "optimized_prompt": _optimized,
    }


@dataclass(frozen=True)
class StreamChunk(Answer):
    """The next piece of the completion number `index`."""

    index: int
    log_probs: Sequence[Mapping[str, float | None]] | None
    completion: str
    raw_completion: str | None
    completion_tokens: Sequence[str] | None
    _model: ClassVar[str] = "StreamChunk"


@dataclass(frozen=True)
class StreamSummary(Answer):
    """The end of the completion number `index`."""

    index: int
    model_version: str
    finish_reason: str
    _model: ClassVar[str] = "StreamSummary"


@dataclass(frozen=True)
class CompletionSummary(Answer):
    """The end of a stream."""

    optimized_prompt: Prompt | None
    num_tokens_prompt_total: int
    num_tokens_generated: int
    _model: ClassVar[str] = "CompletionSummary"
    _parts: ClassVar = {"optimized_prompt": _optimized}


CompletionResponseStreamItem: TypeAlias = StreamChunk | StreamSummary | CompletionSummary

_ITEMS: dict[str, type[CompletionResponseStreamItem]] = {
    "stream_chunk": StreamChunk,
    "stream_summary": StreamSummary,
    "completion_summary": CompletionSummary,
}


def stream_item(event: Any) -> CompletionResponseStreamItem:
    """The item of a generated event. An event of a kind that is not known stays as it came."""
    kind = _ITEMS.get(getattr(event, "type", "")) if isinstance(event, Model) else None
    return cast("Any", event) if kind is None else kind.of(event)


def stream_item_from_json(json: Mapping[str, Any]) -> CompletionResponseStreamItem:
    """The item of a JSON event. Raises `ConfigurationError` for a kind that is not known."""
    kind = _ITEMS.get(json.get("type", ""))
    if kind is None:
        raise ConfigurationError(
            f"a stream has no item of type {json.get('type')!r}", platform=PLATFORM
        )
    return kind.from_json(json)
