"""Faults until the head of an answer has come: of connections, TLS, requests and heads."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from polychat import errors
from tests.network.servers import Peer
from tests.network.test_transports import FAULTS, HEAD, SILENT, after, reset, wait

from .answers import answer, closing, deaf, due, status
from .calls import HEALED, Fault
from .framing import FRAMING

NO_ANSWER = {"": errors.APIConnectionError}
TIMEOUT = {"": errors.APITimeoutError}


def unread(then: Callable[[Peer], Any]) -> Callable[[Peer], None]:
    """A server that reads no request to its end."""

    def handle(peer: Peer) -> None:
        peer.sock.recv(200)
        then(peer)

    return handle


def greeted(then: Callable[[Peer], Any]) -> Callable[[Peer], None]:
    """A server that takes what begins TLS."""

    def handle(peer: Peer) -> None:
        peer.sock.recv(65536)
        then(peer)

    return handle


def dribble(data: bytes, pause: float = 0.03, size: int = 12) -> Callable[[Peer], None]:
    """A head that comes a few bytes at a time, and never to its end."""

    def handle(peer: Peer) -> None:
        peer.request()
        for at in range(0, len(data), size):
            peer.send(data[at : at + size])
            time.sleep(pause)
        wait(peer)

    return handle


def endless(piece: bytes, before: bytes = b"") -> Callable[[Peer], None]:
    """At most 120 MB of one piece again and again."""

    def handle(peer: Peer) -> None:
        peer.request()
        many = piece * max(1, 60_000 // len(piece))
        with contextlib.suppress(OSError):
            peer.sock.sendall(before)
            for _ in range(2000):
                peer.sock.sendall(many)

    return handle


def early(code: bytes) -> Callable[[Peer], None]:
    """An answer before the request was read, and then the end."""
    text = b'{"error": {"message": "too large"}}'
    said = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % (
        code, len(text),
    )  # fmt: skip
    return after(said + b"connection: close\r\n\r\n" + text)


def slow_but_whole(peer: Peer) -> None:
    arrived = peer.request()
    if arrived is not None:
        kind, body = due(arrived)
        said = status(kind, b"content-length: %d" % len(body))
        for _ in range(3):
            peer.send(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")
            time.sleep(0.05)
        for at in range(0, len(said), 16):
            peer.send(said[at : at + 16])
            time.sleep(0.03)
        peer.send(body)


CONNECTION = [
    Fault(
        "nobody listens",
        "connect",
        wait,
        NO_ANSWER,
        "Errno 111.*base_url",
        url="http://127.0.0.1:1",
    ),
    Fault(
        "the name is unknown", "connect", wait, NO_ANSWER, "base_url", url="http://nowhere.invalid"
    ),
    Fault(
        "closes before the request is read",
        "connect",
        lambda peer: None,
        NO_ANSWER,
        "disconnected|reset|pipe",
        races=True,
    ),
    Fault(
        "TLS on a plain port",
        "tls",
        lambda peer: peer.sock.recv(99) and peer.answer(400),
        NO_ANSWER,
        "http://",
        url="https://{host}",
    ),
    Fault(
        "TLS that never comes",
        "tls",
        deaf,
        TIMEOUT,
        "no connection was made in time",
        silent=True,
        url="https://{host}",
    ),
    Fault(
        "TLS that is closed",
        "tls",
        greeted(closing),
        NO_ANSWER,
        "broke while it was made",
        url="https://{host}",
    ),
    Fault("TLS that is reset", "tls", greeted(reset), NO_ANSWER, "reset", url="https://{host}"),
    Fault(
        "TLS with an alert",
        "tls",
        unread(lambda peer: peer.send(b"\x15\x03\x01\0\x02\x02\x28")),
        NO_ANSWER,
        url="https://{host}",
    ),
]

REQUEST = [
    Fault(
        "takes no upload",
        "write",
        unread(lambda peer: time.sleep(5)),
        {
            **dict.fromkeys(("plain", "stream", "upload"), errors.APITimeoutError),
            "": errors.APITimeoutError,
        },
        "not taken|nothing was received",
        silent=True,
        large=True,
    ),
    Fault("resets an upload", "write", unread(reset), NO_ANSWER, large=True, races=True),
    Fault(
        "closes an upload", "write", unread(lambda peer: None), NO_ANSWER, large=True, races=True
    ),
]

_LATER = (" body", "chunk")
HEADS = [
    Fault(
        name,
        "head",
        serve,
        TIMEOUT if says == SILENT else NO_ANSWER,
        says.replace("[", r"\["),
        silent=says == SILENT,
    )
    for name, (serve, says) in FAULTS.items()
    if not any(word in name for word in _LATER)
]

INTERIM = b"HTTP/1.1 %d X\r\n\r\n"
ODD_HEADS = [
    Fault(
        "ten thousand interim answers, then the end",
        "head",
        after((INTERIM % 103) * 10_000),
        NO_ANSWER,
        "disconnected",
    ),
    Fault(
        "interim answers with 9 MB of headers, then the end",
        "head",
        after((b"HTTP/1.1 103 X\r\nx: " + b"y" * 3000 + b"\r\n\r\n") * 3000),
        NO_ANSWER,
        "disconnected",
    ),
    Fault("a status line without an end", "head", endless(b"y" * 100, b"HTTP/1.1 200 "), NO_ANSWER),
    Fault("a header's name without an end", "head", endless(b"y" * 100, HEAD), NO_ANSWER),
    Fault("a header without an end", "head", endless(b"y" * 100, HEAD + b"x: "), NO_ANSWER),
    Fault("headers without an end", "head", endless(b"x: y\r\n", HEAD), NO_ANSWER),
    Fault("blank lines without an end", "head", endless(b"\r\n"), NO_ANSWER),
    Fault("closes after a 100", "head", after(INTERIM % 100), NO_ANSWER, "disconnected"),
    Fault("resets after a 103", "head", after(INTERIM % 103, then=reset), NO_ANSWER, "reset"),
    Fault(
        "garbage after a 100", "head", after(INTERIM % 100, b"x\r\n\r\n"), NO_ANSWER, "not valid"
    ),
    Fault("a head that is dribbled, then silence", "head", dribble(HEAD), TIMEOUT, silent=True),
    Fault(
        "HTTP/2", "head", after(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64" + b"\0" * 12), NO_ANSWER
    ),
    Fault("a status of two digits", "head", after(b"HTTP/1.1 20 X\r\n\r\n"), NO_ANSWER),
    Fault("a status that is a word", "head", after(b"HTTP/1.1 OK 200\r\n\r\n"), NO_ANSWER),
    Fault("a TLS record", "head", after(b"\x15\x03\x01\0\x02\x02\x28"), NO_ANSWER),
    Fault("a space before a colon", "head", after(HEAD + b"x : y\r\n\r\n"), NO_ANSWER),
    Fault("a header's name with a control", "head", after(HEAD + b"a\x01b: y\r\n\r\n"), NO_ANSWER),
    Fault(
        "two transfer encodings",
        "head",
        after(HEAD + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n"),
        NO_ANSWER,
    ),
    Fault("a length with a plus", "head", after(HEAD + b"content-length: +2\r\n\r\n{}"), NO_ANSWER),
    Fault(
        "a length of 40 digits",
        "head",
        after(HEAD + b"content-length: " + b"9" * 40 + b"\r\n\r\n"),
        NO_ANSWER,
    ),
    Fault(
        "an early 413", "head", early(b"413 Too Large"), {"": errors.APIStatusError}, "too large"
    ),
    Fault("comes after interim answers, slowly", "head", slow_but_whole, {"": HEALED}),
    Fault(
        "bare line feeds",
        "head",
        answer(
            lambda kind, body: [
                status(kind, b"content-length: %d" % len(body)).replace(b"\r\n", b"\n"),
                body,
            ]
        ),
        {"": HEALED},
    ),
]

BEFORE_BODIES = [*CONNECTION, *REQUEST, *HEADS, *ODD_HEADS, *FRAMING]
