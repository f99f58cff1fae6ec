"""``client.files``, asynchronous."""

from __future__ import annotations

import builtins
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from polychat._core.client import AsyncCore
from polychat._core.options import CallOptions, conceal_options
from polychat._core.paging import Pages

from ._download import FileDownloadResponse
from ._files import FileStorage, conditional, retries_of
from ._storage import Page, is_file, items_of
from ._targets import OnClash
from ._upload import FileTypes, OnProgress
from .helpers.storage_resource import URL

if TYPE_CHECKING:
    import os

    from polychat._core.stream import AsyncStream
    from polychat_rest.dial.models import Metadata


class AsyncFiles(FileStorage[AsyncCore]):
    """`Files` for asynchronous code: the same methods, awaited; `iter` and `walk` are asynchronous
    iterators."""

    async def upload(
        self,
        url: URL,
        file: FileTypes,
        etag_if_match: str | None = None,
        etag_if_none_match: Literal["*"] | None = None,
        *,
        content_type: str | None = None,
        on_progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """Writes a file: bytes, text, a path, an open file or an iterator of bytes, or a tuple
        that also names it (see `FileTypes`). Up to 512 MiB on DIAL Core.

        ``etag_if_match`` replaces only that version, ``etag_if_none_match="*"`` only creates.
        ``on_progress(sent, length)`` is called as it goes. Raises `EtagMismatchError`.
        """
        request = self._upload(
            url, file, etag_if_match, etag_if_none_match, content_type, on_progress
        )
        return cast("Metadata", await self._core.call(request, options))

    async def download(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> FileDownloadResponse:
        """A file's bytes (see `FileDownloadResponse`). Raises `ResourceNotFoundError`."""
        conceal_options(options)
        return await (await self._open(url, etag_if_match, options)).akeep_if_small()

    @asynccontextmanager
    async def stream_download(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> AsyncGenerator[FileDownloadResponse]:
        """A file's bytes as they arrive, closed at the end of the ``async with`` block."""
        conceal_options(options)
        async with await self._open(url, etag_if_match, options) as response:
            yield response

    async def _open(
        self, url: URL, etag_if_match: str | None, options: Mapping[str, Any]
    ) -> FileDownloadResponse:
        async def ask(headers: Mapping[str, str]) -> AsyncStream[bytes]:
            asked = conditional(options, {"if-match": etag_if_match}, headers)
            return await self._core.download(self._request("download", url), asked)

        return FileDownloadResponse(
            await ask({}), self._filename(url), ask, retries_of(self._core, options)
        )

    async def delete(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> None:
        """Deletes a file. Raises `ResourceNotFoundError` and `EtagMismatchError`."""
        await self._core.call(self._request("delete", url, if_match=etag_if_match), options)

    async def move_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Moves a file within DIAL."""
        await self._core.call(self._move("move", source, destination, overwrite), options)

    async def copy_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Copies a file within DIAL."""
        await self._core.call(self._move("copy", source, destination, overwrite), options)

    async def get_metadata(
        self,
        url: URL,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        permissions: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """What DIAL knows of a file, or a page of a folder: of a URL with a slash at its end,
        or of a bucket. ``recursive`` lists the files of all depths and no folders."""
        page = Page(limit, token, recursive, permissions)
        return cast("Metadata", await self._core.call(self._metadata(url, page), options))

    metadata = get_metadata

    async def list(
        self,
        url: URL,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        permissions: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """A page of a folder, whether or not `url` ends with a slash."""
        folder = self._folder(url).api_path
        page = Page(limit, token, recursive, permissions)
        return cast("Metadata", await self._core.call(self._metadata(folder, page), options))

    async def iter(
        self,
        url: URL,
        *,
        recursive: bool | None = None,
        permissions: bool | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[Metadata]:
        """All items of a folder, page after page. Raises `ParsingDataError` for a listing that
        does not end: a page token that comes again."""
        conceal_options(options)
        folder, pages = self._folder(url), Pages(self._core.service.platform)
        while True:
            page = await self.list(
                folder.api_path,
                limit=page_size,
                token=pages.token,
                recursive=recursive,
                permissions=permissions,
                **options,
            )
            for item in items_of(page, folder):
                yield item
            if not pages.turn(page.next_token, page):
                return

    def walk(
        self, url: URL, *, page_size: int | None = 1000, **options: Unpack[CallOptions]
    ) -> AsyncIterator[Metadata]:
        """All files below a folder, of all depths; blobs that stand for folders are left out."""
        found = self.iter(url, recursive=True, page_size=page_size, **options)
        return (item async for item in found if is_file(item))

    async def upload_folder(
        self,
        folder: str | os.PathLike[str],
        url: URL,
        *,
        concurrency: int = 16,
        **options: Unpack[CallOptions],
    ) -> builtins.list[Metadata]:
        """Writes all files below a folder of this machine below `url`, some at once; their
        metadata in the order of their paths. Raises the first error, which names the file and how
        many were uploaded; what is under way ends."""
        conceal_options(options)
        from ._folders import aupload_all, check_concurrency, local_files

        check_concurrency(concurrency)
        return await aupload_all(
            self, local_files(folder, self._folder(url)), concurrency, dict(options)
        )

    async def download_folder(
        self,
        url: URL,
        folder: str | os.PathLike[str],
        *,
        concurrency: int = 16,
        on_clash: OnClash = "error",
        **options: Unpack[CallOptions],
    ) -> builtins.list[str]:
        """Writes all files below `url` below a folder of this machine, some at once; the paths
        written, sorted. Each takes its name when it is whole. Raises the first error, which names
        the file and how many were written.

        Raises `InvalidDialURLError` for a name that would leave the folder, before anything is
        written. So it does `InvalidRequestError` for two names that a disk cannot hold together,
        such as ``a`` and ``a/b``; ``on_clash="rename"`` writes ``a`` as ``a (1)``.
        """
        conceal_options(options)
        from ._folders import adownload_all, check_concurrency

        check_concurrency(concurrency)
        return await adownload_all(
            self, self._folder(url), folder, concurrency, on_clash, dict(options)
        )
