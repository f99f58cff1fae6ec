"""How an answer is read: it is what was asked for, or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from . import codec
from ._collector import paused
from .errors import ErrorDocument, UnreadableAnswer
from .shapes import is_document

Kind = Literal["json", "text", "bytes", "none"]
LARGE = 100_000
"""Bytes of JSON from which the garbage collector is paused while it is read."""

_OF_ERRORS = frozenset({
    "code", "detail", "details", "error", "errors", "message", "param", "path", "requestId",
    "request_id", "status", "statusCode", "status_code", "success", "timestamp", "title", "type",
})  # fmt: skip
"""The fields that documents have which are errors and nothing else."""
ANY = ("*",)
"""The root of objects whose fields have no names that are known before: they have some field."""
_SAYING = ("error", "errors", "detail")
"""Those of them that say what went wrong, as does a ``message`` that is text."""


class Answer:
    """How the body that comes with a status is read.

    `kind` is ``json``, ``text``, ``bytes`` or ``none``; `parse` makes the documented type of
    decoded JSON, None where that is the JSON value itself. `roots` are the fields that make an
    object an answer: of each group at least one is there, and is not null; those in `lists` are
    lists, and those in `filled` have at least one item. `has_error` tells whether the type itself
    has a field ``error``, as that of a job has. The answer of an error status is read as it
    comes, without these.
    """

    __slots__ = ("filled", "has_error", "kind", "lists", "parse", "roots", "vague")

    def __init__(
        self,
        kind: Kind,
        parse: Callable[[Any], Any] | None = None,
        roots: tuple[tuple[str, ...], ...] = (),
        *,
        lists: tuple[str, ...] = (),
        filled: tuple[str, ...] = (),
        has_error: bool = False,
    ) -> None:
        self.kind: Kind = kind
        self.parse: Callable[[Any], Any] | None = parse
        self.roots: tuple[tuple[str, ...], ...] = roots
        self.lists: tuple[str, ...] = lists
        self.filled: tuple[str, ...] = filled
        self.has_error: bool = has_error
        # Whether an error document, too, may have the roots.
        self.vague: bool = not all(
            names != ANY and _OF_ERRORS.isdisjoint(names) for names in roots or (ANY,)
        )


def read_answer(answer: Answer, status: int, headers: Mapping[str, str], content: bytes) -> Any:
    """The typed answer. Raises `ErrorDocument` for an error in the place of an answer, and
    `UnreadableAnswer` for a body that is not of the documented kind, or none at all."""
    kind = answer.kind
    if kind == "json":
        if len(content) > LARGE:
            return paused(_read_json, answer, status, headers, content)
        return _read_json(answer, status, headers, content)
    if kind == "bytes":
        if not content and status == 204:
            raise UnreadableAnswer(status, content, headers)
        return content
    if not 200 <= status < 300:
        return content.decode(errors="replace") if kind == "text" else None
    if kind == "none" and not content:
        return None
    _refuse_page(status, headers, content)
    _refuse_error(status, headers, content)
    if kind == "none":
        return None
    if not content:
        raise UnreadableAnswer(status, content, headers)
    return content.decode(errors="replace")


def read_sound(status: int, headers: Mapping[str, str], content: bytes) -> bytes:
    """The bytes of an operation whose other answer is a JSON document. Raises `ErrorDocument` for
    an error under whatever type, `UnreadableAnswer` for a page, and for nothing."""
    _refuse_page(status, headers, content)
    _refuse_error(status, headers, content)
    if not content:
        raise UnreadableAnswer(status, content, headers)
    return content


def may_be_document(headers: Mapping[str, str], begin: bytes) -> bool:
    """Whether a body in the place of sound has to come whole before it is known what it is, by
    its type and its first bytes."""
    kind = headers.get("content-type", "").lower()
    return "json" in kind or begin.lstrip()[:1] == b"{" or is_page(headers, begin)


def _read_json(answer: Answer, status: int, headers: Mapping[str, str], content: bytes) -> Any:
    try:
        data = codec.read(content)
    except codec.DecodeError as error:
        raise UnreadableAnswer(status, content, headers) from error
    if 200 <= status < 300:
        _check(answer, data, status, headers, content)
    if answer.parse is None:
        return data
    try:
        return answer.parse(data)
    except (TypeError, AttributeError, ValueError) as error:
        raise UnreadableAnswer(status, content, headers) from error


def _check(
    answer: Answer, data: Any, status: int, headers: Mapping[str, str], content: bytes
) -> None:
    """Raises for a document that is not the answer."""
    if not is_document(data):
        if answer.roots:
            raise UnreadableAnswer(status, content, headers) from ValueError("it is no object")
        return  # `parse` refuses what is not of its kind
    if "error" in data and not answer.has_error and data["error"]:
        raise ErrorDocument(status, content, headers)
    missing = missing_root(answer, data)
    if missing is not None:
        if says_error(data):
            raise ErrorDocument(status, content, headers)
        raise UnreadableAnswer(status, content, headers) from ValueError(missing)
    if answer.vague and not (answer.has_error and "error" in data) and is_error(data):
        raise ErrorDocument(status, content, headers)


def missing_root(answer: Answer, data: Mapping[str, Any]) -> str | None:
    """What `data` lacks to be the answer, in words; None where it is whole."""
    for names in answer.roots:
        for name in names:
            if data.get(name) is not None:
                break
        else:
            if names != ANY or not data:
                return f"it has no {' or '.join(map(repr, names))}" if data else "it is empty"
    for name in answer.lists:
        if type(data[name]) is not list:
            return f"{name!r} is no list"
    for name in answer.filled:
        if data.get(name) == []:
            return f"{name!r} is empty"
    return None


def says_error(data: Mapping[str, Any]) -> bool:
    """Whether a document that is no answer says what went wrong."""
    said = data.get("message")
    return (isinstance(said, str) and said != "") or any(data.get(name) for name in _SAYING)


def is_error(data: Any) -> bool:
    """Whether a JSON value is an error document, whatever else might be expected."""
    if not is_document(data) or not says_error(data):
        return False
    return bool(data.get("error")) or data.keys() <= _OF_ERRORS


def is_page(headers: Mapping[str, str], content: bytes) -> bool:
    """Whether a body is an HTML page, by its type or, under another one, by how it begins."""
    kind = headers.get("content-type", "").lstrip().lower()
    return kind.startswith(_PAGES) or content[:BEGIN].lstrip().lower().startswith(_PAGE_BEGINS)


BEGIN = 200
"""Bytes within which a page says that it is one."""
_PAGES = ("text/html", "application/xhtml")
_PAGE_BEGINS = (b"<!doctype html", b"<html")


def _refuse_page(status: int, headers: Mapping[str, str], content: bytes) -> None:
    """A page where no page was asked for is a login form or a proxy's word."""
    if is_page(headers, content):
        raise UnreadableAnswer(status, content, headers)


def _refuse_error(status: int, headers: Mapping[str, str], content: bytes) -> None:
    if content.lstrip()[:1] != b"{":
        return
    try:
        data = codec.read(content)
    except codec.DecodeError:
        return
    if is_error(data):
        raise ErrorDocument(status, content, headers)
