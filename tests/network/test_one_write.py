"""A request leaves in one write, so that a server may read once, answer and close."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpcore
import pytest

from polychat._core.backends import guard
from tests.network.servers import Peer, serving
from tests.network.ways import ASYNC, MAIN, TEXT, Way, chat, collect, named, text

WAYS = [*MAIN, ASYNC[-1]]
EVENT = b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % (b"x" * 100_000)
END = b'data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_server_that_reads_once_and_closes_is_understood(way: Way) -> None:
    read: list[bytes] = []

    def serve(peer: Peer) -> None:
        read.append(peer.sock.recv(65536))
        peer.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        )
        for _ in range(50):
            peer.send(EVENT)
        peer.send(END + b"data: [DONE]\n\n")

    async def main() -> None:
        with serving(serve) as server:
            async with way.open(server.url, max_retries=0) as client:
                got = text(await collect(await chat(client, stream=True)))
        assert len(got) == 50 * 100_000
        assert TEXT.encode() in read[0].partition(b"\r\n\r\n")[2]

    way.run(main)


class Written(httpcore.MockStream):
    """Answers, and notes what is written, and that something is read."""

    def __init__(self) -> None:
        super().__init__([b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"])
        self.seen: list[bytes] = []

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:
            self.seen.append(buffer)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.seen.append(b"READ")
        return super().read(max_bytes, timeout)

    def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self


class Backend(httpcore.MockBackend):
    def __init__(self, stream: Written) -> None:
        self.stream = stream

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self.stream


class AsyncWritten(httpcore.AsyncMockStream):
    """`Written` for asynchronous code."""

    def __init__(self, stream: Written) -> None:
        super().__init__([])
        self.stream = stream

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self.stream.write(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return self.stream.read(max_bytes)

    async def aclose(self) -> None:
        pass

    async def start_tls(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        return self


class AsyncBackend(httpcore.AsyncMockBackend):
    def __init__(self, stream: Written) -> None:
        self.stream = stream

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        return AsyncWritten(self.stream)


def send(method: str, url: str, body: list[bytes] | None) -> list[bytes]:
    """What one request writes and reads."""
    stream = Written()
    length = b"0" if body is None else str(sum(map(len, body))).encode()
    given: dict[str, Any] = {
        "headers": [(b"host", b"service.test"), (b"content-length", length)],
        "content": iter(body or ()),
    }
    with httpcore.ConnectionPool(network_backend=Backend(stream)) as pool:
        guard(pool)
        assert pool.request(method, url, **given).status == 200
    return stream.seen


async def send_async(method: str, url: str, body: list[bytes] | None) -> list[bytes]:
    stream = Written()
    length = b"0" if body is None else str(sum(map(len, body))).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for piece in body or ():
            yield piece

    async with httpcore.AsyncConnectionPool(network_backend=AsyncBackend(stream)) as pool:
        guard(pool)
        headers = [(b"host", b"service.test"), (b"content-length", length)]
        answer = await pool.request(method, url, headers=headers, content=pieces())
        assert answer.status == 200
    return stream.seen


LIKE_A_HEAD = b"POST / HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("method", "body", "writes"), [
    ("GET", None, ["HEAD"]),
    ("POST", None, ["HEAD"]),
    ("POST", [b"small"], ["HEAD small"]),
    ("PUT", [b"a", b"b"], ["HEAD a", "b"]),
    ("PATCH", [b"x" * 100_000], ["HEAD", "x" * 100_000]),
    ("POST", [LIKE_A_HEAD], ["HEAD " + LIKE_A_HEAD.decode()]),
    ("POST", [b"a", LIKE_A_HEAD], ["HEAD a", LIKE_A_HEAD.decode()]),
    ("POST", [b"a", LIKE_A_HEAD, b"b"], ["HEAD a", LIKE_A_HEAD.decode() + "b"]),
])  # fmt: skip
def test_a_head_waits_for_its_body_and_for_nothing_else(
    scheme: str, method: str, body: list[bytes] | None, writes: list[str]
) -> None:
    url = f"{scheme}://service.test/"
    for seen in (send(method, url, body), anyio.run(send_async, method, url, body)):
        head = seen[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert head.startswith(method.encode())
        told = [seen[0].replace(head, b"HEAD " if len(seen[0]) > len(head) else b"HEAD"), *seen[1:]]
        assert [one.decode() for one in told] == [*writes, "READ"]
