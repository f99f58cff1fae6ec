"""Steering concepts: a direction of style, learnt from pairs of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ._wire import Answer, Sendable, many

__all__ = [
    "SteeringConceptCreationRequest",
    "SteeringConceptCreationResponse",
    "SteeringPairedExample",
]


@dataclass(frozen=True)
class SteeringPairedExample(Sendable):
    """What to lead away from, and what to lead to."""

    negative: str
    positive: str


@dataclass(frozen=True)
class SteeringConceptCreationRequest(Sendable):
    """The pairs from which a concept is learnt. The same pairs have the same id."""

    examples: Sequence[SteeringPairedExample]
    _parts: ClassVar = {"examples": many(SteeringPairedExample.from_json)}


@dataclass(frozen=True)
class SteeringConceptCreationResponse(Answer):
    """The id of a concept, for ``steering_concepts`` of chats and completions."""

    id: str
    _model: ClassVar[str] = "CreateSteeringConceptResponse"
