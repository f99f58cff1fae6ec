"""Whole folders up and down, some files at once."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from polychat._core.keywords import check_options
from polychat._core.options import whole
from polychat.errors import ConfigurationError, PolychatError

from ._exception import InvalidDialURLError, InvalidRequestError, dress
from ._storage import encoded
from ._targets import OnClash, Pair, targets
from .helpers.storage_resource import DialStorageResource

if TYPE_CHECKING:
    from polychat_rest.dial.models import Metadata

    from ._async_files import AsyncFiles
    from ._files import Files

T = TypeVar("T")


def local_files(folder: str | os.PathLike[str], target: DialStorageResource) -> list[Pair]:
    """The files below a folder, sorted, and the URLs they go to. Raises `InvalidRequestError`
    where there is no such folder. Links to folders are not followed."""
    root = Path(folder)
    if not root.is_dir():
        raise InvalidRequestError(f"folder={str(folder)!r} is no folder of this machine")
    found = sorted(path for path in root.rglob("*") if path.is_file())
    base = target.api_path.rstrip("/")
    return [(path, f"{base}/{_encoded(path.relative_to(root))}") for path in found]


def _encoded(path: Path) -> str:
    try:
        return encoded(path.parts)
    except UnicodeEncodeError as error:
        raise InvalidDialURLError(f"{str(path)!r} is not valid Unicode text") from error


def told(error: Exception, pair: Pair, done: int, of: int, verb: str) -> Exception:
    """`error`, which now also says which file it was about and how many were `verb`."""
    path, url = pair
    text = f"{url!r} ({str(path)!r} here) failed; {done} of {of} files were {verb}"
    if isinstance(error, PolychatError):
        error.message = f"{error.message} [{text}]"
        error.args = (error.message, *error.args[1:])
    else:
        error.add_note(text)
    return error


def upload_all(
    files: Files, pairs: list[Pair], concurrency: int, options: Mapping[str, Any]
) -> list[Metadata]:
    """Uploads in threads."""
    check_options(options)

    def one(pair: Pair) -> Metadata:
        return files.upload(pair[1], pair[0], **options)

    return _in_threads(one, pairs, concurrency, "uploaded")


def download_all(
    files: Files,
    folder: DialStorageResource,
    target: str | os.PathLike[str],
    concurrency: int,
    on_clash: OnClash,
    options: Mapping[str, Any],
) -> list[str]:
    """Downloads in threads."""
    urls = (item.url for item in files.walk(folder.api_path, **options))
    pairs = targets(Path(target), folder, urls, on_clash)

    def one(pair: Pair) -> str:
        path, url = pair
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.stream_download(url, **options) as response:
            response.write_to(path)
        return str(path)

    return sorted(_in_threads(one, pairs, concurrency, "written"))


def _in_threads(
    one: Callable[[Pair], T], pairs: list[Pair], concurrency: int, verb: str
) -> list[T]:
    """Runs `one` for all pairs, never more than `concurrency` at once. Raises the first error;
    what is under way ends, and nothing else begins."""
    work = _Work[T](pairs, verb)

    def run() -> None:
        while (taken := work.take()) is not None:
            index, pair = taken
            try:
                work.done[index] = one(pair)
            except Exception as error:  # noqa: BLE001  # raised below, alone
                work.failures.append((error, pair))

    workers = min(concurrency, len(pairs))
    with ThreadPoolExecutor(workers or 1) as pool:
        running = [pool.submit(run) for _ in range(workers)]
        try:
            for future in running:
                future.result()
        finally:
            work.stop()
    return work.results()


class _Work(Generic[T]):
    """What is to be done, by threads or by tasks, and how far it is."""

    def __init__(self, pairs: list[Pair], verb: str) -> None:
        self._pairs = pairs
        self._verb = verb
        self._waiting = enumerate(pairs)
        self._lock = Lock()
        self.done: dict[int, T] = {}
        self.failures: list[tuple[Exception, Pair]] = []

    def take(self) -> tuple[int, Pair] | None:
        """What is next; None where there is no more, or something failed."""
        with self._lock:
            return None if self.failures else next(self._waiting, None)

    def stop(self) -> None:
        """Lets nothing else begin."""
        with self._lock:
            self._waiting = enumerate(())

    def results(self) -> list[T]:
        """What was done, in order. Raises the first error."""
        if self.failures:
            error, pair = self.failures[0]
            raise told(error, pair, len(self.done), len(self._pairs), self._verb)
        return [self.done[index] for index in range(len(self._pairs))]


async def aupload_all(
    files: AsyncFiles, pairs: list[Pair], concurrency: int, options: Mapping[str, Any]
) -> list[Metadata]:
    """Uploads in tasks."""
    check_options(options)

    async def one(pair: Pair) -> Metadata:
        return await files.upload(pair[1], pair[0], **options)

    return await _in_tasks(one, pairs, concurrency, "uploaded")


async def adownload_all(
    files: AsyncFiles,
    folder: DialStorageResource,
    target: str | os.PathLike[str],
    concurrency: int,
    on_clash: OnClash,
    options: Mapping[str, Any],
) -> list[str]:
    """Downloads in tasks."""
    urls = [item.url async for item in files.walk(folder.api_path, **options)]
    pairs = targets(Path(target), folder, urls, on_clash)

    async def one(pair: Pair) -> str:
        path, url = pair
        path.parent.mkdir(parents=True, exist_ok=True)  # quick, and once a file
        async with files.stream_download(url, **options) as response:
            await response.awrite_to(path)
        return str(path)

    return sorted(await _in_tasks(one, pairs, concurrency, "written"))


async def _in_tasks(
    one: Callable[[Pair], Awaitable[T]], pairs: list[Pair], concurrency: int, verb: str
) -> list[T]:
    """Runs `one` for all pairs, never more than `concurrency` at once. Raises the first error
    and cancels the rest."""
    import anyio

    work = _Work[T](pairs, verb)

    async def run() -> None:
        while (taken := work.take()) is not None:
            index, pair = taken
            try:
                work.done[index] = await one(pair)
            except Exception as error:  # noqa: BLE001  # raised below, alone
                work.failures.append((error, pair))
                group.cancel_scope.cancel()

    workers = min(concurrency, len(pairs))
    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(run)
    return work.results()


def check_concurrency(concurrency: Any) -> None:
    """Raises `InvalidRequestError` for what is no whole number from 1, before anything is done."""
    try:
        whole("concurrency", concurrency, 1, platform="dial")
    except ConfigurationError as error:
        raise dress(error) from None
