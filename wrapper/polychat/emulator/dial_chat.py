"""AI DIAL's chat, with its custom content, and its embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse, Response

from polychat.emulator import chat
from polychat.emulator.exchange import Events, Exchange, Handler, Refusal
from polychat.emulator.rules import last_user_text, pieces
from polychat.emulator.vectors import embedding_list

_LLM_HEADERS = {"X-UPSTREAM-ATTEMPTS": "1"}


async def _chat_completion(exchange: Exchange) -> Response | Events:
    name = deployment(exchange)
    exchange.body = _prefixed(exchange.body)
    answered = chat.answer(exchange, name)
    exchange.world.count(name, answered.usage["total_tokens"])
    extra = _custom_content(exchange.body["messages"], name)
    statistics = {"usage_per_model": [{"index": 0, "model": name, **answered.usage}]}
    if exchange.body.get("stream"):

        def deltas(answered: chat.Chat) -> Iterator[dict[str, Any]]:
            for delta in chat.deltas(answered):
                yield delta
                if "role" in delta:
                    yield from _custom_deltas(extra)

        ending = {"usage": answered.usage, "statistics": statistics}
        return Events(chat.chunks(answered, deltas, ending), headers=_LLM_HEADERS)
    document = chat.completion(answered)
    if extra:
        for choice in document["choices"]:
            choice["message"]["custom_content"] = extra
    return JSONResponse({**document, "statistics": statistics}, headers=_LLM_HEADERS)


def deployment(exchange: Exchange) -> str:
    """The name in the path, if there is a deployment of that name."""
    name = exchange.param("deployment_name")
    stored = name.startswith("applications/")
    known = not stored or name in exchange.world.store.items
    if not name or name.startswith("missing") or not known:
        raise Refusal(404, f"Deployment {name} is not found", code="404")
    return name


def _prefixed(request: dict[str, Any]) -> dict[str, Any]:
    """The request with the configured prefix before the text that will be echoed."""
    fields: dict[str, Any] = request.get("custom_fields") or {}
    configuration: dict[str, Any] = fields.get("configuration") or {}
    messages: list[dict[str, Any]] = request["messages"]
    prefix = configuration.get("prefix")
    if not isinstance(prefix, str) or messages[-1]["role"] != "user":
        return request
    last = {**messages[-1], "content": prefix + last_user_text(messages)}
    return {**request, "messages": [*messages[:-1], last]}


def _custom_content(messages: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """What `custom_content` an answer has: the attachments of the last user message come back;
    the deployment `stages` adds two stages, an attachment and a state."""
    users = [message for message in messages if message["role"] == "user"]
    custom: dict[str, Any] = (users[-1].get("custom_content") or {}) if users else {}
    attachments: list[dict[str, Any]] = list(custom.get("attachments") or [])
    content: dict[str, Any] = {}
    if name == "stages":
        text = last_user_text(messages)
        attachments.append({"type": "text/markdown", "title": "message", "data": text})
        content["stages"] = [
            {"index": 0, "name": "Reading", "content": text, "status": "completed"},
            {"index": 1, "name": "Answering", "content": "", "status": "completed"},
        ]
        content["state"] = {"turns": len(users)}
    if attachments:
        content["attachments"] = [
            {"index": index, **attachment} for index, attachment in enumerate(attachments)
        ]
    return content


def _custom_deltas(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same content in a stream: a stage is opened, its text comes in pieces, it is closed."""

    def delta(name: str, value: Any) -> dict[str, Any]:
        return {"custom_content": {name: value}}

    for stage in content.get("stages", []):
        index = {"index": stage["index"]}
        yield delta("stages", [{**index, "name": stage["name"], "status": None}])
        for piece in pieces(stage["content"]):
            yield delta("stages", [{**index, "content": piece}])
        yield delta("stages", [{**index, "status": stage["status"]}])
    for attachment in content.get("attachments", []):
        yield delta("attachments", [attachment])
    if "state" in content:
        yield delta("state", content["state"])


async def _embeddings(exchange: Exchange) -> Response:
    name = deployment(exchange)
    document = embedding_list(exchange.body, name)
    exchange.world.count(name, document["usage"]["total_tokens"])
    return JSONResponse(document, headers=_LLM_HEADERS)


HANDLERS: dict[str, Handler] = {
    "sendChatCompletionRequest": _chat_completion,
    "sendEmbeddingsRequest": _embeddings,
}
