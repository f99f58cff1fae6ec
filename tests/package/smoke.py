"""Run by the Python of an environment that has the wheel and its base dependencies.

Asserts that the package comes from there, that all but the parts with extras import, and that a
client talks to a server. Prints one JSON line about it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polychat
import polychat_rest

NEEDS_AN_EXTRA = (
    "polychat._core.over_aiohttp",
    "polychat.azure._spans",
    "polychat.demo",
    "polychat.emulator",
    "polychat.integrations",
)


class Service(BaseHTTPRequestHandler):
    """One deployment, which answers with the text of the last message, in two pieces if asked."""

    def do_POST(self) -> None:
        """Answers a chat completion request."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = asked["messages"][-1]["content"]
        kind = "text/event-stream" if asked.get("stream") else "application/json"
        common = {"id": "1", "created": 1, "model": "m"}
        if asked.get("stream"):
            half = len(text) // 2
            pieces = [{"role": "assistant", "content": text[:half]}, {"content": text[half:]}]
            events = [
                {
                    **common,
                    "object": "chat.completion.chunk",
                    "choices": [{"index": 0, "delta": piece, "finish_reason": None}],
                }
                for piece in pieces
            ]
            events[-1]["choices"][0]["finish_reason"] = "stop"
            body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
            body += "data: [DONE]\n\n"
        else:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = json.dumps({**common, "object": "chat.completion", "choices": [choice]})
        content = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps stderr clean."""


def import_all(name: str) -> int:
    """Imports a package and the modules in it that need no extra; how many they are."""
    module = importlib.import_module(name)
    inner = pkgutil.iter_modules(getattr(module, "__path__", ()), f"{name}.")
    return 1 + sum(import_all(found.name) for found in inner if found.name not in NEEDS_AN_EXTRA)


def chat() -> dict[str, str]:
    """A plain and a streamed chat completion."""
    from polychat.dial import Dial

    messages = [{"role": "user", "content": "Hello, wheel"}]
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with Dial(base_url=url, api_key="any") as client:
            create = client.chat.completions.create
            plain = create(deployment_name="m", messages=messages)
            streamed = create(deployment_name="m", messages=messages, stream=True)
            pieces = [chunk.choices[0].delta.content or "" for chunk in streamed]
        server.shutdown()
    return {"plain": plain.choices[0].message.content, "streamed": "|".join(pieces)}


environment = Path(sys.prefix).resolve()
for package in (polychat, polychat_rest):
    assert environment in Path(package.__file__).resolve().parents, package.__file__
for name in ("wrapper", "generated"):
    assert importlib.util.find_spec(name) is None, name
counts = {package: import_all(package) for package in ("polychat", "polychat_rest")}
print(json.dumps({"modules": counts, **chat()}))
