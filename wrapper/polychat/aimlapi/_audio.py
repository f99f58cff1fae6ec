"""Speech and transcription: ``client.audio``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack, cast

from polychat._core.info import ResponseInfo
from polychat._core.options import take_options
from polychat_rest.shapes import is_object

from ._resource import AsyncResource, Resource, body_request
from ._transcriptions import AsyncTranscriptions, Transcriptions

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.aimlapi.models import SttResponse, TtsResponse
    from polychat_rest.aimlapi.params import SttRequestParam, TtsRequestBase
    from polychat_rest.protocol import Response

    class SpeechParams(TtsRequestBase, CallOptions):
        """All fields of the request but ``stream``, and the options of a call."""

    class TranscribeParams(SttRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


@dataclass(slots=True)
class SpokenText:
    """What a speech model answers: the sound itself, or a document with a link to it."""

    content: bytes | None
    """The sound, where it came in the answer."""
    url: str | None
    """The link to it otherwise. Nothing here fetches it; do so without AIMLAPI's credentials."""
    content_type: str | None
    document: TtsResponse | None
    """The document, with its `meta`, where one came."""
    __response__: ResponseInfo = field(repr=False)

    @property
    def meta(self) -> Any:
        """The price, where a document told it; `cost_of` reads the headers too."""
        return None if self.document is None else self.document.meta


def _spoken(answer: Response[Any]) -> SpokenText:
    info = ResponseInfo.of(answer)
    kind = answer.headers.get("content-type")
    if isinstance(answer.parsed, bytes):
        return SpokenText(answer.parsed, None, kind, None, info)
    audio = answer.parsed.audio
    url = audio.get("url") if is_object(audio) else getattr(audio, "url", audio)
    return SpokenText(None, url, kind, answer.parsed, info)


class Speech(Resource):
    """``client.audio.speech``."""

    def create(self, **params: Unpack[SpeechParams]) -> SpokenText:
        """A text spoken, whole: ``POST /v1/tts``. Billed, so after a broken connection it is
        sent again only with ``retry_unsafe``."""
        given = cast("dict[str, Any]", params)
        options = take_options(given)
        request = body_request("audio.create_speech", given)
        return _spoken(self._core.with_options(options).send(request))

    def stream(self, **params: Unpack[SpeechParams]) -> Stream[bytes]:
        """The same as the bytes arrive, from models that can stream. Reading raises
        `ResponseParseError` where the model answers a document instead, which is its body."""
        given = cast("dict[str, Any]", params)
        options = take_options(given)
        request = body_request("audio.create_speech", {**given, "stream": True})
        return self._core.download(request, options)


class Audio(Resource):
    """``client.audio``."""

    @property
    def speech(self) -> Speech:
        """Text to speech."""
        return Speech(self._core)

    @property
    def transcriptions(self) -> Transcriptions:
        """Speech to text, as a job."""
        return Transcriptions(self._core)

    def transcribe(self, **params: Unpack[TranscribeParams]) -> SttResponse:
        """Speech to text in one answer, from the models that can: ``POST /v1/stt``."""
        return cast("SttResponse", self._post("audio.transcribe", cast("dict[str, Any]", params)))


class AsyncSpeech(AsyncResource):
    """``client.audio.speech`` of the async client."""

    async def create(self, **params: Unpack[SpeechParams]) -> SpokenText:
        """`Speech.create`, asynchronously."""
        given = cast("dict[str, Any]", params)
        options = take_options(given)
        request = body_request("audio.create_speech", given)
        return _spoken(await self._core.with_options(options).send_async(request))

    async def stream(self, **params: Unpack[SpeechParams]) -> AsyncStream[bytes]:
        """`Speech.stream`, asynchronously."""
        given = cast("dict[str, Any]", params)
        options = take_options(given)
        request = body_request("audio.create_speech", {**given, "stream": True})
        return await self._core.download(request, options)


class AsyncAudio(AsyncResource):
    """``client.audio`` of the async client."""

    @property
    def speech(self) -> AsyncSpeech:
        """Text to speech."""
        return AsyncSpeech(self._core)

    @property
    def transcriptions(self) -> AsyncTranscriptions:
        """Speech to text, as a job."""
        return AsyncTranscriptions(self._core)

    async def transcribe(self, **params: Unpack[TranscribeParams]) -> SttResponse:
        """`Audio.transcribe`, asynchronously."""
        given = cast("dict[str, Any]", params)
        return cast("SttResponse", await self._post("audio.transcribe", given))
