"""Models: what AIMLAPI offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.info import ResultList, result_list
from polychat._core.options import CallOptions

if TYPE_CHECKING:
    from polychat_rest.aimlapi.models import Model, ModelListResponse


class Models:
    """``client.models``."""

    def __init__(self, core: SyncCore) -> None:
        self._core = core

    def list(self, **options: Unpack[CallOptions]) -> ResultList[Model]:
        """All models, with their types, limits and prices: ``GET /v1/models``."""
        from polychat_rest.aimlapi.api.models.list_models import build_request

        listing = cast("ModelListResponse", self._core.call(build_request(), options))
        return result_list(listing.data, listing)


class AsyncModels:
    """``client.models`` of the async client."""

    def __init__(self, core: AsyncCore) -> None:
        self._core = core

    async def list(self, **options: Unpack[CallOptions]) -> ResultList[Model]:
        """All models, with their types, limits and prices: ``GET /v1/models``."""
        from polychat_rest.aimlapi.api.models.list_models import build_request

        listing = cast("ModelListResponse", await self._core.call(build_request(), options))
        return result_list(listing.data, listing)
