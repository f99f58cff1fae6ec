"""AIMLAPI's generations: videos, music and transcriptions, which become ready as they are asked
for, and what an account has."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from polychat.emulator.exchange import Exchange, Handler, Refusal
from polychat.emulator.rules import count_tokens

_STATES = ("queued", "generating", "completed")
"""What the first, the second and all later questions are answered."""
_META = {"usage": {"credits_used": 1000, "usd_spent": 0.0005}}


def _jobs(exchange: Exchange) -> dict[str, dict[str, Any]]:
    """The generations that this world knows, by id."""
    jobs: dict[str, dict[str, Any]] = exchange.world.more.setdefault("aimlapi_jobs", {})
    return jobs


def _started(exchange: Exchange, kind: str) -> str:
    if str(exchange.body["model"]).startswith("missing"):
        raise Refusal(404, f"Model {exchange.body['model']} is not found")
    identity = f"{kind}-{exchange.world.number()}"
    _jobs(exchange)[identity] = {"kind": kind, "asked": 0, "request": exchange.body}
    return identity


def _state(exchange: Exchange, kind: str, identity: str) -> tuple[str, dict[str, Any]]:
    """The status of a generation, one further with each question, and its request.

    A prompt (or URL) with ``fail!`` in it never becomes ready, one with ``wait!`` neither."""
    job = _jobs(exchange).get(identity)
    if job is None or job["kind"] != kind:
        raise Refusal(404, f"Generation {identity} is not found")
    request = job["request"]
    text = str(request.get("prompt") or request.get("url") or "")
    status: str = _STATES[min(int(job["asked"]), 2)]
    job["asked"] += 1
    if "fail!" in text and status == "completed":
        return "error", request
    return ("generating" if "wait!" in text else status), request


def _headers(exchange: Exchange) -> dict[str, str]:
    headers = {"x-inference-id": f"inf-{exchange.world.number()}"}
    given = exchange.headers.get("x-client-request-id")
    return {**headers, "x-client-request-id": given} if given else headers


def _generation(kind: str, field: str, url: str) -> tuple[Handler, Handler]:
    """The two handlers of a kind of generation whose result is a link in `field`."""

    async def create(exchange: Exchange) -> JSONResponse:
        identity = _started(exchange, kind)
        return JSONResponse(
            {"id": identity, "status": "queued", "meta": _META}, headers=_headers(exchange)
        )

    async def get(exchange: Exchange) -> JSONResponse:
        identity = exchange.query["generation_id"]
        status, _ = _state(exchange, kind, identity)
        document: dict[str, Any] = {"id": identity, "status": status}
        if status == "completed":
            document |= {field: {"url": url}, "meta": _META}
        if status == "error":
            document["error"] = {"name": "GenerationFailed", "message": "the prompt was refused"}
        return JSONResponse(document, headers=_headers(exchange))

    return create, get


async def _create_transcription(exchange: Exchange) -> JSONResponse:
    identity = _started(exchange, "stt")
    return JSONResponse({"generation_id": identity}, 201, _headers(exchange))


async def _get_transcription(exchange: Exchange) -> JSONResponse:
    identity = exchange.param("generation_id")
    status, request = _state(exchange, "stt", identity)
    document: dict[str, Any] = {"generation_id": identity, "status": status}
    if status == "completed":
        document["result"] = {"text": f"What was said at {request.get('url')}"}
    if status == "error":
        document["error"] = {"name": "Unreadable", "message": "the sound cannot be read"}
    return JSONResponse(document, headers=_headers(exchange))


async def _transcribe(exchange: Exchange) -> JSONResponse:
    return JSONResponse(
        {"metadata": {"request_id": "stt", "duration": 1.0, "channels": 1}},
        201,
        _headers(exchange),
    )


async def _ocr(exchange: Exchange) -> JSONResponse:
    """One page, which names the document."""
    document = exchange.body["document"]
    link = (
        document
        if isinstance(document, str)
        else next(value for key, value in document.items() if key.endswith("_url"))
    )
    page: dict[str, Any] = {"index": 0, "markdown": f"# Page of {link}", "images": []}
    return JSONResponse(
        {"pages": [page], "model": exchange.body.get("model"), "meta": _META},
        headers=_headers(exchange),
    )


async def _edit_image(exchange: Exchange) -> JSONResponse:
    """The picture as it was, under a link that counts the words of the prompt."""
    words = count_tokens(exchange.body["prompt"])
    url = f"https://cdn.example.com/edited-{words}.png"
    return JSONResponse({"data": [{"url": url}], "meta": _META}, headers=_headers(exchange))


async def _batch(exchange: Exchange) -> JSONResponse:
    """A batch that is done as soon as it is made, and found again by its id."""
    if exchange.body is not None:
        identity = f"batch-{exchange.world.number()}"
        _jobs(exchange)[identity] = {"kind": "batch", "requests": exchange.body["requests"]}
    else:
        identity = exchange.query.get("batch_id") or exchange.param("batch_id")
    batch = _jobs(exchange).get(identity)
    if batch is None:
        raise Refusal(404, f"Batch {identity} is not found")
    counts = {"processing": 0, "succeeded": len(batch["requests"]), "errored": 0}
    return JSONResponse(
        {"id": identity, "type": "message_batch", "processing_status": "ended",
         "status": "ended", "request_counts": counts},
        headers=_headers(exchange),
    )  # fmt: skip


async def _key(exchange: Exchange) -> JSONResponse:
    """The key that was asked for, named or made: nothing is kept."""
    given: dict[str, Any] = exchange.body or {}
    prefix = exchange.params.get("prefix", "sk-emulat")
    if exchange.operation.id == "deleteKey":
        return JSONResponse({"data": {"prefix": prefix, "deleted": True}})
    data: dict[str, Any] = {"prefix": prefix, "name": given.get("name", "emulator"),
                            "disabled": given.get("disabled", False),
                            "scopes": given.get("scopes", [])}  # fmt: skip
    if exchange.operation.id == "getKeys":
        return JSONResponse({"data": [data]})
    if exchange.operation.id == "createKeys":
        data["key"] = "sk-emulator-made-this"
    return JSONResponse({"data": data})


def _fixed(document: dict[str, Any]) -> Handler:
    async def answer(exchange: Exchange) -> JSONResponse:
        return JSONResponse(document, headers=_headers(exchange))

    return answer


_create_video, _get_video = _generation("video", "video", "https://cdn.example.com/video.mp4")
_create_music, _get_music = _generation("music", "audio_file", "https://cdn.example.com/music.mp3")
_SPENT = {"start": "2026-01-01", "end": "2026-01-31", "spend": 1.5, "currency": "USD"}

JOBS: dict[str, Handler] = {
    "createVideoGeneration": _create_video,
    "getVideoGeneration": _get_video,
    "createMusicGeneration": _create_music,
    "getMusicGeneration": _get_music,
    "createTranscription": _create_transcription,
    "getTranscription": _get_transcription,
    "transcribe": _transcribe,
    "ocr": _ocr,
    "editImage": _edit_image,
    "createBatch": _batch,
    "getBatch": _batch,
    "cancelBatch": _batch,
    "getKeys": _key,
    "createKeys": _key,
    "getLatestKey": _key,
    "updateKey": _key,
    "replaceKey": _key,
    "deleteKey": _key,
    "getBilling": _fixed({"current_balance": 12.5, "currency": "USD"}),
    "getBillingDetail": _fixed({"user_id": 1, "current_balance": 12.5, "currency": "USD"}),
    "listTransactions": _fixed(
        {"data": [{"direction": "CHARGE", "type": "MODEL_USAGE",
                   "amount": {"usd": 0.5, "credits": 1_000_000}}],
         "pagination": {"next_cursor": None, "has_more": False}}
    ),
    "getUsage": _fixed({**_SPENT, "requests": 3}),
    "getUsageDetail": _fixed({**_SPENT, "models": [{"model": "echo", "spend": 1.5}]}),
    "listLogs": _fixed(
        {"data": [{"model": "echo", "status": "succeeded", "inference_id": "inf-1"}],
         "pagination": {"limit": 20, "offset": 0, "total": 1, "has_more": False}}
    ),
    "modelMetrics": _fixed(
        {"window_seconds": 3600, "models": [{"alias": "echo", "metrics": {"ttft_ms": {"p50": 5}}}]}
    ),
}  # fmt: skip
"""By operation."""
