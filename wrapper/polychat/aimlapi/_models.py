"""Models: what AIMLAPI offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from polychat._core.info import result_list

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.info import ResultList
    from polychat_rest.aimlapi.models import (
        Model,
        ModelDetail,
        ModelListResponse,
        ModelMetricsResponse,
    )

    from ._queries import MetricsQuery, ModelQuery, ModelsQuery


class Models(Resource):
    """``client.models``."""

    def list(self, **params: Unpack[ModelsQuery]) -> ResultList[Model]:
        """The models, with their types, limits and prices: ``GET /v1/models``."""
        return _listed(self._plain("models.list_models", cast("dict[str, Any]", params)))

    def get(self, id: str, **params: Unpack[ModelQuery]) -> ModelDetail:
        """One model; its id may have slashes: ``GET /model/{id}``."""
        return cast(
            "ModelDetail", self._plain("models.get_model", cast("dict[str, Any]", params), id)
        )

    def metrics(self, **params: Unpack[MetricsQuery]) -> ModelMetricsResponse:
        """How quickly the models answer: ``GET /models/metrics``."""
        return cast(
            "ModelMetricsResponse",
            self._plain("models.model_metrics", cast("dict[str, Any]", params)),
        )


class AsyncModels(AsyncResource):
    """``client.models`` of the async client."""

    async def list(self, **params: Unpack[ModelsQuery]) -> ResultList[Model]:
        """`Models.list`, asynchronously."""
        return _listed(await self._plain("models.list_models", cast("dict[str, Any]", params)))

    async def get(self, id: str, **params: Unpack[ModelQuery]) -> ModelDetail:
        """`Models.get`, asynchronously."""
        return cast(
            "ModelDetail", await self._plain("models.get_model", cast("dict[str, Any]", params), id)
        )

    async def metrics(self, **params: Unpack[MetricsQuery]) -> ModelMetricsResponse:
        """`Models.metrics`, asynchronously."""
        return cast(
            "ModelMetricsResponse",
            await self._plain("models.model_metrics", cast("dict[str, Any]", params)),
        )


def _listed(listing: ModelListResponse) -> ResultList[Model]:
    return result_list(listing.data, listing)
