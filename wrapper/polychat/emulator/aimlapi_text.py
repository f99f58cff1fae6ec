"""AIMLAPI's two other ways to chat, Responses and Messages: the rules of chat in their shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse, Response

from polychat.emulator import chat
from polychat.emulator.exchange import Events, Exchange, Handler
from polychat.emulator.rules import is_list, pieces


def _answered(exchange: Exchange, messages: list[Any], tools: list[Any]) -> chat.Chat:
    """The answer to a request that is put as chat completions have it."""
    body = exchange.body
    limit = body.get("max_tokens") or body.get("max_output_tokens")
    exchange.body = {"messages": messages, "tools": tools, "max_tokens": limit,
        "tool_choice": "none" if not tools else None}  # fmt: skip
    try:
        return chat.answer(exchange, str(body.get("model")))
    finally:
        exchange.body = body


def _headers(exchange: Exchange) -> dict[str, str]:
    return {"x-inference-id": f"inf-{exchange.world.number()}"}


def _function(tool: dict[str, Any], schema: str) -> dict[str, Any]:
    return {"function": {"name": tool.get("name"), "parameters": tool.get(schema) or {}}}


async def _message(exchange: Exchange) -> Response | Events:
    """A Messages answer: one block, of text or of a tool's use."""
    asked: list[dict[str, Any]] = exchange.body.get("tools") or []
    tools = [_function(tool, "input_schema") for tool in asked]
    said = _answered(exchange, exchange.body.get("messages") or [], tools)
    reply = said.reply
    if reply.tool is None:
        block: dict[str, Any] = {"type": "text", "text": reply.content}
    else:
        block = {"type": "tool_use", "id": said.call_id, "name": reply.tool,
                 "input": json.loads(reply.arguments)}  # fmt: skip
    reasons = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
    document = {
        "id": said.head["id"], "type": "message", "role": "assistant", "content": [block],
        "model": said.head["model"], "stop_reason": reasons[reply.finish_reason],
        "usage": {"input_tokens": said.usage["prompt_tokens"],
                  "output_tokens": said.usage["completion_tokens"]},
    }  # fmt: skip
    if exchange.body.get("stream"):
        return Events(_message_events(document, block), done=None, headers=_headers(exchange))
    return JSONResponse(document, headers=_headers(exchange))


def _message_events(document: dict[str, Any], block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": {**document, "content": [], "stop_reason": None}}
    is_text = block["type"] == "text"
    empty: dict[str, Any] = {**block, "text": ""} if is_text else {**block, "input": {}}
    yield {"type": "content_block_start", "index": 0, "content_block": empty}
    for piece in pieces(block["text"] if is_text else json.dumps(block["input"])):
        delta = {"type": "text_delta", "text": piece} if is_text else {
            "type": "input_json_delta", "partial_json": piece}  # fmt: skip
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": document["stop_reason"]},
           "usage": document["usage"]}  # fmt: skip
    yield {"type": "message_stop"}


async def _response(exchange: Exchange) -> Response | Events:
    """A Responses answer: one output item, a message or the call of a function."""
    given = exchange.body["input"]
    messages = given if is_list(given) else [{"role": "user", "content": given}]
    asked: list[dict[str, Any]] = exchange.body.get("tools") or []
    tools = [_function(tool, "parameters") for tool in asked]
    said = _answered(exchange, messages, tools)
    reply = said.reply
    if reply.tool is None:
        content: list[Any] = [{"type": "output_text", "text": reply.content, "annotations": []}]
        item: dict[str, Any] = {"type": "message", "role": "assistant", "content": content}
    else:
        item = {"type": "function_call", "call_id": said.call_id, "name": reply.tool,
                "arguments": reply.arguments}  # fmt: skip
    document = {
        "id": said.head["id"], "object": "response", "created_at": said.head["created"],
        "model": said.head["model"], "status": "completed", "output": [item],
        "output_text": reply.content or "",
        "usage": {"input_tokens": said.usage["prompt_tokens"],
                  "output_tokens": said.usage["completion_tokens"],
                  "total_tokens": said.usage["total_tokens"]},
    }  # fmt: skip
    if exchange.body.get("stream"):
        return Events(_response_events(document, reply.content or ""), done=None,
                      headers=_headers(exchange))  # fmt: skip
    return JSONResponse(document, headers=_headers(exchange))


def _response_events(document: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    begun: dict[str, Any] = {**document, "status": "in_progress", "output": [], "output_text": ""}
    yield {"type": "response.created", "sequence_number": 0, "response": begun}
    for number, piece in enumerate(pieces(text), 1):
        yield {"type": "response.output_text.delta", "sequence_number": number, "delta": piece,
               "output_index": 0, "content_index": 0}  # fmt: skip
    yield {"type": "response.completed", "response": document}


TEXT: dict[str, Handler] = {"createMessage": _message, "createResponse": _response}
"""By operation."""
