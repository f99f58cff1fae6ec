"""A server whose answers a test writes, for what the emulator does not do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, dict[str, str], bytes]
"""Status, headers and body. A ``content-length`` beyond the body cuts the answer short."""


class Asked(NamedTuple):
    """A request: the path as it was sent, and headers with names in lower case."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Script = Callable[[Asked], Reply]


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    """Serves `script`; the URL of the service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            given = {name.lower(): value for name, value in self.headers.items()}
            status, headers, answer = script(Asked(parts.path, query, given, body))
            self.send_response(status)
            for name, value in {"content-length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # the client may have seen enough
                self.wfile.write(answer)
            self.close_connection = int(headers.get("content-length", len(answer))) != len(answer)

        do_GET = do_PUT = do_POST = do_DELETE = handle_one  # noqa: N815  # http.server's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def document(value: Any) -> Reply:
    """A JSON document."""
    return 200, {"content-type": "application/json"}, json.dumps(value).encode()


def cut(body: bytes, at: int, **headers: str) -> Reply:
    """An answer that stops after `at` bytes."""
    return 200, {"content-length": str(len(body)), **headers}, body[:at]


def folder(*names: str, kind: str = "files", url: str = "b/d/", **more: Any) -> dict[str, Any]:
    """A page of a folder; a name with a slash at its end is a blob that ends so."""
    return {
        "name": "d",
        "bucket": "b",
        "url": f"{kind}/{url}",
        "nodeType": "FOLDER",
        "resourceType": "FILE",
        "items": [
            {
                "name": name,
                "bucket": "b",
                "url": f"{kind}/{url}{name}",
                "nodeType": "ITEM",
                "resourceType": "FILE",
            }
            for name in names
        ],
        **more,
    }
