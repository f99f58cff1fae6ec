"""Request bodies: every kind of source, sent again from where it began."""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import io
import os
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from polychat_rest.body import (
    CHUNK,
    Content,
    File,
    FileSource,
    FormBody,
    JsonBody,
    MultipartBody,
    RawBody,
)
from polychat_rest.dial.models import ChatCompletionRequest

TEXT = "Zażółć 🎉\r\n--boundary\r\n"
DATA = TEXT.encode()


def sync_bytes(content: bytes | Content) -> bytes:
    """What a synchronous client sends."""
    return content if isinstance(content, bytes) else b"".join(content)


def async_bytes(content: bytes | Content) -> bytes:
    """What an asynchronous client sends."""

    async def join() -> bytes:
        assert not isinstance(content, bytes)
        return b"".join([piece async for piece in content])

    return content if isinstance(content, bytes) else asyncio.run(join())


def parts(content_type: str, body: bytes) -> list[tuple[dict[str, str], bytes]]:
    """The parts as another parser, the standard library's, reads them."""
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    found: list[tuple[dict[str, str], bytes]] = []
    for part in message.iter_parts():  # type: ignore[attr-defined]
        disposition = dict(part.get_params(header="content-disposition"))
        disposition["type"] = part.get("content-type", "")
        found.append((disposition, part.get_payload(decode=True)))
    return found


def at_three(data: bytes) -> io.BytesIO:
    """A stream of which three bytes were read by its owner."""
    stream = io.BytesIO(b"abc" + data)
    stream.seek(3)
    return stream


def temporary(data: bytes) -> Any:
    file = tempfile.TemporaryFile()
    file.write(data)
    file.seek(0)
    return file


class Pathlike:
    """A path that is not a `Path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


class Unseekable(io.RawIOBase):
    """A pipe or socket."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


class Reader:
    """Only `read`, as many libraries give."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


async def pieces_async(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 3):
        yield data[at : at + 3]


def pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), 3):
        yield data[at : at + 3]


def file_of(folder: Path) -> Path:
    path = folder / "f.bin"
    path.write_bytes(DATA)
    return path


# name: (source, length known, replayable)
Make = Callable[[Path], Any]
SOURCES: dict[str, tuple[Make, bool, bool]] = {
    "bytes": (lambda _: DATA, True, True),
    "bytearray": (lambda _: bytearray(DATA), True, True),
    "memoryview": (lambda _: memoryview(DATA), True, True),
    "memoryview of ints": (
        lambda _: memoryview(DATA + b"\0" * (-len(DATA) % 4)).cast("i"), True, True
    ),
    "text": (lambda _: TEXT, True, True),
    "path": (file_of, True, True),
    "pathlike": (lambda folder: Pathlike(file_of(folder)), True, True),
    "file": (lambda folder: file_of(folder).open("rb"), True, True),
    "text file": (
        lambda folder: file_of(folder).open(encoding="utf-8", newline=""), False, True
    ),
    "BytesIO past its start": (lambda _: at_three(DATA), True, True),
    "StringIO": (lambda _: io.StringIO(TEXT, newline=""), False, True),
    "temporary file": (lambda _: temporary(DATA), True, True),
    "unseekable": (lambda _: Unseekable(DATA), False, False),
    "reader": (lambda _: Reader(DATA), False, False),
    "generator": (lambda _: pieces(DATA), False, False),
    "list": (lambda _: list(pieces(DATA)), False, True),
    "async generator": (lambda _: pieces_async(DATA), False, False),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("mode", ["raw", "multipart"])
def test_every_source(name: str, mode: str, tmp_path: Path) -> None:
    make, known, replayable = SOURCES[name]
    expected = DATA + (b"\0" * (-len(DATA) % 4) if "ints" in name else b"")

    def read(body: RawBody | MultipartBody, join: Callable[[Any], bytes]) -> None:
        content = body.content()
        assert not isinstance(content, bytes)
        assert body.replayable is replayable
        sent = join(content)
        if known:
            assert content.length == len(sent)
        elif name not in ("StringIO", "list"):
            assert content.length is None
        if mode == "raw":
            assert sent == expected
        else:
            ((disposition, payload), (_, note)) = parts(body.content_type, sent)
            assert payload == expected
            assert note == b"n"
            assert disposition["name"] == "file"

    source = make(tmp_path)
    body: RawBody | MultipartBody
    if mode == "raw":
        body = RawBody(source, "text/plain")
    else:
        body = MultipartBody([("file", File(source, "n.txt", "text/plain")), ("note", "n")])
    joins = [async_bytes] if name == "async generator" else [sync_bytes, async_bytes]
    for join in joins if replayable else joins[:1]:
        read(body, join)
        if replayable:
            read(body, join)
    if isinstance(source, io.IOBase):
        assert not source.closed, "the caller's file is the caller's"
        source.close()


def test_an_async_source_in_a_sync_client_is_refused() -> None:
    content = RawBody(pieces_async(DATA), "a/b").content()
    with pytest.raises(TypeError, match="async"):
        iter(content)  # before anything is sent


def test_a_file_is_read_in_pieces_and_anew_for_each_sending(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * (3 * CHUNK + 1))
    body = RawBody(path, "a/b")
    content = body.content()
    assert not isinstance(content, bytes)
    assert [len(piece) for piece in content] == [CHUNK] * 3 + [1]
    path.write_bytes(b"y" * (3 * CHUNK + 1))
    assert sync_bytes(body.content()) == b"y" * (3 * CHUNK + 1)


def test_a_file_cut_short_while_it_was_read_is_sent_again_whole() -> None:
    stream = at_three(b"0123456789")
    body = RawBody(stream, "a/b")
    content = body.content()
    assert not isinstance(content, bytes)
    next(iter(content))
    stream.seek(9)
    assert sync_bytes(body.content()) == b"0123456789"


@pytest.mark.parametrize("path", ["missing", "."])
def test_a_file_that_is_not_there(path: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="file") as caught:
        MultipartBody([("file", File(tmp_path / path))])
    assert re.search(r"check the path|pass its path", str(caught.value))
    assert isinstance(caught.value, (FileNotFoundError, IsADirectoryError))


@pytest.mark.parametrize("source", [None, 7, object()])
def test_what_is_no_file(source: Any) -> None:
    with pytest.raises(TypeError, match="file"):
        MultipartBody([("file", File(source))])


def test_no_content_ends_a_part() -> None:
    first = MultipartBody([("a", "b")])
    assert first.content_type != MultipartBody([("a", "b")]).content_type
    boundary = first.content_type[-32:].encode()
    hostile = sync_bytes(first.content()) + b"\r\n--" + boundary + b"--\r\n"
    body = MultipartBody([("file", File(hostile, "x")), ("after", "1")])
    found = parts(body.content_type, sync_bytes(body.content()))
    assert [(d["name"], data) for d, data in found] == [("file", hostile), ("after", b"1")]


@pytest.mark.parametrize("name", ['a"b', "a\r\nX: y", "ę🎉", "a;b", "a\\b", "%22", ""])
def test_names_cannot_inject_headers(name: str) -> None:
    body = MultipartBody([(name or "f", File(b"1", name))])
    sent = sync_bytes(body.content())
    head = sent.split(b"\r\n\r\n")[0].decode()
    assert len(head.split("\r\n")) == 3
    escaped = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    assert f'filename="{escaped}"' in head


@pytest.mark.parametrize("kind", ["text/plain\r\nX: y", "a\nb", "ę/x", "a/b\0"])
def test_a_media_type_cannot_inject_headers(kind: str) -> None:
    with pytest.raises(ValueError, match="content type"):
        MultipartBody([("f", File(b"1", "n", kind))])


def test_the_file_name_of_an_open_file_is_its_own(tmp_path: Path) -> None:
    def name(payload: Any) -> str:
        body = MultipartBody([("file", File(payload))])
        return parts(body.content_type, sync_bytes(body.content()))[0][0]["filename"]

    path = file_of(tmp_path)
    assert name(path) == "f.bin"
    assert name(Pathlike(path)) == "f.bin"
    with path.open("rb") as file:
        assert name(file) == "f.bin"
    assert name(b"1") == "file"
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as file:  # its name is a number
        assert name(file) == "file"


def test_parts_of_other_kinds() -> None:
    body = MultipartBody([("t", "text"), ("n", 1), ("o", {"a": [1]}), ("none", None), ("b", True)])
    found = parts(body.content_type, sync_bytes(body.content()))
    assert [(d["name"], d["type"], data) for d, data in found] == [
        ("t", "", b"text"),
        ("n", "application/json", b"1"),
        ("o", "application/json", b'{"a":[1]}'),
        ("b", "application/json", b"true"),
    ]


def test_json_bodies() -> None:
    model = ChatCompletionRequest.from_dict({"messages": [{"role": "user"}], "new": 1})
    assert msgspec.json.decode(JsonBody(model).content()) == model.to_dict()
    nested = JsonBody({"a": [model, (1, 2)], "b": model})
    assert msgspec.json.decode(nested.content()) == {
        "a": [model.to_dict(), [1, 2]], "b": model.to_dict(),
    }  # fmt: skip
    added = JsonBody(model).with_fields({"messages": None, "x": 1})
    assert msgspec.json.decode(added.content()) == {"messages": None, "new": 1, "x": 1}
    assert model.to_dict()["messages"], "the model stays as it was"
    with pytest.raises(TypeError):
        JsonBody({"a": object()}).content()


def test_form_bodies() -> None:
    body = FormBody({"a": "x y&", "b": ["1", "2"], "c": None})
    assert body.content() == b"a=x+y%26&b=1&b=2"


def test_reading_is_reported() -> None:
    read: list[int] = []
    source = FileSource(b"x" * (CHUNK + 5), read.append)
    assert b"".join(source) == b"x" * (CHUNK + 5)
    assert read == [CHUNK, 5]
