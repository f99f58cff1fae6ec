"""Event streams as the platforms send them, and how each room asks for one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, NamedTuple

from polychat.aleph_alpha import ChatRequest, CompletionRequest, Prompt, Role, TextMessage

N = 12
ASK: Any = [{"role": "user", "content": "Hi"}]


def sse(events: Iterable[Any], done: bytes = b"") -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events) + done


def _chunk(delta: Any, reason: str | None = None) -> Any:
    return {"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


CHAT = sse([*(_chunk({"content": f"{n} "}) for n in range(N)), _chunk({}, "stop")],
           b"data: [DONE]\n\n")  # fmt: skip
COMPLETION = sse([
    *({"type": "stream_chunk", "index": 0, "completion": f"{n} "} for n in range(N)),
    {"type": "stream_summary", "index": 0, "model_version": "1", "finish_reason": "stop"},
    {"type": "completion_summary", "optimized_prompt": None},
])  # fmt: skip
MESSAGE = sse([
    {"type": "message_start", "message": {"id": "m", "role": "assistant", "content": []}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"{n} "}}
      for n in range(N)),
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
    {"type": "message_stop"},
])  # fmt: skip
RESPONSE = sse([
    {"type": "response.created", "response": {"id": "r", "status": "in_progress", "output": []}},
    *({"type": "response.output_text.delta", "output_index": 0, "delta": f"{n} "}
      for n in range(N)),
    {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": []}},
])  # fmt: skip
CALLS = sse({"jsonrpc": "2.0", "id": str(n), "method": "toolset/signin"} for n in range(N))
CHANGES = sse({"url": f"files/b/{n}", "action": "UPDATE"} for n in range(N))
BYTES = bytes(range(256)) * 8


class Source(NamedTuple):
    """A stream of a room: how it is asked for, and the body that answers it."""

    platform: str
    start: Callable[[Any], Any]
    content: bytes
    kind: str = "text/event-stream"


class Endpoint:
    """How an endpoint function is asked for a stream, with a facade's ``.rest``."""

    def __init__(self, name: str, body: Any, *path: str) -> None:
        self._module = import_module(f"polychat_rest.{name}")
        self._body, self._path = body, path

    def __call__(self, client: Any) -> Any:
        return self.over(client.rest, asynchronous="Async" in type(client.rest).__name__)

    def over(self, sender: Any, *, asynchronous: bool) -> Any:
        """With any sender, such as the plain client."""
        function = self._module.astream if asynchronous else self._module.stream
        return function(*self._path, body=self._body, client=sender)


_BODY = {"model": "m", "messages": ASK}
_MESSAGE = {**_BODY, "max_tokens": 9}
_RESPONSE = {"model": "m", "input": "Hi"}
_COMPLETION = {"model": "m", "prompt": "Hi", "maximum_tokens": 9}
CHATS = {
    "aimlapi": Source(
        "aimlapi", lambda c: c.chat.completions.create(model="m", messages=ASK, stream=True), CHAT),
    "aimlapi-rest": Source(
        "aimlapi", Endpoint("aimlapi.api.chat.create_chat_completion", _BODY), CHAT),
    "aleph_alpha": Source(
        "aleph_alpha", lambda c: c.chat_with_streaming(
            ChatRequest("m", [TextMessage(Role.User, "Hi")]), "m"), CHAT),
    "aleph_alpha-rest": Source(
        "aleph_alpha", Endpoint("aleph_alpha.api.tasks.chat_completions", _BODY), CHAT),
    "azure": Source("azure", lambda c: c.complete(messages=ASK, stream=True), CHAT),
    "azure-rest": Source(
        "azure", Endpoint("azure.api.chat.get_chat_completions", _BODY), CHAT),
    "dial": Source(
        "dial", lambda c: c.chat.completions.create(
            deployment_name="d", messages=ASK, stream=True), CHAT),
    "dial-rest": Source(
        "dial", Endpoint("dial.api.chat.send_chat_completion_request", _BODY, "d"), CHAT),
}  # fmt: skip
OTHERS = {
    "completion": Source(
        "aleph_alpha", lambda c: c.complete_with_streaming(
            CompletionRequest(Prompt.from_text("Hi"), maximum_tokens=9), "m"), COMPLETION),
    "completion-rest": Source(
        "aleph_alpha", Endpoint("aleph_alpha.api.tasks.complete", _COMPLETION), COMPLETION),
    "messages": Source("aimlapi", lambda c: c.messages.create(**_MESSAGE, stream=True), MESSAGE),
    "messages-rest": Source(
        "aimlapi", Endpoint("aimlapi.api.chat.create_message", _MESSAGE), MESSAGE),
    "messages-dial": Source(
        "dial", Endpoint("dial.api.messages.create_message", _MESSAGE), MESSAGE),
    "responses": Source(
        "aimlapi", lambda c: c.responses.create(**_RESPONSE, stream=True), RESPONSE),
    "responses-rest": Source(
        "aimlapi", Endpoint("aimlapi.api.chat.create_response", _RESPONSE), RESPONSE),
    "responses-dial": Source(
        "dial", Endpoint("dial.api.responses.create_response", _RESPONSE), RESPONSE),
}  # fmt: skip
ENDLESS = {
    "channel": Source("dial", lambda c: c.client_channel.subscribe("c"), CALLS),
    "changes": Source("dial", lambda c: c.resources.subscribe(["files/b/x"]), CHANGES),
}
PIECES = {
    "download": Source("dial", lambda c: c.files.download("files/b/x"), BYTES, "image/png"),
    "speech": Source(
        "aimlapi", lambda c: c.audio.speech.stream(model="m", text="Hi"), BYTES, "audio/mpeg"),
}  # fmt: skip
EVERY = {**CHATS, **OTHERS, **ENDLESS, **PIECES}
