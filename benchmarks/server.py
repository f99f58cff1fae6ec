"""The server of the benchmarks: prebuilt bytes over a bare asyncio transport.

It knows no framework and parses no JSON, so that it is idle most of the time and the client is
what is measured (its own CPU time is in ``/stats``, and `run.py` reports how busy it was).
What it sends is asked for by a name anywhere at the start of the request, be it in the path
(DIAL's deployments) or in the body (everyone else's ``model``):

===================  =========================================================================
``bench-plain-N``    a chat completion, after N milliseconds
``bench-stream-N``   N events, each in its own HTTP chunk, all in one send
``bench-blocks-N``   the same, 64 events to an HTTP chunk
``bench-first-N``    one event, and N - 1 others `HOLD` seconds later
``bench-download-N`` N bytes
``bench-upload-N``   takes any body and answers with a file's metadata, and the body's length
===================  =========================================================================

and ``…/models`` and ``…/deployments`` (lists of 2,000), ``/v1/bucket``, ``/stats``.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from typing import ClassVar, cast

from benchmarks import payloads
from benchmarks.measure import pin

HOLD = 0.003
"""Seconds between the first event and the others of ``bench-first-N``."""
PIECE = bytes(1024 * 1024)
_SCENARIO = re.compile(rb"bench-(plain|stream|blocks|first|download|upload)-(\d+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_KEEP = 16 * 1024  # bytes of a request in which the scenario's name is looked for


class Exchange(asyncio.BufferedProtocol):
    """One connection. Requests are not pipelined: clients wait for each answer."""

    # One buffer for all connections: the loop fills it and hands it over without an await between.
    buffer: ClassVar[bytearray] = bytearray(1024 * 1024)
    connections: ClassVar[int] = 0
    requests: ClassVar[int] = 0

    def __init__(self) -> None:
        self._request = bytearray()
        self._left: int | None = None  # bytes of the body to come; None while in the head
        self._length = 0  # bytes of the body
        self._counted = False
        self._to_send = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left is None:
            self._request += memoryview(self.buffer)[:nbytes]
            end = self._request.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self._request, 0, end)
            self._length = int(length[1]) if length else 0
            self._left = self._length - (len(self._request) - end - 4)
        else:
            self._left -= nbytes
            if len(self._request) < _KEEP:
                self._request += memoryview(self.buffer)[: min(nbytes, _KEEP)]
        if self._left <= 0:
            request = bytes(self._request[:_KEEP])
            self._request.clear()
            self._left = None
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        target = request.split(b" ", 2)[1].split(b"?", 1)[0]
        if target == b"/stats":
            self._transport.write(payloads.json_answer(self.stats()))
            return
        Exchange.requests += 1
        if not self._counted:
            Exchange.connections += 1
            self._counted = True
        if target.endswith(b"/models"):
            self._transport.write(payloads.models())
        elif target.endswith(b"/deployments"):
            self._transport.write(payloads.deployments())
        elif target.endswith(b"/bucket"):
            self._transport.write(payloads.json_answer({"bucket": "bench"}))
        elif scenario := _SCENARIO.search(request):
            self._play(scenario[1].decode(), int(scenario[2]))
        else:
            error = {"error": {"message": "no scenario in the request", "code": "404"}}
            self._transport.write(payloads.json_answer(error, "404 Not Found"))

    def _play(self, scenario: str, number: int) -> None:
        transport = self._transport
        later = asyncio.get_running_loop().call_later
        if scenario == "plain" and number:
            later(number / 1000, transport.write, payloads.plain())
        elif scenario == "plain":
            transport.write(payloads.plain())
        elif scenario == "stream":
            transport.write(b"".join(payloads.stream(number)))
        elif scenario == "blocks":
            transport.write(payloads.blocks(number))
        elif scenario == "first":
            start, rest = payloads.stream(number)
            transport.write(start)
            later(HOLD, transport.write, rest)
        elif scenario == "upload":
            transport.write(payloads.file_metadata(self._length))
        else:
            transport.write(payloads.head("application/octet-stream", number))
            self._to_send = number
            transport.set_write_buffer_limits(high=len(PIECE))
            self.resume_writing()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        while self._to_send and not self._paused:
            piece = PIECE[: self._to_send]
            self._to_send -= len(piece)
            self._transport.write(piece)

    def connection_lost(self, exc: Exception | None) -> None:
        self._to_send = 0

    @classmethod
    def stats(cls) -> dict[str, float]:
        """Connections that carried a request, requests, and CPU seconds of this process."""
        return {
            "connections": cls.connections,
            "requests": cls.requests,
            "cpu": time.process_time(),
        }


async def serve() -> None:
    """Serves on a free loopback port, which it prints, until its standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Exchange, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), _stdin())
    await reader.read()


def _stdin() -> object:
    import sys

    return sys.stdin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cpu", type=int, help="the core to stay on")
    pin(parser.parse_args().cpu)
    asyncio.run(serve())
