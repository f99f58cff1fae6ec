"""Skills: references that are narrowed step by step, ``client.skills / "writing" / "tone"``.

A reference is immutable and asks nothing; making one checks its parts, and a call checks that it
names enough. A skill is a folder with files, at ``/v2/skills/{bucket}/{path}``; without a bucket
it is in the caller's own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, Self, Unpack, cast

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.options import CallOptions, conceal_options

from ._download import FileDownloadResponse
from ._exception import InvalidDialURLError
from ._files import conditional, retries_of
from ._storage import CoreT, build, encoded
from .helpers.storage_resource import (
    AnyStorageResourceType,
    DialStorageResourceMixin,
    split_relative_segments,
)

if TYPE_CHECKING:
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.dial.models import Metadata
    from polychat_rest.protocol import Request

_FILES = "files"
"""The segment between a skill and its files; DIAL keeps it free."""


class _Reference(DialStorageResourceMixin, Generic[CoreT]):
    """What both kinds of reference are, in either colour."""

    resource_type: AnyStorageResourceType = "skills"

    def __init__(
        self,
        core: CoreT,
        resolve_bucket: Callable[[], Any],
        bucket: str | None = None,
        path: tuple[str, ...] = (),
        skill_path: tuple[str, ...] = (),
    ) -> None:
        self._core: CoreT = core
        self._resolve = resolve_bucket
        self.bucket = bucket
        self.path = path
        self.skill_path = skill_path
        self.dial_api_url: str = f"{core.service.base_url}/v2/"

    def _at(self, bucket: str | None, path: tuple[str, ...], skill: tuple[str, ...] = ()) -> Self:
        return type(self)(self._core, self._resolve, bucket, path, skill)

    def _split(self, url: str) -> tuple[str, tuple[str, ...]]:
        found = self.get_storage_resource(url, allow_empty_bucket_path=True)
        return found.bucket, tuple(part for part in found.path.split("/") if part)

    def __truediv__(self, path: str) -> Self:
        return self._at(self.bucket, (*self.path, *_segments(path)), self.skill_path)

    def _shown(self, path: tuple[str, ...]) -> str:
        bucket = "<my-bucket>" if self.bucket is None else self.bucket
        return f"{type(self).__name__}('skills/{'/'.join((bucket, *path))}')"

    def _page(
        self,
        bucket: str,
        path: str,
        limit: int | None,
        token: str | None,
        recursive: bool | None,
    ) -> Request[Any]:
        request: Request[Any] = build("skills.get_skill_metadata")(
            bucket, path, limit=limit, token=token, recursive=recursive
        )
        return request


def _segments(path: str, param: str = "path") -> tuple[str, ...]:
    return split_relative_segments(path, param)


class _Skills(_Reference[CoreT]):
    """A skill, a folder of skills, or a bucket."""

    def __call__(
        self, *, path: str | None = None, bucket: str | None = None, url: str | None = None
    ) -> Self:
        """Another reference: below this one, in another bucket, or what a URL names."""
        if url is not None:
            if path is not None or bucket is not None:
                raise TypeError("url= says it all: leave bucket= and path= out")
            return self._at(*self._split(url))
        if path is None and bucket is None:
            raise TypeError("give url=, bucket= or path=")
        if bucket is not None and len(_segments(bucket, "bucket")) != 1:
            raise InvalidDialURLError(f"bucket={bucket!r} must be one segment")
        below: tuple[str, ...] = () if path is None else _segments(path)
        return self._at(self.bucket if bucket is None else bucket, (*self.path, *below))

    def __repr__(self) -> str:
        return self._shown(self.path)

    def _folder(self) -> str:
        """The path as that of a folder, as in URLs."""
        return f"{encoded(self.path)}/" if self.path else ""

    def _archive(self, bucket: str) -> Request[Any]:
        request: Request[Any] = build("skills.download_skill")(bucket, encoded(self.path))
        return request

    @property
    def _archive_name(self) -> str:
        """What the archive is called. Raises `InvalidDialURLError` where this is no skill."""
        if not self.path:
            raise InvalidDialURLError(
                "this is a bucket; name a skill first, such as client.skills / 'my-skill'"
            )
        return f"{self.path[-1]}.zip"


class _SkillFiles(_Reference[CoreT]):
    """The files of a skill, a folder of them, or one."""

    def __call__(self, *, path: str | None = None, url: str | None = None) -> Self:
        """Another reference: below this one, or what a URL names."""
        if url is not None:
            if path is not None:
                raise TypeError("url= says it all: leave path= out")
            bucket, parts = self._split(url)
            if _FILES not in parts[1:]:
                raise InvalidDialURLError(f"url={url!r} is not of a file: it has no /{_FILES}/")
            # A skill may itself be called "files", so the first part is never the divider.
            at = parts.index(_FILES, 1)
            return self._at(bucket, parts[at + 1 :], parts[:at])
        if path is None:
            raise TypeError("give url= or path=")
        return self / path

    def __repr__(self) -> str:
        return self._shown((*self.skill_path, _FILES, *self.path))

    def _place(self) -> str:
        if not self.skill_path:
            raise InvalidDialURLError(
                "this is a bucket; name a skill first, such as (client.skills / 'my-skill').files"
            )
        return encoded((*self.skill_path, _FILES, *self.path))

    def _file(self, bucket: str) -> Request[Any]:
        request: Request[Any] = build("skills.download_skill")(bucket, self._place())
        return request

    @property
    def _file_name(self) -> str:
        """What the file is called. Raises `InvalidDialURLError` where this is no file."""
        self._place()
        if not self.path:
            raise InvalidDialURLError("name a file, such as skill.files(path='SKILL.md')")
        return self.path[-1]


def _opened(
    core: SyncCore, request: Callable[[], Request[Any]], name: str, options: Mapping[str, Any]
) -> FileDownloadResponse:
    def ask(headers: Mapping[str, str]) -> Stream[bytes]:
        return core.download(request(), conditional(options, headers))

    return FileDownloadResponse(ask({}), name, ask, retries_of(core, options))


async def _opened_async(
    core: AsyncCore, request: Callable[[], Request[Any]], name: str, options: Mapping[str, Any]
) -> FileDownloadResponse:
    async def ask(headers: Mapping[str, str]) -> AsyncStream[bytes]:
        return await core.download(request(), conditional(options, headers))

    return FileDownloadResponse(await ask({}), name, ask, retries_of(core, options))


class SkillsRef(_Skills[SyncCore]):
    """``client.skills``."""

    def _bucket(self) -> str:
        return self.bucket if self.bucket is not None else cast("str", self._resolve())

    @property
    def files(self) -> SkillFilesRef:
        """The files of this skill."""
        return SkillFilesRef(self._core, self._resolve, self.bucket, (), self.path)

    def list(
        self,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """A page of the skills and folders here."""
        request = self._page(self._bucket(), self._folder(), limit, token, recursive)
        return cast("Metadata", self._core.call(request, options))

    def download(self, **options: Unpack[CallOptions]) -> FileDownloadResponse:
        """The skill as a ZIP archive."""
        conceal_options(options)
        return self._open(options).keep_if_small()

    @contextmanager
    def stream_download(self, **options: Unpack[CallOptions]) -> Generator[FileDownloadResponse]:
        """The skill as a ZIP archive, as it arrives."""
        conceal_options(options)
        with self._open(options) as response:
            yield response

    def _open(self, options: Mapping[str, Any]) -> FileDownloadResponse:
        name, bucket = self._archive_name, self._bucket()
        return _opened(self._core, lambda: self._archive(bucket), name, options)


class SkillFilesRef(_SkillFiles[SyncCore]):
    """``client.skills.files``."""

    def _bucket(self) -> str:
        return self.bucket if self.bucket is not None else cast("str", self._resolve())

    def list(
        self,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """A page of the files and folders here; a page may hold fewer than ``limit``."""
        place = self._place()
        request = self._page(self._bucket(), place, limit, token, recursive)
        return cast("Metadata", self._core.call(request, options))

    def read(self, **options: Unpack[CallOptions]) -> FileDownloadResponse:
        """The file that this names."""
        conceal_options(options)
        return self._open(options).keep_if_small()

    @contextmanager
    def stream(self, **options: Unpack[CallOptions]) -> Generator[FileDownloadResponse]:
        """The file that this names, as it arrives."""
        conceal_options(options)
        with self._open(options) as response:
            yield response

    def _open(self, options: Mapping[str, Any]) -> FileDownloadResponse:
        name, bucket = self._file_name, self._bucket()
        return _opened(self._core, lambda: self._file(bucket), name, options)


class AsyncSkillsRef(_Skills[AsyncCore]):
    """`SkillsRef` for asynchronous code."""

    async def _bucket(self) -> str:
        resolve: Callable[[], Awaitable[str]] = self._resolve
        return self.bucket if self.bucket is not None else await resolve()

    @property
    def files(self) -> AsyncSkillFilesRef:
        """The files of this skill."""
        return AsyncSkillFilesRef(self._core, self._resolve, self.bucket, (), self.path)

    async def list(
        self,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """A page of the skills and folders here."""
        request = self._page(await self._bucket(), self._folder(), limit, token, recursive)
        return cast("Metadata", await self._core.call(request, options))

    async def download(self, **options: Unpack[CallOptions]) -> FileDownloadResponse:
        """The skill as a ZIP archive."""
        conceal_options(options)
        return await (await self._open(options)).akeep_if_small()

    @asynccontextmanager
    async def stream_download(
        self, **options: Unpack[CallOptions]
    ) -> AsyncGenerator[FileDownloadResponse]:
        """The skill as a ZIP archive, as it arrives."""
        conceal_options(options)
        async with await self._open(options) as response:
            yield response

    async def _open(self, options: Mapping[str, Any]) -> FileDownloadResponse:
        name, bucket = self._archive_name, await self._bucket()
        return await _opened_async(self._core, lambda: self._archive(bucket), name, options)


class AsyncSkillFilesRef(_SkillFiles[AsyncCore]):
    """`SkillFilesRef` for asynchronous code."""

    async def _bucket(self) -> str:
        resolve: Callable[[], Awaitable[str]] = self._resolve
        return self.bucket if self.bucket is not None else await resolve()

    async def list(
        self,
        *,
        limit: int | None = None,
        token: str | None = None,
        recursive: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Metadata:
        """A page of the files and folders here; a page may hold fewer than ``limit``."""
        place = self._place()
        request = self._page(await self._bucket(), place, limit, token, recursive)
        return cast("Metadata", await self._core.call(request, options))

    async def read(self, **options: Unpack[CallOptions]) -> FileDownloadResponse:
        """The file that this names."""
        conceal_options(options)
        return await (await self._open(options)).akeep_if_small()

    @asynccontextmanager
    async def stream(self, **options: Unpack[CallOptions]) -> AsyncGenerator[FileDownloadResponse]:
        """The file that this names, as it arrives."""
        conceal_options(options)
        async with await self._open(options) as response:
            yield response

    async def _open(self, options: Mapping[str, Any]) -> FileDownloadResponse:
        name, bucket = self._file_name, await self._bucket()
        return await _opened_async(self._core, lambda: self._file(bucket), name, options)
