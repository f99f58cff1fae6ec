"""Whole folders up and down, some files at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from polychat._core.keywords import check_options

from ._exception import InvalidDialURLError, InvalidRequestError
from .helpers.storage_resource import DialStorageResource

if TYPE_CHECKING:
    from polychat_rest.dial.models import Metadata

    from ._async_files import AsyncFiles
    from ._files import Files

Pair = tuple[Path, str]
"""A path of this machine, and the encoded URL that belongs to it."""
T = TypeVar("T")


def local_files(folder: str | os.PathLike[str], target: DialStorageResource) -> list[Pair]:
    """The files below a folder, sorted, and the URLs they go to. Raises `InvalidRequestError`
    where there is no such folder. Links to folders are not followed."""
    from urllib.parse import quote

    root = Path(folder)
    if not root.is_dir():
        raise InvalidRequestError(f"folder={str(folder)!r} is no folder of this machine")
    found = sorted(path for path in root.rglob("*") if path.is_file())
    base = target.api_path.rstrip("/")
    return [
        (path, "/".join([base, *(quote(part, safe="") for part in path.relative_to(root).parts)]))
        for path in found
    ]


def local_path(root: Path, folder: DialStorageResource, item_url: str) -> Path:
    """Where a file of the storage goes below `root`. Raises `InvalidDialURLError` for a name
    that would lead out of it."""
    prefix = [unquote(part) for part in folder.api_path.rstrip("/").split("/")]
    names = [unquote(part) for part in item_url.split("/")]
    below = names[len(prefix) :]
    outside = names[: len(prefix)] != prefix or not below
    if outside or any(_leads_out(name) for name in below):
        raise InvalidDialURLError(f"{item_url!r} cannot be written below {str(root)!r}")
    return root.joinpath(*below)


def _leads_out(name: str) -> bool:
    separators = {"/", os.sep, os.altsep, "\0"} - {None}
    return name in ("", ".", "..") or any(mark in name for mark in separators if mark)


def upload_all(
    files: Files, pairs: list[Pair], concurrency: int, options: Mapping[str, Any]
) -> list[Metadata]:
    """Uploads in threads."""
    check_options(options)

    def one(pair: Pair) -> Metadata:
        return files.upload(pair[1], pair[0], **options)

    return _in_threads(one, pairs, concurrency)


def download_all(
    files: Files,
    folder: DialStorageResource,
    target: str | os.PathLike[str],
    concurrency: int,
    options: Mapping[str, Any],
) -> list[str]:
    """Downloads in threads."""
    root = Path(target)
    urls = [item.url for item in files.walk(folder.api_path, **options)]
    pairs = [(local_path(root, folder, url), url) for url in urls]

    def one(pair: Pair) -> str:
        path, url = pair
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.stream_download(url, **options) as response:
            response.write_to(path)
        return str(path)

    return sorted(_in_threads(one, pairs, concurrency))


def _in_threads(one: Callable[[Pair], T], pairs: Iterable[Pair], concurrency: int) -> list[T]:
    with ThreadPoolExecutor(_checked(concurrency)) as pool:
        futures = [pool.submit(one, pair) for pair in pairs]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


async def aupload_all(
    files: AsyncFiles, pairs: list[Pair], concurrency: int, options: Mapping[str, Any]
) -> list[Metadata]:
    """Uploads in tasks."""
    check_options(options)
    done: dict[int, Metadata] = {}

    async def one(index: int, pair: Pair) -> None:
        done[index] = await files.upload(pair[1], pair[0], **options)

    await _in_tasks(one, pairs, concurrency)
    return [done[index] for index in range(len(pairs))]


async def adownload_all(
    files: AsyncFiles,
    folder: DialStorageResource,
    target: str | os.PathLike[str],
    concurrency: int,
    options: Mapping[str, Any],
) -> list[str]:
    """Downloads in tasks."""
    root = Path(target)
    urls = [item.url async for item in files.walk(folder.api_path, **options)]
    pairs = [(local_path(root, folder, url), url) for url in urls]

    async def one(index: int, pair: Pair) -> None:
        path, url = pair
        path.parent.mkdir(parents=True, exist_ok=True)  # quick, and once a file
        async with files.stream_download(url, **options) as response:
            await response.awrite_to(path)

    await _in_tasks(one, pairs, concurrency)
    return sorted(str(path) for path, _ in pairs)


async def _in_tasks(one: Callable[[int, Pair], Any], pairs: list[Pair], concurrency: int) -> None:
    """Runs `one` for all pairs, never more than `concurrency` at once. Raises the first error
    and cancels the rest."""
    import anyio

    workers = min(_checked(concurrency), len(pairs))

    waiting = iter(enumerate(pairs))
    failures: list[BaseException] = []

    async def work() -> None:
        for index, pair in waiting:
            try:
                await one(index, pair)
            except Exception as error:  # noqa: BLE001  # raised below, alone
                failures.append(error)
                group.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(work)
    if failures:
        raise failures[0]


def _checked(concurrency: int) -> int:
    if concurrency < 1:
        raise InvalidRequestError(f"concurrency={concurrency} is below 1")
    return concurrency
