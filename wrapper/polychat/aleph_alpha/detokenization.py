"""Tokens to text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ._wire import Answer, Sendable

__all__ = ["DetokenizationRequest", "DetokenizationResponse"]


@dataclass(frozen=True)
class DetokenizationRequest(Sendable):
    """The ids of a text's tokens."""

    token_ids: Sequence[int]


@dataclass(frozen=True)
class DetokenizationResponse(Answer):
    """The text of tokens."""

    result: str
    _model: ClassVar[str] = "DetokenizationResponse"
