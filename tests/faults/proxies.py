"""Proxies that fail: those that forward requests, and those that make tunnels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from polychat import errors
from tests.network.servers import Peer
from tests.network.test_frames import CANARY
from tests.network.test_transports import after, reset, wait

from .answers import all_well, deaf
from .calls import HEALED, Fault

PASSWORD = CANARY
PROXY = f"http://me:{PASSWORD}@{{host}}"
OK = b"HTTP/1.1 200 Connected\r\n\r\n"
NO_ANSWER = {"": errors.APIConnectionError}
TIMEOUT = {"": errors.APITimeoutError}


def says(status: bytes, body: bytes = b"<html>", *, keeps: bool = False) -> Callable[[Peer], None]:
    """A proxy that answers by itself."""
    head = b"HTTP/1.1 %s\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n"

    def handle(peer: Peer) -> None:
        while peer.request() is not None:
            peer.send(head % (status, len(body)) + body)

    return handle


def then(piece: bytes, do: Callable[[Peer], Any]) -> Callable[[Peer], None]:
    """A proxy that sends something after the request, and does something."""
    return after(piece, then=do)


def swallow(peer: Peer) -> None:
    """Takes what comes first through the tunnel."""
    peer.sock.recv(65536)


_PLAIN: list[tuple[str, Callable[[Peer], Any], dict[str, Any], bool]] = [
    ("forwards", all_well, {"": HEALED}, False),
    ("wants credentials", says(b"407 X"), {"": errors.APIStatusError}, False),
    ("forbids", says(b"403 X"), {"": errors.PermissionDeniedError}, False),
    ("reaches nobody", says(b"502 X"), {"": errors.InternalServerError}, False),
    ("closes", after(), NO_ANSWER, False),
    ("resets", after(then=reset), NO_ANSWER, False),
    ("is silent", after(then=deaf), TIMEOUT, True),
    ("is no proxy", after(b"SSH-2.0\r\n\r\n"), NO_ANSWER, False),
    ("closes within a head", after(b"HTTP/1.1 200 OK\r\n"), NO_ANSWER, False),
    ("is silent after a 100", after(b"HTTP/1.1 100 X\r\n\r\n", then=deaf), TIMEOUT, True),
]
_TUNNEL: list[tuple[str, Callable[[Peer], Any], dict[str, Any], bool]] = [
    *((f"answers CONNECT with {code}", says(b"%d X" % code), NO_ANSWER, False)
      for code in (302, 400, 403, 404, 407, 429, 500, 502, 503)),
    ("closes before CONNECT is answered", after(), NO_ANSWER, False),
    ("resets before CONNECT is answered", after(then=reset), NO_ANSWER, False),
    ("never answers CONNECT", after(then=deaf), TIMEOUT, True),
    ("answers CONNECT with no HTTP", after(b"SSH-2.0\r\n\r\n"), NO_ANSWER, False),
    ("closes within the head of its answer", after(b"HTTP/1.1 200 OK\r\n"), NO_ANSWER, False),
    ("is silent within the head of its answer", after(b"HTTP/1.1 200 OK\r\n", then=deaf), TIMEOUT,
     True),
    ("closes the tunnel", then(OK, swallow), NO_ANSWER, False),
    ("resets the tunnel", then(OK, lambda peer: (swallow(peer), reset(peer))), NO_ANSWER, False),
    ("is silent in the tunnel", then(OK, deaf), TIMEOUT, True),
    ("speaks plainly in the tunnel", then(OK, lambda peer: (swallow(peer), peer.answer(400))),
     NO_ANSWER, False),
    ("sends bytes of its own into the tunnel", then(OK + b"\x15\x03\x01\0\x02\x02\x28", wait),
     NO_ANSWER, False),
]  # fmt: skip

PROXIES = [
    *(Fault(f"a proxy that {name}", "proxy", serve, expected, silent=silent,
            url="http://service.invalid", proxy=PROXY) for name, serve, expected, silent in _PLAIN),
    *(Fault(f"a proxy that {name}", "tunnel", serve, expected, silent=silent,
            url="https://service.invalid", proxy=PROXY)
      for name, serve, expected, silent in _TUNNEL),
    Fault("a proxy that is not there", "proxy", all_well, NO_ANSWER, "Errno 111",
          url="http://service.invalid", proxy=f"http://me:{PASSWORD}@127.0.0.1:1"),
    Fault("a proxy that is not there for a tunnel", "tunnel", all_well, NO_ANSWER, "Errno 111",
          url="https://service.invalid", proxy=f"http://me:{PASSWORD}@127.0.0.1:1"),
    Fault("a proxy whose name is unknown", "proxy", all_well, NO_ANSWER,
          url="http://service.invalid", proxy=f"http://me:{PASSWORD}@proxy.invalid:1"),
]  # fmt: skip
