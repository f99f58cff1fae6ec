"""Files: up, down, moved, listed, with their ETags, in both colours."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from polychat import errors
from polychat.dial import (
    DialException,
    EtagMismatchError,
    InvalidRequestError,
    ResourceNotFoundError,
)
from polychat.emulator import Emulator

CONTENT = b"some bytes"


class Reader:
    """Something that can be read, once, and nothing else."""

    def __init__(self) -> None:
        self._file = io.BytesIO(CONTENT)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def local_file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_bytes(CONTENT)
    return path


SOURCES: dict[str, Any] = {
    "bytes": lambda _: CONTENT,
    "bytearray": lambda _: bytearray(CONTENT),
    "memoryview": lambda _: memoryview(CONTENT),
    "str": lambda _: CONTENT.decode(),
    "path": local_file,
    "open file": lambda path: local_file(path).open("rb"),
    "text file": lambda path: local_file(path).open(),
    "BytesIO": lambda _: io.BytesIO(CONTENT),
    "temporary file": lambda _: temporary(),
    "reader": lambda _: Reader(),
    "iterator": lambda _: iter([CONTENT[:4], CONTENT[4:]]),
    "list": lambda _: [CONTENT[:4], CONTENT[4:]],
    "tuple with BytesIO": lambda _: ("name.txt", io.BytesIO(CONTENT)),
}


def temporary() -> Any:
    file = tempfile.TemporaryFile()  # the client reads it
    file.write(CONTENT)
    file.seek(0)
    return file


@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_a_file_is_given_as_it_arrives(dial: Any, tmp_path: Path, kind: str) -> None:
    url = dial.my_files_home() / "folder" / "file.txt"
    source = SOURCES[kind](tmp_path)
    item = dial.files.upload(url, source)
    if hasattr(source, "close"):
        source.close()
    assert (item.content_length, item.name, item.node_type) == (10, "file.txt", "ITEM")
    response = dial.files.download(url)
    assert response.get_content() == CONTENT
    assert response.etag == item.etag


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [
        (("n.txt", b"content", "text/css"), b"content", "text/css"),
        (("n.txt", "text/css", b"content"), b"content", "text/css"),
        (("n.txt", "text/css", io.BytesIO(b"content")), b"content", "text/css"),
        (("n.txt", "text/plain", "text/css"), b"text/plain", "text/css"),
        (("n.txt", "text/css", "some words"), b"some words", "text/css"),
        (("n.txt", "some words", "text/css"), b"some words", "text/css"),
        (("n.css", b"content"), b"content", "text/css"),
        (("n.css", b"content", None), b"content", "text/css"),
        ((None, b"content"), b"content", "application/octet-stream"),
        (("n.txt", b"content", None, {"Content-Type": "text/css"}), b"content", "text/css"),
    ],
)
def test_both_orders_of_a_tuple_are_told_apart(
    dial: Any, file: Any, content: bytes, kind: str
) -> None:
    if hasattr(file[-1], "seek"):
        file[-1].seek(0)
    url = dial.my_files_home() / "tuple"
    assert dial.files.upload(url, file).content_type == kind
    assert dial.files.download(url).get_content() == content


@pytest.mark.parametrize(
    "file", [5, None, ("only",), (1, b"x"), ("n", b"x", 7), ("n", b"x", None, {"X-Other": "1"})]
)
def test_what_is_no_file_is_refused_before_sending(
    dial: Any, emulator: Emulator, file: Any
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        dial.files.upload("files/abc/x", file)
    assert "file:" in str(caught.value)
    assert not emulator.requests


def test_progress_is_told_and_begins_again_with_a_retry(make: Any) -> None:
    fault = {"x-emulator-fault": "fault:status=503,retry-after=0,times=1", "x-emulator-key": "p"}
    dial = make(max_retries=1)
    seen: list[tuple[int, int | None]] = []
    content = bytes(600_000)
    url = dial.my_files_home() / "progress"
    dial.files.upload(url, content, on_progress=lambda *at: seen.append(at), extra_headers=fault)
    assert seen[-1] == (600_000, 600_000)
    assert [at for at, _ in seen].count(600_000) == 2
    assert all(total == 600_000 for _, total in seen)


def test_etags_guard_every_change(dial: Any) -> None:
    url = dial.my_files_home() / "guarded"
    first = dial.files.upload(url, b"1", etag_if_none_match="*")
    with pytest.raises(EtagMismatchError) as caught:
        dial.files.upload(url, b"2", etag_if_none_match="*")
    assert (caught.value.status_code, caught.value.message) == (412, "Resource already exists")
    assert isinstance(caught.value, errors.PreconditionFailedError)
    second = dial.files.upload(url, b"2", etag_if_match=first.etag)
    for refused in (
        lambda: dial.files.upload(url, b"3", etag_if_match=first.etag),
        lambda: dial.files.download(url, etag_if_match=first.etag),
        lambda: dial.files.delete(url, etag_if_match=first.etag),
    ):
        with pytest.raises(EtagMismatchError):
            refused()
    assert dial.files.download(url, etag_if_match=second.etag).get_content() == b"2"
    dial.files.delete(url, etag_if_match=second.etag)
    with pytest.raises(ResourceNotFoundError):
        dial.files.download(url)


def test_move_and_copy(dial: Any) -> None:
    home = dial.my_files_home()
    dial.files.upload(home / "a b", b"1")
    dial.files.copy_to(home / "a b", home / "copy")
    dial.files.move_to(home / "a b", home / "moved#1")
    assert sorted(item.name for item in dial.files.iter(home)) == ["copy", "moved#1"]
    with pytest.raises(DialException) as caught:
        dial.files.move_to(home / "copy", home / "moved#1")
    assert caught.value.status_code == 400
    dial.files.move_to(home / "copy", home / "moved#1", overwrite=True)
    assert [item.name for item in dial.files.iter(home)] == ["moved#1"]


def test_folders_keep_their_slash_and_the_root_can_be_listed(dial: Any, emulator: Emulator) -> None:
    home = dial.my_files_home()
    dial.files.upload(home / "folder" / "one", b"1")
    for root in (home, f"{home}/"):
        listing = dial.files.get_metadata(root)
        assert (listing.node_type, listing.name) == ("FOLDER", None)
        assert [item.name for item in listing.items] == ["folder"]
    assert emulator.requests[-1].path.endswith(f"/v1/metadata/files/{home.name}/")
    assert dial.files.get_metadata(f"{home}/folder/").items[0].name == "one"
    assert emulator.requests[-1].path.endswith("/folder/")
    with pytest.raises(ResourceNotFoundError):
        dial.files.get_metadata(f"{home}/folder")
    assert dial.files.list(home / "folder").items[0].name == "one"
    assert dial.metadata.get("files", f"{home}/folder/").items[0].name == "one"
    assert dial.files.metadata(home / "folder" / "one").content_length == 1


def test_pages_are_turned_by_themselves(dial: Any, emulator: Emulator) -> None:
    home = dial.my_files_home()
    for number in range(7):
        dial.files.upload(home / f"d{number % 2}" / f"{number}", b"1")
    before = len(emulator.requests)
    names = [item.name for item in dial.files.iter(home, recursive=True, page_size=3)]
    assert sorted(names) == list("0123456")
    assert len(emulator.requests) - before == 3
    assert [item.node_type for item in dial.files.iter(home)] == ["FOLDER", "FOLDER"]
    assert len(list(dial.files.walk(home / "d1"))) == 3
    first = dial.files.get_metadata(home, limit=1, permissions=True)
    assert first.permissions == ["READ", "WRITE"]
    second = dial.files.get_metadata(home, limit=1, token=first.next_token)
    assert (first.items[0].name, second.items[0].name) == ("d0", "d1")


def test_a_download_is_iterable_kept_or_written(dial: Any, tmp_path: Path) -> None:
    url = dial.my_files_home() / "ü #?.bin"
    content = bytes(range(256)) * 20_000  # beyond what is read at once
    dial.files.upload(url, content)
    response = dial.files.download(url)
    assert (response.filename, response.content_type) == ("ü #?.bin", "application/octet-stream")
    assert response.headers["ETag"] == response.etag
    pieces = list(response)
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    with pytest.raises(DialException, match="has been read"):
        list(response)
    again = dial.files.download(url)
    assert again.get_content() == content
    assert again.get_content() == content
    assert b"".join(again) == content
    dial.files.download(url).write_to(tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == content
    with dial.files.stream_download(url) as streamed:
        first = next(iter(streamed))
    assert first
    assert content.startswith(first)


@pytest.mark.parametrize(("cut", "times"), [(1, 1), (5_000, 2), (1_500_000, 1)])
def test_a_broken_download_is_taken_up_where_it_stopped(make: Any, cut: int, times: int) -> None:
    dial = make(max_retries=2)
    url = dial.my_files_home() / "broken"
    content = bytes(range(256)) * 8_000
    dial.files.upload(url, content)
    fault = {"x-emulator-fault": f"fault:cut={cut},times={times}", "x-emulator-key": str(cut)}
    assert dial.files.download(url, extra_headers=fault).get_content() == content


def test_a_download_that_stays_broken_or_has_changed_is_an_error(make: Any) -> None:
    dial = make(max_retries=1)
    url = dial.my_files_home() / "broken"
    dial.files.upload(url, bytes(2_000_000))
    broken = {"x-emulator-fault": "fault:cut=1200000"}
    response = dial.files.download(url, extra_headers=broken)
    with pytest.raises(errors.StreamTruncatedError) as caught:
        response.get_content()
    assert isinstance(caught.value, DialException)
    once = {"x-emulator-fault": "fault:cut=1200000,times=1", "x-emulator-key": "changed"}
    response = dial.files.download(url, extra_headers=once)
    dial.files.upload(url, bytes(2_000_001))
    with pytest.raises(EtagMismatchError):
        response.get_content()


@pytest.mark.parametrize("name", ["stream_download", "download"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("status=404,empty", ResourceNotFoundError),
        ("status=412,text", EtagMismatchError),
        ("status=502,html", errors.InternalServerError),
        ("status=429", errors.RateLimitError),
        ("drop", errors.APIConnectionError),
    ],
)
def test_streams_that_are_refused_raise_typed_errors(
    dial: Any, name: str, fault: str, kind: type[Exception]
) -> None:
    headers = {"x-emulator-fault": f"fault:{fault}"}
    with pytest.raises(kind) as caught:
        if name == "download":
            dial.files.download("files/abc/x", extra_headers=headers)
        else:
            with dial.files.stream_download("files/abc/x", extra_headers=headers):
                pass
    assert isinstance(caught.value, DialException)


def test_whole_folders_go_up_and_come_down(dial: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "up", tmp_path / "down"
    names = ["a.txt", "sub/b #1.txt", "sub/deep/ü?.bin", "sub/deep/100%41"]
    for number, name in enumerate(names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(name.encode() * (number + 1))
    items = dial.files.upload_folder(source, dial.my_files_home() / "tree", concurrency=3)
    assert [item.name for item in items] == [Path(name).name for name in sorted(names)]
    written = dial.files.download_folder(dial.my_files_home() / "tree", target, concurrency=3)
    assert written == sorted(str(target / name) for name in names)
    for number, name in enumerate(names):
        assert (target / name).read_bytes() == name.encode() * (number + 1)


def test_folder_transfers_check_their_arguments(dial: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="folder"):
        dial.files.upload_folder(tmp_path / "none", "files/abc")
    (tmp_path / "one").write_bytes(b"1")
    with pytest.raises(InvalidRequestError, match="concurrency"):
        dial.files.upload_folder(tmp_path, "files/abc", concurrency=0)
    with pytest.raises(errors.PermissionDeniedError):
        dial.files.upload_folder(tmp_path, "files/abc")


def test_a_folder_that_breaks_raises_the_first_error(dial: Any, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).write_bytes(b"1")
    headers = {"x-emulator-fault": "fault:status=500,times=1", "x-emulator-key": "folder"}
    with pytest.raises(errors.InternalServerError):
        dial.files.upload_folder(tmp_path, dial.my_files_home(), extra_headers=headers)


def test_homes_and_urls_as_the_documentation_shows_them(dial: Any, emulator: Emulator) -> None:
    home = dial.my_files_home()
    assert isinstance(home, PurePosixPath)
    relative = f"{home}/some-relative-path/my-file.txt"
    absolute = f"{emulator.url('dial')}/v1/{relative}"
    for url in (home / "some-relative-path/my-file.txt", relative, absolute):
        dial.files.upload(url, str(url).encode())
        assert dial.files.download(relative).get_content() == str(url).encode()


def one_at_a_time() -> Iterator[bytes]:
    yield b"first "
    yield b"second"


def test_an_iterator_cannot_be_sent_again_and_is_not(make: Any, emulator: Emulator) -> None:
    dial = make(max_retries=2)
    url = dial.my_files_home() / "iterator"
    headers = {"x-emulator-fault": "fault:status=503,times=1", "x-emulator-key": "iterator"}
    with pytest.raises(errors.InternalServerError) as caught:
        dial.files.upload(url, one_at_a_time(), extra_headers=headers)
    assert caught.value.attempts == 1
    dial.files.upload(url, one_at_a_time())
    assert dial.files.download(url).get_content() == b"first second"
