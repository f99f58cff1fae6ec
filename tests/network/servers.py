"""Small servers that do what an HTTP server should not, on raw sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import anyio

CHAT = {
    "data": [],  # so that it is a list, too
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"},
                 "finish_reason": "stop"}],
}  # fmt: skip


class Arrived(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """One connection, seen from the server."""

    def __init__(self, sock: socket.socket, server: RawServer) -> None:
        self.sock = sock
        self.server = server
        self._buffer = b""

    def request(self) -> Arrived | None:
        """The next request; None where the client has gone."""
        try:
            while b"\r\n\r\n" not in self._buffer:
                self._fill()
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            method, path, _ = first.split(" ")
            headers = {k.lower(): v.strip() for k, _, v in (li.partition(":") for li in lines)}
            body = self._body(headers)
        except (OSError, EOFError):
            return None
        arrived = Arrived(method, path, headers, body)
        self.server.requests.append(arrived)
        return arrived

    def _fill(self) -> None:
        piece = self.sock.recv(65536)
        if not piece:
            raise EOFError
        self._buffer += piece

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                while b"\r\n" not in self._buffer:
                    self._fill()
                line, _, self._buffer = self._buffer.partition(b"\r\n")
                size = int(line, 16)
                while len(self._buffer) < size + 2:
                    self._fill()
                body += self._buffer[:size]
                self._buffer = self._buffer[size + 2 :]
                if not size:
                    return body
        length = int(headers.get("content-length", 0))
        while len(self._buffer) < length:
            self._fill()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return body

    def send(self, data: bytes) -> None:
        """Sends bytes; a client that has gone is no error."""
        with contextlib.suppress(OSError):
            self.sock.sendall(data)

    def answer(self, status: int = 200, body: Any = CHAT, **headers: str) -> None:
        """A whole answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"content-type": "application/json", "content-length": str(len(content))}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.send(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content)

    def start_stream(self) -> None:
        """The head of an event stream."""
        self.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"x-request-id: stream-1\r\ntransfer-encoding: chunked\r\n\r\n"
        )

    def chunk(self, data: bytes) -> None:
        """One HTTP chunk."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, content: str, **choice: Any) -> None:
        """One chunk of a completion."""
        document = {"id": "1", "choices": [{"index": 0, "delta": {"content": content}, **choice}]}
        self.chunk(b"data: " + json.dumps(document).encode() + b"\n\n")

    def gone(self, seconds: float = 20) -> bool:
        """Waits until the client closes the connection."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


class RawServer:
    """Calls `handle` for every connection, each in a thread of its own."""

    def __init__(self, handle: Callable[[Peer], None]) -> None:
        self._handle = handle
        self.requests: list[Arrived] = []
        self.connections = 0
        self.open = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._closed = False
        self._socks: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socks.append(sock)
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self.open += 1
        try:
            self._handle(Peer(sock, self))
        finally:
            with self._lock:
                self.open -= 1
            sock.close()

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def serving(handle: Callable[[Peer], None]) -> Iterator[RawServer]:
    """A running `RawServer`."""
    server = RawServer(handle)
    try:
        yield server
    finally:
        server.close()


async def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether a condition becomes true in time; the event loop runs meanwhile."""
    with anyio.move_on_after(seconds):
        while not condition():  # noqa: ASYNC110  # it has no event
            await anyio.sleep(0.01)
    return condition()


def polite(peer: Peer) -> None:
    """Answers every request of a connection."""
    while peer.request() is not None:
        peer.answer()
