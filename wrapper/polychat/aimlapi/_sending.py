"""What AIMLAPI's clients send through: the common core, with AIMLAPI's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.effects import Steps
from polychat._core.events import BytesReader
from polychat._core.exchange import Answered
from polychat._core.info import ResponseInfo
from polychat._core.platform import Platform
from polychat.errors import PolychatError, ResponseParseError
from polychat_rest.answer import BEGIN, may_be_document
from polychat_rest.errors import UnexpectedStatus
from polychat_rest.protocol import Request

from ._platform import AIMLAPI, check_request_id


class _SoundReader(BytesReader):
    """Bytes of sound as they come. Refuses an error, a page and another document in their place
    when it has come whole, and nothing at all."""

    def __init__(self, answered: Answered, platform: Platform) -> None:
        super().__init__(answered, platform)
        self.error: PolychatError | None = None
        self._answered = answered
        self._held: bytearray | None = bytearray()

    def feed(self, piece: bytes) -> tuple[bytes, ...]:
        if self._held is None:
            return (piece,)
        self._held += piece
        begin = bytes(self._held[:BEGIN])
        if not begin or may_be_document(self._answered.response.headers, begin):
            return ()
        sound, self._held = bytes(self._held), None
        return (sound,)

    def finish(self) -> tuple[bytes, ...]:
        operation = self._answered.operation
        if self._held is None or operation is None:
            return ()
        answered = self._answered._replace(content=bytes(self._held))
        response = answered.response
        try:
            read = operation.read(response.status_code, response.headers, answered.content)
        except UnexpectedStatus as error:
            self.error = AIMLAPI.dress(answered.unreadable(AIMLAPI, error))
            return ()
        if isinstance(read, bytes):
            return (read,)
        self.error = AIMLAPI.dress(
            ResponseParseError(
                "the model answered a JSON document, not the sound; the error's body is it",
                remedy="Use client.audio.speech.create(...), which gives the link in it",
                **answered.received(AIMLAPI).common(),
            )
        )
        return ()


def _byte_parts(answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
    operation = answered.operation
    sound = operation is not None and operation.gives_sound
    reader = (_SoundReader if sound else BytesReader)(answered, AIMLAPI)
    return answered, reader, answered.info(AIMLAPI)


class AimlapiCore(SyncCore):
    """Carries AIMLAPI's requests synchronously."""

    def steps(
        self, request: Request[Any], changes: Mapping[str, Any], *, stream: bool
    ) -> Steps[Answered]:
        check_request_id(self.options.with_(changes).extra_headers)
        return super().steps(request, changes, stream=stream)

    def _bytes(self, answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
        return _byte_parts(answered)


class AsyncAimlapiCore(AsyncCore):
    """Carries AIMLAPI's requests asynchronously."""

    def steps(
        self, request: Request[Any], changes: Mapping[str, Any], *, stream: bool
    ) -> Steps[Answered]:
        check_request_id(self.options.with_(changes).extra_headers)
        return super().steps(request, changes, stream=stream)

    def _bytes(self, answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
        return _byte_parts(answered)
