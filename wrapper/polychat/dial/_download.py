"""Downloads: streamed in constant memory, small ones kept, broken ones taken up again."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from time import sleep
from typing import Any, Self, cast

from polychat._core.info import ResponseInfo
from polychat._core.retry import backoff
from polychat._core.stream import AsyncStream, Stream
from polychat.errors import StreamIdleTimeoutError, StreamTruncatedError

from ._exception import DialException

SMALL = 1 << 20
"""Bytes up to which a file is read at once, so that its connection is free and it can be read
again and again."""

Broken = (StreamTruncatedError, StreamIdleTimeoutError)
Reopen = Callable[[Mapping[str, str]], Any]
"""Asks for the file again, with these headers beside those of the first time."""


class _Resume:
    """How far a download has come, and whether it can be taken up there. Pure."""

    def __init__(self, info: ResponseInfo, retries: int) -> None:
        self.received = 0
        self.etag = info.headers.get("etag")
        self._left = retries
        self.attempt = 0

    def headers(self, error: DialException | Exception) -> dict[str, str]:
        """The headers that ask for the rest. Raises `error` where it cannot be asked for: the
        retries are used up, or nothing tells whether the file is still the same."""
        if self._left <= 0 or self.etag is None:
            raise error
        self._left -= 1
        self.attempt += 1
        return {"range": f"bytes={self.received}-", "if-match": self.etag}

    def skipped(self, info: ResponseInfo, error: Exception) -> int:
        """How many bytes of the new answer are known already. Raises `error` where it is not
        of the same file."""
        if info.headers.get("etag") not in (None, self.etag):
            raise error
        if info.status != 206:
            return self.received
        start = info.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
        if start != str(self.received):
            raise error
        return 0


class _Transfer:
    """Where the bytes come from, apart from the response that users hold: the generators below
    hold only this, so that a response that is dropped gives its connection back at once."""

    def __init__(
        self, stream: Stream[bytes] | AsyncStream[bytes], reopen: Reopen, retries: int
    ) -> None:
        self.stream: Any = stream
        self.reopen = reopen
        self.resume = _Resume(stream.response, retries)
        self.begun = self.ended = False
        self.failure: Exception | None = None

    def check(self) -> None:
        """Raises what ended the reading, where it has ended."""
        if self.failure is not None:
            raise self.failure
        if self.ended:
            raise _read_already()

    def check_unread(self) -> None:
        """Raises where a part has been read: the rest is not the file."""
        self.check()
        if self.begun:
            raise _read_already()


def _read_already() -> DialException:
    return DialException("the download has been read", remedy="Call download() again")


def _read(transfer: _Transfer) -> Iterator[bytes]:
    resume, skip = transfer.resume, 0
    transfer.begun = True
    try:
        while True:
            try:
                for whole in transfer.stream:
                    piece, skip = _rest(whole, skip)
                    if piece:
                        resume.received += len(piece)
                        yield piece
                return
            except Broken as error:
                headers = resume.headers(error)
                sleep(backoff(resume.attempt))
                transfer.stream = transfer.reopen(headers)
                skip = resume.skipped(transfer.stream.response, error)
    except Exception as error:
        transfer.failure = error
        raise
    finally:
        transfer.ended = True
        transfer.stream.close()


async def _read_async(transfer: _Transfer) -> AsyncGenerator[bytes]:
    import anyio

    resume, skip = transfer.resume, 0
    transfer.begun = True
    try:
        while True:
            try:
                async for whole in transfer.stream:
                    piece, skip = _rest(whole, skip)
                    if piece:
                        resume.received += len(piece)
                        yield piece
                return
            except Broken as error:
                headers = resume.headers(error)
                await anyio.sleep(backoff(resume.attempt))
                transfer.stream = await transfer.reopen(headers)
                skip = resume.skipped(transfer.stream.response, error)
    except Exception as error:
        transfer.failure = error
        raise
    finally:
        transfer.ended = True
        await transfer.stream.aclose()


class FileDownloadResponse:
    """A file as it comes down: an iterator over its bytes, and a context manager.

    A file of up to 1 MiB is here already and can be read any number of times. A larger one is
    read from the connection, once, in as many goes as you like: each loop goes on where the last
    one stopped. `get_content` keeps what it read. A download that breaks is taken up where it
    stopped, as long as the file's ETag is the same. Reading to the end, `close`, leaving a
    ``with`` block and dropping the response give the connection back.

    The methods for asynchronous code are those of responses that `AsyncDial` gives.
    """

    def __init__(
        self,
        stream: Stream[bytes] | AsyncStream[bytes],
        filename: str,
        reopen: Reopen,
        retries: int,
    ) -> None:
        self.__response__: ResponseInfo = stream.response
        self._filename = filename
        self._transfer = _Transfer(stream, reopen, retries)
        self._content: bytes | None = None
        asynchronous = isinstance(stream, AsyncStream)
        self._pieces: Any = (_read_async if asynchronous else _read)(self._transfer)

    @property
    def filename(self) -> str:
        """The name of the file, decoded."""
        return self._filename

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names are case-insensitive."""
        return self.__response__.headers

    @property
    def content_type(self) -> str | None:
        """The media type that the file was stored with."""
        return self.headers.get("content-type")

    @property
    def etag(self) -> str | None:
        """The version of the file."""
        return self.headers.get("etag")

    @property
    def content_length(self) -> int | None:
        """The length in bytes, where the service says it."""
        length = self.headers.get("content-length", "")
        return int(length) if length.isdigit() else None

    @property
    def _is_small(self) -> bool:
        length = self.content_length
        return length is not None and length <= SMALL

    # Synchronous.

    def __iter__(self) -> Iterator[bytes]:
        if self._content is not None:
            return iter([self._content] if self._content else [])
        if not isinstance(self._transfer.stream, Stream):
            raise TypeError("this download is asynchronous: use `async for`")
        self._transfer.check()
        return cast("Iterator[bytes]", self._pieces)

    def get_content(self) -> bytes:
        """All bytes. Raises `DialException` where a part has been read."""
        if self._content is None:
            self._transfer.check_unread()
            self._content = b"".join(self)
        return self._content

    def write_to(self, file: str | os.PathLike[str]) -> None:
        """Writes the bytes to a file at a path of this machine, which takes its name when it is
        whole: after an error a file that was there is as it was."""
        from polychat._core.saving import save

        if self._content is None:
            self._transfer.check_unread()
        try:
            save(file, self)
        finally:
            if self._transfer.begun:
                self.close()

    def close(self) -> None:
        """Ends the download and gives its connection back."""
        stream: Any = self._transfer.stream
        if isinstance(stream, Stream):
            if not self._pieces.gi_running:
                self._pieces.close()
            self._transfer.ended = True
            stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # Asynchronous.

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._content is not None:
            return _given(self._content)
        if not isinstance(self._transfer.stream, AsyncStream):
            raise TypeError("this download is synchronous: use `for`")
        self._transfer.check()
        return cast("AsyncIterator[bytes]", self._pieces)

    async def aget_content(self) -> bytes:
        """All bytes. Raises `DialException` where a part has been read."""
        if self._content is None:
            self._transfer.check_unread()
            self._content = b"".join([piece async for piece in self])
        return self._content

    async def awrite_to(self, file: str | os.PathLike[str]) -> None:
        """`write_to` in asynchronous code; the disk is waited for in worker threads."""
        from polychat._core.saving import asave

        if self._content is None:
            self._transfer.check_unread()
        try:
            await asave(file, self)
        finally:
            if self._transfer.begun:
                await self.aclose()

    async def aclose(self) -> None:
        """Ends the download and gives its connection back."""
        stream: Any = self._transfer.stream
        if isinstance(stream, AsyncStream):
            if not self._pieces.ag_running:
                await self._pieces.aclose()
            self._transfer.ended = True
            await stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    # How the resources make them.

    def keep_if_small(self) -> Self:
        """Reads a small file at once."""
        if self._is_small:
            self.get_content()
        return self

    async def akeep_if_small(self) -> Self:
        """`keep_if_small` in asynchronous code."""
        if self._is_small:
            await self.aget_content()
        return self


async def _given(content: bytes) -> AsyncIterator[bytes]:
    if content:
        yield content


def _rest(piece: bytes, skip: int) -> tuple[bytes, int]:
    """A piece without what is known already, and how much is left to skip."""
    if not skip:
        return piece, 0
    return piece[skip:], max(skip - len(piece), 0)
