"""AIMLAPI's vectors as Haystack components: of a text, and of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

from haystack import Document, component, default_from_dict, default_to_dict
from haystack.utils import Secret, deserialize_secrets_inplace

from polychat._core.options import whole
from polychat.integrations._answers import vectors_of
from polychat_rest.model import plain

from ._clients import Clients

_MODEL = "text-embedding-3-small"


class _Embedder:
    """What both have: settings, clients, and how they are saved."""

    _saved: tuple[str, ...] = (
        "model", "dimensions", "api_base_url", "prefix", "suffix", "timeout", "max_retries",
        "extra_headers", "http_client_kwargs",
    )  # fmt: skip
    api_key: Secret
    model: str
    dimensions: int | None
    prefix: str
    suffix: str
    _clients: Clients

    def warm_up(self) -> None:
        """Makes the client. Raises ValueError for a missing key."""
        self._clients.get()

    async def warm_up_async(self) -> None:
        """`warm_up` for `run_async`."""
        self._clients.get_async()

    def close(self) -> None:
        """Closes the connections of `run`."""
        self._clients.close()

    async def close_async(self) -> None:
        """Closes the connections of `run_async`."""
        await self._clients.close_async()

    def to_dict(self) -> dict[str, Any]:
        """As pipelines are saved. A key that is a token cannot be saved: ValueError."""
        settings = {name: getattr(self, name) for name in self._saved}
        data: dict[str, Any] = default_to_dict(self, api_key=self.api_key.to_dict(), **settings)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Any:
        """A component that was saved."""
        data = {**data, "init_parameters": dict(data["init_parameters"])}
        if isinstance(data["init_parameters"].get("api_key"), dict):
            deserialize_secrets_inplace(data["init_parameters"], keys=["api_key"])
        return default_from_dict(cls, data)

    def _request(self, texts: list[str]) -> dict[str, Any]:
        return {"model": self.model, "input": texts, "dimensions": self.dimensions}

    def _embed(self, texts: list[str]) -> Any:
        create = cast("Callable[..., Any]", self._clients.get().embeddings.create)
        return create(**self._request(texts))

    async def _embed_async(self, texts: list[str]) -> Any:
        create = cast("Callable[..., Any]", self._clients.get_async().embeddings.create)
        return await create(**self._request(texts))


@component
class AIMLAPITextEmbedder(_Embedder):
    """The vector of a text, with `prefix` and `suffix` around it."""

    def __init__(
        self,
        *,
        api_key: Secret = Secret.from_env_var("AIMLAPI_API_KEY"),  # noqa: B008  # immutable
        model: str = _MODEL,
        dimensions: int | None = None,
        api_base_url: str | None = "https://api.aimlapi.com/v1",
        prefix: str = "",
        suffix: str = "",
        timeout: float | None = None,
        max_retries: int | None = None,
        extra_headers: dict[str, Any] | None = None,
        http_client_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.api_key = api_key
        self.model = model
        self.dimensions = dimensions
        self.api_base_url = api_base_url
        self.prefix = prefix
        self.suffix = suffix
        self.timeout = timeout
        self.max_retries = max_retries
        self.extra_headers = extra_headers
        self.http_client_kwargs = http_client_kwargs
        self._clients = Clients(
            api_key, api_base_url, timeout, max_retries, extra_headers, http_client_kwargs
        )

    @component.output_types(embedding=list[float], meta=dict[str, Any])
    def run(self, text: str) -> dict[str, Any]:
        """``embedding`` and ``meta`` (model, usage) of `text`. Raises TypeError for no text, and
        `polychat.errors.ResponseParseError` for an answer without its vector."""
        answer = self._embed([self._whole(text)])
        return {"embedding": vectors_of(answer, 1)[0], "meta": _meta([answer])}

    @component.output_types(embedding=list[float], meta=dict[str, Any])
    async def run_async(self, text: str) -> dict[str, Any]:
        """`run`, asynchronously."""
        answer = await self._embed_async([self._whole(text)])
        return {"embedding": vectors_of(answer, 1)[0], "meta": _meta([answer])}

    def _whole(self, text: str) -> str:
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"text is a {type(text).__name__}; AIMLAPIDocumentEmbedder embeds documents"
            )
        return f"{self.prefix}{text}{self.suffix}"


@component
class AIMLAPIDocumentEmbedder(_Embedder):
    """Documents with their vectors, `batch_size` of them a request. What is embedded are the values
    of `meta_fields_to_embed` and the content, joined by `embedding_separator`."""

    _saved = (
        *_Embedder._saved,  # noqa: SLF001  # our own base class
        "batch_size", "meta_fields_to_embed", "embedding_separator",
    )  # fmt: skip

    def __init__(
        self,
        *,
        api_key: Secret = Secret.from_env_var("AIMLAPI_API_KEY"),  # noqa: B008  # immutable
        model: str = _MODEL,
        dimensions: int | None = None,
        api_base_url: str | None = "https://api.aimlapi.com/v1",
        prefix: str = "",
        suffix: str = "",
        batch_size: int = 32,
        meta_fields_to_embed: list[str] | None = None,
        embedding_separator: str = "\n",
        timeout: float | None = None,
        max_retries: int | None = None,
        extra_headers: dict[str, Any] | None = None,
        http_client_kwargs: dict[str, Any] | None = None,
    ) -> None:
        whole("batch_size", batch_size, 1, platform="aimlapi")
        self.api_key = api_key
        self.model = model
        self.dimensions = dimensions
        self.api_base_url = api_base_url
        self.prefix = prefix
        self.suffix = suffix
        self.batch_size = batch_size
        self.meta_fields_to_embed: list[str] = meta_fields_to_embed or []
        self.embedding_separator = embedding_separator
        self.timeout = timeout
        self.max_retries = max_retries
        self.extra_headers = extra_headers
        self.http_client_kwargs = http_client_kwargs
        self._clients = Clients(
            api_key, api_base_url, timeout, max_retries, extra_headers, http_client_kwargs
        )

    @component.output_types(documents=list[Document], meta=dict[str, Any])
    def run(self, documents: list[Document]) -> dict[str, Any]:
        """Copies of `documents` with their vectors, and ``meta``. Raises TypeError for what is no
        list of documents, and `polychat.errors.ResponseParseError` for vectors that do not fit."""
        batches = self._batches(documents)
        return _embedded(documents, [(self._embed(texts), len(texts)) for texts in batches])

    @component.output_types(documents=list[Document], meta=dict[str, Any])
    async def run_async(self, documents: list[Document]) -> dict[str, Any]:
        """`run`, asynchronously."""
        answers = [
            (await self._embed_async(texts), len(texts)) for texts in self._batches(documents)
        ]
        return _embedded(documents, answers)

    def _batches(self, documents: list[Document]) -> Iterator[list[str]]:
        if not isinstance(documents, list) or not all(  # pyright: ignore[reportUnnecessaryIsInstance]
            isinstance(one, Document)  # pyright: ignore[reportUnnecessaryIsInstance]
            for one in documents
        ):
            raise TypeError("documents is no list of Documents; AIMLAPITextEmbedder embeds a text")
        texts = [self._text(document) for document in documents]
        for begin in range(0, len(texts), self.batch_size):
            yield texts[begin : begin + self.batch_size]

    def _text(self, document: Document) -> str:
        values = [document.meta.get(field) for field in self.meta_fields_to_embed]
        parts = [str(value) for value in values if value is not None]
        joined = self.embedding_separator.join([*parts, document.content or ""])
        return f"{self.prefix}{joined}{self.suffix}"


def _embedded(documents: list[Document], answers: list[tuple[Any, int]]) -> dict[str, Any]:
    """The documents with the vectors of answers, each of which was asked for so many."""
    vectors = [vector for answer, count in answers for vector in vectors_of(answer, count)]
    found = [
        replace(document, embedding=vector)
        for document, vector in zip(documents, vectors, strict=True)
    ]
    return {"documents": found, "meta": _meta([answer for answer, _ in answers])}


def _meta(answers: list[Any]) -> dict[str, Any]:
    """The model, and the usage of all answers together."""
    usage: dict[str, Any] = {}
    for answer in answers:
        told: dict[str, Any] = plain(answer.usage) or {}
        for name, count in told.items():
            if type(count) in (int, float):
                usage[name] = usage.get(name, 0) + count
    return {"model": answers[0].model if answers else None, "usage": usage}
