"""Files of this machine that take their names only when they are whole."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import IO

PathLike = str | os.PathLike[str]
_PIECE = 1 << 20
"""Bytes that asynchronous code writes in one go, for each costs a thread's switch."""
_KERNEL = ("/dev/", "/proc/")
"""Where names stand for what is open already, such as ``/dev/stdout``."""


def save(path: PathLike, pieces: Iterable[bytes]) -> None:
    """Writes `pieces` to a file. Until all have come, a file that is there stays as it is, and
    none appears where there is none; an error leaves nothing behind.

    A link is followed. A device or a pipe is written as the pieces come. The file has the
    permissions that `open` would give it. Raises OSError as `open` does.
    """
    file = _File(path)
    try:
        file.open()
        for piece in pieces:
            file.write(piece)
        file.finish()
    finally:
        file.discard()


async def asave(path: PathLike, pieces: AsyncIterable[bytes]) -> None:
    """`save` for asynchronous code: what waits for a disk runs in worker threads."""
    from anyio.to_thread import run_sync

    file = _File(path)
    held: list[bytes] = []
    size = 0
    try:
        await run_sync(file.open)
        async for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= _PIECE:
                await run_sync(file.write, b"".join(held))
                held, size = [], 0
        await run_sync(file.write, b"".join(held))
        await run_sync(file.finish)
    finally:
        file.discard()


class _File:
    """A file in the making: `open`, `write`, `finish`, in this order, then `discard` always.

    A cancelled task does not wait for its thread. So `discard` removes what there is, or leaves it
    to the thread that is still at work: whoever has the lock last.
    """

    def __init__(self, path: PathLike) -> None:
        self._path = os.fsdecode(path)
        self._target = self._path
        self._file: IO[bytes] | None = None
        self._temporary: str | None = None
        self._in_place = False
        """Whether the target is filled at the end, because another file cannot take its place."""
        self._over = False
        self._lock = Lock()

    def open(self) -> None:
        """Opens what is written to first. Raises where the target could not be written."""
        self._alone(self._open)

    def write(self, piece: bytes) -> None:
        """Adds bytes."""
        self._alone(lambda: self._opened.write(piece))

    def finish(self) -> None:
        """Gives the file its name."""
        self._alone(self._finish)

    def discard(self) -> None:
        """Ends it. What has not its name by now is gone. Does nothing after `finish`."""
        self._over = True
        self._clean()

    def _alone(self, step: Callable[[], object]) -> None:
        with self._lock:
            if not self._over:
                step()
        if self._over:
            self._clean()

    def _clean(self) -> None:
        if not self._lock.acquire(blocking=False):
            return
        try:
            file, self._file = self._file, None
            if file is not None:
                with suppress(OSError):  # what it still held is not wanted
                    file.close()
            temporary, self._temporary = self._temporary, None
            if temporary is not None:
                with suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108
        finally:
            self._lock.release()

    @property
    def _opened(self) -> IO[bytes]:
        assert self._file is not None
        return self._file

    def _open(self) -> None:
        there = self._look()
        if there is None and not os.path.basename(self._path):  # noqa: PTH119
            open(self._path, "wb").close()  # noqa: PTH123  # raises: it is no name of a file
        if there is not None and not stat.S_ISREG(there.st_mode):
            self._file = open(self._path, "wb")  # noqa: SIM115, PTH123  # closed by `_clean`
            return
        folder = os.path.dirname(self._target)  # noqa: PTH120
        self._temporary = os.path.join(folder, f".{secrets.token_hex(8)}.part")  # noqa: PTH118
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            number = os.open(self._temporary, flags, 0o666)  # less the umask, as `open` has it
        except OSError as error:
            if there is None or not isinstance(error, PermissionError):
                raise OSError(error.errno, error.strerror, self._path) from None
            self._in_place = True  # the file may be written, though not its folder
            self._temporary, self._file = None, tempfile.TemporaryFile()  # noqa: SIM115
            return
        self._file = os.fdopen(number, "w+b")
        if there is not None:
            made = os.fstat(number)
            other = (made.st_uid, made.st_gid) != (there.st_uid, there.st_gid)
            self._in_place = other or there.st_nlink > 1
            if not self._in_place:
                os.chmod(self._temporary, stat.S_IMODE(there.st_mode))  # noqa: PTH101

    def _look(self) -> os.stat_result | None:
        """What is at the path, None where nothing is; `_target` becomes what links lead to.
        Raises where a file that is there may not be written."""
        self._target = os.path.realpath(self._path)
        try:
            there = os.stat(self._path)  # noqa: PTH116
        except FileNotFoundError:
            return None
        if os.path.abspath(self._path).startswith(_KERNEL):  # noqa: PTH100
            return os.stat_result((stat.S_IFCHR, *there[1:]))
        if stat.S_ISREG(there.st_mode):
            os.close(os.open(self._target, os.O_WRONLY))
        return there

    def _finish(self) -> None:
        file = self._opened
        if self._in_place:
            self._fill(file)
            return
        self._file = None
        file.close()
        if self._temporary is None:
            return
        try:
            os.replace(self._temporary, self._target)  # noqa: PTH105
        except OSError as error:  # it is mounted, or in a folder where only its owner renames
            if not os.path.isfile(self._target):  # noqa: PTH113
                raise OSError(error.errno, error.strerror, self._path) from None
            with open(self._temporary, "rb") as whole:  # noqa: PTH123
                self._fill(whole)
        else:
            self._temporary = None

    def _fill(self, whole: IO[bytes]) -> None:
        """Writes what is whole now into the file that is there."""
        whole.seek(0)
        with open(self._target, "r+b") as target:  # noqa: PTH123
            shutil.copyfileobj(whole, target, _PIECE)
            target.truncate()
