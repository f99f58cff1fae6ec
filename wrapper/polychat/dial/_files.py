"""``client.files``, synchronous."""

from __future__ import annotations

import builtins
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast
from urllib.parse import unquote

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.options import CallOptions, conceal_options
from polychat._core.paging import Pages

from ._download import FileDownloadResponse
from ._storage import CoreT, Page, Storage, is_file, items_of
from ._targets import OnClash
from ._upload import FileTypes, OnProgress, file_part, refuse_asynchronous
from .helpers.storage_resource import URL, AnyStorageResourceType

if TYPE_CHECKING:
    import os

    from polychat._core.stream import Stream
    from polychat_rest.dial.models import Metadata
    from polychat_rest.protocol import Request


class FileStorage(Storage[CoreT]):
    """The requests of files, in either colour."""

    resource_type: AnyStorageResourceType = "files"

    def _upload(
        self,
        url: URL,
        file: FileTypes,
        etag_if_match: str | None,
        etag_if_none_match: str | None,
        content_type: str | None,
        on_progress: OnProgress | None,
    ) -> Request[Any]:
        part = file_part(file, content_type=content_type, on_progress=on_progress)
        if isinstance(self._core, SyncCore):
            refuse_asynchronous(file)
        return self._request(
            "upload",
            url,
            if_match=etag_if_match,
            if_none_match=etag_if_none_match,
            body={"file": part},
        )

    def _filename(self, url: URL) -> str:
        return unquote(self._item(url).filename or "")


def conditional(
    options: Mapping[str, Any], *given: Mapping[str, str | None] | None
) -> dict[str, Any]:
    """Options of a call that also sends these headers; those that are None are not sent."""
    headers = dict(options.get("extra_headers") or {})
    for more in given:
        headers.update({k: v for k, v in (more or {}).items() if v is not None})
    return {**options, "extra_headers": headers}


def retries_of(core: SyncCore | AsyncCore, options: Mapping[str, Any]) -> int:
    """How often a call with these options may be tried again."""
    return core.options.with_(options).max_retries


class Files(FileStorage[SyncCore]):
    """Files in DIAL's storage.

    A URL is ``files/{bucket}/{path}``, relative or absolute: a ``str``, percent-encoded where
    it has to be, or a `PurePosixPath` of plain names (see `polychat.dial.helpers`).
    """

    def upload(
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
        return cast("Metadata", self._core.call(request, options))

    def download(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> FileDownloadResponse:
        """A file's bytes (see `FileDownloadResponse`). Raises `ResourceNotFoundError`."""
        conceal_options(options)
        return self._open(url, etag_if_match, options).keep_if_small()

    @contextmanager
    def stream_download(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> Generator[FileDownloadResponse]:
        """A file's bytes as they arrive, closed at the end of the ``with`` block."""
        conceal_options(options)
        with self._open(url, etag_if_match, options) as response:
            yield response

    def _open(
        self, url: URL, etag_if_match: str | None, options: Mapping[str, Any]
    ) -> FileDownloadResponse:
        def ask(headers: Mapping[str, str]) -> Stream[bytes]:
            asked = conditional(options, {"if-match": etag_if_match}, headers)
            return self._core.download(self._request("download", url), asked)

        return FileDownloadResponse(
            ask({}), self._filename(url), ask, retries_of(self._core, options)
        )

    def delete(
        self, url: URL, etag_if_match: str | None = None, **options: Unpack[CallOptions]
    ) -> None:
        """Deletes a file. Raises `ResourceNotFoundError` and `EtagMismatchError`."""
        self._core.call(self._request("delete", url, if_match=etag_if_match), options)

    def move_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Moves a file within DIAL."""
        self._core.call(self._move("move", source, destination, overwrite), options)

    def copy_to(
        self,
        source: URL,
        destination: URL,
        overwrite: bool = False,
        **options: Unpack[CallOptions],
    ) -> None:
        """Copies a file within DIAL."""
        self._core.call(self._move("copy", source, destination, overwrite), options)

    def get_metadata(
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
        return cast("Metadata", self._core.call(self._metadata(url, page), options))

    metadata = get_metadata

    def list(
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
        return cast("Metadata", self._core.call(self._metadata(folder, page), options))

    def iter(
        self,
        url: URL,
        *,
        recursive: bool | None = None,
        permissions: bool | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Iterator[Metadata]:
        """All items of a folder, page after page. Raises `ParsingDataError` for a listing that
        does not end: a page token that comes again."""
        conceal_options(options)
        folder, pages = self._folder(url), Pages(self._core.service.platform)
        while True:
            page = self.list(
                folder.api_path,
                limit=page_size,
                token=pages.token,
                recursive=recursive,
                permissions=permissions,
                **options,
            )
            yield from items_of(page, folder)
            if not pages.turn(page.next_token, page):
                return

    def walk(
        self, url: URL, *, page_size: int | None = 1000, **options: Unpack[CallOptions]
    ) -> Iterator[Metadata]:
        """All files below a folder, of all depths; blobs that stand for folders are left out."""
        found = self.iter(url, recursive=True, page_size=page_size, **options)
        return (item for item in found if is_file(item))

    def upload_folder(
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
        from ._folders import check_concurrency, local_files, upload_all

        check_concurrency(concurrency)
        return upload_all(self, local_files(folder, self._folder(url)), concurrency, dict(options))

    def download_folder(
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
        from ._folders import check_concurrency, download_all

        check_concurrency(concurrency)
        return download_all(self, self._folder(url), folder, concurrency, on_clash, dict(options))
