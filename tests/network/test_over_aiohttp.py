"""The transport over aiohttp gives its connections back, whatever happens to a request."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Generator
from typing import Any

import httpx
import pytest

from polychat._core.over_aiohttp import AiohttpTransport

from .servers import Peer, polite, serving, until

PARTS = 4


def transport(connections: int = 2, keepalive: float = 60.0) -> AiohttpTransport:
    return AiohttpTransport(verify=False, connections=connections, keepalive=keepalive)


def parts(peer: Peer) -> None:
    """Answers every request with a body of some parts."""
    while peer.request() is not None:
        peer.start_stream()
        for number in range(PARTS):
            peer.chunk(b"%d" % number)
        peer.send(b"0\r\n\r\n")


WHOLE = b"".join(b"%d" % number for number in range(PARTS))


class CancelledAt:
    """Runs a coroutine and cancels its task when it pauses for the `count`-th time."""

    def __init__(self, steps: Any, count: int) -> None:
        self._steps, self._count = steps, count
        self.reached = False

    def __await__(self) -> Generator[Any, Any, Any]:
        inner = self._steps.__await__()
        send: Any = None
        error: BaseException | None = None
        while True:
            try:
                pause = inner.send(send) if error is None else inner.throw(error)
            except StopIteration as stop:
                return stop.value
            self._count -= 1
            if self._count == 0:
                self.reached = True
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            error = None
            try:
                send = yield pause
            except BaseException as caught:  # noqa: BLE001  # handed on
                error = caught


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"x" * 100_000
        await asyncio.sleep(0)


@pytest.mark.parametrize("upload", [False, True])
@pytest.mark.parametrize("warm", [False, True])
def test_a_request_that_is_cancelled_anywhere(upload: bool, warm: bool) -> None:
    async def ask(client: httpx.AsyncClient, url: str) -> bytes:
        content = pieces() if upload else b"{}"
        async with client.stream("POST", url, content=content) as answer:
            return b"".join([piece async for piece in answer.aiter_raw()])

    async def main() -> None:
        with serving(parts) as server:
            for count in range(1, 60):
                under = transport()
                async with httpx.AsyncClient(transport=under) as client:
                    if warm:
                        assert await ask(client, server.url) == WHOLE
                    run = CancelledAt(ask(client, server.url), count)

                    async def wrapped(run: CancelledAt = run) -> Any:
                        return await run

                    (got,) = await asyncio.gather(
                        asyncio.create_task(wrapped()), return_exceptions=True
                    )
                    assert got == WHOLE or isinstance(got, asyncio.CancelledError)
                    assert under.in_use == 0
                    for _ in range(3):
                        assert await ask(client, server.url) == WHOLE
                if not run.reached:
                    break
            assert count >= 2
            assert await until(lambda: server.open == 0)
            assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_an_answer_that_is_dropped_unread() -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        peer.chunk(b"a")
        peer.gone(5)

    async def main() -> None:
        with serving(endless) as server:
            under = transport(connections=1)
            async with httpx.AsyncClient(transport=under) as client:
                for _ in range(3):
                    request = client.build_request("GET", server.url, timeout=2)
                    answer = await client.send(request, stream=True)
                    assert under.in_use == 1
                    del answer
                    gc.collect()
                    assert await until(lambda: under.in_use == 0)
                assert await until(lambda: server.open == 0)

    asyncio.run(main())


def test_reading_goes_on_after_a_wait_that_was_cancelled() -> None:
    let = threading.Event()

    def slow(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        peer.chunk(b"a")
        let.wait(5)
        peer.chunk(b"b")
        peer.send(b"0\r\n\r\n")

    async def main() -> None:
        with serving(slow) as server:
            async with (
                httpx.AsyncClient(transport=transport()) as client,
                client.stream("GET", server.url) as answer,
            ):
                body: Any = answer.stream._stream
                assert await anext(body) == b"a"
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await anext(body)
                let.set()
                assert await anext(body) == b"b"
                with pytest.raises(StopAsyncIteration):
                    await anext(body)

    asyncio.run(main())


@pytest.mark.parametrize("reset", [False, True])
def test_bytes_before_a_break_are_read_after_it(reset: bool) -> None:
    def cut(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        peer.chunk(b"a")
        let.wait(5)
        for piece in (b"b", b"c", b"d"):
            peer.chunk(piece)
            time.sleep(0.02)
        if reset:
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.sock.close()

    let = threading.Event()

    async def main() -> None:
        with serving(cut) as server:
            async with (
                httpx.AsyncClient(transport=transport()) as client,
                client.stream("GET", server.url) as answer,
            ):
                body = aiter(answer.aiter_raw())
                assert await anext(body) == b"a"
                let.set()
                assert await until(lambda: server.open == 0)
                await asyncio.sleep(0.05)
                got = b""
                with pytest.raises(httpx.ReadError if reset else httpx.RemoteProtocolError):
                    async for piece in body:
                        got += piece
                assert got == b"bcd"

    asyncio.run(main())


def test_a_reader_that_takes_its_time_is_not_silence() -> None:
    async def main() -> None:
        with serving(parts) as server:
            async with (
                httpx.AsyncClient(transport=transport(), timeout=0.1) as client,
                client.stream("GET", server.url) as answer,
            ):
                got = b""
                async for piece in answer.aiter_raw():
                    got += piece
                    await asyncio.sleep(0.25)
                assert got == WHOLE

    asyncio.run(main())


def test_an_error_of_the_callers_body_is_the_callers() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise LookupError("mine")

    async def main() -> None:
        with serving(polite) as server:
            under = transport()
            async with httpx.AsyncClient(transport=under) as client:
                with pytest.raises(LookupError, match="mine"):
                    await client.post(server.url, content=broken())
                assert under.in_use == 0
            assert await until(lambda: server.open == 0)

    asyncio.run(main())


def test_an_answer_that_comes_before_the_upload_is_over() -> None:
    over = threading.Event()

    def early(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.answer(413, {"error": "too large"})
        over.wait(5)

    async def main() -> None:
        with serving(early) as server:
            under = transport()
            async with httpx.AsyncClient(transport=under, timeout=2) as client:
                answer = await client.post(server.url, content=b"x" * 20_000_000)
                assert answer.status_code == 413
                assert under.in_use == 0
            over.set()

    asyncio.run(main())


def test_headers_and_their_case_go_out_as_given() -> None:
    async def main() -> None:
        heads: list[bytes] = []

        def note(peer: Peer) -> None:
            heads.append(peer.sock.recv(10_000))
            peer.answer(200, {}, set_cookie="a=b")
            heads.append(peer.sock.recv(10_000))
            peer.answer(200, {})

        with serving(note) as server:
            async with transport() as under:
                for _ in range(2):
                    headers = [("Host", "h"), ("X-A", "1"), ("x-a", "2"), ("COOKIE", "c=d")]
                    request = httpx.Request(
                        "GET", f"{server.url}/a%2Fb//c;d?e=%20+f#g", headers=headers
                    )
                    await (await under.handle_async_request(request)).aread()
        line = b"GET /a%2Fb//c;d?e=%20+f HTTP/1.1\r\n"
        assert heads == [line + b"Host: h\r\nX-A: 1\r\nX-A: 2\r\nCOOKIE: c=d\r\n\r\n"] * 2

    asyncio.run(main())


def test_an_endless_answer_waits_for_its_reader() -> None:
    sent = 0

    def flood(peer: Peer) -> None:
        nonlocal sent
        peer.request()
        peer.start_stream()
        try:
            while sent < 200_000_000:
                peer.sock.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        except OSError:
            pass

    async def main() -> None:
        with serving(flood) as server:
            async with (
                httpx.AsyncClient(transport=transport()) as client,
                client.stream("GET", server.url) as answer,
            ):
                body = aiter(answer.aiter_raw())
                await anext(body)
                await asyncio.sleep(0.5)
                assert sent < 40_000_000

    asyncio.run(main())


def test_a_connection_that_was_idle_for_long_is_not_used() -> None:
    async def main() -> None:
        with serving(polite) as server:
            async with httpx.AsyncClient(transport=transport(keepalive=0.05)) as client:
                for _ in range(2):
                    assert (await client.get(server.url)).status_code == 200
                    await asyncio.sleep(0.1)
            assert server.connections == 2

    asyncio.run(main())
