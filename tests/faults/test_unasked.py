"""Bytes after an answer are no part of the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.network.servers import Peer, serving

from .answers import chunk, due, status
from .calls import KINDS, TRANSPORTS, call, opened, right

_WRONG = b'{"id":"w","choices":[{"index":0,"message":{"role":"assistant","content":"wrong"}}]}'
MORE = {
    "another answer": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(_WRONG), _WRONG),
    "an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n",
    "junk": b"junk",
    "a line end": b"\r\n",
}


def followed(more: bytes, chunks: bool) -> Callable[[Peer], None]:
    """Good answers, each with more bytes in the same piece."""

    def handle(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            kind, body = due(arrived)
            if chunks:
                said = status(kind, b"transfer-encoding: chunked") + chunk(body) + b"0\r\n\r\n"
            else:
                said = status(kind, b"content-length: %d" % len(body)) + body
            peer.send(said + more)

    return handle


@pytest.mark.parametrize("chunks", [False, True])
@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_next_call_gets_its_own_answer(transport: str, more: str, chunks: bool) -> None:
    async def main() -> None:
        with serving(followed(MORE[more], chunks)) as server:
            async with opened(transport, server.url, max_retries=0) as client:
                for kind in (*KINDS, *KINDS):
                    made: Any = call(client, kind)
                    if transport == "sync":
                        assert await asyncio.to_thread(asyncio.run, made) == right(kind)
                    else:
                        assert await made == right(kind)
            assert server.connections == len(server.requests) == 2 * len(KINDS)

    asyncio.run(main())


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_connection_is_used_again_where_nothing_follows(transport: str) -> None:
    async def main() -> None:
        for chunks in (False, True):
            with serving(followed(b"", chunks)) as server:
                async with opened(transport, server.url, max_retries=0) as client:
                    for kind in (*KINDS, *KINDS):
                        made: Any = call(client, kind)
                        if transport == "sync":
                            await asyncio.to_thread(asyncio.run, made)
                        else:
                            await made
                assert server.connections == 1

    asyncio.run(main())
