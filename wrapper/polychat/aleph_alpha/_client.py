"""The synchronous client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

from polychat._core.auth import SyncAuthValue, conceal
from polychat._core.client import SyncClient, SyncCore
from polychat._core.headers import concealed_headers
from polychat._core.http import SyncHTTP
from polychat._core.keywords import check_options
from polychat._core.options import CallOptions, conceal_options
from polychat._core.stream import Stream

from . import _calls
from ._base import REQUEST_TIMEOUT, BaseClient, OwnHTTP, client_options, pool_of, refuse_beside
from ._platform import aleph_alpha_service
from .version import check_api_version

if TYPE_CHECKING:
    import ssl

    from tokenizers import Tokenizer

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


class Client(BaseClient, SyncClient):
    """A client of a PhariaInference host.

    ``token`` (``AA_TOKEN``, then ``ALEPH_ALPHA_API_KEY``) is a string, a callable that returns
    one, or a token credential; ``host`` (``AA_CLIENT_BASE_URL``) the host's URL, with the path
    under which it serves its API if there is one. ``hosting``, ``nice`` (tasks may wait behind
    others) and ``tags`` go with every task. ``request_timeout_seconds`` is how long the host may
    be silent, ``deadline`` how long a call may take in all, both in seconds. A request is sent
    again up to ``total_retries`` times. ``max_answer_bytes`` is the largest answer that is held in
    memory (512 MiB). ``pool_size`` is how many idle connections are kept.
    ``verify_ssl`` is a TLS context, the path of a CA bundle, or False. ``proxy`` is the URL of a
    proxy for all requests, in the place of those of the environment. ``http_client`` is an
    ``httpx.Client`` of your own, never closed here; ``transport`` an httpx transport.

    Every call takes `polychat.CallOptions` as keywords, and raises the errors of
    `polychat.aleph_alpha.errors` for what the host refuses, those of `polychat.errors` otherwise.
    Raises `polychat.errors.ConfigurationError` for arguments that cannot work.
    """

    _core: SyncCore

    def __init__(
        self,
        token: SyncAuthValue | None = None,
        host: str | None = None,
        hosting: str | None = None,
        request_timeout_seconds: Any = REQUEST_TIMEOUT,
        total_retries: int = 8,
        nice: bool = False,
        verify_ssl: ssl.SSLContext | str | bool = True,
        tags: Sequence[str] | None = None,
        pool_size: int = 10,
        *,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        http_client: Any = None,
        transport: Any = None,
        proxy: str | None = None,
        max_answer_bytes: int | None = None,
    ) -> None:
        # What is secret is concealed first, so that no traceback from here shows it.
        token, proxy = conceal(token), conceal(proxy)
        default_headers = concealed_headers(default_headers)
        options = client_options(
            request_timeout_seconds, total_retries, deadline, max_answer_bytes, http_client
        )
        service = aleph_alpha_service(host, token, default_headers)
        refuse_beside(
            http_client, transport, pool_size=pool_size != 10, verify_ssl=verify_ssl is not True
        )
        pool = pool_of("pool_size", pool_size, bounded=False)
        kind = OwnHTTP if http_client is None and transport is None else SyncHTTP
        http = kind(
            http_client,
            transport=transport,
            verify=verify_ssl,
            pool=pool,
            proxy=proxy,
            as_requests=True,
        )
        super().__init__(SyncCore(service, options, http))
        self._settings = _calls.Settings(hosting, nice, tags)

    def _run(self, call: _calls.Call[T], options: Any) -> T:
        conceal_options(options)
        return call.result(self._core.with_options(options).send(call.request))

    def _stream(self, call: _calls.StreamCall[T], options: Any) -> Stream[T]:
        conceal_options(options)
        return self._core.stream_items(call.request, call.parse, call.items, options)

    def chat(
        self, request: ChatRequest, model: str | None = None, **options: Unpack[CallOptions]
    ) -> ChatResponse:
        """The answer to a conversation; the request's model unless another is given."""
        return self._run(_calls.chat(self._settings, request, model), options)

    def chat_with_streaming(
        self, request: ChatRequest, model: str | None = None, **options: Unpack[CallOptions]
    ) -> Stream[ChatItem]:
        """The answer as it is written: pieces of text, whole tool calls, the finish reason, and
        the usage where ``stream_options`` ask for it."""
        return self._stream(_calls.chat_stream(self._settings, request, model), options)

    def complete(
        self, request: CompletionRequest, model: str, **options: Unpack[CallOptions]
    ) -> CompletionResponse:
        """What a model makes of a prompt."""
        return self._run(_calls.complete(self._settings, request, model), options)

    def complete_with_streaming(
        self, request: CompletionRequest, model: str, **options: Unpack[CallOptions]
    ) -> Stream[CompletionResponseStreamItem]:
        """A completion as it is written. A stream without its summary was cut short."""
        return self._stream(_calls.complete_stream(self._settings, request, model), options)

    def tokenize(
        self, request: TokenizationRequest, model: str, **options: Unpack[CallOptions]
    ) -> TokenizationResponse:
        """The tokens of a text."""
        return self._run(_calls.tokenize(self._settings, request, model), options)

    def detokenize(
        self, request: DetokenizationRequest, model: str, **options: Unpack[CallOptions]
    ) -> DetokenizationResponse:
        """The text of tokens."""
        return self._run(_calls.detokenize(self._settings, request, model), options)

    def embed(
        self, request: EmbeddingRequest, model: str, **options: Unpack[CallOptions]
    ) -> EmbeddingResponse:
        """The inner states of a model as vectors."""
        return self._run(_calls.embed(self._settings, request, model), options)

    def embeddings(
        self, request: EmbeddingV2Request, model: str, **options: Unpack[CallOptions]
    ) -> EmbeddingV2Response:
        """Vectors in OpenAI's form."""
        return self._run(_calls.embeddings(self._settings, request, model), options)

    def semantic_embed(
        self, request: SemanticEmbeddingRequest, model: str, **options: Unpack[CallOptions]
    ) -> SemanticEmbeddingResponse:
        """The vector of a prompt's meaning."""
        return self._run(_calls.semantic_embed(self._settings, request, model), options)

    def batch_semantic_embed(
        self,
        request: BatchSemanticEmbeddingRequest,
        model: str | None = None,
        batch_size: int = 100,
        progress_bar: bool = False,
        **options: Unpack[CallOptions],
    ) -> BatchSemanticEmbeddingResponse:
        """The vectors of many prompts, by requests of at most `batch_size` (1 to 100) each."""
        conceal_options(options)
        from .embedding import BatchSemanticEmbeddingResponse

        check_options(options)
        batches = request.batches(batch_size)
        bar = _calls.progress(batches, shown=progress_bar)
        answers: list[BatchSemanticEmbeddingResponse] = []
        try:
            for batch in batches:
                call = _calls.batch_semantic_embed(self._settings, batch, model)
                answers.append(self._run(call, options))
                bar.update()
        finally:
            bar.close()
        return BatchSemanticEmbeddingResponse.joined(answers)

    def instructable_embed(
        self, request: InstructableEmbeddingRequest, model: str, **options: Unpack[CallOptions]
    ) -> InstructableEmbeddingResponse:
        """The vector of a prompt as an instruction asks for it."""
        return self._run(_calls.instructable_embed(self._settings, request, model), options)

    def evaluate(
        self, request: EvaluationRequest, model: str, **options: Unpack[CallOptions]
    ) -> EvaluationResponse:
        """How likely a completion is."""
        return self._run(_calls.evaluate(self._settings, request, model), options)

    def explain(
        self, request: ExplanationRequest, model: str, **options: Unpack[CallOptions]
    ) -> ExplanationResponse:
        """Which parts of a prompt made a completion likely."""
        return self._run(_calls.explain(self._settings, request, model), options)

    def create_steering_concept(
        self, request: SteeringConceptCreationRequest, **options: Unpack[CallOptions]
    ) -> SteeringConceptCreationResponse:
        """A new concept for ``steering_concepts``."""
        return self._run(_calls.create_steering_concept(self._settings, request), options)

    def translate(
        self, request: TranslationRequest, **options: Unpack[CallOptions]
    ) -> TranslationResponse:
        """A text in another language."""
        return self._run(_calls.translate(self._settings, request), options)

    def rerank(
        self, request: RerankRequest, model: str, **options: Unpack[CallOptions]
    ) -> RerankResponse:
        """Documents, those first that answer the query best."""
        return self._run(_calls.rerank(self._settings, request, model), options)

    def transcribe(
        self,
        audiofile: FileContent | File,
        model: str,
        language: str | None = None,
        **options: Unpack[CallOptions],
    ) -> TranscribeResponse:
        """The text of a recording: bytes, a path, an open file, or `polychat_rest.body.File`.
        ``language`` is a two-letter code where it is known."""
        return self._run(_calls.transcribe(audiofile, model, language), options)

    def models(self, **options: Unpack[CallOptions]) -> list[Mapping[str, Any]]:
        """What the host serves, as JSON objects."""
        return cast("list[Mapping[str, Any]]", self._run(_calls.models(), options))

    def tokenizer(self, model: str, **options: Unpack[CallOptions]) -> Tokenizer:
        """The tokenizer of a model, to be used without the host. Needs the package tokenizers."""
        return cast("Tokenizer", self._run(_calls.tokenizer(model), options))

    def get_version(self, **options: Unpack[CallOptions]) -> str:
        """The version of the host's API."""
        return self._run(_calls.version(), options)

    def validate_version(self, **options: Unpack[CallOptions]) -> None:
        """Raises `VersionError` (a RuntimeError) where the host is older than 1.19.0."""
        conceal_options(options)
        check_api_version(self.get_version(**options))
