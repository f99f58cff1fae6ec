"""An answer is what was asked for, or an error: every operation of every platform, each way."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat_rest.errors import ErrorDocument, UnexpectedStatus, UnreadableAnswer
from tests.answers.operations import WAYS, Case, call, cases

JSON = [case for case in cases() if case.answer.kind == "json"]
DONE = [case for case in cases() if case.answer.kind == "none" and not case.only_streams]
FILES = [case for case in cases() if case.answer.kind == "bytes"]
WORDS = "the upstream is on fire"

every_way = pytest.mark.parametrize("way", WAYS)


def named(case: Case) -> str:
    return f"{case.platform}.{case.name}"


def reply(document: Any, status: int = 200, kind: str = "application/json") -> httpx.Response:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return httpx.Response(status, content=content, headers={"content-type": kind})


ERRORS: dict[str, Any] = {
    "an error object": {"error": {"message": WORDS, "code": 502}},
    "an error text": {"error": WORDS},
    "a detail": {"detail": WORDS},
    "a message": {"message": WORDS, "statusCode": 429},
    "an error beside an empty list": {"error": {"message": WORDS}, "data": [], "object": "list"},
}
NO_ANSWERS: dict[str, tuple[Any, int, str]] = {
    "nothing": (b"", 200, "application/json"),
    "no content": (b"", 204, ""),
    "a page": (b"<html>log in</html>", 200, "text/html"),
    "a page under a wrong type": (b"<html>log in</html>", 200, "application/json"),
    "a text": (b"queued", 202, "text/plain"),
    "null": (None, 200, "application/json"),
    "a number": (7, 200, "application/json"),
}
BADLY_SHAPED: dict[str, Any] = {
    "an empty object": {},
    "a foreign object": {"weather": "fine", "wind": 3},
}


def refused(case: Case, way: str, response: httpx.Response) -> BaseException:
    """The error that a response raises."""
    kinds = (UnexpectedStatus,) if way.startswith("plain") else (errors.PolychatError,)
    with pytest.raises(kinds) as caught:
        call(case, way, lambda: response)
    error = caught.value
    if isinstance(error, errors.PolychatError):
        assert error.platform == case.platform
        assert error.status == response.status_code
        assert error.attempts == 1
    return error


@every_way
@pytest.mark.parametrize("case", JSON, ids=named)
def test_an_error_in_a_success_is_that_error(case: Case, way: str) -> None:
    for what, document in ERRORS.items():
        if case.answer.has_error and "error" in document:
            continue  # a job, or a response, that failed: see its own tests
        error = refused(case, way, reply(document))
        if way.startswith("plain"):
            assert type(error) is ErrorDocument, what
        else:
            assert isinstance(error, errors.APIStatusError), what
        assert WORDS in str(error), what


@every_way
@pytest.mark.parametrize("case", JSON, ids=named)
def test_what_is_no_answer_raises(case: Case, way: str) -> None:
    for what, (document, status, kind) in NO_ANSWERS.items():
        if case.operation.binary and kind == "text/plain":
            continue  # bytes of any type but a page may be sound
        error = refused(case, way, reply(document, status, kind))
        wanted = UnreadableAnswer if way.startswith("plain") else errors.ResponseParseError
        assert isinstance(error, wanted), what


@every_way
@pytest.mark.parametrize("case", JSON, ids=named)
def test_an_object_without_its_roots_raises(case: Case, way: str) -> None:
    right = case.right()
    if isinstance(right, dict):
        right.pop("error", None)  # of a job that failed
    bad = dict(BADLY_SHAPED)
    if ("*",) in case.answer.roots:
        del bad["a foreign object"]  # its fields have no names that are known before
    if isinstance(right, dict):
        for names in case.answer.roots:
            without = {key: value for key, value in right.items() if key not in names}
            if names != ("*",):
                bad[f"without {names}"] = without
                bad[f"null for {names}"] = {**without, names[0]: None}
        for name in case.answer.filled:
            bad[f"an empty list of {name}"] = {**right, name: []}
        bad["a list"] = []
    for what, document in bad.items():
        error = refused(case, way, reply(document))
        wanted = UnreadableAnswer if way.startswith("plain") else errors.ResponseParseError
        assert isinstance(error, wanted), what


@every_way
@pytest.mark.parametrize("case", JSON, ids=named)
def test_every_2xx_is_read_by_the_success_schema(case: Case, way: str) -> None:
    right = case.right()
    wanted = call(case, way, lambda: reply(right))
    assert wanted is not None
    for status in (201, 202, 203, 206):
        got = call(case, way, lambda status=status: reply(right, status))  # type: ignore[misc]
        assert type(got) is type(wanted)
        assert got == wanted


@every_way
@pytest.mark.parametrize("case", DONE, ids=named)
def test_what_answers_without_a_body_was_done_or_not(case: Case, way: str) -> None:
    for status in (200, 201, 204):
        assert call(case, way, lambda status=status: reply(b"", status)) is None  # type: ignore[misc]
    assert call(case, way, lambda: reply({"done": True})) is None
    for document in ERRORS.values():
        assert WORDS in str(refused(case, way, reply(document)))
    refused(case, way, reply(b"<html>log in</html>", 200, "text/html; charset=utf-8"))


@every_way
@pytest.mark.parametrize("case", FILES, ids=named)
def test_a_file_is_whatever_was_stored(case: Case, way: str) -> None:
    for content, kind in ((b"<html>", "text/html"), (b'{"error": "x"}', "application/json"),
                          (b"", "application/octet-stream"), (b"\0\xff", "")):  # fmt: skip
        assert call(case, way, lambda c=content, k=kind: reply(c, 200, k)) == content  # type: ignore[misc]
    refused(case, way, reply(b"", 204, ""))


def test_every_operation_with_a_body_names_what_makes_it_an_answer() -> None:
    lists = {named(case) for case in JSON if isinstance(case.right(), list)}
    unnamed = {named(case) for case in JSON if not case.answer.roots}
    # A list is an answer by being one; all else names its fields in the overlay (x-answer).
    assert unnamed == lists
