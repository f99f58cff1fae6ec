"""A task that is cancelled when it is resumed for the k-th time leaves nothing, whatever k is."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from itertools import count
from types import coroutine
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.network.servers import CHAT, Peer, serving, until
from tests.network.ways import collect, text

from .answers import METADATA
from .calls import in_use, opened

MOST = 60
SCENES = ("call", "stream", "upload", "download", "refresh", "retry")
WAYS = [
    ("aiohttp", "asyncio", "thrown"), ("aiohttp", "asyncio", "cancelled"),
    ("httpx", "asyncio", "thrown"), ("httpx", "asyncio", "cancelled"), ("httpx", "trio", "scope"),
]  # fmt: skip
# trio's words for streams that are left to the collector, by httpx's own generators
pytestmark = [
    pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning"),
]


@coroutine
def struck(
    work: Coroutine[Any, Any, Any], at: int, strike: Callable[[], BaseException | None]
) -> Generator[Any, Any, Any]:
    """Runs `work`. When it is resumed for the `at`-th time `strike` is called, and what it gives
    is raised there."""
    act: Callable[[], Any] = partial(work.send, None)
    for resumed in count(1):
        try:
            trap = act()
        except StopIteration as stop:
            return stop.value
        try:
            act = partial(work.send, (yield trap))
        except BaseException as error:  # noqa: BLE001  # it goes on to `work`
            act = partial(work.throw, error)
        error = strike() if resumed == at else None
        if error is not None:
            act = partial(work.throw, error)
    return None


def serve(peer: Peer) -> None:
    """Answers with what was asked, in pieces; the first time of a refresh or a retry otherwise."""
    asked = 0
    while (arrived := peer.request()) is not None:
        asked += 1
        known = peer.server.__dict__.setdefault("known", set())
        number = arrived.headers["x-number"]
        scene, first = arrived.headers.get("x-scene"), number not in known
        known.add(number)
        if scene == "refresh" and first:
            peer.answer(401, {"error": {"message": "ended"}})
        elif scene == "retry" and first:
            peer.answer(503, {"error": {"message": "later"}}, retry_after_ms="2")
        elif arrived.method == "PUT":
            peer.answer(body={**METADATA, "name": number})
        elif arrived.method == "GET":
            peer.answer(body=number.encode() * 40, content_type="application/octet-stream")
        elif b'"stream":true' in arrived.body:
            peer.start_stream()
            for piece in (number, "-", "x", "y"):
                peer.event(piece)
                time.sleep(0.001)
            peer.event("", finish_reason="stop")
            peer.chunk(b"data: [DONE]\n\n")
            peer.chunk(b"")
        else:
            message = {"role": "assistant", "content": number}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            content = json.dumps({**CHAT, "choices": [choice]}).encode()
            peer.send(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n\r\n" % len(content)
            )
            for at in range(0, len(content), 60):
                peer.send(content[at : at + 60])
                time.sleep(0.001)


NUMBERS = count(1)


async def ask(client: Any, scene: str) -> None:
    """One call of a scene, which must be answered with its own number."""
    number = f"n{next(NUMBERS)}"
    more: Any = {"extra_headers": {"x-number": number, "x-scene": scene}}
    if scene == "upload":
        answer = (await client.files.upload("files/bucket/f", b"x" * 200_000, **more)).name
    elif scene == "download":
        content = await (await client.files.download("files/bucket/f", **more)).aget_content()
        answer = content.decode().partition(number)[0] + number
        assert content == number.encode() * 40
    else:
        more |= {"deployment_name": "d", "messages": [{"role": "user", "content": "x"}]}
        if scene == "stream":
            stream = await client.chat.completions.create(stream=True, **more)
            answer = text(await collect(stream)).removesuffix("-xy")
        else:
            completion = await client.chat.completions.create(**more)
            answer = completion.choices[0].message.content
    assert answer == number


async def token() -> str:
    for _ in range(3):
        await anyio.lowlevel.checkpoint()
    return "token"


async def cancelled(work: Coroutine[Any, Any, Any], at: int, how: str) -> bool:
    """Whether cancelling at the `at`-th resumption came before the end."""
    if how == "scope":
        with anyio.CancelScope() as scope:
            await struck(work, at, lambda: scope.cancel())
        return scope.cancelled_caught
    if how == "thrown":
        try:
            await struck(work, at, asyncio.CancelledError)
        except asyncio.CancelledError:
            return True
        return False

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        await struck(work, at, lambda: task.cancel() and None)

    ended = await asyncio.gather(asyncio.create_task(main()), return_exceptions=True)
    if isinstance(ended[0], asyncio.CancelledError):
        return True
    assert ended == [None], ended
    return False


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(("transport", "backend", "how"), WAYS)
def test_a_cancelled_task_leaves_nothing(
    transport: str, backend: str, how: str, scene: str, warm: bool
) -> None:
    auth = {"api_key": None, "bearer_token": token} if scene == "refresh" else {}

    async def tried(client: Any, at: int) -> bool:
        struck_down = await cancelled(ask(client, scene), at, how)
        assert await until(lambda: in_use(client) == 0), f"in use after {at}"
        with anyio.fail_after(10):
            await ask(client, scene)
        if backend == "asyncio":
            others = asyncio.all_tasks() - {asyncio.current_task()}
            assert await until(lambda: all(task.done() for task in others)), f"left after {at}"
        return struck_down

    async def main() -> None:
        hits = 0
        with serving(serve) as server:
            for at in range(1, MOST + 1):
                async with opened(transport, server.url, **auth) as client:
                    for _ in range(3 if warm else 1):
                        if warm:
                            await ask(client, scene)
                        hit = await tried(client, at)
                        hits += hit
                assert await until(lambda: server.open == 0), f"a socket is left after {at}"
                if not hit:
                    break
        assert hits >= 2, "no call was cancelled"

    anyio.run(main, backend=backend)
