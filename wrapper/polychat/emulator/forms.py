"""Multipart forms, read as a stream: a file's bytes go on as they arrive."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request


class FormError(ValueError):
    """The body is no form, or the form has not the file that is wanted."""


class _FilePart:
    """Takes the parser's events and hands on the content of the part that has the name."""

    def __init__(self, name: str, write: Callable[[memoryview], None]) -> None:
        self.content_type: str | None = None
        self._name = name
        self._write = write
        self._wanted = False
        self._headers = Message()
        self._field = self._value = b""

    def on_part_begin(self) -> None:
        self._headers = Message()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._field.decode("latin-1")] = self._value.decode("latin-1")
        self._field = self._value = b""

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("Content-Disposition"))
        self._wanted = options.get(b"name") == self._name.encode() and self.content_type is None
        if self._wanted:
            self.content_type = self._headers.get("Content-Type") or "application/octet-stream"

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted:
            self._write(memoryview(data)[start:end])

    def on_part_end(self) -> None:
        self._wanted = False


async def receive_file(request: Request, name: str, write: Callable[[memoryview], None]) -> str:
    """Writes the content of the form's part `name` and returns its content type.

    Raises FormError when the body is no multipart form or has no such part.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise FormError("header 'Content-Type' must be multipart/form-data with a boundary")
    part = _FilePart(name, write)
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": part.on_part_begin,
            "on_header_field": part.on_header_field,
            "on_header_value": part.on_header_value,
            "on_header_end": part.on_header_end,
            "on_headers_finished": part.on_headers_finished,
            "on_part_data": part.on_part_data,
            "on_part_end": part.on_part_end,
        },
    )
    try:
        async for piece in request.stream():
            parser.write(piece)
        parser.finalize()
    except MultipartParseError as error:
        raise FormError(f"the form cannot be read: {error}") from error
    if part.content_type is None:
        raise FormError(f"the form has no part '{name}'")
    return part.content_type
