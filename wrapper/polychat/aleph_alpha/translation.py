"""Translations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ._wire import Answer, Sendable, many

__all__ = ["TranslationRequest", "TranslationResponse", "TranslationSegment"]


@dataclass
class TranslationRequest(Sendable):
    """A text, and the language to translate it to, as a two-letter code."""

    model: str
    source: str
    target_language: str


@dataclass
class TranslationSegment(Answer):
    """A sentence, its translation and how good that is thought to be."""

    source: str
    translation: str
    score: float
    _model: ClassVar[str] = "TranslationSegment"


@dataclass
class TranslationResponse(Answer):
    """A translation, whole and, where the model says so, sentence by sentence."""

    translation: str
    score: float
    segments: Sequence[TranslationSegment] | None
    num_tokens_prompt_total: int
    num_tokens_generated: int
    _model: ClassVar[str] = "TranslationResponse"
    _parts: ClassVar = {"segments": many(TranslationSegment.of)}
