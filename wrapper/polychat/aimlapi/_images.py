"""Pictures: ``client.images``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import ImageEditResponse, ImageGenerationResponse
    from polychat_rest.aimlapi.params import (
        ImageEditRequestParam,
        ImageGenerationRequestParam,
        ImageWithUrlRequestParam,
    )

    class ImageParams(ImageGenerationRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class ImageWithUrlParams(ImageWithUrlRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class ImageEditParams(ImageEditRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


class Images(Resource):
    """``client.images``."""

    def generate(self, **params: Unpack[ImageParams]) -> ImageGenerationResponse:
        """Pictures from words: ``POST /v1/images/generations``. Billed, so after a broken
        connection it is sent again only with ``retry_unsafe``."""
        return cast(
            "ImageGenerationResponse",
            self._post("images.create_image", cast("dict[str, Any]", params)),
        )

    def edit(self, **params: Unpack[ImageEditParams]) -> ImageEditResponse:
        """A picture changed as words say: ``POST /v1/images/edits``. Billed."""
        return cast(
            "ImageEditResponse", self._post("images.edit_image", cast("dict[str, Any]", params))
        )

    def generate_with_url(self, **params: Unpack[ImageWithUrlParams]) -> ImageGenerationResponse:
        """Pictures as links: ``POST /v1/images/generations/with-url``. Billed. The answer is not
        documented; it is read as that of `generate`."""
        return cast(
            "ImageGenerationResponse",
            self._post("images.create_image_with_url", cast("dict[str, Any]", params)),
        )


class AsyncImages(AsyncResource):
    """``client.images`` of the async client."""

    async def generate(self, **params: Unpack[ImageParams]) -> ImageGenerationResponse:
        """`Images.generate`, asynchronously."""
        return cast(
            "ImageGenerationResponse",
            await self._post("images.create_image", cast("dict[str, Any]", params)),
        )

    async def edit(self, **params: Unpack[ImageEditParams]) -> ImageEditResponse:
        """`Images.edit`, asynchronously."""
        return cast(
            "ImageEditResponse",
            await self._post("images.edit_image", cast("dict[str, Any]", params)),
        )

    async def generate_with_url(
        self, **params: Unpack[ImageWithUrlParams]
    ) -> ImageGenerationResponse:
        """`Images.generate_with_url`, asynchronously."""
        return cast(
            "ImageGenerationResponse",
            await self._post("images.create_image_with_url", cast("dict[str, Any]", params)),
        )
