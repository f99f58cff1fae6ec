"""How likely a completion is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import attrs

from polychat_rest.model import Model

from ._wire import Answer, Sendable
from .prompt import Prompt, as_prompt

__all__ = ["EvaluationRequest", "EvaluationResponse"]


@dataclass(frozen=True)
class EvaluationRequest(Sendable):
    """A prompt, and the completion that is expected."""

    prompt: Prompt
    completion_expected: str
    contextual_control_threshold: float | None = None
    control_log_additive: bool | None = True
    _parts: ClassVar = {"prompt": as_prompt}


def _mapping(result: Any) -> Any:
    """The model as a mapping, with a None for what the host does not say."""
    if not isinstance(result, Model):
        return result
    known = attrs.fields(cast("type[attrs.AttrsInstance]", type(result)))
    return {**{field.name: None for field in known if field.init}, **result.to_dict()}


@dataclass(frozen=True)
class EvaluationResponse(Answer):
    """The measures in `result`: ``log_probability``, ``correct_greedy``, ``token_count`` ..."""

    model_version: str
    message: str | None
    result: Mapping[str, Any]
    num_tokens_prompt_total: int
    _model: ClassVar[str] = "EvaluationResponse"
    _parts: ClassVar = {"result": _mapping}
