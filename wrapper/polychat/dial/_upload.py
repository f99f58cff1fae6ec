"""What a file may be given as for an upload, and how it is told apart."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, cast

from polychat_rest.body import File, FileContent, FileSource

from ._exception import InvalidRequestError

FileTypes = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, str, FileContent]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
"""Content; ``(name, content)``; ``(name, content, type)`` or ``(name, type, content)``, told
apart by what is text in the form of a media type; ``(name, content, type, headers)``."""
OnProgress = Callable[[int, int | None], None]
"""Called with the bytes sent so far and, where it is known, the length."""

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+*-]+(\s*;.*)?")


class _Counted(FileSource):
    """A source that tells how far it has been read; a retry begins again at 0."""

    __slots__ = ("_report", "_sent")

    def __init__(self, source: Any, report: OnProgress) -> None:
        super().__init__(source, self._read)
        self._report = report
        self._sent = 0

    def _read(self, size: int) -> None:
        self._sent += size
        self._report(self._sent, self.length)

    def __iter__(self) -> Iterator[bytes]:
        self._sent = 0
        return super().__iter__()

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._sent = 0
        return super().__aiter__()


def file_part(
    file: Any, *, content_type: str | None = None, on_progress: OnProgress | None = None
) -> File:
    """The part of the form that carries `file`. Raises `InvalidRequestError` for what is no
    file, and `FileNotFoundError` for a path where there is none."""
    name, content, kind = _taken_apart(file) if type(file) is tuple else (None, file, None)
    if name is None:
        name = _own_name(content)
    try:
        source = FileSource(content) if on_progress is None else _Counted(content, on_progress)
    except TypeError as error:
        raise InvalidRequestError(str(error)) from error
    kind = content_type or kind or mimetypes.guess_type(name or "")[0]
    # FileSource is what MultipartBody takes as it is.
    return File(cast("Any", source), name or "upload", kind)


def refuse_asynchronous(file: Any) -> None:
    """Raises `InvalidRequestError` for content that only asynchronous code can read."""
    given: Any = file
    for content in given if isinstance(file, tuple) else (file,):
        if hasattr(content, "__aiter__") and not hasattr(content, "__iter__"):
            raise InvalidRequestError("file: an asynchronous iterator needs AsyncDial")


def _taken_apart(file: Any) -> tuple[str | None, Any, str | None]:
    """Name, content and media type of a tuple."""
    if not 2 <= len(file) <= 4 or not (file[0] is None or isinstance(file[0], str)):
        raise InvalidRequestError(
            "file: a tuple is (name, content), (name, content, type), (name, type, content) or"
            " (name, content, type, headers)"
        )
    name, content = file[0], file[1]
    kind = file[2] if len(file) > 2 else None
    if len(file) == 3 and isinstance(content, str) and not _is_type_of(content, kind):
        content, kind = kind, content
    if kind is not None and not isinstance(kind, str):
        raise InvalidRequestError(f"file: the media type is a {type(kind).__name__}, not text")
    if len(file) == 4:
        kind = _from_headers(file[3], kind)
    return name, content, kind


def _is_type_of(content: str, last: Any) -> bool:
    """Whether the last of a tuple's three is the type of a textual content, rather than a
    content of which the text before it is the type."""
    if last is None:
        return True
    if not isinstance(last, str):
        return False
    return bool(_MEDIA_TYPE.fullmatch(last)) or not _MEDIA_TYPE.fullmatch(content)


def _from_headers(headers: Mapping[str, str] | None, kind: str | None) -> str | None:
    """The media type that a part's headers give: the only header that DIAL keeps."""
    for header, value in (headers or {}).items():
        if header.lower() != "content-type":
            raise InvalidRequestError(f"file: DIAL keeps no header {header!r} of a file")
        kind = value
    return kind


def _own_name(content: Any) -> str | None:
    """The name of the file at a path, or of an open one."""
    path: Any = content if hasattr(content, "__fspath__") else getattr(content, "name", None)
    is_path = isinstance(path, str) or hasattr(path, "__fspath__")
    return PurePath(path).name or None if is_path else None
