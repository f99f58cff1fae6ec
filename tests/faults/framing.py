"""Heads that mean two things, bytes that nobody asked for, and heads that never end.

The libraries below us judge many of these differently. All transports must say the same.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from polychat import errors
from tests.network.servers import Peer
from tests.network.test_transports import HEAD, after, wait

from .answers import answer, chunk, status
from .calls import HEALED, TAKEN, Fault

INVALID = "the answer is not valid HTTP"
ENDLESS = r"interim answers \(1xx\) without an end"
LATE = "the head of the answer was not whole in time"
_CHUNKED = b"transfer-encoding: chunked"
_LAST = b"0\r\n\r\n"
_OTHER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def again(piece: bytes, pause: float = 0.0, before: bytes = b"") -> Callable[[Peer], None]:
    """One piece again and again, until the client goes or 19 seconds are over."""

    def handle(peer: Peer) -> None:
        peer.request()
        ends = time.monotonic() + 19
        with contextlib.suppress(OSError):
            peer.sock.sendall(before)
            while time.monotonic() < ends:
                peer.sock.sendall(piece)
                time.sleep(pause)

    return handle


def whole(
    *fields: bytes, start: bytes = b"HTTP/1.1 200 OK", chunks: bool = False, more: bytes = b"",
    length: str = "{0}",
) -> Callable[[Peer], None]:  # fmt: skip
    """A good answer with other fields, another first line or bytes after it."""

    def make(kind: bytes, body: bytes) -> list[bytes]:
        framing = (_CHUNKED,) if chunks else ()
        if length and not chunks:
            framing = (b"content-length: " + length.format(len(body)).encode(),)
        head = b"".join(line + b"\r\n" for line in (start, *fields, *framing))
        return [head + kind + b"\r\n" + (chunk(body) + _LAST if chunks else body) + more]

    return answer(make)


def _bare(line: bytes, *fields: bytes, more: bytes = b"") -> Callable[[Peer], None]:
    """An answer whose body is none, because of its status."""
    return answer(lambda kind, body: [status(kind, *fields, line=line) + more])


def _sized(make: Callable[[bytes], bytes]) -> Callable[[Peer], None]:
    """A chunked body as `make` writes it, in one piece with its head."""
    return answer(lambda kind, body: [status(kind, _CHUNKED) + make(body)])


_NOT_HTTP = {
    "a length beside chunks": whole(b"content-length: 5", chunks=True),
    "the right length beside chunks": answer(
        lambda kind, body: [
            status(kind, b"content-length: %d" % len(body), _CHUNKED) + chunk(body) + _LAST
        ]
    ),
    "the identity as a transfer encoding": whole(b"transfer-encoding: identity"),
    "gzip within chunks": whole(b"transfer-encoding: gzip, chunked", length=""),
    "the version 9.9": whole(start=b"HTTP/9.9 200 OK"),
    "the version 1.2": whole(start=b"HTTP/1.2 200 OK"),
    "the version 1.10": whole(start=b"HTTP/1.10 200 OK"),
    "the version 2 without a minor": whole(start=b"HTTP/2 200 OK"),
    "HTTP in small letters": whole(start=b"http/1.1 200 OK"),
    "another protocol's name": whole(start=b"ICY 200 OK"),
    "two spaces before the status": whole(start=b"HTTP/1.1  200 OK"),
    "a tab before the status": whole(start=b"HTTP/1.1\t200 OK"),
    "a space before the version": whole(start=b" HTTP/1.1 200 OK"),
    "a blank line before the head": whole(start=b"\r\nHTTP/1.1 200 OK"),
    "a zero byte in the reason": whole(start=b"HTTP/1.1 200 O\0K"),
    "a status of four digits": whole(start=b"HTTP/1.1 2000 OK"),
    "a status below 100": whole(start=b"HTTP/1.1 099 OK"),
    "a status of 000": whole(start=b"HTTP/1.1 000 OK"),
    "a status without a space": whole(start=b"HTTP/1.1 200OK"),
    "a folded line first": whole(start=b"HTTP/1.1 200 OK\r\n x: y"),
    "a folded length": whole(length="\r\n {0}"),
    "a bare carriage return": whole(b"x: a\rb"),
    "a length behind a bare carriage return": whole(b"x: a\rcontent-length: 3"),
    "a header of another alphabet": whole(b"\xfc: a"),
    "a header with an empty name": whole(b": a"),
    "a header with a space in its name": whole(b"x y: a"),
    "the same length twice": whole(b"content-length: 5", b"content-length: 5", length=""),
    "the same length twice in a line": whole(length="{0}, {0}"),
    "two lengths in a line": whole(length="{0}, 3"),
    "a length in hexadecimal": whole(length="0x{0:x}"),
    "a length with an underscore": whole(length="1_0"),
    "a length with a point": whole(length="{0}.0"),
    "an empty length": whole(b"content-length:", length=""),
    "a length of other digits": whole("content-length: \u0665".encode(), length=""),
    "a length of 20 digits": whole(length="18446744073709551615"),
    "a head of 150 KB": whole(*[b"x: " + b"y" * 1000] * 150),
    "a header of 101 KB": whole(b"x: " + b"y" * 103_000),
    "another protocol's greeting": after(b"SSH-2.0-Server\r\n", then=wait),
    "another protocol's error": after(b"-ERR unknown command\r\n", then=wait),
    "one byte of another protocol": after(b"x", then=wait),
    "another protocol's byte, then the end": after(b"x"),
    "blank lines now and then": again(b"\r\n", 0.05),
}
_CUT = {"": errors.APIConnectionError, "stream": errors.StreamTruncatedError,
        "download": errors.StreamTruncatedError}  # fmt: skip
_WRONG_CHUNKS = {
    "hexadecimal with a prefix": _sized(lambda body: b"0x" + chunk(body) + _LAST),
    "with a plus": _sized(lambda body: b"+" + chunk(body) + _LAST),
    "after a space": _sized(lambda body: b" " + chunk(body) + _LAST),
    "and a line feed alone": _sized(lambda body: chunk(body).replace(b"\r\n", b"\n", 1) + _LAST),
    "of nothing": _sized(lambda body: b"\r\n" + body + b"\r\n" + _LAST),
    "with an extension after a space": _sized(
        lambda body: b"%x ; a = b\r\n%s\r\n" % (len(body), body) + _LAST
    ),
}
_HEALED = {
    "the version 0.9": whole(start=b"HTTP/0.9 200 OK"),
    "the version 2.0": whole(start=b"HTTP/2.0 200 OK"),
    "a reason with a control": whole(start=b"HTTP/1.1 200 O\1K"),
    "a folded header": whole(b"x: a\r\n b"),
    "a control in a header": whole(b"x: a\1b"),
    "a header in Latin 1": whole(b"x: \xfc\xff"),
    "a length with zeros before it": whole(length="000{0}"),
    "a head of 98 KB": whole(*[b"x: " + b"y" * 1000] * 97),
    "an upgrade that is only offered": whole(b"upgrade: h2c", b"connection: upgrade"),
    "a chunk's extension of 50 KB": _sized(
        lambda body: b"%x;%s\r\n%s\r\n" % (len(body), b"a" * 50_000, body) + _LAST
    ),
    "trailers of 90 KB": _sized(
        lambda body: chunk(body) + b"0\r\n" + (b"x: " + b"y" * 1000 + b"\r\n") * 90 + b"\r\n"
    ),
    "junk after a length": whole(more=b"junk"),
    "junk after chunks": whole(chunks=True, more=b"junk"),
    "an answer after a length": whole(more=_OTHER),
    "an answer after chunks": whole(chunks=True, more=_OTHER),
}
_NOTHING = {"": errors.ResponseParseError, "stream": errors.StreamTruncatedError}
_STATUS = {"": errors.APIStatusError}
FRAMING = [
    *(Fault(name, "head", serve, {"": errors.APIConnectionError}, INVALID, silent=True)
      for name, serve in _NOT_HTTP.items()),
    *(Fault(f"a chunk's size {name}", "body", serve, _CUT, INVALID)
      for name, serve in _WRONG_CHUNKS.items()),
    *(Fault(name, "body", serve, {"": HEALED}) for name, serve in _HEALED.items()),
    Fault("a body that is longer than its length", "body", whole(more=b"xyz", length="2"),
          {"": errors.ResponseParseError, "stream": errors.StreamTruncatedError,
           "download": TAKEN}),
    Fault("a body of the length 0", "body", whole(length="0"),
          {**_NOTHING, "download": TAKEN}),
    Fault("a 204 with a length", "body", _bare(b"204 X", b"content-length: 0"), _NOTHING),
    Fault("a 204 with a body", "body",
          _bare(b"204 X", b"content-length: 2", more=b"{}"), _NOTHING),
    Fault("a 204 with chunks", "body",
          _bare(b"204 X", _CHUNKED, more=chunk(b"{}") + _LAST), _NOTHING),
    Fault("a 205", "body", _bare(b"205 X", b"content-length: 0"), _NOTHING),
    Fault("a 304 with a length", "body", _bare(b"304 X", b"content-length: 9"), _STATUS, "304"),
    Fault("a 304 with a body", "body",
          _bare(b"304 X", b"content-length: 2", more=b"{}"), _STATUS, "304"),
    Fault("short interim answers without an end", "head",
          again(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000), {"": errors.APIConnectionError}, ENDLESS),
    Fault("long interim answers without an end", "head",
          again((b"HTTP/1.1 103 X\r\nlink: " + b"y" * 3000 + b"\r\n\r\n") * 20),
          {"": errors.APIConnectionError}, ENDLESS),
    *(Fault(f"{name} now and then, without an end", "head", again(piece, 0.05, before),
            {"": errors.APITimeoutError}, LATE, silent=True)
      for name, piece, before in (
          ("a 100", b"HTTP/1.1 100 Continue\r\n\r\n", b""),
          ("a 103", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", b""),
          ("a byte of a reason", b"y", b"HTTP/1.1 200 "),
          ("a byte of a header", b"y", HEAD + b"x: "),
          ("a header", b"x: y\r\n", HEAD),
      )),
]  # fmt: skip
