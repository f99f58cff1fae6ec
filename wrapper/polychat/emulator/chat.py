"""Chat answers in the shape that the four platforms share, whole and in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from polychat.emulator.exchange import Exchange
from polychat.emulator.rules import Reply, pieces, prompt_tokens, reply


@dataclass(frozen=True, slots=True)
class Chat:
    """One answered chat request: the head that every document of the answer repeats, the reply
    that each of `n` choices gives, and what it used."""

    head: dict[str, Any]
    reply: Reply
    n: int
    usage: dict[str, int]
    call_id: str
    include_usage: bool


def answer(exchange: Exchange, model: str) -> Chat:
    """Applies the rules to a chat request. Every answer takes the next number as its id."""
    request: dict[str, Any] = exchange.body
    options: dict[str, Any] = request.get("stream_options") or {}
    said = reply(request)
    number = exchange.world.number()
    n = request.get("n") or 1
    prompt, completion = prompt_tokens(request["messages"]), said.tokens * n
    return Chat(
        head={"id": f"chatcmpl-{number}", "created": exchange.world.epoch + number, "model": model},
        reply=said,
        n=n,
        usage={
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
        call_id=f"call_{number}",
        include_usage=bool(options.get("include_usage")),
    )


def completion(chat: Chat) -> dict[str, Any]:
    """The whole answer as one document."""
    message: dict[str, Any] = {"role": "assistant", "content": chat.reply.content}
    if chat.reply.tool is not None:
        function = {"name": chat.reply.tool, "arguments": chat.reply.arguments}
        message["tool_calls"] = [{"id": chat.call_id, "type": "function", "function": function}]
    choices = [
        {"index": index, "message": message, "finish_reason": chat.reply.finish_reason}
        for index in range(chat.n)
    ]
    return {**chat.head, "object": "chat.completion", "choices": choices, "usage": chat.usage}


def deltas(chat: Chat) -> Iterator[dict[str, Any]]:
    """The deltas of one choice: the role, then the pieces. The finish reason comes after them."""
    if chat.reply.tool is None:
        yield {"role": "assistant", "content": ""}
        for piece in pieces(chat.reply.content or ""):
            yield {"content": piece}
        return
    function = {"name": chat.reply.tool, "arguments": ""}
    call = {"index": 0, "id": chat.call_id, "type": "function", "function": function}
    yield {"role": "assistant", "content": None, "tool_calls": [call]}
    for piece in pieces(chat.reply.arguments):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def chunks(
    chat: Chat,
    each: Callable[[Chat], Iterator[dict[str, Any]]] = deltas,
    last: dict[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """The answer as chunks, choice after choice; the usage chunk last, when it was asked for.

    `each` gives the deltas of a choice, `last` is merged into the chunk that ends the last one.
    """
    head = {**chat.head, "object": "chat.completion.chunk"}
    for index in range(chat.n):
        for delta in each(chat):
            yield {**head, "choices": [{"index": index, "delta": delta, "finish_reason": None}]}
        end: dict[str, Any] = {
            "index": index,
            "delta": {},
            "finish_reason": chat.reply.finish_reason,
        }
        yield {**head, "choices": [end], **((last or {}) if index == chat.n - 1 else {})}
    if chat.include_usage:
        yield {**head, "choices": [], "usage": chat.usage}
