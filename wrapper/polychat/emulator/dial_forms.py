"""The two other forms of chat that DIAL Core takes: OpenAI's Responses and Anthropic's Messages.

Both answer with the text of the last user message. Responses are kept unless ``store`` is false.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse, Response

from polychat.emulator.exchange import Events, Exchange, Handler, Refusal
from polychat.emulator.rules import count_tokens, pieces
from polychat_rest.shapes import is_array


def _text(content: Any) -> str:
    """The text of a message's content, or of an input."""
    if isinstance(content, str):
        return content
    parts: list[Any] = content if is_array(content) else []
    return " ".join(str(part.get("text", "")) for part in parts if "text" in part)


def _last_user(messages: list[dict[str, Any]]) -> str:
    users = [one for one in messages if one.get("role") == "user"]
    return _text(users[-1].get("content")) if users else ""


def _model(exchange: Exchange) -> str:
    name: str = exchange.body["model"]
    if name.startswith("missing"):
        raise Refusal(404, f"Deployment {name} is not found", code="404")
    return name


async def _create_response(exchange: Exchange) -> Response | Events:
    given, model = exchange.body["input"], _model(exchange)
    said = given if isinstance(given, str) else _last_user(given)
    number = exchange.world.number()
    used = {"input_tokens": count_tokens(said), "output_tokens": count_tokens(said)}
    message: dict[str, Any] = {
        "type": "message",
        "id": f"msg_{number}",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": said, "annotations": []}],
    }
    document: dict[str, Any] = {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": exchange.world.epoch + number,
        "model": model,
        "status": "completed",
        "output": [message],
        "usage": {**used, "total_tokens": sum(used.values())},
    }
    if exchange.body.get("store") is not False:
        _kept(exchange)[document["id"]] = document
    if not exchange.body.get("stream"):
        return JSONResponse(document)
    return Events(_response_events(document, said), done=None)


def _response_events(document: dict[str, Any], said: str) -> Iterator[dict[str, Any]]:
    begun: dict[str, Any] = {**document, "status": "in_progress", "output": []}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    item = document["output"][0]["id"]
    events += [
        {"type": "response.output_text.delta", "item_id": item, "output_index": 0, "delta": piece}
        for piece in pieces(said)
    ]
    events.append({"type": "response.completed", "response": document})
    for number, event in enumerate(events):
        yield {**event, "sequence_number": number}


def _kept(exchange: Exchange) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = exchange.world.more.setdefault("dial-responses", {})
    return kept


def _stored(exchange: Exchange) -> dict[str, Any]:
    name = exchange.param("response_id")
    found = _kept(exchange).get(name)
    if found is None:
        raise Refusal(404, f"Response {name} is not found", code="404")
    return found


async def _get_response(exchange: Exchange) -> Response:
    return JSONResponse(_stored(exchange))


async def _cancel_response(exchange: Exchange) -> Response:
    found = _stored(exchange)
    found["status"] = "cancelled"
    return JSONResponse(found)


async def _delete_response(exchange: Exchange) -> Response:
    name = _stored(exchange)["id"]
    del _kept(exchange)[name]
    return JSONResponse({"id": name, "object": "response", "deleted": True})


async def _create_message(exchange: Exchange) -> Response | Events:
    if "max_tokens" not in exchange.body:
        raise Refusal(400, "request body: max_tokens: is required")
    said, number = _last_user(exchange.body["messages"]), exchange.world.number()
    used = {"input_tokens": _length(exchange), "output_tokens": count_tokens(said)}
    document = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": _model(exchange),
        "content": [{"type": "text", "text": said}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": used,
    }
    if not exchange.body.get("stream"):
        return JSONResponse(document)
    return Events(_message_events(document, said), done=None)


def _message_events(document: dict[str, Any], said: str) -> Iterator[dict[str, Any]]:
    begun: dict[str, Any] = {**document, "content": [], "stop_reason": None}
    yield {"type": "message_start", "message": begun}
    block = {"type": "text", "text": ""}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    for piece in pieces(said):
        delta = {"type": "text_delta", "text": piece}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    end = {"stop_reason": "end_turn"}
    yield {"type": "message_delta", "delta": end, "usage": document["usage"]}
    yield {"type": "message_stop"}


def _length(exchange: Exchange) -> int:
    texts = [_text(one.get("content")) for one in exchange.body["messages"]]
    return sum(map(count_tokens, [_text(exchange.body.get("system")), *texts]))


async def _count(exchange: Exchange) -> Response:
    return JSONResponse({"input_tokens": _length(exchange)})


async def _models(exchange: Exchange) -> Response:
    model = {"id": "echo", "type": "model", "display_name": "echo"}
    return JSONResponse({"data": [model], "has_more": False, "first_id": "echo", "last_id": "echo"})


HANDLERS: dict[str, Handler] = {
    "createResponse": _create_response,
    "getResponse": _get_response,
    "cancelResponse": _cancel_response,
    "deleteResponse": _delete_response,
    "createMessage": _create_message,
    "countMessageTokens": _count,
    "listMessageModels": _models,
}
