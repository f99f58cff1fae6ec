"""Music: ``client.music``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from polychat._core.options import conceal_options

from ._jobs import WAIT_NAMES, started_id, take_start, take_wait, wait_for, wait_for_async
from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import (
        CreateMusicGenerationResponse,
        GetMusicGenerationResponse,
    )
    from polychat_rest.aimlapi.params import CreateMusicGenerationRequestParam

    from ._jobs import WaitOptions

    class MusicParams(CreateMusicGenerationRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class MusicWaitParams(MusicParams, WaitOptions):
        """The same, and how to wait."""

    class MusicWait(WaitOptions, CallOptions):
        """How to wait, and the options of each question."""


def _result(job: GetMusicGenerationResponse) -> object:
    """What is waited for."""
    return job.audio_file


class Music(Resource):
    """``client.music``."""

    def create(self, **params: Unpack[MusicParams]) -> CreateMusicGenerationResponse:
        """Starts a piece of music. Billed, so it is sent again after a broken connection only with
        ``retry_unsafe``."""
        return cast(
            "CreateMusicGenerationResponse",
            self._post("music.create_music_generation", cast("dict[str, Any]", params)),
        )

    def get(self, generation_id: str, **params: Unpack[CallOptions]) -> GetMusicGenerationResponse:
        """How far it is, and what came of it."""
        conceal_options(params)
        return cast(
            "GetMusicGenerationResponse",
            self._plain("music.get_music_generation", {**params, "generation_id": generation_id}),
        )

    def wait(self, generation_id: str, **params: Unpack[MusicWait]) -> GetMusicGenerationResponse:
        """Asks until it is ready; the keywords are those of `polychat.aimlapi.WaitOptions`.

        Raises `GenerationFailedError`, `GenerationTimeoutError` or `GenerationCancelledError`.
        """
        options = cast("dict[str, Any]", params)
        wait = take_wait(options)
        got = wait_for(generation_id, self.get, _result, options, wait)
        return cast("GetMusicGenerationResponse", got)

    def create_and_wait(self, **params: Unpack[MusicWaitParams]) -> GetMusicGenerationResponse:
        """`create`, then `wait`. The options of the call hold for each request."""
        given = cast("dict[str, Any]", params)
        options, wait = take_start(given)
        started = self._post("music.create_music_generation", given, also=WAIT_NAMES)
        got = wait_for(started_id(started), self.get, _result, options, wait)
        return cast("GetMusicGenerationResponse", got)


class AsyncMusic(AsyncResource):
    """``client.music`` of the async client."""

    async def create(self, **params: Unpack[MusicParams]) -> CreateMusicGenerationResponse:
        """`Music.create`, asynchronously."""
        return cast(
            "CreateMusicGenerationResponse",
            await self._post("music.create_music_generation", cast("dict[str, Any]", params)),
        )

    async def get(
        self, generation_id: str, **params: Unpack[CallOptions]
    ) -> GetMusicGenerationResponse:
        """`Music.get`, asynchronously."""
        conceal_options(params)
        return cast(
            "GetMusicGenerationResponse",
            await self._plain(
                "music.get_music_generation", {**params, "generation_id": generation_id}
            ),
        )

    async def wait(
        self, generation_id: str, **params: Unpack[MusicWait]
    ) -> GetMusicGenerationResponse:
        """`Music.wait`, asynchronously."""
        options = cast("dict[str, Any]", params)
        wait = take_wait(options, asynchronous=True)
        got = await wait_for_async(generation_id, self.get, _result, options, wait)
        return cast("GetMusicGenerationResponse", got)

    async def create_and_wait(
        self, **params: Unpack[MusicWaitParams]
    ) -> GetMusicGenerationResponse:
        """`Music.create_and_wait`, asynchronously."""
        given = cast("dict[str, Any]", params)
        options, wait = take_start(given, asynchronous=True)
        started = await self._post("music.create_music_generation", given, also=WAIT_NAMES)
        got = await wait_for_async(started_id(started), self.get, _result, options, wait)
        return cast("GetMusicGenerationResponse", got)
