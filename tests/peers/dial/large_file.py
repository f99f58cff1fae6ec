"""One transfer of a gibibyte, measured in a process of its own; or the server for it."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SIZE = 1 << 30
PIECE = 1 << 18
METADATA = b'{"name":"x","bucket":"b","url":"files/b/x","nodeType":"ITEM","resourceType":"FILE"}'


class Storage(BaseHTTPRequestHandler):
    """Takes a file and counts it; gives one of a gibibyte."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        left = int(self.headers["content-length"])
        assert left > SIZE
        while left:
            left -= len(self.rfile.read(min(left, PIECE)))
        self._answer(METADATA, "application/json")

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(SIZE))
        self.send_header("etag", "abc")
        self.end_headers()
        piece = bytes(PIECE)
        for _ in range(SIZE // PIECE):
            self.wfile.write(piece)

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that warms up leaves in the middle; that is no error."""


def serve() -> None:
    server = Server(("127.0.0.1", 0), Storage)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


def ours(url: str, folder: Path, *, up: bool, write: bool = False) -> Callable[[], None]:
    from polychat.dial import Dial

    client = Dial(base_url=url, api_key="k")

    def run() -> None:
        if up:
            client.files.upload("files/b/x", folder / "source.bin")
            return
        with client.files.stream_download("files/b/x") as response:
            if not write:
                assert sum(map(len, response)) == SIZE
                return
            response.write_to(folder / "ours.bin")
        assert (folder / "ours.bin").stat().st_size == SIZE

    return run


def asynchronous(url: str, folder: Path, *, up: bool, write: bool = True) -> Callable[[], None]:
    from polychat.dial import AsyncDial

    async def main() -> None:
        async with AsyncDial(base_url=url, api_key="k") as client:
            if up:
                await client.files.upload("files/b/x", folder / "source.bin")
                return
            async with client.files.stream_download("files/b/x") as response:
                if not write:
                    assert sum([len(piece) async for piece in response]) == SIZE
                    return
                await response.awrite_to(folder / "async.bin")
            assert (folder / "async.bin").stat().st_size == SIZE

    return lambda: asyncio.run(main())


def warm(url: str) -> None:
    """Imports and connects as a transfer does, so that only the transfer's memory is measured."""
    from polychat.dial import AsyncDial, Dial

    with Dial(base_url=url, api_key="k") as client, client.files.stream_download("files/b/x") as r:
        next(iter(r))

    async def main() -> None:
        async with (
            AsyncDial(base_url=url, api_key="k") as client,
            client.files.stream_download("files/b/x") as r,
        ):
            async for _ in r:
                break

    asyncio.run(main())


def main() -> None:
    way, url, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if way == "serve":
        serve()
        return
    kind, _, direction = way.partition("-")
    make = {"ours": ours, "async": asynchronous}[kind]
    run = make(url, folder, up=direction == "up", write=direction == "write")
    warm(url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) / 1024)


if __name__ == "__main__":
    main()
