"""A stream that is read in several goes gives the same items as one that is read in one."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polychat import errors
from polychat.aleph_alpha import ChatRequest, Role, TextMessage
from tests.answers.operations import ROOMS

TEXTS = [f"{number} " for number in range(12)]
Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["loop", "next", "islice", "iter"]), st.integers(0, 4)), max_size=8
)


def event(text: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode() + b"\n\n"


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer's body in pieces that do not end where the events do."""

    def __init__(self, content: bytes, size: int) -> None:
        self._pieces = [content[at : at + size] for at in range(0, len(content), size)]
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    async def __aiter__(self) -> Any:
        for piece in self._pieces:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


WHOLE = b"".join(map(event, TEXTS)) + event("", "stop") + b"data: [DONE]\n\n"


def transport(content: bytes = WHOLE, size: int = 100) -> tuple[httpx.MockTransport, list[Body]]:
    bodies: list[Body] = []

    def answer(_: httpx.Request) -> httpx.Response:
        bodies.append(Body(content, size))
        kind = {"content-type": "text/event-stream"}
        return httpx.Response(200, stream=bodies[-1], headers=kind)

    return httpx.MockTransport(answer), bodies


ASK: Any = [{"role": "user", "content": "Hi"}]
START: dict[str, Callable[[Any], Any]] = {
    "aimlapi": lambda c: c.chat.completions.create(model="m", messages=ASK, stream=True),
    "aleph_alpha": lambda c: c.chat_with_streaming(
        ChatRequest("m", [TextMessage(Role.User, "Hi")]), "m"
    ),
    "azure": lambda c: c.complete(messages=ASK, stream=True),
    "dial": lambda c: c.chat.completions.create(deployment_name="d", messages=ASK, stream=True),
}
rooms = pytest.mark.parametrize("room", list(START))


def text(item: Any) -> str:
    if hasattr(item, "choices"):
        return "".join(choice.delta.content or "" for choice in item.choices or ())
    return getattr(item, "content", "") or ""


def read(stream: Any, steps: list[Step]) -> str:
    got: list[Any] = []
    for how, count in steps:
        if how == "next":
            got += [item for item in (next(stream, None),) if item is not None]
        elif how == "islice":
            got += itertools.islice(stream, count)
        elif how == "iter":
            got += itertools.islice(iter(stream), count)
        elif count:
            for place, item in enumerate(stream, 1):
                got.append(item)
                if place == count:
                    break
    got += stream
    return "".join(map(text, got))


async def read_async(stream: Any, steps: list[Step]) -> str:
    got: list[Any] = []
    for how, count in steps:
        if how == "next":
            item = await anext(stream, None)
            got += [item] if item is not None else []
        elif count:
            place = 0
            async for item in stream if how == "loop" else aiter(stream):
                got.append(item)
                place += 1
                if place == count:
                    break
    got += [item async for item in stream]
    return "".join(map(text, got))


@rooms
@given(steps=STEPS, size=st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_goes_give_what_one_loop_gives(room: str, steps: list[Step], size: int) -> None:
    mock, bodies = transport(size=size)
    stream = START[room](ROOMS[room][0](mock))
    assert read(stream, steps) == "".join(TEXTS)
    assert bodies[0].closed
    assert list(stream) == []


@rooms
@given(steps=STEPS, size=st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_goes_give_what_one_loop_gives_async(room: str, steps: list[Step], size: int) -> None:
    async def main() -> None:
        mock, bodies = transport(size=size)
        started = START[room](ROOMS[room][1](mock))
        stream = await started if asyncio.iscoroutine(started) else started
        assert await read_async(stream, steps) == "".join(TEXTS)
        assert bodies[0].closed
        assert [item async for item in stream] == []

    asyncio.run(main())


@rooms
def test_a_stream_that_failed_fails_again(room: str) -> None:
    mock, _ = transport(event("a") + event("b"))
    stream = START[room](ROOMS[room][0](mock))
    for _ in range(2):
        with pytest.raises(errors.StreamTruncatedError) as caught:
            list(stream)
        assert caught.value.text == "ab"


@rooms
def test_a_stream_that_failed_fails_again_async(room: str) -> None:
    async def main() -> None:
        mock, _ = transport(event("a") + event("b"))
        started = START[room](ROOMS[room][1](mock))
        stream = await started if asyncio.iscoroutine(started) else started
        for _ in range(2):
            with pytest.raises(errors.StreamTruncatedError):
                [item async for item in stream]

    asyncio.run(main())


@rooms
def test_a_stream_that_is_dropped_or_closed_gives_nothing_more(room: str) -> None:
    mock, bodies = transport()
    client = ROOMS[room][0](mock)
    stream = START[room](client)
    next(stream)
    stream.close()
    assert bodies[-1].closed
    assert list(stream) == []
    stream = START[room](client)
    next(stream)
    assert not bodies[-1].closed
    del stream
    assert bodies[-1].closed


@rooms
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("colour", [0, 1], ids=["sync", "async"])
def test_a_whole_document_is_its_chunks(room: str, kind: str, colour: int) -> None:
    message = {"role": "assistant", "content": "all of it"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    document = {"id": "1", "created": 1, "model": "m", "choices": [choice], "usage": usage}

    def answered(content: bytes) -> Any:
        mock = httpx.MockTransport(
            lambda _: httpx.Response(200, content=content, headers={"content-type": kind})
        )
        if not colour:
            return list(START[room](ROOMS[room][0](mock)))

        async def main() -> list[Any]:
            started = START[room](ROOMS[room][1](mock))
            stream = await started if asyncio.iscoroutine(started) else started
            return [item async for item in stream]

        return asyncio.run(main())

    items = answered(json.dumps(document).encode())
    assert "".join(map(text, items)) == "all of it"
    assert "total_tokens" in repr(items[-1])
    with pytest.raises(errors.APIStatusError, match="on fire"):
        answered(json.dumps({"error": {"message": "the upstream is on fire"}}).encode())
    for nothing in (b"{}", b'{"choices": []}', b'{"weather": "fine"}'):
        with pytest.raises(errors.ResponseParseError):
            answered(nothing)
