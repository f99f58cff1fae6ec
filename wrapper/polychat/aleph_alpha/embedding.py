"""Embeddings: by meaning, by instruction, in OpenAI's form, and of inner layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar, Literal, Self, TypeAlias, cast

from polychat._core.options import whole
from polychat_rest.shapes import is_object

from ._name import PLATFORM
from ._wire import Answer, Sendable, kept, many
from .prompt import Prompt, as_prompt

__all__ = [
    "POOLING_OPTIONS",
    "BatchSemanticEmbeddingRequest",
    "BatchSemanticEmbeddingResponse",
    "EmbeddingRequest",
    "EmbeddingResponse",
    "EmbeddingV2Request",
    "EmbeddingV2Response",
    "EmbeddingV2ResponseData",
    "EmbeddingVector",
    "InstructableEmbeddingRequest",
    "InstructableEmbeddingResponse",
    "SemanticEmbeddingRequest",
    "SemanticEmbeddingResponse",
    "SemanticRepresentation",
    "Usage",
]

POOLING_OPTIONS = ["mean", "max", "last_token", "abs_max"]
EmbeddingVector: TypeAlias = list[float]

BATCH = 100
"""As many prompts does a host take at once."""


class SemanticRepresentation(Enum):
    """For what a vector is made: to compare texts alike, or documents with queries."""

    Symmetric = "symmetric"
    Document = "document"
    Query = "query"


@dataclass(frozen=True)
class EmbeddingRequest(Sendable):
    """The inner states of some `layers`, pooled over the tokens in each way of `pooling`."""

    prompt: Prompt
    layers: Sequence[int]
    pooling: Sequence[str]
    type: str | None = None
    tokens: bool = False
    normalize: bool = False
    contextual_control_threshold: float | None = None
    control_log_additive: bool | None = True
    _parts: ClassVar = {"prompt": as_prompt}


@dataclass(frozen=True)
class EmbeddingResponse(Answer):
    """A vector for each layer and pooling: ``embeddings["layer_40", "mean"]``."""

    model_version: str
    num_tokens_prompt_total: int
    embeddings: Mapping[tuple[str, str], EmbeddingVector] | None
    tokens: Sequence[str] | None
    message: str | None = None
    _model: ClassVar[str] = "EmbeddingResponse"

    @classmethod
    def of(cls, raw: Any) -> Self:
        """From the generated model, whose vectors are in one mapping a layer."""
        self = super().of(raw)
        layers: Any = self.embeddings
        if is_object(layers):
            flat: dict[Any, Any] = {}
            for layer, vectors in layers.items():
                pooled = vectors if is_object(vectors) else {"": vectors}
                flat.update({(layer, pooling): vector for pooling, vector in pooled.items()})
            self.__dict__["embeddings"] = flat
        return self

    def to_json(self) -> dict[str, Any]:
        """The JSON object, with one mapping a layer."""
        layers: dict[str, dict[str, Any]] = {}
        flat: Any = self.embeddings
        if not is_object(flat):
            return super().to_json()
        for (layer, pooling), vector in cast("Mapping[tuple[str, str], Any]", flat).items():
            layers.setdefault(layer, {})[pooling] = vector
        return {**super().to_json(), "embeddings": layers}


@dataclass(frozen=True)
class SemanticEmbeddingRequest(Sendable):
    """A prompt to embed by its meaning; `compress_to_size` asks for a shorter vector (128)."""

    prompt: Prompt
    representation: SemanticRepresentation
    compress_to_size: int | None = None
    normalize: bool = False
    contextual_control_threshold: float | None = None
    control_log_additive: bool | None = True
    _parts: ClassVar = {"prompt": as_prompt, "representation": SemanticRepresentation}


@dataclass(frozen=True)
class SemanticEmbeddingResponse(Answer):
    """The vector of a prompt."""

    model_version: str
    embedding: EmbeddingVector
    num_tokens_prompt_total: int
    message: str | None = None
    _model: ClassVar[str] = "SemanticEmbeddingResponse"


@dataclass(frozen=True)
class BatchSemanticEmbeddingRequest(Sendable):
    """Prompts to embed by their meaning, as many as you like: a client splits them."""

    prompts: Sequence[Prompt]
    representation: SemanticRepresentation
    compress_to_size: int | None = None
    normalize: bool = False
    contextual_control_threshold: float | None = None
    control_log_additive: bool | None = True
    _parts: ClassVar = {"prompts": many(as_prompt), "representation": SemanticRepresentation}

    def batches(self, size: int = BATCH) -> list[BatchSemanticEmbeddingRequest]:
        """This in requests of at most `size` prompts. Raises `ConfigurationError` for a size
        that is not from 1 to 100."""
        whole("batch_size", size, 1, BATCH, platform=PLATFORM)
        starts = range(0, len(self.prompts), size)
        return [replace(self, prompts=self.prompts[start : start + size]) for start in starts]


@dataclass(frozen=True)
class BatchSemanticEmbeddingResponse(Answer):
    """The vectors of prompts, in their order."""

    model_version: str
    embeddings: Sequence[EmbeddingVector]
    num_tokens_prompt_total: int
    _model: ClassVar[str] = "BatchSemanticEmbeddingResponse"

    @classmethod
    def joined(cls, parts: Sequence[BatchSemanticEmbeddingResponse]) -> Self:
        """The answers to a request's batches as one, which has all else from the last of them."""
        if len(parts) == 1 and isinstance(parts[0], cls):
            return parts[0]
        whole = cls(
            model_version=parts[-1].model_version if parts else "",
            embeddings=[vector for part in parts for vector in part.embeddings or ()],
            num_tokens_prompt_total=sum(part.num_tokens_prompt_total or 0 for part in parts),
        )
        return kept(whole, parts[-1]) if parts else whole


@dataclass(frozen=True)
class InstructableEmbeddingRequest(Sendable):
    """A prompt to embed as an instruction says."""

    input: Prompt
    instruction: str
    normalize: bool = False
    contextual_control_threshold: float | None = None
    control_log_additive: bool | None = True
    _parts: ClassVar = {"input": as_prompt}


@dataclass(frozen=True)
class InstructableEmbeddingResponse(Answer):
    """The vector of a prompt."""

    model_version: str
    embedding: EmbeddingVector
    num_tokens_prompt_total: int
    message: str | None = None
    _model: ClassVar[str] = "SemanticEmbeddingResponse"


@dataclass(frozen=True)
class EmbeddingV2Request(Sendable):
    """Text or token ids, one or many, to embed as OpenAI's clients ask for it."""

    input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]]
    dimensions: int | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None


@dataclass(frozen=True)
class Usage(Answer):
    """How many tokens were used."""

    prompt_tokens: int
    total_tokens: int
    _model: ClassVar[str] = "EmbeddingV2Usage"


@dataclass(frozen=True)
class EmbeddingV2ResponseData(Answer):
    """The vector of one input; base64 of little-endian 32-bit floats where that was asked for."""

    object: str
    embedding: EmbeddingVector
    index: int
    _model: ClassVar[str] = "EmbeddingV2ResponseData"


@dataclass(frozen=True)
class EmbeddingV2Response(Answer):
    """The vectors of all inputs."""

    object: str
    data: Sequence[EmbeddingV2ResponseData]
    model: str
    usage: Usage
    _model: ClassVar[str] = "EmbeddingV2Response"
    _parts: ClassVar = {"data": many(EmbeddingV2ResponseData.of), "usage": Usage.of}
