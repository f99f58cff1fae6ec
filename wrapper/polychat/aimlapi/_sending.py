"""What AIMLAPI's clients send through: the common core, with AIMLAPI's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.events import BytesReader
from polychat._core.exchange import Answered
from polychat._core.info import ResponseInfo
from polychat._core.platform import Platform
from polychat.errors import PolychatError, ResponseParseError
from polychat_rest.protocol import Request

from ._platform import AIMLAPI, check_request_id


class _DocumentReader(BytesReader):
    """Refuses a document where bytes of sound were asked for, when it has come whole."""

    def __init__(self, answered: Answered, platform: Platform) -> None:
        super().__init__(answered, platform)
        self.error: PolychatError | None = None
        self._answered, self._pieces = answered, bytearray()

    def feed(self, piece: bytes) -> tuple[()]:  # type: ignore[override]
        self._pieces += piece
        return ()

    def finish(self) -> tuple[()]:
        received = self._answered._replace(content=bytes(self._pieces)).received(AIMLAPI)
        self.error = AIMLAPI.dress(
            ResponseParseError(
                "the model answered a JSON document, not the sound; the error's body is it",
                remedy="Use client.audio.speech.create(...), which gives the link in it",
                **received.common(),
            )
        )
        return ()


def _byte_parts(answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
    is_document = "json" in answered.response.headers.get("content-type", "")
    reader = (_DocumentReader if is_document else BytesReader)(answered, AIMLAPI)
    return answered, reader, answered.info(AIMLAPI)


class AimlapiCore(SyncCore):
    """Carries AIMLAPI's requests synchronously."""

    def _exchange(
        self, request: Request[Any], changes: Mapping[str, Any], stream: bool
    ) -> Answered:
        check_request_id(self.options.with_(changes).extra_headers)
        return super()._exchange(request, changes, stream)

    def _bytes(self, answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
        return _byte_parts(answered)


class AsyncAimlapiCore(AsyncCore):
    """Carries AIMLAPI's requests asynchronously."""

    async def _exchange(
        self, request: Request[Any], changes: Mapping[str, Any], stream: bool
    ) -> Answered:
        check_request_id(self.options.with_(changes).extra_headers)
        return await super()._exchange(request, changes, stream)

    def _bytes(self, answered: Answered) -> tuple[Answered, BytesReader, ResponseInfo]:
        return _byte_parts(answered)
