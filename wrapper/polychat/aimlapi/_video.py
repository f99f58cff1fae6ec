"""Videos: ``client.video``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from polychat._core.options import conceal_options

from ._jobs import WAIT_NAMES, started_id, take_start, take_wait, wait_for, wait_for_async
from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import (
        CreateVideoGenerationResponse,
        GetVideoGenerationResponse,
    )
    from polychat_rest.aimlapi.params import CreateVideoGenerationRequestParam

    from ._jobs import WaitOptions

    class VideoParams(CreateVideoGenerationRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class VideoWaitParams(VideoParams, WaitOptions):
        """The same, and how to wait."""

    class VideoWait(WaitOptions, CallOptions):
        """How to wait, and the options of each question."""


def _result(job: GetVideoGenerationResponse) -> object:
    """What is waited for."""
    return job.video


class Video(Resource):
    """``client.video``."""

    def create(self, **params: Unpack[VideoParams]) -> CreateVideoGenerationResponse:
        """Starts a video. Billed, so it is sent again after a broken connection only with
        ``retry_unsafe``."""
        return cast(
            "CreateVideoGenerationResponse",
            self._post("video.create_video_generation", cast("dict[str, Any]", params)),
        )

    def get(self, generation_id: str, **params: Unpack[CallOptions]) -> GetVideoGenerationResponse:
        """How far it is, and what came of it."""
        conceal_options(params)
        return cast(
            "GetVideoGenerationResponse",
            self._plain("video.get_video_generation", {**params, "generation_id": generation_id}),
        )

    def wait(self, generation_id: str, **params: Unpack[VideoWait]) -> GetVideoGenerationResponse:
        """Asks until it is ready; the keywords are those of `polychat.aimlapi.WaitOptions`.

        Raises `GenerationFailedError`, `GenerationTimeoutError` or `GenerationCancelledError`.
        """
        options = cast("dict[str, Any]", params)
        wait = take_wait(options)
        got = wait_for(generation_id, self.get, _result, options, wait)
        return cast("GetVideoGenerationResponse", got)

    def create_and_wait(self, **params: Unpack[VideoWaitParams]) -> GetVideoGenerationResponse:
        """`create`, then `wait`. The options of the call hold for each request."""
        given = cast("dict[str, Any]", params)
        options, wait = take_start(given)
        started = self._post("video.create_video_generation", given, also=WAIT_NAMES)
        got = wait_for(started_id(started), self.get, _result, options, wait)
        return cast("GetVideoGenerationResponse", got)


class AsyncVideo(AsyncResource):
    """``client.video`` of the async client."""

    async def create(self, **params: Unpack[VideoParams]) -> CreateVideoGenerationResponse:
        """`Video.create`, asynchronously."""
        return cast(
            "CreateVideoGenerationResponse",
            await self._post("video.create_video_generation", cast("dict[str, Any]", params)),
        )

    async def get(
        self, generation_id: str, **params: Unpack[CallOptions]
    ) -> GetVideoGenerationResponse:
        """`Video.get`, asynchronously."""
        conceal_options(params)
        return cast(
            "GetVideoGenerationResponse",
            await self._plain(
                "video.get_video_generation", {**params, "generation_id": generation_id}
            ),
        )

    async def wait(
        self, generation_id: str, **params: Unpack[VideoWait]
    ) -> GetVideoGenerationResponse:
        """`Video.wait`, asynchronously."""
        options = cast("dict[str, Any]", params)
        wait = take_wait(options, asynchronous=True)
        got = await wait_for_async(generation_id, self.get, _result, options, wait)
        return cast("GetVideoGenerationResponse", got)

    async def create_and_wait(
        self, **params: Unpack[VideoWaitParams]
    ) -> GetVideoGenerationResponse:
        """`Video.create_and_wait`, asynchronously."""
        given = cast("dict[str, Any]", params)
        options, wait = take_start(given, asynchronous=True)
        started = await self._post("video.create_video_generation", given, also=WAIT_NAMES)
        got = await wait_for_async(started_id(started), self.get, _result, options, wait)
        return cast("GetVideoGenerationResponse", got)
