"""Text from speech: ``client.audio.transcriptions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ._jobs import WAIT_NAMES, started_id, take_start, take_wait, wait_for, wait_for_async
from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import SttJobResponse, SttResultResponse
    from polychat_rest.aimlapi.params import SttJobRequestParam

    from ._jobs import WaitOptions

    class TranscriptionsParams(SttJobRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class TranscriptionsWaitParams(TranscriptionsParams, WaitOptions):
        """The same, and how to wait."""

    class TranscriptionsWait(WaitOptions, CallOptions):
        """How to wait, and the options of each question."""


def _result(job: SttResultResponse) -> object:
    """What is waited for."""
    return [job.result, job.output]


class Transcriptions(Resource):
    """``client.audio.transcriptions``."""

    def create(self, **params: Unpack[TranscriptionsParams]) -> SttJobResponse:
        """Starts a transcription. Billed, so it is sent again after a broken connection only with
        ``retry_unsafe``."""
        return cast(
            "SttJobResponse",
            self._post("audio.create_transcription", cast("dict[str, Any]", params)),
        )

    def get(self, generation_id: str, **params: Unpack[CallOptions]) -> SttResultResponse:
        """How far it is, and what came of it."""
        return cast(
            "SttResultResponse",
            self._plain("audio.get_transcription", cast("dict[str, Any]", params), generation_id),
        )

    def wait(self, generation_id: str, **params: Unpack[TranscriptionsWait]) -> SttResultResponse:
        """Asks until it is ready; the keywords are those of `polychat.aimlapi.WaitOptions`.

        Raises `GenerationFailedError`, `GenerationTimeoutError` or `GenerationCancelledError`.
        """
        options = cast("dict[str, Any]", params)
        wait = take_wait(options)
        got = wait_for(generation_id, self.get, _result, options, wait)
        return cast("SttResultResponse", got)

    def create_and_wait(self, **params: Unpack[TranscriptionsWaitParams]) -> SttResultResponse:
        """`create`, then `wait`. The options of the call hold for each request."""
        given = cast("dict[str, Any]", params)
        options, wait = take_start(given)
        started = self._post("audio.create_transcription", given, also=WAIT_NAMES)
        got = wait_for(started_id(started), self.get, _result, options, wait)
        return cast("SttResultResponse", got)


class AsyncTranscriptions(AsyncResource):
    """``client.audio.transcriptions`` of the async client."""

    async def create(self, **params: Unpack[TranscriptionsParams]) -> SttJobResponse:
        """`Transcriptions.create`, asynchronously."""
        return cast(
            "SttJobResponse",
            await self._post("audio.create_transcription", cast("dict[str, Any]", params)),
        )

    async def get(self, generation_id: str, **params: Unpack[CallOptions]) -> SttResultResponse:
        """`Transcriptions.get`, asynchronously."""
        return cast(
            "SttResultResponse",
            await self._plain(
                "audio.get_transcription", cast("dict[str, Any]", params), generation_id
            ),
        )

    async def wait(
        self, generation_id: str, **params: Unpack[TranscriptionsWait]
    ) -> SttResultResponse:
        """`Transcriptions.wait`, asynchronously."""
        options = cast("dict[str, Any]", params)
        wait = take_wait(options, asynchronous=True)
        got = await wait_for_async(generation_id, self.get, _result, options, wait)
        return cast("SttResultResponse", got)

    async def create_and_wait(
        self, **params: Unpack[TranscriptionsWaitParams]
    ) -> SttResultResponse:
        """`Transcriptions.create_and_wait`, asynchronously."""
        given = cast("dict[str, Any]", params)
        options, wait = take_start(given, asynchronous=True)
        started = await self._post("audio.create_transcription", given, also=WAIT_NAMES)
        got = await wait_for_async(started_id(started), self.get, _result, options, wait)
        return cast("SttResultResponse", got)
