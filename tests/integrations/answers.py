"""Answers of a chat model, given by a transport, for the components of both frameworks."""

from __future__ import annotations

import json
from typing import Any

import httpx
from haystack.utils import Secret

from polychat.integrations.haystack import AIMLAPIChatGenerator
from polychat.integrations.langchain import ChatAimlapi

STREAM = {"content-type": "text/event-stream"}


def call(arguments: Any, *, name: str = "Basket", identity: str = "c1", index: int = 0) -> Any:
    """A tool call as it is answered."""
    function = {"name": name, "arguments": arguments}
    return {"id": identity, "index": index, "type": "function", "function": function}


def whole(reason: str | None, **message: Any) -> httpx.Response:
    """An answer with one message."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None, **message},
        "finish_reason": reason,
    }
    document = {"id": "1", "model": "m", "choices": [choice]}
    return httpx.Response(200, json=document, headers={"x-inference-id": "inf-1"})


def _halves(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message in pieces, each text and all arguments in two."""
    pieces: list[dict[str, Any]] = [{"role": "assistant"}]
    for name in ("content", "refusal"):
        text = message.get(name)
        if text:
            pieces += [{name: text[: len(text) // 2]}, {name: text[len(text) // 2 :]}]
    for one in message.get("tool_calls") or ():
        arguments = one["function"]["arguments"]
        half = len(arguments) // 2
        first = {**one, "function": {**one["function"], "arguments": arguments[:half]}}
        rest = {"index": one["index"], "function": {"arguments": arguments[half:]}}
        pieces += [{"tool_calls": [first]}, {"tool_calls": [rest]}]
    return pieces


def streamed(reason: str | None, **message: Any) -> httpx.Response:
    """The same as a stream."""
    choices: list[list[dict[str, Any]]] = [
        [{"index": 0, "delta": piece, "finish_reason": None}] for piece in _halves(message)
    ]
    choices.append([{"index": 0, "delta": {}, "finish_reason": reason}])
    return events(*choices)


def events(*choices: Any) -> httpx.Response:
    """A stream whose events have these choices."""
    lines = [json.dumps({"id": "1", "model": "m", "choices": one}) for one in choices]
    text = "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])
    return httpx.Response(200, text=text, headers={**STREAM, "x-inference-id": "inf-1"})


def _again(answer: httpx.Response) -> httpx.Response:
    """The same answer for one more request."""
    return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


def langchain(answer: httpx.Response, model: Any = ChatAimlapi, **options: Any) -> Any:
    """A model of LangChain that is answered so, in either colour."""
    transport = httpx.MockTransport(lambda _: _again(answer))
    return model(
        model="m", api_key="k", base_url="http://x/v1", max_retries=0,
        http_client=httpx.Client(transport=transport),
        http_async_client=httpx.AsyncClient(transport=transport), **options,
    )  # fmt: skip


def haystack(
    answer: httpx.Response, generator: Any = AIMLAPIChatGenerator, **options: Any
) -> AIMLAPIChatGenerator:
    """A component of Haystack that is answered so, in either colour."""
    transport = httpx.MockTransport(lambda _: _again(answer))
    return generator(  # type: ignore[no-any-return]
        api_key=Secret.from_token("key"), http_client_kwargs={"transport": transport}, **options
    )
