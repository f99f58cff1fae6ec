"""What the table leaves out: errors in every envelope and under every type, answers that are
texts, and sound."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat_rest.client import Client as PlainClient
from polychat_rest.errors import ErrorDocument, UnexpectedStatus, UnreadableAnswer
from tests.answers.operations import ROOMS, WAYS, Case, call, cases

WORDS = "the upstream is on fire"
JSON = "application/json"
HTML = b"\n<!DOCTYPE html><title>Sign in</title>"
ENVELOPES: list[Any] = [
    {"error": {"message": WORDS, "code": "overloaded"}}, {"error": WORDS}, {"detail": WORDS},
    {"errors": [{"message": WORDS}]}, {"errors": [WORDS]}, {"errors": WORDS},
    {"message": WORDS, "statusCode": 500}, {"title": "Bad Gateway", "detail": WORDS},
    {"error": {"message": WORDS}, "some": "field"},
]  # fmt: skip
NAMED = [case for case in cases() if case.answer.kind == "json"]
TEXTS = [case for case in cases() if case.answer.kind == "text"]
(SPEECH,) = [case for case in NAMED if case.operation.binary]

every_way = pytest.mark.parametrize("way", WAYS)


def named(case: Case) -> str:
    return f"{case.platform}.{case.name}"


def refusal(case: Case, way: str, content: bytes, status: int, kind: str | None) -> Any:
    """The error that an answer raises; what it gives where it raises none."""
    headers = {} if kind is None else {"content-type": kind}
    try:
        return call(case, way, lambda: httpx.Response(status, content=content, headers=headers))
    except (errors.PolychatError, UnexpectedStatus) as error:
        return error


def is_said(error: Any, way: str) -> bool:
    wanted = ErrorDocument if way.startswith("plain") else errors.APIStatusError
    return isinstance(error, wanted) and WORDS in str(error)


def is_unreadable(error: Any, way: str) -> bool:
    if way.startswith("plain"):
        return type(error) is UnreadableAnswer
    return isinstance(error, errors.ResponseParseError)


@every_way
@pytest.mark.parametrize("case", NAMED, ids=named)
def test_an_error_is_told_in_every_envelope(case: Case, way: str) -> None:
    silent = [
        document
        for document in ENVELOPES
        if not is_said(refusal(case, way, json.dumps(document).encode(), 200, JSON), way)
    ]
    assert silent == []


@every_way
@pytest.mark.parametrize("case", NAMED, ids=named)
def test_an_error_is_told_under_every_status_and_type(case: Case, way: str) -> None:
    content = json.dumps(ENVELOPES[0]).encode()
    for status, kind in ((201, JSON), (202, JSON), (203, JSON), (200, None), (200, "text/plain")):
        assert is_said(refusal(case, way, content, status, kind), way), (status, kind)


@every_way
@pytest.mark.parametrize("case", NAMED, ids=named)
def test_nothing_is_no_answer_under_any_status(case: Case, way: str) -> None:
    for status in (200, 201, 202, 203, 204):
        for kind in (JSON, None):
            found = refusal(case, way, b"", status, kind)
            assert is_unreadable(found, way), (status, kind, found)


def unreadable() -> Iterator[tuple[bytes, int, str | None]]:
    """Bodies that are neither a text nor sound."""
    yield b"", 200, "text/plain"
    yield b"", 204, None
    for kind in ("text/html", "Text/HTML; charset=utf-8", "text/plain", None):
        yield HTML, 200, kind


@every_way
@pytest.mark.parametrize("case", TEXTS, ids=named)
def test_a_text_is_a_text(case: Case, way: str) -> None:
    for status in (200, 201, 203):
        assert refusal(case, way, b"1.2\xff", status, "text/plain") == "1.2\ufffd"
    for answer in unreadable():
        assert is_unreadable(refusal(case, way, *answer), way), answer
    for document in ENVELOPES:
        assert is_said(refusal(case, way, json.dumps(document).encode(), 200, JSON), way)


DONE = [case for case in cases() if case.answer.kind == "none" and not case.only_streams]


@every_way
@pytest.mark.parametrize("case", DONE, ids=named)
def test_a_page_is_not_done(case: Case, way: str) -> None:
    for content, status, kind in unreadable():
        if content:
            assert is_unreadable(refusal(case, way, content, status, kind), way), kind
    for document in ENVELOPES:
        for kind in (JSON, None, "text/plain"):
            content = json.dumps(document).encode()
            assert is_said(refusal(case, way, content, 200, kind), way), (kind, document)


# --- sound ---

SOUND = b"ID3\x03" + bytes(range(256))
NO_SOUND = [
    *unreadable(), (b"", 200, "audio/mpeg"), (HTML, 200, "audio/mpeg"), (b"{}", 200, JSON),
    (b"null", 200, JSON), (b"[]", 200, JSON), (b'{"hello": "world"}', 200, JSON),
]  # fmt: skip
SAID = [
    (json.dumps(document).encode(), 200, kind)
    for document in ENVELOPES
    for kind in (JSON, "text/plain", "audio/mpeg", "application/octet-stream")
]


@every_way
def test_sound_is_sound(way: str) -> None:
    for status in (200, 201, 203):
        assert refusal(SPEECH, way, SOUND, status, "audio/mpeg") == SOUND
    for answer in NO_SOUND:
        assert is_unreadable(refusal(SPEECH, way, *answer), way), answer
    for answer in SAID:
        assert is_said(refusal(SPEECH, way, *answer), way), answer


def streamed(way: str, content: bytes, status: int, kind: str | None) -> Any:
    """What a download of speech gives, or raises."""
    headers = {} if kind is None else {"content-type": kind}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(status, content=content, headers=headers)
    )
    asynchronous = way.endswith("async")
    if way.startswith("plain"):
        sender: Any = PlainClient("http://service.test", httpx_args={"transport": transport})
    else:
        sender = ROOMS["aimlapi"][asynchronous](transport).rest
    given = SPEECH.arguments()

    async def main() -> bytes:
        stream = await SPEECH.module.adownload(**given, client=sender)
        return b"".join([piece async for piece in stream])

    try:
        if asynchronous:
            return asyncio.run(main())
        return b"".join(SPEECH.module.download(**given, client=sender))
    except (errors.PolychatError, UnexpectedStatus) as error:
        return error


@every_way
def test_streamed_sound_is_sound(way: str) -> None:
    assert streamed(way, SOUND, 200, "audio/mpeg") == SOUND
    assert streamed(way, b"{not json" + SOUND, 200, "audio/wav") == b"{not json" + SOUND
    for answer in NO_SOUND:
        assert is_unreadable(streamed(way, *answer), way), answer
    for answer in SAID:
        assert is_said(streamed(way, *answer), way), answer


@every_way
@pytest.mark.parametrize("platform", ROOMS)
def test_a_wrong_byte_in_an_answer_is_a_replacement_character(platform: str, way: str) -> None:
    (chat,) = [c for c in cases() if c.platform == platform and c.operation.gives_choices]
    message = {"role": "assistant", "content": "BAD"}
    document = {"id": "1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    content = json.dumps(document).encode().replace(b"BAD", b"a\xffb")
    assert refusal(chat, way, content, 200, JSON).choices[0].message.content == "a\ufffdb"
