"""Paths are paths: a parameter's value never leaves its place in the URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import InvalidPathError

_HOLE = re.compile(r"\{(\+?)([^{}]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
"""What needs no encoding and can be nothing but a name; most ids are such."""
_BARE = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign that begins no escape."""


class PathTemplate:
    """``/v1/files/{bucket}/{+path}``: ``{name}`` is one segment, ``{+name}`` one or several.

    `render` percent-encodes each segment once (see `encode_segment`) and raises
    `InvalidPathError` for a value that would change the path's meaning, as it stands or once a
    server has decoded it: ``.`` and ``..``, an empty segment, a slash where one segment is
    wanted, a control character, something other than text or a number. The empty string and a
    trailing slash are allowed for a ``{+name}`` at the path's end: they name a folder.
    """

    __slots__ = ("_holes", "_tail", "text")

    def __init__(self, text: str) -> None:
        self.text: str = text
        self._holes: list[tuple[str, str, bool]] = []
        end = 0
        for hole in _HOLE.finditer(text):
            self._holes.append((text[end : hole.start()], hole[2], bool(hole[1])))
            end = hole.end()
        self._tail = text[end:]

    def render(self, values: Mapping[str, Any]) -> str:
        """The path for `values`, one for each hole."""
        if not self._holes:
            return self._tail
        path = ""
        for literal, name, several in self._holes:
            path += literal
            text = _text(name, values[name])
            path += _segments(name, text) if several else _segment(name, text, text)
            if path.endswith("/") and not self.text.endswith("}"):
                raise InvalidPathError(f"{name}={text!r} is a folder, where a name is wanted")
        return path + self._tail


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return str.__str__(value)  # an enum's value, not its name
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InvalidPathError(f"{name} is a {type(value).__name__}, not text")


def _segments(name: str, text: str) -> str:
    pieces = text.split("/")
    folder = pieces[-1] == ""
    if folder:
        pieces.pop()
    joined = "/".join(_segment(name, piece, text) for piece in pieces)
    return joined + "/" if folder and pieces else joined


def _segment(name: str, segment: str, whole: str) -> str:
    if _PLAIN.fullmatch(segment):
        return segment
    if "/" in segment or not _is_name(segment):
        raise InvalidPathError(
            f"{name}={whole!r} cannot be a path: give names without '.', '..', empty parts"
            " and control characters" + (", and without '/'" if "/" in segment else "")
        )
    try:
        return encode_segment(segment)
    except UnicodeEncodeError as error:
        raise InvalidPathError(f"{name}={whole!r} is not valid Unicode text") from error


def _is_name(segment: str) -> bool:
    """Whether a segment stays a name when a server decodes it. An encoded slash is sent as it
    came, but what stands around it must not lead elsewhere: some servers take it for a slash."""
    from urllib.parse import unquote

    parts = unquote(segment).split("/")
    return not any(part in ("", ".", "..") or _CONTROL.search(part) for part in parts)


def encode_segment(text: str) -> str:
    """One segment of a path, encoded once. A valid ``%XX`` stays as it came, for services list
    ids percent-encoded; any other ``%`` is encoded, as is all else but letters, digits and
    ``-._~``. Raises UnicodeEncodeError for lone surrogates."""
    from urllib.parse import quote  # here, because it takes long to import

    return quote(_BARE.sub("%25", text), safe="%")
