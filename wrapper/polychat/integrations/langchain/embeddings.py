"""`AimlapiEmbeddings`: AIMLAPI's vectors for LangChain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.embeddings import Embeddings
from pydantic import Field, field_validator

from polychat.errors import ConfigurationError
from polychat.integrations._answers import vectors_of

from ._connection import Connection, given, method


class AimlapiEmbeddings(Connection, Embeddings):
    """Vectors of texts, `chunk_size` texts a request.

    With `skip_empty` texts without a letter are not sent, and their vector is empty.
    """

    model: str = "text-embedding-3-small"
    dimensions: int | None = None
    chunk_size: int = Field(default=512, ge=1)
    skip_empty: bool = False
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further fields of AIMLAPI's request."""

    @field_validator("model_kwargs")
    @classmethod
    def _no_doubles(cls, value: dict[str, Any]) -> dict[str, Any]:
        if twice := sorted({"model", "input", "dimensions"} & value.keys()):
            raise ConfigurationError(f"pass {', '.join(twice)} as an argument of its own")
        return value

    def _requests(self, texts: list[str]) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """The requests, each with the places of its texts."""
        places = [i for i, text in enumerate(texts) if text.strip() or not self.skip_empty]
        fields = {**given(dimensions=self.dimensions), **self.model_kwargs, **self._options()}
        for begin in range(0, len(places), self.chunk_size):
            batch = places[begin : begin + self.chunk_size]
            yield batch, {"model": self.model, "input": [texts[i] for i in batch], **fields}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text, in their order. Raises `polychat.errors.ResponseParseError` where
        the vectors of an answer do not fit the texts that were sent."""
        vectors: list[list[float]] = [[] for _ in texts]
        for places, request in self._requests(texts):
            _fill(vectors, places, method(self._client.embeddings.create)(**request))
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a text."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """`embed_documents`, asynchronously."""
        vectors: list[list[float]] = [[] for _ in texts]
        for places, request in self._requests(texts):
            _fill(vectors, places, await method(self._async_client.embeddings.create)(**request))
        return vectors

    async def aembed_query(self, text: str) -> list[float]:
        """`embed_query`, asynchronously."""
        return (await self.aembed_documents([text]))[0]


def _fill(vectors: list[list[float]], places: list[int], answer: Any) -> None:
    """Puts an answer's vectors where their texts stand; they may come in any order."""
    for place, vector in zip(places, vectors_of(answer, len(places)), strict=True):
        vectors[place] = vector
