"""httpcore's network streams with our rules for heads before its parser, and one write a request.

httpcore sends the head of a request and its body in two writes. A server that reads once, answers
and closes leaves the second unread: the system then resets the connection, and with it goes what
the client has not received yet. One write also costs one call of the system less.

A pool of httpcore gets its streams from a network backend, which is public; that of a pool which
httpx has made is not. Where it cannot be reached, all is as httpcore has it.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Awaitable
from typing import Any
from weakref import ref

from .failures import LATE_HEAD
from .heads import Heads, InvalidHead
from .pools import innermost

_REQUEST = re.compile(rb"[A-Z]+ [^ \r\n]+ HTTP/1\.1\r\n")
"""How a request begins. Other things are written too: bodies, a proxy's handshakes, HTTP/2."""
_WITH_BODY = (b"POST ", b"PUT ", b"PATCH ")
_LARGE = 64 * 1024
"""Bytes from which a body is not copied behind its head."""


def guard(pool: Any) -> None:
    """Puts the rules before a pool's parser, on all connections that it makes from now on."""
    backend = getattr(pool, "_network_backend", None)
    if hasattr(backend, "connect_tcp") and not isinstance(backend, _Backend) and _family(pool):
        kind = AsyncBackend if hasattr(pool, "aclose") else SyncBackend
        pool._network_backend = kind(backend, pool)  # noqa: SLF001


def has_unread(connection: Any) -> bool:
    """Whether bytes have come after the answer on an idle connection, together with it. httpcore
    looks at what is in the socket, not at what it has read already, and would take them for the
    head of the next answer."""
    return _unread(innermost(connection))


def _family(pool: Any) -> Any:
    """httpcore, or httpcore2; None for a pool of neither."""
    for cls in type(pool).__mro__:
        root = cls.__module__.partition(".")[0]
        if root.startswith("httpcore"):
            return sys.modules[root]
    return None


def _unread(connection: Any) -> bool:
    state = getattr(connection, "_h11_state", None)
    return state is not None and bool(state.trailing_data[0])


class _Backend:
    def __init__(self, backend: Any, pool: Any) -> None:
        self._backend = backend
        self._pool = ref(pool)
        self.family: Any = _family(pool)

    def __getattr__(self, name: str) -> Any:  # `sleep`, and whatever else a pool may want
        return getattr(self._backend, name)

    def connection_of(self, stream: Any) -> Any:
        """The connection that reads from a stream, a weak reference; None where it is not found."""
        for one in getattr(self._pool(), "connections", ()):
            connection = innermost(one)
            if getattr(connection, "_network_stream", None) is stream:
                return ref(connection)
        return None


class _Stream:
    __slots__ = ("_backend", "_connection", "_head", "_heads", "_stream", "_unread")

    def __init__(self, stream: Any, backend: _Backend) -> None:
        self._stream = stream
        self._backend = backend
        self._connection: Any = None
        self._unread: bool | None = None
        """Whether bytes are left that httpcore has read; None where that was not looked at since
        the last request. A pool asks for each of its connections with each request."""
        self._heads: Heads | None = None
        """None where no head is due: what comes is handed on as it is."""
        self._head = b""
        """A request's, which waits for its body. It leaves with the next write, which may be the
        empty one that ends each request, or before anything is read: so it does no harm to hold
        one without a body back, or a piece of a body that looks like one."""

    def _pieces(self, data: bytes) -> tuple[bytes, ...]:
        """What to write now, where `data` was given to write."""
        head, self._head = self._head, b""
        if head:
            return (head + data,) if len(data) < _LARGE else (head, data)
        if _REQUEST.match(data):
            self._heads, self._unread = Heads(), None
            if data.startswith(_WITH_BODY) and data.endswith(b"\r\n\r\n"):
                self._head = data
                return ()
        return (data,)

    def get_extra_info(self, info: str) -> Any:
        """As httpcore has it. It asks of an idle connection whether it is readable, and closes it
        if so."""
        if info == "is_readable":
            if self._unread is None:
                self._unread = self._look()
            if self._unread:
                return True
        return self._stream.get_extra_info(info)

    def _look(self) -> bool:
        if self._connection is None:
            self._connection = self._backend.connection_of(self)
        return self._connection is not None and _unread(self._connection())

    def _received(self, heads: Heads, data: bytes, timeout: float | None) -> None:
        """Decides on what came while a head was due."""
        try:
            ended = not data or heads.feed(bytes(data)) >= 0
        except InvalidHead as error:
            raise self._backend.family.RemoteProtocolError(str(error)) from None
        if ended:
            self._heads = None
        elif heads.is_late(time.monotonic(), timeout):
            raise self._backend.family.ReadTimeout(LATE_HEAD)


class _SyncStream(_Stream):
    __slots__ = ()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for piece in self._pieces(buffer):
            self._stream.write(piece, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        if self._heads is None:
            return self._stream.read(max_bytes, timeout)
        self.write(b"", timeout)
        data = self._stream.read(max_bytes, timeout)
        self._received(self._heads, data, timeout)
        return data

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **more: Any) -> Any:
        return _SyncStream(self._stream.start_tls(*args, **more), self._backend)


class _AsyncStream(_Stream):
    __slots__ = ()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        for piece in self._pieces(buffer):
            await self._stream.write(piece, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> Awaitable[bytes]:
        # Not a coroutine function: this is in the way of each event.
        if self._heads is None:
            return self._stream.read(max_bytes, timeout)  # type: ignore[no-any-return]
        return self._read_head(self._heads, max_bytes, timeout)

    async def _read_head(
        self, heads: Heads, max_bytes: int, timeout: float | None  # noqa: ASYNC109
    ) -> bytes:  # fmt: skip
        await self.write(b"", timeout)
        data: bytes = await self._stream.read(max_bytes, timeout)
        self._received(heads, data, timeout)
        return data

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *args: Any, **more: Any) -> Any:
        return _AsyncStream(await self._stream.start_tls(*args, **more), self._backend)


class SyncBackend(_Backend):
    """A network backend whose streams read heads by our rules."""

    def connect_tcp(self, *args: Any, **more: Any) -> Any:
        return _SyncStream(self._backend.connect_tcp(*args, **more), self)

    def connect_unix_socket(self, *args: Any, **more: Any) -> Any:
        return _SyncStream(self._backend.connect_unix_socket(*args, **more), self)


class AsyncBackend(_Backend):
    """`SyncBackend` for asynchronous code."""

    async def connect_tcp(self, *args: Any, **more: Any) -> Any:
        return _AsyncStream(await self._backend.connect_tcp(*args, **more), self)

    async def connect_unix_socket(self, *args: Any, **more: Any) -> Any:
        return _AsyncStream(await self._backend.connect_unix_socket(*args, **more), self)
