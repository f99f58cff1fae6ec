"""Each call, without a client: which operation it is, what is sent, and how its answer is read.

Both clients send these; nothing about a call is decided in either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from polychat._core.events import Items
from polychat._core.info import ResponseInfo, remember
from polychat.errors import ConfigurationError
from polychat_rest.protocol import Request, Response

from ._name import PLATFORM
from .errors import UnreadableAnswerError

if TYPE_CHECKING:
    from polychat_rest.aleph_alpha.models import TranscribeResponse
    from polychat_rest.body import File, FileContent

    from ._chat_stream import ChatItem
    from .chat import ChatRequest, ChatResponse
    from .completion import CompletionRequest, CompletionResponse, CompletionResponseStreamItem
    from .detokenization import DetokenizationRequest, DetokenizationResponse
    from .embedding import (
        BatchSemanticEmbeddingRequest,
        BatchSemanticEmbeddingResponse,
        EmbeddingRequest,
        EmbeddingResponse,
        EmbeddingV2Request,
        EmbeddingV2Response,
        InstructableEmbeddingRequest,
        InstructableEmbeddingResponse,
        SemanticEmbeddingRequest,
        SemanticEmbeddingResponse,
    )
    from .evaluation import EvaluationRequest, EvaluationResponse
    from .explanation import ExplanationRequest, ExplanationResponse
    from .reranking import RerankRequest, RerankResponse
    from .steering import SteeringConceptCreationRequest, SteeringConceptCreationResponse
    from .tokenization import TokenizationRequest, TokenizationResponse
    from .translation import TranslationRequest, TranslationResponse

T = TypeVar("T")


class Call(NamedTuple, Generic[T]):
    """A request, and what makes its generated answer the one that users get."""

    request: Request[Any]
    read: Callable[[Any], T]
    whole: bool = False
    """Whether it is read from the answer's bytes."""

    def result(self, response: Response[Any]) -> T:
        """What users get. Raises `UnreadableAnswerError` for a success that says nothing."""
        if self.whole:
            try:
                return self.read(response.content)
            except Exception as error:  # tokenizers has no class of its own
                raise _unreadable(response, error) from error
        answer = response.parsed
        if answer is None:
            raise _unreadable(response, "it is empty")
        remember(answer, ResponseInfo.of(response))
        return self.read(answer)


def _unreadable(response: Response[Any], why: object) -> UnreadableAnswerError:
    """Without the body, which may repeat a credential."""
    return UnreadableAnswerError(
        f"status {response.status_code} with a body that cannot be read: {why}",
        remedy="Check that host leads to the service and not to a login page or proxy",
        platform=PLATFORM,
        **ResponseInfo.of(response).common(),
    )


class StreamCall(NamedTuple, Generic[T]):
    """A request whose answer is a stream of items."""

    request: Request[Any]
    parse: Callable[[Any], Any]
    items: Items[T]


class _Sends(Protocol):
    def to_json(self) -> dict[str, Any]: ...


class Settings(NamedTuple):
    """What a client sends with every task."""

    hosting: str | None
    nice: bool
    tags: Sequence[str] | None

    def body(self, request: _Sends, model: str | None = None) -> Any:
        """The JSON object of a request."""
        try:
            document = request.to_json()
        except RecursionError:
            document = None
        if document is None:  # not within `except`: there the frames of the recursion hang on it
            raise ConfigurationError(
                "the request is nested too deeply, or contains itself",
                platform="aleph_alpha",
                remedy="Pass JSON values of at most some hundred levels",
            )
        if model is not None:
            document["model"] = model
        if self.hosting is not None:
            document["hosting"] = self.hosting
        if self.tags is not None:
            document["tags"] = list(self.tags)
        return document

    @property
    def query(self) -> bool | None:
        """``nice``, where the operation takes it."""
        return True if self.nice else None


def chat(settings: Settings, request: ChatRequest, model: str | None) -> Call[ChatResponse]:
    from polychat_rest.aleph_alpha.api.tasks.chat_completions import build_request
    from polychat_rest.batches import checked

    from ._checks import check_choice
    from .chat import ChatResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    built.operation = checked(built.operation, check_choice)
    if request.response_format is None:
        return Call(built, ChatResponse.of)
    return Call(built, partial(ChatResponse.of, response_format=request.response_format))


def chat_stream(
    settings: Settings, request: ChatRequest, model: str | None
) -> StreamCall[ChatItem]:
    from polychat_rest.aleph_alpha.models import ChatResponseChunk

    from ._chat_stream import ChatItems

    return StreamCall(
        chat(settings, request, model).request, ChatResponseChunk.from_owned, ChatItems()
    )


def complete(
    settings: Settings, request: CompletionRequest, model: str
) -> Call[CompletionResponse]:
    from polychat_rest.aleph_alpha.api.tasks.complete import build_request
    from polychat_rest.batches import checked

    from ._checks import check_completion
    from .completion import CompletionResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    built.operation = checked(built.operation, check_completion)
    return Call(built, CompletionResponse.of)


class _CompletionItems:
    """Every event is one item."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        from .completion import stream_item

        self._parse, self._item = parse, stream_item

    def of(self, value: Any, /) -> Sequence[CompletionResponseStreamItem]:
        return (self._item(self._parse(value)),)

    def rest(self) -> Sequence[CompletionResponseStreamItem]:
        return ()


def complete_stream(
    settings: Settings, request: CompletionRequest, model: str
) -> StreamCall[CompletionResponseStreamItem]:
    from polychat_rest.aleph_alpha.api.tasks.complete import OPERATION

    call = complete(settings, request, model)
    assert OPERATION.chunk is not None
    return StreamCall(call.request, OPERATION.chunk, _CompletionItems(OPERATION.chunk))


def tokenize(
    settings: Settings, request: TokenizationRequest, model: str
) -> Call[TokenizationResponse]:
    from polychat_rest.aleph_alpha.api.tasks.tokenize import build_request
    from polychat_rest.batches import checked

    from ._checks import check_forms
    from .tokenization import TokenizationResponse

    built = build_request(body=settings.body(request, model))
    built.operation = checked(built.operation, partial(check_forms, request))
    return Call(built, TokenizationResponse.of)


def detokenize(
    settings: Settings, request: DetokenizationRequest, model: str
) -> Call[DetokenizationResponse]:
    from polychat_rest.aleph_alpha.api.tasks.detokenize import build_request

    from .detokenization import DetokenizationResponse

    return Call(build_request(body=settings.body(request, model)), DetokenizationResponse.of)


def embed(settings: Settings, request: EmbeddingRequest, model: str) -> Call[EmbeddingResponse]:
    from polychat_rest.aleph_alpha.api.tasks.embed import build_request

    from .embedding import EmbeddingResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, EmbeddingResponse.of)


def embeddings(
    settings: Settings, request: EmbeddingV2Request, model: str
) -> Call[EmbeddingV2Response]:
    from polychat_rest.aleph_alpha.api.tasks.embeddings import build_request

    from .embedding import EmbeddingV2Response

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, EmbeddingV2Response.of)


def semantic_embed(
    settings: Settings, request: SemanticEmbeddingRequest, model: str
) -> Call[SemanticEmbeddingResponse]:
    from polychat_rest.aleph_alpha.api.tasks.semantic_embed import build_request

    from .embedding import SemanticEmbeddingResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, SemanticEmbeddingResponse.of)


def batch_semantic_embed(
    settings: Settings, request: BatchSemanticEmbeddingRequest, model: str | None
) -> Call[BatchSemanticEmbeddingResponse]:
    from polychat_rest.aleph_alpha.api.tasks.batch_semantic_embed import build_request

    from .embedding import BatchSemanticEmbeddingResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, BatchSemanticEmbeddingResponse.of)


def instructable_embed(
    settings: Settings, request: InstructableEmbeddingRequest, model: str
) -> Call[InstructableEmbeddingResponse]:
    from polychat_rest.aleph_alpha.api.tasks.instructable_embed import build_request

    from .embedding import InstructableEmbeddingResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, InstructableEmbeddingResponse.of)


def evaluate(
    settings: Settings, request: EvaluationRequest, model: str
) -> Call[EvaluationResponse]:
    from polychat_rest.aleph_alpha.api.tasks.evaluate import build_request

    from .evaluation import EvaluationResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, EvaluationResponse.of)


def explain(
    settings: Settings, request: ExplanationRequest, model: str
) -> Call[ExplanationResponse]:
    from polychat_rest.aleph_alpha.api.tasks.explain import build_request

    from .explanation import ExplanationResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, ExplanationResponse.of)


def create_steering_concept(
    settings: Settings, request: SteeringConceptCreationRequest
) -> Call[SteeringConceptCreationResponse]:
    from polychat_rest.aleph_alpha.api.steering.create_steering_concept import build_request

    from .steering import SteeringConceptCreationResponse

    return Call(build_request(body=settings.body(request)), SteeringConceptCreationResponse.of)


def translate(settings: Settings, request: TranslationRequest) -> Call[TranslationResponse]:
    from polychat_rest.aleph_alpha.api.tasks.translate import build_request

    from .translation import TranslationResponse

    built = build_request(body=settings.body(request), nice=settings.query)
    return Call(built, TranslationResponse.of)


def rerank(settings: Settings, request: RerankRequest, model: str) -> Call[RerankResponse]:
    from polychat_rest.aleph_alpha.api.tasks.rerank import build_request

    from .reranking import RerankResponse

    built = build_request(body=settings.body(request, model), nice=settings.query)
    return Call(built, RerankResponse.of)


def transcribe(
    audiofile: FileContent | File, model: str, language: str | None
) -> Call[TranscribeResponse]:
    from polychat_rest.aleph_alpha.api.tasks.transcribe import build_request
    from polychat_rest.body import File

    file = audiofile if isinstance(audiofile, File) else File(audiofile)
    metadata: dict[str, Any] = {"model": model}
    if language is not None:
        metadata["language"] = language
    body: Any = {"audiofile": file, "metadata": metadata}
    return Call(build_request(body=body), _itself)


def version() -> Call[str]:
    from polychat_rest.aleph_alpha.api.api_description.version import build_request

    return Call(build_request(), _itself)


def models() -> Call[list[dict[str, Any]]]:
    """Read from the answer's bytes: users look into these dicts, nulls included."""
    from polychat_rest.aleph_alpha.api.models.available_models import build_request

    return Call(build_request(), _listed, whole=True)


def tokenizer(model: str) -> Call[Any]:
    """Raises `ConfigurationError` where the package tokenizers is not installed."""
    from polychat_rest.aleph_alpha.api.models.get_model_tokenizer import build_request

    from ._extras import needed

    made: Any = needed("tokenizers", "tokenizers").Tokenizer
    return Call(build_request(model), partial(_tokenizer, made), whole=True)


def _tokenizer(made: Any, content: bytes) -> Any:
    return made.from_str(content.decode())


def progress(batches: Sequence[T], *, shown: bool) -> Any:
    """Something with ``update()`` and ``close()``: tqdm's bar, where one is wanted. Raises
    `ConfigurationError` where tqdm is not installed."""
    from ._extras import needed

    return needed("tqdm", "tqdm").tqdm(total=len(batches)) if shown else _NoBar()


class _NoBar:
    def update(self) -> None:
        """Shows nothing."""

    def close(self) -> None:
        """Ends nothing."""


def _itself(answer: Any) -> Any:
    return answer


def _listed(content: bytes) -> Any:
    import msgspec

    return msgspec.json.decode(content, type=list[Any])
