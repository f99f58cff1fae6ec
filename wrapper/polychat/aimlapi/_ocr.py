"""Text from documents: ``client.ocr``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import OcrResponse
    from polychat_rest.aimlapi.params import OcrRequestParam

    class OcrParams(OcrRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


class Ocr(Resource):
    """``client.ocr``."""

    def process(self, **params: Unpack[OcrParams]) -> OcrResponse:
        """The text of a document or a picture, page by page: ``POST /v1/ocr``."""
        return cast("OcrResponse", self._post("ocr.ocr", cast("dict[str, Any]", params)))


class AsyncOcr(AsyncResource):
    """``client.ocr`` of the async client."""

    async def process(self, **params: Unpack[OcrParams]) -> OcrResponse:
        """`Ocr.process`, asynchronously."""
        return cast("OcrResponse", await self._post("ocr.ocr", cast("dict[str, Any]", params)))
