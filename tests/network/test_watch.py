"""The protocol between a connection and aiohttp: what it hands on, piece by piece."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler

from polychat._core.over_aiohttp.watch import Watch

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
INNER = b"a\r\n0\r\n\r\nb"
"""A chunk that has what looks like the end of all chunks."""
CHUNKS = CHUNKED + b"%x\r\n%s\r\n" % (len(INNER), INNER) + b"0\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport that keeps its protocol, and on which nothing is sent."""

    def __init__(self, handler: ResponseHandler) -> None:
        super().__init__()
        self.protocol: Any = handler
        self.aborted = False
        handler.connection_made(self)
        handler.set_response_params(read_until_eof=True)

    def get_protocol(self) -> Any:
        return self.protocol

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def abort(self) -> None:
        self.aborted = True

    def close(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted


def watched() -> tuple[Wire, ResponseHandler, Watch]:
    handler = ResponseHandler(asyncio.get_running_loop())
    wire = Wire(handler)
    watch = Watch.of(wire)
    watch.ask()
    return wire, handler, watch


ANSWERS = pytest.mark.parametrize(
    ("sent", "body"),
    [
        (HEAD + b"content-length: 5\r\n\r\nhello", b"hello"),
        (b"HTTP/1.1 103 X\r\n\r\n" + HEAD + b"content-length: 5\r\n\r\nhello", b"hello"),
        (HEAD + b"content-length: 0\r\n\r\n", b""),
        (CHUNKS, INNER),
    ],
)


async def received(handler: ResponseHandler) -> bytes:
    message, content = await handler.read()
    while message.code == 103:
        message, content = await handler.read()
    return await content.read()


@ANSWERS
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_body_ends_where_its_head_says(sent: bytes, body: bytes, size: int) -> None:
    async def main() -> None:
        wire, handler, watch = watched()
        for at in range(0, len(sent), size):
            watch.data_received(sent[at : at + size])
        assert await received(handler) == body
        assert not wire.aborted
        assert not handler.should_close

    asyncio.run(main())


@ANSWERS
def test_what_comes_after_a_body_ends_its_connection_only(sent: bytes, body: bytes) -> None:
    async def main() -> None:
        wire, handler, watch = watched()
        watch.data_received(sent + b"junk")
        assert await received(handler) == body
        assert handler.should_close
        assert not wire.aborted

    asyncio.run(main())


def test_a_connection_that_ends_before_its_answer_is_taken_ends_the_answer() -> None:
    async def main() -> None:
        _, handler, watch = watched()
        watch.data_received(HEAD + b"content-length: 5\r\n\r\nhe")
        _, content = await handler.read()
        handler._payload = None  # as aiohttp leaves it after bytes that are not HTTP
        watch.connection_lost(None)
        watch.answered(content)
        with pytest.raises(aiohttp.ClientPayloadError):
            await asyncio.wait_for(content.readexactly(5), 5)

    asyncio.run(main())
