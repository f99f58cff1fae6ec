"""AIMLAPI: chat, models, embeddings, images and speech."""

from __future__ import annotations

import base64
import io
import struct
import wave
import zlib
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from polychat.emulator import chat
from polychat.emulator.aimlapi_chat import document, enriched, events
from polychat.emulator.aimlapi_jobs import JOBS
from polychat.emulator.aimlapi_text import TEXT
from polychat.emulator.credentials import EXPIRED, bearer
from polychat.emulator.exchange import Events, Exchange, Platform, Refusal
from polychat.emulator.rules import count_tokens, is_list
from polychat.emulator.validate import Operation
from polychat.emulator.vectors import embedding_list

_OPEN = ("listModels", "getModel", "modelMetrics")
_CREDITS = 10
"""Credits that a token costs; a dollar has two million of them."""
_PER_DOLLAR = 2_000_000
_SAMPLES = 8000
_WORD_SECONDS = 0.1


def _authenticate(headers: Mapping[str, str], operation: Operation | None) -> str:
    key = bearer(headers)
    if operation is not None and operation.id in _OPEN and not key:
        return ""
    if not key:
        raise Refusal(401, "Unauthorized: no API key was given")
    if key == EXPIRED:
        raise Refusal(401, "Unauthorized: the API key has expired")
    return key


def _refuse(refusal: Refusal, path: str) -> Response:
    headers = {"x-inference-id": "inf-refused", **refusal.headers}
    return JSONResponse(_envelope(refusal, path), refusal.status, headers)


def _error_event(refusal: Refusal) -> dict[str, Any]:
    """No document says how an error looks within a stream: the envelope, under `error`."""
    return {"error": _envelope(refusal, "/v1/chat/completions")}


def _envelope(refusal: Refusal, path: str) -> dict[str, Any]:
    return {
        "message": refusal.message,
        "path": path,
        "requestId": "req-emulator",
        "statusCode": refusal.status,
        "timestamp": "2026-01-01T00:00:00.000Z",
    }


def _route(path: str) -> tuple[str, dict[str, str]]:
    """Chat is also served without its version."""
    return ("/v1/chat/completions" if path == "/chat/completions" else path), {}


def _model(exchange: Exchange) -> str:
    model = str(exchange.body["model"])
    if model.startswith("missing"):
        raise Refusal(404, f"Model {model} is not found")
    return model


def _cost(tokens: int) -> dict[str, Any]:
    used = tokens * _CREDITS
    return {"usage": {"credits_used": used, "usd_spent": used / _PER_DOLLAR}}


def _headers(exchange: Exchange, meta: dict[str, Any] | None) -> dict[str, str]:
    """The tracing headers; the cost is told in them where the answer is one document."""
    headers = {"x-inference-id": f"inf-{exchange.world.number()}"}
    given = exchange.headers.get("x-client-request-id")
    if given:
        headers["x-client-request-id"] = given
    if meta:
        headers["x-aimlapi-credits-used"] = str(meta["usage"]["credits_used"])
        headers["x-aimlapi-usd-spent"] = str(meta["usage"]["usd_spent"])
    return headers


async def _chat_completion(exchange: Exchange) -> Response | Events:
    _check_messages(exchange.body["messages"])
    answered = enriched(exchange.body, chat.answer(exchange, _model(exchange)))
    meta = _cost(answered.usage["total_tokens"])
    if exchange.body.get("stream"):
        documents = events(exchange.body, answered, {"meta": meta})
        return Events(documents, headers=_headers(exchange, None))
    whole = {**document(exchange.body, answered), "meta": meta}
    return JSONResponse(whole, headers=_headers(exchange, meta))


def _check_messages(given: Any) -> None:
    """The spec leaves the messages open, because every model has its own; the service does not."""
    messages = given if is_list(given) else []
    if not messages:
        raise Refusal(400, "Body validation error\nmessages: must be an array that is not empty")
    for position, message in enumerate(messages):
        if not isinstance(message, dict) or "role" not in message:
            raise Refusal(400, f"Body validation error\nmessages[{position}].role: is required")


async def _embeddings(exchange: Exchange) -> Response:
    vectors = embedding_list(exchange.body, _model(exchange))
    meta = _cost(vectors["usage"]["total_tokens"])
    return JSONResponse({**vectors, "meta": meta}, headers=_headers(exchange, meta))


def _models() -> list[dict[str, Any]]:
    kinds = {
        "echo": ("chat-completion", "text", "text"),
        "emulator/embed": ("embedding", "text", "embedding"),
        "emulator/image": ("image", "text", "image"),
        "emulator/speech": ("tts", "text", "audio"),
    }
    return [
        {
            "id": name,
            "aliases": [],
            "type": kind,
            "info": {"name": name, "developer": "polychat", "contextLength": 100_000},
            "tags": ["emulator"],
            "modalities": {"input": [takes], "output": [gives]},
            "capabilities": ["streaming", "tools"] if kind == "chat-completion" else [],
        }
        for name, (kind, takes, gives) in kinds.items()
    ]


async def _list_models(exchange: Exchange) -> Response:
    """All models, or those of the `id` or `type` that is asked for."""
    asked = {name: exchange.query[name] for name in ("id", "type") if name in exchange.query}
    models = [one for one in _models() if all(one[k] in v.split(",") for k, v in asked.items())]
    return JSONResponse({"object": "list", "data": models})


async def _get_model(exchange: Exchange) -> Response:
    name = exchange.param("id")
    found = next((model for model in _models() if model["id"] == name), None)
    if found is None:
        raise Refusal(404, f"Model {name} is not found")
    return JSONResponse(found)


async def _images(exchange: Exchange) -> Response:
    """One 8 by 8 image for each of `n`, its colour from the CRC-32 of the prompt: in base64 where
    `response_format` is b64_json, else as a data URL."""
    _model(exchange)
    prompt = str(exchange.body.get("prompt", ""))
    picture = base64.b64encode(_png(zlib.crc32(prompt.encode()))).decode()
    in_base64 = exchange.body.get("response_format") == "b64_json"
    name = "b64_json" if in_base64 else "url"
    value = picture if in_base64 else f"data:image/png;base64,{picture}"
    count = int(exchange.body.get("n") or exchange.body.get("num_images") or 1)
    meta = _cost(count_tokens(prompt))
    made = {"data": [{name: value} for _ in range(count)], "meta": meta}
    return JSONResponse(made, headers=_headers(exchange, meta))


def _png(colour: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    row = b"\0" + (colour & 0xFFFFFF).to_bytes(3) * 8
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 8)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


async def _speech(exchange: Exchange) -> Response:
    """A tenth of a second of silence for each word: a WAV file, or, where only JSON is accepted,
    a document with the same as a data URL."""
    _model(exchange)
    text = str(exchange.body.get("text") or exchange.body.get("script") or "")
    if not text:
        raise Refusal(400, "Body validation error\ntext: is required")
    meta = _cost(count_tokens(text))
    headers = _headers(exchange, meta)
    sound = _wav(count_tokens(text) * _WORD_SECONDS)
    accepted = exchange.headers.get("accept", "*/*")
    if "json" in accepted and "*/*" not in accepted and "audio" not in accepted:
        url = "data:audio/wav;base64," + base64.b64encode(sound).decode()
        return JSONResponse({"audio": {"url": url}, "meta": meta}, 201, headers)
    return Response(sound, 201, headers, "audio/wav")


def _wav(seconds: float) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_SAMPLES)
        out.writeframes(bytes(2 * round(seconds * _SAMPLES)))
    return target.getvalue()


async def _balance(exchange: Exchange) -> Response:
    del exchange
    return JSONResponse({"balance": 1_000_000, "lowBalance": False, "status": "current"})


AIMLAPI = Platform(
    name="aimlapi",
    base="/v1",
    route=_route,
    authenticate=_authenticate,
    refuse=_refuse,
    error_event=_error_event,
    handlers={
        "createChatCompletion": _chat_completion,
        "createEmbeddings": _embeddings,
        "listModels": _list_models,
        "getModel": _get_model,
        "createImage": _images,
        "createImageWithUrl": _images,
        "createSpeech": _speech,
        "getBalance": _balance,
        **JOBS,
        **TEXT,
    },
)
