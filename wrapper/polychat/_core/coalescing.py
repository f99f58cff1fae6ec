"""Heads and bodies of requests in one write.

httpcore sends them in two. A server that reads once, answers and closes leaves the second unread:
the system then resets the connection, and with it goes what the client has not received yet. One
write also costs one call of the system less.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

_METHODS = (b"POST ", b"PUT ", b"PATCH ")
"""Those whose requests have bodies. Where one has none, or where a piece of a body looks like such
a head, it leaves with the empty write that ends each request, or before anything is received."""
_LARGE = 64 * 1024
"""Bytes from which a body is not copied behind its head."""


class _Coalescing:
    """What is to be written of what was given to write."""

    __slots__ = ("head",)

    def __init__(self) -> None:
        self.head = b""
        """It waits for its body."""

    def pieces(self, data: bytes) -> tuple[bytes, ...]:
        head, self.head = self.head, b""
        if head:
            return (head + data,) if len(data) < _LARGE else (head, data)
        if data.startswith(_METHODS) and data.endswith(b"\r\n\r\n"):
            self.head = data
            return ()
        return (data,)


class _Stream(httpcore.NetworkStream):
    # `read` is the stream's own while no head waits: nothing is between it and each event.
    read: Callable[..., bytes]

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._coalescing = _Coalescing()
        self.read = stream.read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        pieces = self._coalescing.pieces(buffer)
        self.read = self._write_and_read if self._coalescing.head else self._stream.read
        for piece in pieces:
            self._stream.write(piece, timeout)

    def _write_and_read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.write(b"", timeout)
        return self._stream.read(max_bytes, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CoalescingBackend(httpcore.NetworkBackend):
    """Connections of `backend` on which a request's head waits for its body."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):  # httpcore's signatures have a timeout
    read: Callable[..., Any]

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._coalescing = _Coalescing()
        self.read = stream.read

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        pieces = self._coalescing.pieces(buffer)
        self.read = self._write_and_read if self._coalescing.head else self._stream.read
        for piece in pieces:
            await self._stream.write(piece, timeout)

    async def _write_and_read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        await self.write(b"", timeout)
        return await self._stream.read(max_bytes, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncCoalescingBackend(httpcore.AsyncNetworkBackend):
    """`CoalescingBackend` for asynchronous code."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(
            await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)
