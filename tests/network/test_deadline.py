"""The total time given holds, whatever the server does; silence has a bound of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from polychat import Timeout, errors
from tests.network.servers import Peer, serving, until
from tests.network.ways import ASYNC, MAIN, SYNC, Way, busy, chat, collect, named, text

over_every_way = pytest.mark.parametrize("way", [*MAIN, SYNC[2], ASYNC[-1]], ids=named)
over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def dribble(peer: Peer, data: bytes, wait: float = 0.02) -> None:
    """Sends bytes one by one until the client has gone."""
    for byte in data:
        try:
            peer.sock.sendall(bytes([byte]))
        except OSError:
            return
        time.sleep(wait)


def silent(peer: Peer) -> None:
    peer.request()
    peer.gone(5)


def dribbled_head(peer: Peer) -> None:
    peer.request()
    dribble(peer, HEAD + b"x-long: " + b"x" * 300)


def dribbled_body(peer: Peer) -> None:
    peer.request()
    peer.send(HEAD + b"content-length: 1000\r\n\r\n")
    dribble(peer, b" " * 300)


def dribbled_body_to_the_end_of_the_connection(peer: Peer) -> None:
    peer.request()
    peer.send(HEAD + b"connection: close\r\n\r\n")
    dribble(peer, b" " * 300)


def dribbled_chunk_size(peer: Peer) -> None:
    peer.request()
    peer.send(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    dribble(peer, b"1;x=" + b"x" * 300)


def failing(peer: Peer) -> None:
    while peer.request() is not None:
        peer.answer(503, {"error": "no"}, retry_after="0.2")


def busy_for_a_while(peer: Peer) -> None:
    while peer.request() is not None:
        peer.answer(429, {"error": "no"}, retry_after="30")


SERVERS: list[Callable[[Peer], None]] = [
    silent, dribbled_head, dribbled_body, dribbled_body_to_the_end_of_the_connection,
    dribbled_chunk_size, failing, busy_for_a_while,
]  # fmt: skip


@over_every_way
@pytest.mark.parametrize("server", SERVERS, ids=lambda s: s.__name__)
def test_plain_calls(way: Way, server: Callable[[Peer], None]) -> None:
    async def main() -> None:
        with serving(server) as raw:
            async with way.open(raw.url, max_retries=50) as client:
                began = time.monotonic()
                with pytest.raises(errors.DeadlineExceededError) as caught:
                    await chat(client, deadline=0.5)
                assert time.monotonic() - began < 1.0
                error = caught.value
                assert (error.platform, isinstance(error, TimeoutError)) == ("dial", True)
                assert error.attempts >= 1
                # The last may have been sent at the deadline, and be read a moment later.
                assert await until(lambda: len(raw.requests) == error.attempts)
                assert "deadline" in str(error)
                if server is not dribbled_head or way.asynchronous:
                    assert await until(lambda: busy(client) == 0, 1)

    way.run(main)


@over_main_ways
def test_a_late_answer_is_thrown_away_with_its_connection(way: Way) -> None:
    def late(peer: Peer) -> None:
        peer.request()
        dribble(peer, HEAD + b"content-length: 2\r\n\r\n{}", 0.01)
        peer.gone()

    async def main() -> None:
        with serving(late) as raw:
            async with way.open(raw.url) as client:
                with pytest.raises(errors.DeadlineExceededError):
                    await chat(client, deadline=0.2)
                assert await until(lambda: busy(client) == 0 and raw.open == 0)
        assert await until(lambda: threading.active_count() < 10)

    way.run(main)


@over_every_way
@pytest.mark.parametrize("manner", ["silent", "dribbling", "healthy"])
def test_streams(way: Way, manner: str) -> None:
    def stream(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        peer.event("a")
        if manner == "dribbling":
            dribble(peer, b"100\r\n" + b": x" * 100)
        while manner == "healthy" and peer.server.open and not peer.server._closed:
            peer.event("b")
            time.sleep(0.02)
            peer.sock.settimeout(0.001)
            try:
                if peer.sock.recv(1) == b"":
                    return
            except TimeoutError:
                pass
            except OSError:
                return
        peer.gone(5)

    async def main() -> None:
        with serving(stream) as raw:
            async with way.open(raw.url) as client:
                began = time.monotonic()
                begun = await chat(client, stream=True, deadline=0.6)
                await anyio.sleep(0.2)  # the caller's own time counts too
                with pytest.raises(errors.DeadlineExceededError) as caught:
                    await collect(begun)
                assert 0.5 < time.monotonic() - began < 1.1
                assert (caught.value.request_id, caught.value.attempts) == ("stream-1", 1)
                assert await until(lambda: busy(client) == 0)
                assert await until(lambda: raw.open == 0)

    way.run(main)


@over_main_ways
def test_a_long_healthy_stream_outlives_the_timeout(way: Way) -> None:
    def stream(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            for number in range(10):
                peer.event(str(number))
                time.sleep(0.1)
            peer.chunk(b"data: [DONE]\n\n")
            peer.chunk(b"")

    async def main() -> None:
        with serving(stream) as raw:
            for timeout in (0.5, Timeout(read=0.3, stream=0.5)):
                async with way.open(raw.url, timeout=timeout) as client:
                    assert text(await collect(await chat(client, stream=True))) == "0123456789"

    way.run(main)


@over_main_ways
def test_comments_are_no_silence(way: Way) -> None:
    def stream(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            for _ in range(8):
                peer.chunk(b": heartbeat\n\n")
                time.sleep(0.1)
            peer.event("a", finish_reason="stop")
            peer.chunk(b"data: [DONE]\n\n")
            peer.chunk(b"")

    async def main() -> None:
        with serving(stream) as raw:
            async with way.open(raw.url, timeout=Timeout(stream=0.4)) as client:
                assert text(await collect(await chat(client, stream=True))) == "a"

    way.run(main)


@over_main_ways
def test_a_deadline_that_is_kept_changes_nothing(way: Way) -> None:
    from tests.network.servers import polite

    async def main() -> None:
        with serving(polite) as raw:
            async with way.open(raw.url, deadline=5) as client:
                for _ in range(3):
                    assert (await chat(client)).choices[0].message.content == "ok"
                assert raw.connections == 1

    way.run(main)


def test_a_credential_that_takes_too_long() -> None:
    async def slow() -> str:
        await anyio.sleep(5)
        return "key"

    async def main() -> None:
        from polychat.dial import AsyncDial

        client: Any = AsyncDial(base_url="http://127.0.0.1:9", api_key=slow)
        began = time.monotonic()
        with pytest.raises(errors.DeadlineExceededError) as caught:
            await chat(client, deadline=0.2)
        assert time.monotonic() - began < 1
        assert caught.value.attempts == 0
        await client.aclose()

    anyio.run(main)
