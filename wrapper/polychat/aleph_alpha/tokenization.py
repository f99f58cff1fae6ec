"""Text to tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ._wire import Answer, Sendable

__all__ = ["TokenizationRequest", "TokenizationResponse"]


@dataclass(frozen=True)
class TokenizationRequest(Sendable):
    """A text, and whether to answer its tokens as text, as ids, or both."""

    prompt: str
    tokens: bool
    token_ids: bool


@dataclass(frozen=True)
class TokenizationResponse(Answer):
    """The tokens of a text, in the forms that were asked for."""

    tokens: Sequence[str] | None = None
    token_ids: Sequence[int] | None = None
    _model: ClassVar[str] = "TokenizationResponse"
