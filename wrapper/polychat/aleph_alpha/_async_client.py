"""The asynchronous client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, Unpack, cast

from polychat._core.auth import AsyncAuthValue, conceal
from polychat._core.client import AsyncClient as CoreClient
from polychat._core.client import AsyncCore
from polychat._core.headers import concealed_headers
from polychat._core.http import AsyncHTTP
from polychat._core.keywords import check_options
from polychat._core.options import CallOptions, conceal_options

from . import _calls
from ._base import REQUEST_TIMEOUT, BaseClient, client_options, pool_of, refuse_beside
from ._gather import gather
from ._platform import aleph_alpha_service
from ._streams import AsyncItemStream
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


class AsyncClient(BaseClient, CoreClient):
    """`Client` for asynchronous code: the same arguments, except that ``limit`` bounds how many
    connections are open at once (0: no bound). ``token`` may be a coroutine function,
    ``http_client`` is an ``httpx.AsyncClient``. ``transport`` may also be ``"httpx"`` or
    ``"aiohttp"``; left out, it is aiohttp where aiohttp is installed. May be made outside
    an event loop and used in one after another.
    """

    _core: AsyncCore

    def __init__(
        self,
        token: AsyncAuthValue | None = None,
        host: str | None = None,
        limit: int = 100,
        hosting: str | None = None,
        request_timeout_seconds: Any = REQUEST_TIMEOUT,
        total_retries: int = 8,
        nice: bool = False,
        verify_ssl: ssl.SSLContext | str | bool = True,
        tags: Sequence[str] | None = None,
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
        refuse_beside(http_client, transport, limit=limit != 100, verify_ssl=verify_ssl is not True)
        pool = pool_of("limit", limit, bounded=True)
        http = AsyncHTTP(
            http_client, transport=transport, verify=verify_ssl, pool=pool, proxy=proxy
        )
        super().__init__(AsyncCore(service, options, http))
        self._settings = _calls.Settings(hosting, nice, tags)

    async def _run(self, call: _calls.Call[T], options: Any) -> T:
        conceal_options(options)
        return call.result(await self._core.with_options(options).send_async(call.request))

    def _stream(self, call: _calls.StreamCall[T], options: Any) -> AsyncItemStream[T]:
        conceal_options(options)
        check_options(options)  # here, not when the first item is asked for
        return AsyncItemStream(
            partial(self._core.stream_items, call.request, call.parse, call.items, options)
        )

    async def close(self) -> None:
        """The same as `aclose`."""
        await self.aclose()

    def __enter__(self) -> NoReturn:
        raise TypeError("an AsyncClient is entered with 'async with'")

    def __exit__(self, *exc: object) -> None:
        """There for ``with`` to get as far as the hint in `__enter__`."""

    async def chat(
        self, request: ChatRequest, model: str | None = None, **options: Unpack[CallOptions]
    ) -> ChatResponse:
        """The answer to a conversation; the request's model unless another is given."""
        return await self._run(_calls.chat(self._settings, request, model), options)

    def chat_with_streaming(
        self, request: ChatRequest, model: str | None = None, **options: Unpack[CallOptions]
    ) -> AsyncItemStream[ChatItem]:
        """The answer as it is written, to be iterated over and not awaited: pieces of text, whole
        tool calls, the finish reason, and the usage where ``stream_options`` ask for it."""
        return self._stream(_calls.chat_stream(self._settings, request, model), options)

    async def complete(
        self, request: CompletionRequest, model: str, **options: Unpack[CallOptions]
    ) -> CompletionResponse:
        """What a model makes of a prompt."""
        return await self._run(_calls.complete(self._settings, request, model), options)

    def complete_with_streaming(
        self, request: CompletionRequest, model: str, **options: Unpack[CallOptions]
    ) -> AsyncItemStream[CompletionResponseStreamItem]:
        """A completion as it is written. A stream without its summary was cut short."""
        return self._stream(_calls.complete_stream(self._settings, request, model), options)

    async def tokenize(
        self, request: TokenizationRequest, model: str, **options: Unpack[CallOptions]
    ) -> TokenizationResponse:
        """The tokens of a text."""
        return await self._run(_calls.tokenize(self._settings, request, model), options)

    async def detokenize(
        self, request: DetokenizationRequest, model: str, **options: Unpack[CallOptions]
    ) -> DetokenizationResponse:
        """The text of tokens."""
        return await self._run(_calls.detokenize(self._settings, request, model), options)

    async def embed(
        self, request: EmbeddingRequest, model: str, **options: Unpack[CallOptions]
    ) -> EmbeddingResponse:
        """The inner states of a model as vectors."""
        return await self._run(_calls.embed(self._settings, request, model), options)

    async def embeddings(
        self, request: EmbeddingV2Request, model: str, **options: Unpack[CallOptions]
    ) -> EmbeddingV2Response:
        """Vectors in OpenAI's form."""
        return await self._run(_calls.embeddings(self._settings, request, model), options)

    async def semantic_embed(
        self, request: SemanticEmbeddingRequest, model: str, **options: Unpack[CallOptions]
    ) -> SemanticEmbeddingResponse:
        """The vector of a prompt's meaning."""
        return await self._run(_calls.semantic_embed(self._settings, request, model), options)

    async def batch_semantic_embed(
        self,
        request: BatchSemanticEmbeddingRequest,
        model: str | None = None,
        num_concurrent_requests: int = 1,
        batch_size: int = 100,
        progress_bar: bool = False,
        **options: Unpack[CallOptions],
    ) -> BatchSemanticEmbeddingResponse:
        """The vectors of many prompts, by requests of at most `batch_size` (1 to 100) each, of
        which `num_concurrent_requests` are under way at once. The first error ends the others."""
        from .embedding import BatchSemanticEmbeddingResponse

        conceal_options(options)
        check_options(options)
        batches = request.batches(batch_size)
        bar = _calls.progress(batches, shown=progress_bar)

        async def embed(batch: BatchSemanticEmbeddingRequest) -> BatchSemanticEmbeddingResponse:
            call = _calls.batch_semantic_embed(self._settings, batch, model)
            answer = await self._run(call, options)
            bar.update()
            return answer

        try:
            answers = await gather(embed, batches, num_concurrent_requests)
        finally:
            bar.close()
        return BatchSemanticEmbeddingResponse.joined(answers)

    async def instructable_embed(
        self, request: InstructableEmbeddingRequest, model: str, **options: Unpack[CallOptions]
    ) -> InstructableEmbeddingResponse:
        """The vector of a prompt as an instruction asks for it."""
        return await self._run(_calls.instructable_embed(self._settings, request, model), options)

    async def evaluate(
        self, request: EvaluationRequest, model: str, **options: Unpack[CallOptions]
    ) -> EvaluationResponse:
        """How likely a completion is."""
        return await self._run(_calls.evaluate(self._settings, request, model), options)

    async def explain(
        self, request: ExplanationRequest, model: str, **options: Unpack[CallOptions]
    ) -> ExplanationResponse:
        """Which parts of a prompt made a completion likely."""
        return await self._run(_calls.explain(self._settings, request, model), options)

    async def create_steering_concept(
        self, request: SteeringConceptCreationRequest, **options: Unpack[CallOptions]
    ) -> SteeringConceptCreationResponse:
        """A new concept for ``steering_concepts``."""
        return await self._run(_calls.create_steering_concept(self._settings, request), options)

    async def translate(
        self, request: TranslationRequest, **options: Unpack[CallOptions]
    ) -> TranslationResponse:
        """A text in another language."""
        return await self._run(_calls.translate(self._settings, request), options)

    async def rerank(
        self, request: RerankRequest, model: str, **options: Unpack[CallOptions]
    ) -> RerankResponse:
        """Documents, those first that answer the query best."""
        return await self._run(_calls.rerank(self._settings, request, model), options)

    async def transcribe(
        self,
        audiofile: FileContent | File,
        model: str,
        language: str | None = None,
        **options: Unpack[CallOptions],
    ) -> TranscribeResponse:
        """The text of a recording: bytes, a path, an open file, or `polychat_rest.body.File`.
        ``language`` is a two-letter code where it is known."""
        return await self._run(_calls.transcribe(audiofile, model, language), options)

    async def models(self, **options: Unpack[CallOptions]) -> list[Mapping[str, Any]]:
        """What the host serves, as JSON objects."""
        return cast("list[Mapping[str, Any]]", await self._run(_calls.models(), options))

    async def tokenizer(self, model: str, **options: Unpack[CallOptions]) -> Tokenizer:
        """The tokenizer of a model, to be used without the host. Needs the package tokenizers."""
        return cast("Tokenizer", await self._run(_calls.tokenizer(model), options))

    async def get_version(self, **options: Unpack[CallOptions]) -> str:
        """The version of the host's API."""
        return await self._run(_calls.version(), options)

    async def validate_version(self, **options: Unpack[CallOptions]) -> None:
        """Raises `VersionError` (a RuntimeError) where the host is older than 1.19.0."""
        conceal_options(options)
        check_api_version(await self.get_version(**options))
