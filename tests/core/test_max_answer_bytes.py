"""`max_answer_bytes` of a client bounds what its calls hold in memory, in every room."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx
import pytest

from polychat import aleph_alpha
from polychat._core.reading import MAX_ANSWER_BYTES
from polychat.errors import PolychatError

from .clients import ASKED, CLASSES, HELLO, made

ANSWER = {
    "id": "i", "object": "chat.completion", "created": 1, "model": "m", "model_version": "1",
    "choices": [{"index": 0, "finish_reason": "stop",
                 "message": {"role": "assistant", "content": "x" * 3000}}],
    "data": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip
CALLS: dict[str, Any] = {
    "aimlapi": lambda one, **more: one.chat.completions.create(model="m", messages=HELLO, **more),
    "dial": lambda one, **more: one.chat.completions.create(
        deployment_name="d", messages=HELLO, **more
    ),
    "aleph_alpha": lambda one, **more: one.chat(ASKED, **more),
    "azure.ChatCompletionsClient": lambda one, **more: one.complete(messages=HELLO, **more),
    "azure.EmbeddingsClient": lambda one, **more: one.embed(input=["x"], **more),
    "azure.ImageEmbeddingsClient": lambda one, **more: one.embed(
        input=[{"image": "data:,"}], **more
    ),
    "azure.ImageGenerationsClient": lambda one, **more: one.generate(prompt="x", **more),
}


def answered(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ANSWER)


def called(client: str, size: int | None, **more: Any) -> str:
    """How a call of a client ends whose answers may have `size` bytes."""
    one = made(client, httpx.MockTransport(answered), max_answer_bytes=size)
    try:
        result = CALLS[client.removeprefix("async ")](one, **more)
        if inspect.isawaitable(result):
            asyncio.run(_finished(result))
    except PolychatError as error:
        return str(error)
    return ""


async def _finished(result: Any) -> Any:
    return await result


@pytest.mark.parametrize("client", CLASSES)
def test_a_clients_bound_holds_for_its_calls(client: str) -> None:
    assert "larger than 1000 bytes" in called(client, 1000)
    for said in (called(client, None), called(client, 100_000),
                 called(client, 1000, max_answer_bytes=100_000)):  # fmt: skip
        assert "larger" not in said
    assert "larger than 1000 bytes" in called(client, 100_000, max_answer_bytes=1000)


@pytest.mark.parametrize("client", CLASSES)
def test_without_one_it_is_512_mib(client: str) -> None:
    one = made(client, httpx.MockTransport(answered))
    assert one.rest.options.max_answer_bytes == MAX_ANSWER_BYTES == 512 << 20
    assert made(client, None, max_answer_bytes=7).rest.options.max_answer_bytes == 7


def test_pools_of_dial_make_such_clients() -> None:
    from polychat.dial import DialClientPool

    with DialClientPool() as pool:
        one = pool.create_client(base_url="http://h", api_key="k", max_answer_bytes=7)
        assert one.rest.options.max_answer_bytes == 7


def test_it_comes_after_the_old_clients_arguments() -> None:
    names = list(inspect.signature(aleph_alpha.Client).parameters.values())
    assert names[-1].name == "max_answer_bytes"
    assert names[-1].kind is names[-1].KEYWORD_ONLY
