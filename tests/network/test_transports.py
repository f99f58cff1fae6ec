"""All transports tell the same of what goes wrong below them, and each wait ends."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from polychat import errors
from polychat.errors import APIConnectionError, APITimeoutError

from .servers import Peer, polite, serving
from .ways import MAIN, Way, chat, collect, listed, named

over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
BODY = (
    b'{"id":"1","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"ok"}}]}'
)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
WHOLE = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


def reset(peer: Peer) -> None:
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()


def wait(peer: Peer) -> None:
    peer.gone(5)


def after(*pieces: bytes, then: Callable[[Peer], Any] | None = None) -> Callable[[Peer], None]:
    """A service that sends pieces, each a moment after the other."""

    def handle(peer: Peer) -> None:
        peer.request()
        for piece in pieces:
            peer.send(piece)
            time.sleep(0.01)
        if then is not None:
            then(peer)

    return handle


def endless(peer: Peer) -> None:
    peer.request()
    peer.send(HEAD)
    with contextlib.suppress(OSError):
        for _ in range(4000):
            peer.sock.sendall(b"x: " + b"y" * 9000 + b"\r\n")


DISCONNECTED = "no answer: Server disconnected without sending a response."
RESET = "no answer: [Errno 104] Connection reset by peer"
CUT = "no answer: peer closed connection without sending complete message body"
INVALID = "no answer: the answer is not valid HTTP"
SILENT = "timed out: nothing was received in time"
FAULTS: dict[str, tuple[Callable[[Peer], None], str]] = {
    "closes before an answer": (after(), DISCONNECTED),
    "resets before an answer": (after(then=reset), RESET),
    "says nothing": (after(then=wait), SILENT),
    "closes within the status": (after(b"HTTP/1.1 2"), DISCONNECTED),
    "closes within the head": (after(HEAD), DISCONNECTED),
    "resets within the head": (after(HEAD, then=reset), RESET),
    "falls silent within the head": (after(HEAD, then=wait), SILENT),
    "falls silent after a 100": (after(b"HTTP/1.1 100 Continue\r\n\r\n", then=wait), SILENT),
    "falls silent after a 102": (after(b"HTTP/1.1 102 Processing\r\n\r\n", then=wait), SILENT),
    "falls silent after a 103": (after(b"HTTP/1.1 103 X\r\nlink: a\r\n\r\n", then=wait), SILENT),
    "is no HTTP": (after(b"SSH-2.0-Server\r\n\r\n"), INVALID),
    "has a header without a name": (after(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), INVALID),
    "has a zero byte in a header": (after(HEAD + b"x: a\0b\r\n\r\n"), INVALID),
    "has two lengths": (after(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}"), INVALID),
    "has no number as its length": (after(HEAD + b"content-length: x\r\n\r\n{}"), INVALID),
    "has a length below zero": (after(HEAD + b"content-length: -1\r\n\r\n{}"), INVALID),
    "has an unknown encoding": (after(HEAD + b"transfer-encoding: gzip\r\n\r\n{}"), INVALID),
    "switches the protocol": (
        after(b"HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", then=wait), INVALID,
    ),
    "has a head without an end": (endless, INVALID),
    "closes within a body": (
        after(HEAD + b"content-length: 100\r\n\r\n{}"), f"{CUT} (received 2 bytes, expected 100)",
    ),
    "resets within a body": (after(HEAD + b"content-length: 100\r\n\r\n{}", then=reset), RESET),
    "falls silent within a body": (
        after(HEAD + b"content-length: 100\r\n\r\n{}", then=wait), SILENT,
    ),
    "closes within a chunk": (after(CHUNKED + b"5\r\n{}"), f"{CUT} (incomplete chunked read)"),
    "closes between chunks": (after(CHUNKED + b"2\r\n{}\r\n"), f"{CUT} (incomplete chunked read)"),
    "resets between chunks": (after(CHUNKED + b"2\r\n{}\r\n", then=reset), RESET),
    "has a chunk without a size": (after(CHUNKED, b"zz\r\n", then=wait), INVALID),
    "has a wrong chunk later": (after(CHUNKED + b"2\r\n{}\r\n", b"zz\r\n", then=wait), INVALID),
    "has a chunk without an end": (after(CHUNKED, b"2\r\n{}xx0\r\n\r\n", then=wait), INVALID),
    "resets a body that closing ends": (after(HEAD + b"\r\n" + BODY, then=reset), RESET),
    "never closes such a body": (after(HEAD + b"\r\n" + BODY, then=wait), SILENT),
}  # fmt: skip


@over_main_ways
@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_that(way: Way, fault: str) -> None:
    handle, message = FAULTS[fault]
    kind = APITimeoutError if message == SILENT else APIConnectionError

    async def main() -> None:
        with serving(handle) as server:
            async with way.open(server.url, timeout=0.5, max_retries=0) as client:
                with pytest.raises(errors.PolychatError) as caught:
                    await chat(client)
        assert isinstance(caught.value, kind)
        assert caught.value.message == message

    way.run(main)


def dribbled(peer: Peer) -> None:
    peer.request()
    for _ in range(3):
        peer.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.3)
    for at in range(4):
        peer.send(WHOLE[at * 4 : at * 4 + 4])
        time.sleep(0.3)
    for at in range(16, len(WHOLE) - 40, 40):
        peer.send(WHOLE[at : at + 40])
    peer.send(WHOLE[at + 40 :])


ODD: dict[str, Callable[[Peer], None]] = {
    "comes after interim answers, and slowly": dribbled,
    "comes after many interim answers": after(*[b"HTTP/1.1 103 X\r\nlink: a\r\n\r\n"] * 30, WHOLE),
    "ends with the connection": after(HEAD + b"\r\n" + BODY),
    "is HTTP/1.0": after(WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0")),
    "has no reason": after(WHOLE.replace(b"200 OK", b"200")),
    "has a reason in Latin 1": after(WHOLE.replace(b"OK", b"\xfcber", 1)),
    "has bare line feeds": after(WHOLE.replace(b"\r\n", b"\n")),
    "has a header of 90 KB": after(HEAD + b"x: " + b"y" * 90_000 + WHOLE[len(HEAD) - 2 :]),
    "has 300 headers": after(HEAD + b"x: y\r\n" * 300 + WHOLE[len(HEAD) :]),
    "is followed by another": after(WHOLE + b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n"),
}


@over_main_ways
@pytest.mark.parametrize("odd", ODD)
def test_an_answer_that(way: Way, odd: str) -> None:
    async def main() -> None:
        with serving(ODD[odd]) as server:
            async with way.open(server.url, timeout=0.8, max_retries=0) as client:
                answer = await chat(client)
        assert answer.choices[0].message.content == "ok"

    way.run(main)


@over_main_ways
def test_an_upload_that_is_not_taken(way: Way) -> None:
    over = threading.Event()

    def deaf(peer: Peer) -> None:
        peer.sock.recv(500)
        over.wait(10)

    async def main() -> None:
        with serving(deaf) as server:
            async with way.open(server.url, timeout=0.5, max_retries=0) as client:
                with pytest.raises(APITimeoutError, match="the request was not taken in time"):
                    await chat(client, messages=[{"role": "user", "content": "x" * 20_000_000}])
                over.set()

    way.run(main)


@over_main_ways
def test_what_came_before_a_break_is_given_out(way: Way) -> None:
    """Also where several events came at once, and where the reader is slower than the break."""
    for end in (reset, lambda peer: None):
        if end is reset and not way.asynchronous:
            continue  # the system forgets what it held for a socket that nobody had read from

        def handle(peer: Peer, end: Callable[[Peer], Any] = end) -> None:
            peer.request()
            peer.start_stream()
            for number in range(50):
                peer.event(f"{number} ")
                if number == 10:
                    time.sleep(0.02)
            time.sleep(0.05)
            end(peer)

        async def main(handle: Callable[[Peer], None] = handle) -> None:
            with serving(handle) as server:
                async with way.open(server.url, max_retries=0) as client:
                    stream = await chat(client, stream=True)
                    await anyio.sleep(0.2)
                    with pytest.raises(errors.StreamTruncatedError) as caught:
                        await collect(stream)
            assert caught.value.text == "".join(f"{number} " for number in range(50))

        way.run(main)


@over_main_ways
def test_what_a_service_sends_unasked_is_no_answer(way: Way) -> None:
    def handle(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(body=json.loads(BODY))
            time.sleep(0.05)
            peer.answer(body=json.loads(BODY.replace(b"ok", b"wrong")))

    async def main() -> None:
        with serving(handle) as server:
            async with way.open(server.url, max_retries=1) as client:
                for _ in range(3):
                    answer = await chat(client)
                    assert answer.choices[0].message.content != "wrong"
                    await anyio.sleep(0.1)  # it arrives meanwhile

    way.run(main)


@over_main_ways
def test_a_request_is_sent_no_more_often_than_attempts_tell(way: Way) -> None:
    """aiohttp repeats GET, PUT and DELETE once by itself."""

    def handle(peer: Peer) -> None:
        peer.request()
        peer.answer(body={"data": []})
        peer.request()

    async def main() -> None:
        with serving(handle) as server:
            async with way.open(server.url, max_retries=0) as client:
                await listed(client)
                with pytest.raises(APIConnectionError) as caught:
                    await listed(client)
                assert caught.value.attempts == 1
                assert len(server.requests) == 2

    way.run(main)


def test_all_send_the_same_heads() -> None:
    heads = []
    for way in MAIN:

        async def main(way: Way = way) -> None:
            with serving(polite) as server:
                async with way.open(server.url, default_headers={"X-Mine": "1"}) as client:
                    await chat(client)
                heads.append(server.requests[0].headers | {"host": ""})

        way.run(main)
    assert heads[0] == heads[1] == heads[2]
    assert set(heads[0]) == {
        "host", "accept", "accept-encoding", "user-agent", "content-type", "content-length",
        "api-key", "x-mine",
    }  # fmt: skip
