"""Request bodies: JSON, raw content, form fields and multipart parts that stream."""

from __future__ import annotations

import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from itertools import chain
from typing import IO, Any, Protocol, TypeGuard, cast

from . import codec
from .model import plain

CHUNK = 256 * 1024
"""Bytes read from a file at a time: large enough that the read is not what an upload costs."""

FileContent = (
    bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes] | IO[str]
    | Iterable[bytes] | AsyncIterable[bytes]
)  # fmt: skip
"""What a file may be given as. ``str`` is text, to be sent as UTF-8; ``os.PathLike`` is a file."""


class Body(Protocol):
    """What a request carries."""

    @property
    def content_type(self) -> str: ...
    @property
    def replayable(self) -> bool:
        """Whether `content` can be asked for again, for a retry."""
        ...

    def content(self) -> bytes | Content:
        """The bytes, or a stream of them for one sending."""
        ...


class Content(Protocol):
    """A stream of bytes, of `length` bytes where that is known."""

    length: int | None

    def __iter__(self) -> Iterator[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...


class JsonBody:
    """A JSON value: models, dicts and lists of them."""

    __slots__ = ("value",)
    content_type = "application/json"
    replayable = True

    def __init__(self, value: Any) -> None:
        self.value: Any = value

    def content(self) -> bytes:
        # msgspec would write a model by its attributes, and not ask for its `to_dict`.
        return codec.encode(plain(self.value), enc_hook=_encode_other)

    def with_fields(self, fields: Mapping[str, Any]) -> JsonBody:
        """A body with `fields` added to its object, or put in the place of what it has."""
        value = self.value.to_dict() if hasattr(self.value, "to_dict") else self.value
        return JsonBody({**value, **fields})


def _encode_other(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return plain(dict(value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, Iterable):
        return plain(list(value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise TypeError(f"{type(value).__name__} is not a JSON value")


class RawBody:
    """Content that is sent as it is."""

    __slots__ = ("_source", "content_type")

    def __init__(self, source: FileContent, content_type: str) -> None:
        self._source = FileSource(source)
        self.content_type: str = content_type

    @property
    def replayable(self) -> bool:
        return self._source.replayable

    def content(self) -> Content:
        return _Joined([self._source])


class FormBody:
    """URL-encoded form fields."""

    __slots__ = ("fields",)
    content_type = "application/x-www-form-urlencoded"
    replayable = True

    def __init__(self, fields: Any) -> None:
        self.fields: Mapping[str, Any] = plain(fields)

    def content(self) -> bytes:
        from urllib.parse import urlencode

        return urlencode(
            [(name, value) for name, value in self.fields.items() if value is not None], doseq=True
        ).encode()


class File:
    """A file for upload: its content, and the name and media type it is sent under."""

    __slots__ = ("file_name", "mime_type", "payload")

    def __init__(
        self, payload: FileContent, file_name: str | None = None, mime_type: str | None = None
    ) -> None:
        self.payload: FileContent = payload
        self.file_name: str | None = file_name
        self.mime_type: str | None = mime_type


class FileSource:
    """File content that can be measured, read in pieces and, where possible, read again."""

    __slots__ = ("_on_read", "_source", "_start", "length", "replayable")

    def __init__(self, source: Any, on_read: Callable[[int], None] | None = None) -> None:
        if isinstance(source, str):
            source = _utf8(source)
        self._source = source
        self._on_read = on_read
        self._start = 0
        self.length: int | None = None
        self.replayable: bool = True
        if isinstance(source, (bytes, bytearray, memoryview)):
            self.length = len(memoryview(cast("bytes", source)).cast("B"))
        elif _is_path(source):
            self.length = _size(os.fspath(source))
        elif hasattr(source, "read"):
            self.replayable = _seekable(source)
            if self.replayable:
                self._start = source.tell()
                if not hasattr(source, "encoding"):  # in text files positions are not bytes
                    end = source.seek(0, os.SEEK_END)
                    source.seek(self._start)
                    self.length = end - self._start
        elif isinstance(source, (Iterable, AsyncIterable)):
            self.replayable = isinstance(source, (list, tuple))
        else:
            raise TypeError(
                f"file: a {type(source).__name__} cannot be sent; give bytes, text, a path, an open"
                " file or an iterator of bytes"
            )

    def __iter__(self) -> Iterator[bytes]:
        self.check_sync()
        return self._reported()

    def check_sync(self) -> None:
        """Raises TypeError for a source that only an asynchronous client can read."""
        if isinstance(self._source, AsyncIterable):
            raise TypeError(
                "file: an async iterator needs the async client; give bytes, a path, a file or"
                " an iterator"
            )

    def _reported(self) -> Iterator[bytes]:
        for piece in self._pieces():
            if self._on_read is not None:
                self._on_read(len(piece))
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        source = self._source
        if isinstance(source, (bytes, bytearray, memoryview)):
            view = memoryview(cast("bytes", source)).cast("B")
            for at in range(0, len(view), CHUNK):
                yield bytes(view[at : at + CHUNK])
        elif isinstance(source, os.PathLike):
            with open(cast("os.PathLike[str]", source), "rb", buffering=0) as file:
                yield from _read(file)
        elif hasattr(source, "read"):
            if self.replayable:
                source.seek(self._start)
            yield from _read(source)
        else:
            yield from source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if hasattr(self._source, "__aiter__"):
            async for piece in cast("AsyncIterable[bytes]", self._source):
                if self._on_read is not None:
                    self._on_read(len(piece))
                yield piece
        else:
            for piece in self:
                yield piece


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        character = ascii(error.object[error.start])
        raise TypeError(f"file: a text with {character} in it cannot be sent; give bytes") from None


def _size(path: str | bytes) -> int:
    try:
        if not os.path.isfile(path) and os.path.exists(path):
            raise IsADirectoryError(21, "the file to send is no regular file; pass its path", path)
        return os.stat(path).st_size
    except FileNotFoundError as error:
        raise FileNotFoundError(2, "the file to send is not there; check the path", path) from error


def _seekable(source: Any) -> bool:
    try:
        return bool(source.seekable())
    except (AttributeError, OSError, ValueError):
        return False


def _read(file: Any) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece.encode() if isinstance(piece, str) else piece


class MultipartBody:
    """``multipart/form-data`` with a random boundary, so that no content can end a part."""

    __slots__ = ("_boundary", "_parts", "_sources", "content_type")

    def __init__(self, parts: Iterable[tuple[str, Any]]) -> None:
        self._boundary = os.urandom(16).hex()
        self.content_type: str = f"multipart/form-data; boundary={self._boundary}"
        self._sources: list[FileSource] = []
        self._parts: list[FileSource] = []
        for name, value in parts:
            if value is not None:
                self._add(name, value)
        self._parts.append(FileSource(f"--{self._boundary}--\r\n".encode()))

    def _add(self, name: str, value: Any) -> None:
        head = f'--{self._boundary}\r\nContent-Disposition: form-data; name="{_escape(name)}"'
        if isinstance(value, File):
            file_name = value.file_name
            if file_name is None:
                file_name = _own_name(value.payload) or name
            head += f'; filename="{_escape(file_name)}"'
            head += f"\r\nContent-Type: {_header(value.mime_type or 'application/octet-stream')}"
            payload = value.payload
            source = payload if isinstance(payload, FileSource) else FileSource(payload)
        elif isinstance(value, str):
            source = FileSource(value)
        else:
            head += "\r\nContent-Type: application/json"
            source = FileSource(codec.encode(plain(value), enc_hook=_encode_other))
        self._parts += [FileSource(f"{head}\r\n\r\n".encode()), source, FileSource(b"\r\n")]
        self._sources.append(source)

    @property
    def replayable(self) -> bool:
        return all(source.replayable for source in self._sources)

    def content(self) -> Content:
        return _Joined(self._parts)


class _Joined:
    """Several sources as one stream."""

    __slots__ = ("_sources", "length")

    def __init__(self, sources: list[FileSource]) -> None:
        self._sources = sources
        lengths = [source.length for source in sources]
        self.length = None if None in lengths else sum(length or 0 for length in lengths)

    def __iter__(self) -> Iterator[bytes]:
        for source in self._sources:  # before anything is sent
            source.check_sync()
        return chain.from_iterable(self._sources)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for source in self._sources:
            pieces = aiter(source)
            try:
                async for piece in pieces:
                    yield piece
            finally:  # a source that is left keeps no file open until it is collected
                if isinstance(pieces, AsyncGenerator):
                    await pieces.aclose()


def _is_path(value: object) -> TypeGuard[os.PathLike[str]]:
    return isinstance(value, os.PathLike)


def _own_name(payload: Any) -> str:
    """The name of the file at a path, or of an open one where it was opened by a name."""
    path: object = payload if _is_path(payload) else getattr(payload, "name", None)
    return os.path.basename(os.fspath(path)) if _is_path(path) or isinstance(path, str) else ""


def _escape(text: str) -> str:
    """As browsers write it (WHATWG HTML, multipart/form-data encoding algorithm)."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _header(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError(f"content type {text!r} has a line break or a character outside ASCII")
    return text
