"""Downloads that break: what is on disk is whole, and errors tell the file, in both colours."""

from __future__ import annotations

import asyncio
import pickle
from pathlib import Path
from typing import Any

import pytest

from polychat import errors
from polychat.dial import AsyncDial, DialException, InvalidRequestError
from polychat.dial import _targets as targets
from polychat.emulator import Emulator
from tests.dial.scripted import Asked, Reply, cut, document, folder, scripted

CONTENT = bytes(range(256)) * 12_000
HALF = 1_300_000


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.mark.parametrize("old", [b"old good", None])
def test_a_download_that_breaks_leaves_the_old_file(
    make: Any, tmp_path: Path, old: bytes | None
) -> None:
    path = tmp_path / "file.bin"
    if old is not None:
        path.write_bytes(old)
    with scripted(lambda _: cut(CONTENT, HALF)) as url:
        dial = make(base_url=url)
        response = dial.files.download("files/b/file.bin")
        with pytest.raises(errors.StreamTruncatedError):
            response.write_to(path)
    assert names(tmp_path) == ([] if old is None else ["file.bin"])
    assert old is None or path.read_bytes() == old


def test_a_download_that_was_read_does_not_empty_the_file(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old good")
    with scripted(lambda _: (200, {}, CONTENT)) as url:
        response = make(base_url=url).files.download("files/b/file.bin")
        with pytest.raises(FileNotFoundError):
            response.write_to(tmp_path / "none" / "file.bin")
        assert b"".join(response) == CONTENT  # that one had not begun
        with pytest.raises(DialException, match="has been read"):
            response.write_to(path)
    assert path.read_bytes() == b"old good"


def test_a_cancelled_download_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old good")

    async def main(url: str) -> None:
        async with (
            AsyncDial(base_url=url, api_key="k", max_retries=0) as dial,
            await dial.files.download("files/b/file.bin") as response,
        ):
            task = asyncio.create_task(response.awrite_to(path))
            while len(names(tmp_path)) < 2:  # noqa: ASYNC110  # another thread makes it
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert names(tmp_path) == ["file.bin"]

    # More than what the sockets hold, so that it is under way for as long as nobody reads.
    with scripted(lambda _: (200, {}, bytes(30_000_000))) as url:
        asyncio.run(main(url))
    assert path.read_bytes() == b"old good"


@pytest.mark.parametrize("status", [206, 200])
@pytest.mark.parametrize("etag", ["new", None])
def test_a_download_goes_on_over_the_same_version_alone(
    make: Any, tmp_path: Path, status: int, etag: str | None
) -> None:
    """A server that ignores ``If-Match`` answers with another version: nothing is put together
    from both. An answer without an ETag is taken for the version that was asked for."""
    rest = CONTENT[HALF:] if status == 206 else CONTENT
    again: list[dict[str, str]] = []

    def script(asked: Asked) -> Reply:
        if "range" not in asked.headers:
            return cut(CONTENT, HALF, etag="old")
        again.append(asked.headers)
        answered = {"content-range": f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}"}
        return status, answered | ({} if etag is None else {"etag": etag}), rest

    path = tmp_path / "file.bin"
    path.write_bytes(b"old good")
    with scripted(script) as url:
        response = make(base_url=url, max_retries=1).files.download("files/b/file.bin")
        if etag is None:
            response.write_to(path)
        else:
            with pytest.raises(errors.StreamTruncatedError):
                response.write_to(path)
    assert [(one["range"], one["if-match"]) for one in again] == [(f"bytes={HALF}-", "old")]
    assert path.read_bytes() == (CONTENT if etag is None else b"old good")
    assert names(tmp_path) == ["file.bin"]


def failing(kind: str) -> Any:
    """Twenty files, of which ``f07`` fails."""

    def script(asked: Asked) -> Reply:
        if "/metadata/" in asked.path:
            return document(folder(*[f"f{number:02}" for number in range(20)]))
        if "f07" not in asked.path:
            return document(folder("x")["items"][0])
        return (503, {}, b"") if kind == "status" else cut(CONTENT, HALF)

    return script


@pytest.mark.parametrize(
    ("kind", "error"),
    [("status", errors.InternalServerError), ("cut", errors.StreamTruncatedError)],
)
@pytest.mark.parametrize("concurrency", [1, 16])
def test_an_error_of_a_folder_that_comes_down_names_the_file(
    make: Any, tmp_path: Path, kind: str, error: type[Exception], concurrency: int
) -> None:
    with scripted(failing(kind)) as url, pytest.raises(error) as caught:
        make(base_url=url).files.download_folder("files/b/d", tmp_path, concurrency=concurrency)
    assert isinstance(caught.value, DialException)
    written = names(tmp_path)
    assert "f07" not in written
    assert "'files/b/d/f07'" in str(caught.value)
    assert str(tmp_path / "f07") in caught.value.message
    told = int(caught.value.message.partition(" of 20 files were written")[0].rpartition(" ")[2])
    assert told <= len(written) < 20
    assert concurrency > 1 or told == len(written) == 7
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (type(copied), str(copied)) == (type(caught.value), str(caught.value))


def test_an_error_of_a_folder_that_goes_up_names_the_file(make: Any, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"f{number:02}").write_bytes(b"x")
    with scripted(failing("status")) as url, pytest.raises(errors.InternalServerError) as caught:
        make(base_url=url).files.upload_folder(tmp_path, "files/b/d", concurrency=1)
    assert "'files/b/d/f07'" in str(caught.value)
    assert "7 of 20 files were uploaded" in str(caught.value)


def test_an_error_of_the_disk_stays_what_it_is_and_names_the_file(
    make: Any, tmp_path: Path
) -> None:
    (tmp_path / "f07").mkdir()

    def script(asked: Asked) -> Reply:
        if "/metadata/" in asked.path:
            return document(folder("f06", "f07"))
        return 200, {}, b"x"

    with scripted(script) as url, pytest.raises(IsADirectoryError) as caught:
        make(base_url=url).files.download_folder("files/b/d", tmp_path, concurrency=1)
    assert "'files/b/d/f07'" in caught.value.__notes__[0]
    assert "1 of 2 files were written" in caught.value.__notes__[0]


CLASHES = [
    ["a", "a/b"],
    ["a/b", "a"],
    ["x", "a/b/c/d", "a/b"],
    ["a.txt", "a.txt/b", "a (1).txt"],
    ["a", "a/b", "a (1)/c"],
]


@pytest.mark.parametrize("stored", CLASHES)
def test_names_that_cannot_both_be_written_are_refused_or_renamed(
    dial: Any, tmp_path: Path, stored: list[str]
) -> None:
    home = dial.my_files_home() / "tree"
    for name in stored:
        dial.files.upload(home / name, name.encode())
    target = tmp_path / "target"
    with pytest.raises(InvalidRequestError, match="on_clash='rename'") as caught:
        dial.files.download_folder(home, target)
    assert str(caught.value).count(f"'{home}/") == 2
    assert not target.exists()
    written = dial.files.download_folder(home, target, on_clash="rename")
    assert sorted(Path(path).read_text() for path in written) == sorted(stored)
    assert dial.files.download_folder(home, target, on_clash="rename") == written
    with pytest.raises(InvalidRequestError, match="on_clash='both'"):
        dial.files.download_folder(home, target, on_clash="both")


def test_a_renamed_file_keeps_its_ending(dial: Any, emulator: Emulator, tmp_path: Path) -> None:
    home = dial.my_files_home() / "tree"
    for name in ("notes.txt", "notes.txt/below", "notes (1).txt", "other"):
        dial.files.upload(home / name, b"1")
    dial.files.download_folder(home, tmp_path, on_clash="rename")
    assert names(tmp_path) == [
        "notes (1).txt", "notes (2).txt", "notes.txt", "notes.txt/below", "other",
    ]  # fmt: skip


def test_case_counts_where_disks_do_not_tell_it(
    dial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = dial.my_files_home() / "tree"
    for name in ("Read", "read", "Sub/x", "sub/y"):
        dial.files.upload(home / name, name.encode())
    monkeypatch.setattr(targets, "FOLDS_CASE", True)
    with pytest.raises(InvalidRequestError, match="cannot both be written"):
        dial.files.download_folder(home, tmp_path)
    dial.files.download_folder(home, tmp_path, on_clash="rename")
    assert {"Read", "read (1)"} <= set(names(tmp_path))


def test_a_local_name_that_is_no_text_is_refused(dial: Any, tmp_path: Path) -> None:
    (tmp_path / "a\udcff").write_bytes(b"1")
    with pytest.raises(InvalidRequestError, match="not valid Unicode"):
        dial.files.upload_folder(tmp_path, dial.my_files_home())
