"""Documents in the order of how well they answer a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ._wire import Answer, Sendable, many

__all__ = ["RerankRequest", "RerankResponse", "RerankResult", "RerankUsage"]


@dataclass(frozen=True)
class RerankRequest(Sendable):
    """A query and documents, of which the best `top_n` are asked for, or all."""

    query: str
    documents: Sequence[str]
    top_n: int | None = None


@dataclass(frozen=True)
class RerankResult(Answer):
    """The place of a document in the request, and its score."""

    index: int
    relevance_score: float
    _model: ClassVar[str] = "RerankResult"


@dataclass(frozen=True)
class RerankUsage(Answer):
    """How many tokens were used."""

    completion_tokens: int
    prompt_tokens: int
    total_tokens: int
    _model: ClassVar[str] = "ChatUsage"


@dataclass(frozen=True)
class RerankResponse(Answer):
    """The documents, best first."""

    results: Sequence[RerankResult]
    usage: RerankUsage
    _model: ClassVar[str] = "RerankResponse"
    _parts: ClassVar = {"results": many(RerankResult.of), "usage": RerankUsage.of}
