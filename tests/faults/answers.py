"""Good answers to each kind of call, whole and in parts."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from tests.network.servers import CHAT, Arrived, Peer

METADATA = {
    "name": "f.txt", "parentPath": None, "bucket": "bucket", "url": "files/bucket/f.txt",
    "nodeType": "ITEM", "resourceType": "FILE", "contentLength": 1, "contentType": "text/plain",
}  # fmt: skip


def _event(content: str, **choice: Any) -> bytes:
    document = {"id": "1", "choices": [{"index": 0, "delta": {"content": content}, **choice}]}
    return b"data: " + json.dumps(document).encode() + b"\n\n"


DOCUMENTS: dict[str, tuple[str, bytes]] = {
    "plain": ("application/json", json.dumps(CHAT).encode()),
    "stream": (
        "text/event-stream",
        _event("a") + _event("b") + _event("c", finish_reason="stop") + b"data: [DONE]\n\n",
    ),
    "upload": ("application/json", json.dumps(METADATA).encode()),
    "download": ("application/octet-stream", bytes(range(256)) * 8),
}


def kind_of(arrived: Arrived) -> str:
    """Which kind of call a request is of; a low-level call's is answered as a plain one's."""
    if arrived.method == "PUT":
        return "upload"
    if "/files/" in arrived.path:
        return "download"
    return "stream" if b'"stream":true' in arrived.body else "plain"


def due(arrived: Arrived) -> tuple[bytes, bytes]:
    """The content type's line and the body of a good answer."""
    kind, body = DOCUMENTS[kind_of(arrived)]
    return f"content-type: {kind}\r\n".encode(), body


def well(peer: Peer, arrived: Arrived) -> None:
    """A good answer."""
    kind, body = due(arrived)
    peer.send(b"HTTP/1.1 200 OK\r\n%scontent-length: %d\r\n\r\n%s" % (kind, len(body), body))


def all_well(peer: Peer) -> None:
    """Good answers to all requests of a connection."""
    while (arrived := peer.request()) is not None:
        well(peer, arrived)


Make = Callable[[bytes, bytes], Iterable[bytes]]


def answer(
    make: Make, then: Callable[[Peer], Any] | None = None, *, keeps: bool = True
) -> Callable[[Peer], None]:
    """A server that sends the pieces that `make` makes of the content type's line and the body of
    a good answer, each a moment after the other. Then it does something with the connection, or
    goes on to the next request, or closes it where it does not keep it."""

    def handle(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            for piece in make(*due(arrived)):
                peer.send(piece)
                time.sleep(0.01)
            if then is not None:
                then(peer)
            if then is not None or not keeps:
                return

    return handle


def status(kind: bytes, *fields: bytes, line: bytes = b"200 OK") -> bytes:
    """A head."""
    return b"HTTP/1.1 %s\r\n%s%s\r\n" % (line, kind, b"".join(f + b"\r\n" for f in fields))


def chunk(data: bytes) -> bytes:
    """A chunk."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def closing(peer: Peer) -> None:
    """Does nothing more: the connection is closed."""


def deaf(peer: Peer) -> None:
    """Keeps the connection without a word until the client closes it."""
    peer.sock.settimeout(10)
    with contextlib.suppress(OSError):
        while peer.sock.recv(65536):
            pass
