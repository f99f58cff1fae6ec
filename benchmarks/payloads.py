"""What the benchmark server answers with. Built once, so that serving costs a copy."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

TOKEN = " token"
"""The text of every streamed event but the last, which has the finish reason."""
ANSWER = "Paris is the capital of France, and has been for most of its history."
"""The text of a plain answer."""
MODELS = 2_000
"""Items in a list of models or deployments."""

_CREATED = 1_763_700_000
_USAGE = {"prompt_tokens": 12, "completion_tokens": 16, "total_tokens": 28}


def event_data(index: int, *, last: bool = False) -> bytes:
    """One streamed chat chunk of about 290 bytes. ``obfuscation`` is a field that no spec of
    ours names (OpenAI sends it), so that keeping unknown fields is part of what is measured."""
    delta: dict[str, Any] = {} if last else {"content": TOKEN}
    if index == 0:
        delta["role"] = "assistant"
    chunk = {
        "id": "chatcmpl-CdQ0bJ3vXy8hK2mN5pR7sT9uW1zA4",
        "object": "chat.completion.chunk",
        "created": _CREATED,
        "model": "bench-model-2026-11",
        "system_fingerprint": "fp_7c2a91d0e4",
        "choices": [{"index": 0, "delta": delta, "finish_reason": "stop" if last else None}],
        "usage": None,
        "obfuscation": "k3Vb9QxLm2",
    }
    return json.dumps(chunk, separators=(",", ":")).encode()


def _http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def head(content_type: str, length: int | None, status: str = "200 OK") -> bytes:
    """The head of an answer: of `length` bytes, or in HTTP chunks where it is None."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{framing}\r\n"
        "x-request-id: bench-0123456789\r\nServer: bench\r\n\r\n"
    ).encode()


@cache
def stream(events: int) -> tuple[bytes, bytes]:
    """An event stream of `events` chunks and ``[DONE]``, each event in an HTTP chunk of its own:
    the head with the first event, and all that follows."""
    chunks = [
        _http_chunk(b"data: " + event_data(index, last=index == events - 1) + b"\n\n")
        for index in range(events)
    ]
    start = head("text/event-stream; charset=utf-8", None) + chunks[0]
    return start, b"".join(chunks[1:]) + _http_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


BLOCK = 64
"""Events in each HTTP chunk of `blocks`."""


@cache
def blocks(events: int) -> bytes:
    """What `stream` gives, but `BLOCK` events to an HTTP chunk."""
    data = [
        b"data: " + event_data(index, last=index == events - 1) + b"\n\n" for index in range(events)
    ]
    data.append(b"data: [DONE]\n\n")
    chunks = [
        _http_chunk(b"".join(data[start : start + BLOCK])) for start in range(0, len(data), BLOCK)
    ]
    return head("text/event-stream; charset=utf-8", None) + b"".join(chunks) + b"0\r\n\r\n"


def json_answer(value: Any, status: str = "200 OK") -> bytes:
    """A complete JSON answer."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return head("application/json", len(body), status) + body


@cache
def plain() -> bytes:
    """A chat completion that is not streamed."""
    message = {"role": "assistant", "content": ANSWER, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return json_answer(
        {
            "id": "chatcmpl-CdQ0bJ3vXy8hK2mN5pR7sT9uW1zA4",
            "object": "chat.completion",
            "created": _CREATED,
            "model": "bench-model-2026-11",
            "system_fingerprint": "fp_7c2a91d0e4",
            "choices": [choice],
            "usage": _USAGE,
        }
    )


@cache
def models() -> bytes:
    """A list of `MODELS` models as AIMLAPI sends it when no ``include`` asks for more, with the
    fields of OpenAI's lists, which AIMLAPI's spec does not name."""
    items = [
        {
            "id": f"vendor/model-{index:04d}",
            "object": "model",
            "created": _CREATED + index,
            "owned_by": "vendor",
            "aliases": [f"model-{index:04d}"],
            "type": "chat-completion",
            "info": {
                "name": f"Model {index}",
                "developer": "Vendor",
                "description": "A model made up for this benchmark, neither large nor small.",
                "releasedAt": "2026-05-01",
                "contextLength": 128_000,
                "outputMax": 16_384,
                "url": f"https://vendor.example/models/model-{index:04d}",
                "docsUrl": f"https://docs.vendor.example/text-models/model-{index:04d}",
            },
            "tags": ["text", "tools"],
        }
        for index in range(MODELS)
    ]
    return json_answer({"object": "list", "data": items})


@cache
def deployments() -> bytes:
    """A list of `MODELS` deployments with DIAL's fields."""
    items = [
        {
            "id": f"vendor/model-{index:04d}",
            "object": "deployment",
            "model": f"vendor/model-{index:04d}",
            "owner": "organization-owner",
            "status": "succeeded",
            "created_at": _CREATED,
            "updated_at": _CREATED + index,
            "scale_settings": {"scale_type": "standard"},
            "display_name": f"Model {index}",
            "features": {"rate": False, "tokenize": True, "tools": True, "seed": True},
        }
        for index in range(MODELS)
    ]
    return json_answer({"object": "list", "data": items})


def file_metadata(length: int) -> bytes:
    """DIAL's answer to an upload, whose body had `length` bytes."""
    return json_answer(
        {
            "name": "bench.bin",
            "parentPath": None,
            "bucket": "bench",
            "url": "files/bench/bench.bin",
            "nodeType": "ITEM",
            "resourceType": "FILE",
            "contentLength": length,
            "contentType": "application/octet-stream",
        }
    )
