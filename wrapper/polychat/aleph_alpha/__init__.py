"""Aleph Alpha (PhariaInference): `Client` and `AsyncClient`, in the place of aleph-alpha-client.

Change ``from aleph_alpha_client import ...`` to ``from polychat.aleph_alpha import ...``; the
modules have the names that they have there too. Importing this package loads none of it: a name
or a module is loaded when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it would be most of what this import costs
if TYPE_CHECKING:
    from typing import Any

    from ._async_client import AsyncClient as AsyncClient
    from ._client import Client as Client
    from .chat import ChatChoice as ChatChoice
    from .chat import ChatRequest as ChatRequest
    from .chat import ChatResponse as ChatResponse
    from .chat import ChatStreamChunk as ChatStreamChunk
    from .chat import FinishReason as FinishReason
    from .chat import FunctionCall as FunctionCall
    from .chat import Message as Message
    from .chat import Role as Role
    from .chat import StreamOptions as StreamOptions
    from .chat import TextMessage as TextMessage
    from .chat import ToolCall as ToolCall
    from .chat import ToolFunction as ToolFunction
    from .chat import Usage as Usage
    from .completion import CompletionRequest as CompletionRequest
    from .completion import CompletionResponse as CompletionResponse
    from .completion import CompletionResult as CompletionResult
    from .completion import CompletionSummary as CompletionSummary
    from .completion import StreamChunk as StreamChunk
    from .completion import StreamSummary as StreamSummary
    from .detokenization import DetokenizationRequest as DetokenizationRequest
    from .detokenization import DetokenizationResponse as DetokenizationResponse
    from .document import Document as Document
    from .embedding import POOLING_OPTIONS as POOLING_OPTIONS
    from .embedding import BatchSemanticEmbeddingRequest as BatchSemanticEmbeddingRequest
    from .embedding import BatchSemanticEmbeddingResponse as BatchSemanticEmbeddingResponse
    from .embedding import EmbeddingRequest as EmbeddingRequest
    from .embedding import EmbeddingResponse as EmbeddingResponse
    from .embedding import EmbeddingV2Request as EmbeddingV2Request
    from .embedding import EmbeddingV2Response as EmbeddingV2Response
    from .embedding import EmbeddingV2ResponseData as EmbeddingV2ResponseData
    from .embedding import InstructableEmbeddingRequest as InstructableEmbeddingRequest
    from .embedding import InstructableEmbeddingResponse as InstructableEmbeddingResponse
    from .embedding import SemanticEmbeddingRequest as SemanticEmbeddingRequest
    from .embedding import SemanticEmbeddingResponse as SemanticEmbeddingResponse
    from .embedding import SemanticRepresentation as SemanticRepresentation
    from .errors import BusyError as BusyError
    from .errors import QuotaError as QuotaError
    from .evaluation import EvaluationRequest as EvaluationRequest
    from .evaluation import EvaluationResponse as EvaluationResponse
    from .explanation import CustomGranularity as CustomGranularity
    from .explanation import Explanation as Explanation
    from .explanation import ExplanationPostprocessing as ExplanationPostprocessing
    from .explanation import ExplanationRequest as ExplanationRequest
    from .explanation import ExplanationResponse as ExplanationResponse
    from .explanation import ImagePromptItemExplanation as ImagePromptItemExplanation
    from .explanation import ImageScore as ImageScore
    from .explanation import PromptGranularity as PromptGranularity
    from .explanation import TargetGranularity as TargetGranularity
    from .explanation import TargetPromptItemExplanation as TargetPromptItemExplanation
    from .explanation import TargetScore as TargetScore
    from .explanation import TargetScoreWithRaw as TargetScoreWithRaw
    from .explanation import TextPromptItemExplanation as TextPromptItemExplanation
    from .explanation import TextScore as TextScore
    from .explanation import TextScoreWithRaw as TextScoreWithRaw
    from .explanation import TokenPromptItemExplanation as TokenPromptItemExplanation
    from .explanation import TokenScore as TokenScore
    from .prompt import ControlTokenOverlap as ControlTokenOverlap
    from .prompt import Cropping as Cropping
    from .prompt import Image as Image
    from .prompt import ImageControl as ImageControl
    from .prompt import Prompt as Prompt
    from .prompt import Text as Text
    from .prompt import TextControl as TextControl
    from .prompt import TokenControl as TokenControl
    from .prompt import Tokens as Tokens
    from .prompt_template import PromptTemplate as PromptTemplate
    from .reranking import RerankRequest as RerankRequest
    from .reranking import RerankResponse as RerankResponse
    from .reranking import RerankResult as RerankResult
    from .reranking import RerankUsage as RerankUsage
    from .steering import SteeringConceptCreationRequest as SteeringConceptCreationRequest
    from .steering import SteeringConceptCreationResponse as SteeringConceptCreationResponse
    from .steering import SteeringPairedExample as SteeringPairedExample
    from .structured_output import JSONSchema as JSONSchema
    from .tokenization import TokenizationRequest as TokenizationRequest
    from .tokenization import TokenizationResponse as TokenizationResponse
    from .translation import TranslationRequest as TranslationRequest
    from .translation import TranslationResponse as TranslationResponse
    from .translation import TranslationSegment as TranslationSegment
    from .utils import load_base64_from_file as load_base64_from_file
    from .utils import load_base64_from_url as load_base64_from_url
    from .version import MIN_API_VERSION as MIN_API_VERSION
    from .version import __version__ as __version__

__all__ = [
    "MIN_API_VERSION",
    "POOLING_OPTIONS",
    "AsyncClient",
    "BatchSemanticEmbeddingRequest",
    "BatchSemanticEmbeddingResponse",
    "BusyError",
    "ChatChoice",
    "ChatRequest",
    "ChatResponse",
    "ChatStreamChunk",
    "Client",
    "CompletionRequest",
    "CompletionResponse",
    "CompletionResult",
    "CompletionSummary",
    "ControlTokenOverlap",
    "Cropping",
    "CustomGranularity",
    "DetokenizationRequest",
    "DetokenizationResponse",
    "Document",
    "EmbeddingRequest",
    "EmbeddingResponse",
    "EmbeddingV2Request",
    "EmbeddingV2Response",
    "EmbeddingV2ResponseData",
    "EvaluationRequest",
    "EvaluationResponse",
    "Explanation",
    "ExplanationPostprocessing",
    "ExplanationRequest",
    "ExplanationResponse",
    "FinishReason",
    "FunctionCall",
    "Image",
    "ImageControl",
    "ImagePromptItemExplanation",
    "ImageScore",
    "InstructableEmbeddingRequest",
    "InstructableEmbeddingResponse",
    "JSONSchema",
    "Message",
    "Prompt",
    "PromptGranularity",
    "PromptTemplate",
    "QuotaError",
    "RerankRequest",
    "RerankResponse",
    "RerankResult",
    "RerankUsage",
    "Role",
    "SemanticEmbeddingRequest",
    "SemanticEmbeddingResponse",
    "SemanticRepresentation",
    "SteeringConceptCreationRequest",
    "SteeringConceptCreationResponse",
    "SteeringPairedExample",
    "StreamChunk",
    "StreamOptions",
    "StreamSummary",
    "TargetGranularity",
    "TargetPromptItemExplanation",
    "TargetScore",
    "TargetScoreWithRaw",
    "Text",
    "TextControl",
    "TextMessage",
    "TextPromptItemExplanation",
    "TextScore",
    "TextScoreWithRaw",
    "TokenControl",
    "TokenPromptItemExplanation",
    "TokenScore",
    "TokenizationRequest",
    "TokenizationResponse",
    "Tokens",
    "ToolCall",
    "ToolFunction",
    "TranslationRequest",
    "TranslationResponse",
    "TranslationSegment",
    "Usage",
    "__version__",
    "load_base64_from_file",
    "load_base64_from_url",
]

_HOMES = {
    "_async_client": "AsyncClient",
    "_client": "Client",
    "chat": (
        "ChatChoice ChatRequest ChatResponse ChatStreamChunk FinishReason FunctionCall Message "
        "Role StreamOptions TextMessage ToolCall ToolFunction Usage"
    ),
    "completion": (
        "CompletionRequest CompletionResponse CompletionResult CompletionSummary StreamChunk "
        "StreamSummary"
    ),
    "detokenization": "DetokenizationRequest DetokenizationResponse",
    "document": "Document",
    "embedding": (
        "BatchSemanticEmbeddingRequest BatchSemanticEmbeddingResponse EmbeddingRequest "
        "EmbeddingResponse EmbeddingV2Request EmbeddingV2Response EmbeddingV2ResponseData "
        "InstructableEmbeddingRequest InstructableEmbeddingResponse POOLING_OPTIONS "
        "SemanticEmbeddingRequest SemanticEmbeddingResponse SemanticRepresentation"
    ),
    "errors": "BusyError QuotaError",
    "evaluation": "EvaluationRequest EvaluationResponse",
    "explanation": (
        "CustomGranularity Explanation ExplanationPostprocessing ExplanationRequest "
        "ExplanationResponse ImagePromptItemExplanation ImageScore PromptGranularity "
        "TargetGranularity TargetPromptItemExplanation TargetScore TargetScoreWithRaw "
        "TextPromptItemExplanation TextScore TextScoreWithRaw TokenPromptItemExplanation "
        "TokenScore"
    ),
    "prompt": (
        "ControlTokenOverlap Cropping Image ImageControl Prompt Text TextControl TokenControl "
        "Tokens"
    ),
    "prompt_template": "PromptTemplate",
    "reranking": "RerankRequest RerankResponse RerankResult RerankUsage",
    "steering": (
        "SteeringConceptCreationRequest SteeringConceptCreationResponse SteeringPairedExample"
    ),
    "structured_output": "JSONSchema",
    "tokenization": "TokenizationRequest TokenizationResponse",
    "translation": "TranslationRequest TranslationResponse TranslationSegment",
    "utils": "load_base64_from_file load_base64_from_url",
    "version": "MIN_API_VERSION __version__",
}


_MODULES = [*(home for home in _HOMES if home[0] != "_"), "aleph_alpha_client"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    for home, names in _HOMES.items():
        if name in names.split():
            from importlib import import_module

            value = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
