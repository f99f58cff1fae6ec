"""Files that take their names when they are whole: the old one or the new one, nothing between."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from polychat._core import saving

OLD, NEW = b"old good", [b"new ", b"one"]
Save = Callable[[Any, Iterator[bytes]], None]


class Broken(Exception):
    """What a download breaks with."""


def cut() -> Iterator[bytes]:
    yield b"half"
    raise Broken


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.fixture(params=["sync", "async"])
def save(request: pytest.FixtureRequest) -> Save:
    if request.param == "sync":
        return saving.save
    return lambda path, pieces: asyncio.run(saving.asave(path, _async(pieces)))


@pytest.fixture
def mask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    """Makes `os.<name>` fail for temporary files."""
    real = getattr(os, name)

    def failing(path: Any, *rest: Any, **more: Any) -> Any:
        if str(path).endswith(".part"):
            raise OSError(code, os.strerror(code), path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, name, failing)


@pytest.mark.parametrize("old", [OLD, b"a longer file than the new one", None])
def test_a_whole_file_takes_the_name_and_a_broken_one_does_not(
    save: Save, tmp_path: Path, old: bytes | None
) -> None:
    path = tmp_path / "file.bin"
    if old is not None:
        path.write_bytes(old)
    with pytest.raises(Broken):
        save(path, cut())
    assert names(tmp_path) == ([] if old is None else ["file.bin"])
    assert old is None or path.read_bytes() == old
    save(path, iter(NEW))
    assert path.read_bytes() == b"new one"
    assert names(tmp_path) == ["file.bin"]


def test_the_old_file_is_there_until_the_last_byte(save: Save, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(OLD)
    seen: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            seen.append(path.read_bytes())
            yield bytes(2 << 20)

    save(path, pieces())
    assert seen == [OLD] * 3
    assert path.stat().st_size == 6 << 20


def test_a_relative_name_an_empty_file_and_a_name_in_bytes(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError):
        save("", iter(NEW))
    save("relative", iter(NEW))
    save(b"empty", iter(()))
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == {
        "relative": 7,
        "empty": 0,
    }


@pytest.mark.usefixtures("mask")
def test_permissions_are_those_that_open_gives(save: Save, tmp_path: Path) -> None:
    save(tmp_path / "new", iter(NEW))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    (tmp_path / "old").write_bytes(OLD)
    (tmp_path / "old").chmod(0o606)
    save(tmp_path / "old", iter(NEW))
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o606


def test_links_are_followed_and_stay(save: Save, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "target"
    (tmp_path / "link").symlink_to(Path("there") / "target")
    save(tmp_path / "link", iter([OLD]))  # to nothing yet
    with pytest.raises(Broken):
        save(tmp_path / "link", cut())
    assert target.read_bytes() == OLD
    save(tmp_path / "link", iter(NEW))
    assert target.read_bytes() == b"new one"
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "there") == ["target"]
    (tmp_path / "hard").hardlink_to(target)
    save(tmp_path / "hard", iter([b"third"]))
    assert target.read_bytes() == b"third"
    with pytest.raises(Broken):
        save(tmp_path / "hard", cut())
    assert target.read_bytes() == b"third"
    assert names(tmp_path) == ["hard", "link", "there"]


def test_what_cannot_be_replaced_is_written_to(save: Save, tmp_path: Path) -> None:
    save(os.devnull, iter(NEW))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    save(pipe, iter(NEW))
    reader.join()
    assert read == [b"new one"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_name_of_an_open_file_keeps_to_it(save: Save, tmp_path: Path) -> None:
    """As ``/dev/stdout`` does: what is written later by others goes to the same file."""
    with (tmp_path / "out").open("wb") as out:
        save(f"/dev/fd/{out.fileno()}", iter(NEW))
        out.seek(0, os.SEEK_END)
        out.write(b"!")
    assert (tmp_path / "out").read_bytes() == b"new one!"


@pytest.mark.parametrize(("name", "code"), [("open", errno.EACCES), ("replace", errno.EBUSY)])
def test_a_file_that_may_only_be_filled_is_filled_when_all_is_there(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    """In a folder that may not be written, or mounted as a single file."""
    path = tmp_path / "file"
    path.write_bytes(OLD)
    refuse(monkeypatch, name, code)
    with pytest.raises(Broken):
        save(path, cut())
    assert path.read_bytes() == OLD
    save(path, iter([b"new"]))
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(("name", "code"), [("open", errno.EACCES), ("replace", errno.EDQUOT)])
def test_errors_name_the_file_that_was_asked_for(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    refuse(monkeypatch, name, code)
    with pytest.raises(OSError, match="file") as caught:
        save(tmp_path / "file", iter(NEW))
    assert (caught.value.errno, caught.value.filename) == (code, str(tmp_path / "file"))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("none/file", FileNotFoundError),
        ("", IsADirectoryError),
        ("new/", IsADirectoryError),
        ("file/below", NotADirectoryError),
        ("loop", OSError),
    ],
)
def test_what_open_refuses_is_refused_before_anything_is_read(
    save: Save, tmp_path: Path, name: str, kind: type[OSError]
) -> None:
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    path = f"{tmp_path}/{name}"
    with pytest.raises(kind):
        open(path, "wb").close()  # noqa: PTH123  # it is this that is compared with
    pieces = iter(NEW)
    with pytest.raises(kind):
        save(path, pieces)
    assert list(pieces) == NEW
    assert names(tmp_path) == ["file", "loop"]


def test_a_cancelled_one_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    async def main() -> None:
        written = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield bytes(3 << 20)
            written.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(saving.asave(path, endless()))
        await written.wait()
        assert len(names(tmp_path)) == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert path.read_bytes() == OLD
        assert names(tmp_path) == ["file"]

    asyncio.run(main())


def test_a_thread_that_outlives_its_cancelled_task_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is gone while the temporary file is still being made."""
    real, reached, go = os.open, threading.Event(), threading.Event()

    def slow(path: Any, *rest: Any) -> int:
        if str(path).endswith(".part"):
            reached.set()
            go.wait(10)
        return real(path, *rest)

    monkeypatch.setattr(os, "open", slow)
    file = saving._File(tmp_path / "file")
    thread = threading.Thread(target=file.open)
    thread.start()
    assert reached.wait(10)
    file.discard()  # does not wait
    go.set()
    thread.join()
    assert names(tmp_path) == []
    file.write(b"late")
    file.finish()
    assert names(tmp_path) == []
