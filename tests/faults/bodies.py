"""Faults of bodies: lengths, chunks, trailers, codings, documents and events."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import zstandard

from polychat import errors
from tests.network.servers import Peer
from tests.network.test_bounds import BLOWN_UP, endlessly
from tests.network.test_transports import reset, wait

from .answers import answer, chunk, closing, due, status
from .calls import HEALED, TAKEN, Fault

CHUNKED = b"transfer-encoding: chunked"
CUT = {"": errors.APIConnectionError, "stream": errors.StreamTruncatedError,
       "download": errors.StreamTruncatedError}  # fmt: skip
IDLE = {"": errors.APITimeoutError, "stream": errors.StreamIdleTimeoutError,
        "download": errors.StreamIdleTimeoutError}  # fmt: skip


def of_length(kind: bytes, body: bytes) -> Iterable[bytes]:
    return status(kind, b"content-length: %d" % len(body)), body[: len(body) // 2]


def in_chunks(kind: bytes, body: bytes) -> Iterable[bytes]:
    return status(kind, CHUNKED), chunk(body[: len(body) // 2])


def within_a_chunk(kind: bytes, body: bytes) -> Iterable[bytes]:
    return status(kind, CHUNKED), chunk(body)[: len(body) // 2]


def to_the_end(kind: bytes, body: bytes) -> Iterable[bytes]:
    return status(kind), body[: len(body) // 2]


def only_a_head(kind: bytes, body: bytes) -> Iterable[bytes]:
    return (status(kind, b"content-length: %d" % len(body)),)


def chunks_then(*pieces: bytes) -> Callable[[bytes, bytes], Iterable[bytes]]:
    """Half of the body in a chunk, then other bytes."""
    return lambda kind, body: [*in_chunks(kind, body), *pieces]


def whole_then(*pieces: bytes) -> Callable[[bytes, bytes], Iterable[bytes]]:
    """The whole body in a chunk, then other bytes."""
    return lambda kind, body: [status(kind, CHUNKED), chunk(body), *pieces]


def coded(name: str, encode: Callable[[bytes], bytes]) -> Callable[[bytes, bytes], Iterable[bytes]]:
    """A body in a content coding."""

    def make(kind: bytes, body: bytes) -> Iterable[bytes]:
        data = encode(body)
        length = b"content-length: %d" % len(data)
        return [status(kind, length, b"content-encoding: " + name.encode()) + data]

    return make


def bomb(name: str, encode: Callable[[bytes], bytes]) -> Callable[[bytes, bytes], Iterable[bytes]]:
    data = encode(BLOWN_UP)
    return coded(name, lambda body: data)


def said(body: bytes, line: bytes = b"200 OK", kind: bytes | None = None) -> Any:
    """Another document than the one that is due."""
    return lambda due_kind, due_body: [
        status(kind or due_kind, b"content-length: %d" % len(body), line=line) + body
    ]


def endless_trailers(peer: Peer) -> None:
    arrived = peer.request()
    if arrived is None:
        return
    kind, body = due(arrived)
    with contextlib.suppress(OSError):
        peer.sock.sendall(status(kind, CHUNKED) + chunk(body) + b"0\r\n")
        for _ in range(2000):
            peer.sock.sendall((b"x: " + b"y" * 600 + b"\r\n") * 100)


def without_end(code: int) -> Callable[[Peer], None]:
    """A body of 200 MB, of an error or a redirect."""
    return lambda peer: peer.request() and endlessly(peer, code)


def endless_body(framing: bytes, part: bytes = b": x" * 20_000) -> Callable[[Peer], None]:
    """A success whose body goes on for up to 120 MB, of the type that is due."""

    def handle(peer: Peer) -> None:
        arrived = peer.request()
        if arrived is None:
            return
        kind, _ = due(arrived)
        piece = chunk(part) if framing == CHUNKED else part
        with contextlib.suppress(OSError):
            peer.sock.sendall(status(kind, framing))
            for _ in range(2000):
                peer.sock.sendall(piece)

    return handle


LENGTHS = [
    *(
        Fault(f"{how} {where}", "body", answer(make, then), expected, silent=then is wait)
        for how, then, expected in (
            ("closes", closing, CUT),
            ("resets", reset, CUT),
            ("falls silent", wait, IDLE),
        )
        for where, make in (
            ("after the head", only_a_head),
            ("within a length", of_length),
            ("between chunks", in_chunks),
            ("within a chunk", within_a_chunk),
        )
    ),
    Fault("resets where closing ends it", "body", answer(to_the_end, reset), CUT),
    Fault("never closes where that ends it", "body", answer(to_the_end, wait), IDLE, silent=True),
    Fault(
        "closes halfway where that ends it",
        "body",
        answer(to_the_end, closing),
        {"": errors.ResponseParseError, "stream": errors.StreamTruncatedError, "download": TAKEN},
    ),
]
CHUNKS = [
    Fault("a chunk's size is no number", "body", answer(chunks_then(b"zz\r\n"), wait), CUT),
    Fault("a chunk's size is below zero", "body", answer(chunks_then(b"-5\r\n"), wait), CUT),
    Fault(
        "a chunk's size has 30 digits", "body", answer(chunks_then(b"f" * 30 + b"\r\n"), wait), CUT
    ),
    Fault("a chunk's size without an end", "body", answer(chunks_then(b"1" * 200_000), wait), CUT),
    Fault(
        "a chunk that is longer than it says",
        "body",
        answer(chunks_then(b"2\r\n{}xx0\r\n\r\n"), wait),
        CUT,
    ),
    Fault(
        "a chunk's extension",
        "body",
        answer(
            lambda kind, body: [
                status(kind, CHUNKED),
                b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(body), body),
            ]
        ),
        {"": HEALED},
    ),
    Fault(
        "a line end too many",
        "body",
        answer(
            lambda kind, body: [
                status(kind, b"content-length: %d" % len(body), b"connection: close")
                + body
                + b"\r\n"
            ],
            closing,
        ),
        {"": HEALED},
    ),
    Fault("trailers", "body", answer(whole_then(b"0\r\nx: y\r\n\r\n")), {"": HEALED}),
    Fault("trailers without an end", "body", endless_trailers, {**CUT, "stream": HEALED}),
    Fault(
        "a broken trailer",
        "body",
        answer(whole_then(b"0\r\nno colon\r\n\r\n"), closing),
        {**CUT, "stream": HEALED},
    ),
    Fault(
        "no last chunk, then silence",
        "body",
        answer(whole_then(), wait),
        {**IDLE, "stream": HEALED},
        silent=True,
    ),
    Fault(
        "no last chunk, then the end",
        "body",
        answer(whole_then(), closing),
        {**CUT, "stream": HEALED},
    ),
]
BROKEN_CODING = {"": errors.ResponseParseError, "stream": errors.StreamError,
                 "download": errors.StreamError}  # fmt: skip
CODED = [
    Fault(
        "a gzip coding that is none", "body", answer(coded("gzip", bytes)), BROKEN_CODING, "gzip"
    ),
    Fault(
        "a gzip coding that is cut",
        "body",
        answer(coded("gzip", lambda b: gzip.compress(b)[:-9])),
        BROKEN_CODING,
        "gzip",
    ),
    Fault(
        "a gzip coding with a wrong sum",
        "body",
        answer(coded("gzip", lambda b: gzip.compress(b)[:-8] + b"\1" * 8)),
        BROKEN_CODING,
        "gzip",
    ),
    Fault(
        "a zstd coding that is none", "body", answer(coded("zstd", bytes)), BROKEN_CODING, "zstd"
    ),
    Fault("a gzip bomb", "body", answer(bomb("gzip", gzip.compress)), BROKEN_CODING, "100 times"),
    Fault(
        "a deflate bomb", "body", answer(bomb("deflate", zlib.compress)), BROKEN_CODING, "100 times"
    ),
    Fault(
        "a zstd bomb", "body", answer(bomb("zstd", zstandard.compress)), BROKEN_CODING, "100 times"
    ),
    Fault(
        "a bomb in a bomb",
        "body",
        answer(bomb("gzip, gzip", lambda data: gzip.compress(gzip.compress(data)))),
        BROKEN_CODING,
        "100 times",
    ),
    Fault("a coding that is unknown", "body", answer(coded("utf-8", bytes)), {"": HEALED}),
]
PARSE = {"": errors.ResponseParseError, "stream": errors.PolychatError, "download": TAKEN}
DOCUMENTS = [
    Fault("an empty body", "document", answer(said(b"")), PARSE),
    Fault(
        "a page",
        "document",
        answer(said(b"<html>", kind=b"content-type: text/html\r\n")),
        {"": errors.ResponseParseError, "download": TAKEN},
    ),
    Fault("half a document", "document", answer(said(b'{"choices": [')), PARSE),
    Fault("a list", "document", answer(said(b"[]")), PARSE),
    Fault("deep nesting", "document", answer(said(b"[" * 200_000)), PARSE),
    Fault("no UTF-8", "document", answer(said(b'{"a": "\xff"}')), PARSE),
    Fault(
        "a 204",
        "document",
        answer(lambda kind, body: [status(b"", line=b"204 X")]),
        {"": errors.ResponseParseError, "stream": errors.StreamError},
        "204|stopped before its end",
    ),
    *(
        Fault(
            f"a {code}",
            "status",
            answer(
                said(
                    b'{"error": {"message": "told", "code": "c"}}',
                    b"%d X" % code,
                    b"content-type: application/json\r\n",
                )
            ),
            {"": errors.APIStatusError},
            "told",
        )
        for code in (400, 401, 403, 404, 409, 412, 422, 429, 500, 502, 503, 504, 599)
    ),
    Fault(
        "an error without words",
        "status",
        answer(said(b"", b"500 X")),
        {"": errors.InternalServerError},
        "500",
    ),
    Fault(
        "an error that is cut",
        "status",
        answer(
            lambda kind, body: [status(kind, b"content-length: 99", line=b"500 X"), b"{"], closing
        ),
        {"": errors.APIConnectionError},
    ),
    Fault("a status of 304", "status", answer(said(b"", b"304 X")), {"": errors.APIStatusError}),
    Fault("a status of 999", "status", answer(said(b"", b"999 X")), {"": errors.APIStatusError}),
    Fault(
        "an error event",
        "events",
        answer(said(b'data: {"error": {"message": "told"}}\n\n')),
        {"": errors.ResponseParseError, "stream": errors.StreamError, "download": TAKEN},
    ),
    Fault("an event that is no JSON", "events", answer(said(b"data: {x\n\n")), PARSE),
]
EVENT = b'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "' + b"x" * 30_000
LARGE = [
    Fault(
        "events without an end",
        "large",
        endless_body(CHUNKED, (EVENT + b'"}}]}\n\n') * 2),
        {
            "": errors.ResponseParseError,
            "stream": errors.StreamTruncatedError,
            "download": errors.StreamError,
        },
    ),
    Fault("an error without an end", "large", without_end(400), {"": errors.BadRequestError}),
    Fault("a redirect without an end", "large", without_end(302), {"": errors.APIStatusError}),
    Fault(
        "comments without an end",
        "large",
        endless_body(CHUNKED),
        {
            "": errors.ResponseParseError,
            "stream": errors.StreamError,
            "download": errors.StreamError,
        },
    ),
    Fault(
        "an unframed body without an end",
        "large",
        endless_body(b"x: y"),
        {"": errors.ResponseParseError, "stream": errors.StreamError, "download": TAKEN},
    ),
]
BODIES = [*LENGTHS, *CHUNKS, *CODED, *DOCUMENTS]
