"""Many Messages requests at once, for Claude models: ``client.batches``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import (
        BatchCancelResponse,
        CreateBatchResponse,
        GetBatchResponse,
    )
    from polychat_rest.aimlapi.params import CreateBatchRequestParam

    class BatchParams(CreateBatchRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


class Batches(Resource):
    """``client.batches``."""

    def create(self, **params: Unpack[BatchParams]) -> CreateBatchResponse:
        """Starts a batch: ``POST /v1/batches``."""
        return cast(
            "CreateBatchResponse",
            self._post("batches.create_batch", cast("dict[str, Any]", params)),
        )

    def get(self, batch_id: str, **params: Unpack[CallOptions]) -> GetBatchResponse:
        """How far a batch is: ``GET /v1/batches``."""
        return cast(
            "GetBatchResponse", self._plain("batches.get_batch", {**params, "batch_id": batch_id})
        )

    def cancel(self, batch_id: str, **params: Unpack[CallOptions]) -> BatchCancelResponse:
        """Ends a batch: ``POST /v1/batches/cancel/{batch_id}``."""
        return cast(
            "BatchCancelResponse",
            self._plain("batches.cancel_batch", cast("dict[str, Any]", params), batch_id),
        )


class AsyncBatches(AsyncResource):
    """``client.batches`` of the async client."""

    async def create(self, **params: Unpack[BatchParams]) -> CreateBatchResponse:
        """`Batches.create`, asynchronously."""
        return cast(
            "CreateBatchResponse",
            await self._post("batches.create_batch", cast("dict[str, Any]", params)),
        )

    async def get(self, batch_id: str, **params: Unpack[CallOptions]) -> GetBatchResponse:
        """`Batches.get`, asynchronously."""
        return cast(
            "GetBatchResponse",
            await self._plain("batches.get_batch", {**params, "batch_id": batch_id}),
        )

    async def cancel(self, batch_id: str, **params: Unpack[CallOptions]) -> BatchCancelResponse:
        """`Batches.cancel`, asynchronously."""
        return cast(
            "BatchCancelResponse",
            await self._plain("batches.cancel_batch", cast("dict[str, Any]", params), batch_id),
        )
