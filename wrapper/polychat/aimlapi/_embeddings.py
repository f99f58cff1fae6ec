"""Embeddings: ``client.embeddings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import EmbeddingsResponse
    from polychat_rest.aimlapi.params import EmbeddingsRequestParam

    class EmbeddingsParams(EmbeddingsRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


class Embeddings(Resource):
    """``client.embeddings``."""

    def create(self, **params: Unpack[EmbeddingsParams]) -> EmbeddingsResponse:
        """Vectors of one text or several: ``POST /v1/embeddings``."""
        return cast(
            "EmbeddingsResponse",
            self._post("embeddings.create_embeddings", cast("dict[str, Any]", params)),
        )


class AsyncEmbeddings(AsyncResource):
    """``client.embeddings`` of the async client."""

    async def create(self, **params: Unpack[EmbeddingsParams]) -> EmbeddingsResponse:
        """`Embeddings.create`, asynchronously."""
        return cast(
            "EmbeddingsResponse",
            await self._post("embeddings.create_embeddings", cast("dict[str, Any]", params)),
        )
