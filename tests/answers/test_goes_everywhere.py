"""Every other stream of the rooms, read in several goes: endpoint functions over ``.rest``,
completions, messages, responses, what DIAL sends without end, and bytes."""

from __future__ import annotations

import asyncio
import gc
import inspect
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polychat import errors
from polychat.dial import DialException
from polychat_rest.client import Client as PlainClient
from polychat_rest.errors import TruncatedStream
from tests.answers.bodies import CHATS, ENDLESS, EVERY, PIECES, Endpoint, Source
from tests.answers.operations import ROOMS
from tests.answers.test_goes import STEPS, Body, Step

NEW = [name for name in EVERY if name not in CHATS or name.endswith("-rest")]
streams = pytest.mark.parametrize("name", NEW)
ASYNC_STEPS = STEPS.map(lambda steps: [step for step in steps if step[0] != "islice"])


class Opened:
    """A stream of either colour over a mock transport, and the body that it reads."""

    def __init__(self, source: Source, content: bytes, size: int, *, colour: int) -> None:
        self.source = source
        self.body = Body(content, size)
        headers = {"content-type": source.kind, "etag": '"1"'}
        transport = httpx.MockTransport(
            lambda _: httpx.Response(200, stream=self.body, headers=headers)
        )
        self.client = ROOMS[source.platform][colour](transport)

    def sync(self) -> Any:
        return self.source.start(self.client)

    async def asynchronous(self) -> Any:
        started = self.source.start(self.client)
        return await started if inspect.isawaitable(started) else started


def opened(name: str, size: int = 100, *, content: bytes | None = None, colour: int = 0) -> Opened:
    source = EVERY[name]
    return Opened(source, source.content if content is None else content, size, colour=colour)


def again(stream: Any) -> Iterator[Any]:
    """The stream's iterator; a download that has been read refuses to be read again."""
    try:
        return iter(stream)
    except DialException as error:
        if "has been read" not in str(error):
            raise
        return iter(())


def again_async(stream: Any) -> AsyncIterator[Any]:
    try:
        return aiter(stream)
    except DialException as error:
        if "has been read" not in str(error):
            raise
        return _nothing()


async def _nothing() -> AsyncIterator[Any]:
    for item in ():
        yield item


def told(items: list[Any]) -> Any:
    """What was read, so that it can be compared: bytes may come in any pieces."""
    if items and isinstance(items[0], bytes):
        return b"".join(items)
    return list(map(repr, items))


def read(stream: Any, steps: list[Step]) -> Any:
    got: list[Any] = []
    for how, count in steps:
        if how == "next":
            direct = stream if hasattr(stream, "__next__") else again(stream)
            got += [item for item in (next(direct, None),) if item is not None]
        elif how == "islice":
            got += itertools.islice(again(stream), count)
        elif count:
            for place, item in enumerate(again(stream), 1):
                got.append(item)
                if place == count:
                    break
    return told([*got, *again(stream)])


async def read_async(stream: Any, steps: list[Step]) -> Any:
    got: list[Any] = []
    for how, count in steps:
        if how == "next":
            direct = stream if hasattr(stream, "__anext__") else again_async(stream)
            item = await anext(direct, None)
            got += [] if item is None else [item]
        elif count:
            place = 0
            async for item in again_async(stream):
                got.append(item)
                place += 1
                if place == count:
                    break
    return told([*got, *[item async for item in again_async(stream)]])


@streams
@given(steps=STEPS, size=st.integers(1, 300))
@settings(max_examples=12, deadline=None)
def test_goes_give_what_one_loop_gives(name: str, steps: list[Step], size: int) -> None:
    whole = read(opened(name).sync(), [])
    assert len(whole) >= 12
    made = opened(name, size)
    stream = made.sync()
    assert read(stream, steps) == whole
    assert made.body.closed
    assert list(again(stream)) == []


@streams
@given(steps=ASYNC_STEPS, size=st.integers(1, 300))
@settings(max_examples=12, deadline=None)
def test_goes_give_what_one_loop_gives_async(name: str, steps: list[Step], size: int) -> None:
    async def main() -> None:
        whole = await read_async(await opened(name, colour=1).asynchronous(), [])
        assert len(whole) >= 12
        made = opened(name, size, colour=1)
        stream = await made.asynchronous()
        assert await read_async(stream, steps) == whole
        assert made.body.closed
        assert [item async for item in again_async(stream)] == []

    asyncio.run(main())


@streams
def test_a_stream_that_is_closed_gives_nothing_more(name: str) -> None:
    made = opened(name)
    stream = made.sync()
    next(iter(stream))
    assert not made.body.closed
    stream.close()
    assert made.body.closed
    assert list(again(stream)) == []


@streams
def test_a_stream_that_is_closed_gives_nothing_more_async(name: str) -> None:
    async def main() -> None:
        made = opened(name, colour=1)
        stream = await made.asynchronous()
        await anext(aiter(stream))
        assert not made.body.closed
        await stream.aclose()
        assert made.body.closed
        assert [item async for item in again_async(stream)] == []

    asyncio.run(main())


@streams
@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_that_is_dropped_gives_its_connection_back(name: str, *, begun: bool) -> None:
    made = opened(name)
    stream = made.sync()
    if begun:
        for _ in stream:
            break
    assert not made.body.closed
    gc.disable()
    try:
        del stream
        assert made.body.closed
    finally:
        gc.enable()


class Cut(httpx.ReadError):
    """The connection is cut."""


class CutBody(Body):
    """A body after which the connection is cut."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise Cut("cut")

    async def __aiter__(self) -> Any:
        for piece in self._pieces:
            yield piece
        raise Cut("cut")


def cut(name: str, *, colour: int) -> Opened:
    made = opened(name, colour=colour)
    made.body = CutBody(made.source.content[: len(made.source.content) // 2], 100)
    return made


@streams
def test_a_stream_that_failed_fails_again(name: str) -> None:
    stream = cut(name, colour=0).sync() if name != "download" else _once_cut(0)
    failures = []
    for _ in range(2):
        with pytest.raises(errors.StreamTruncatedError) as caught:
            list(stream)
        failures.append(caught.value)
    assert failures[0] is failures[1]


@streams
def test_a_stream_that_failed_fails_again_async(name: str) -> None:
    async def main() -> None:
        made = cut(name, colour=1)
        stream = await made.asynchronous() if name != "download" else await _once_cut(1)
        failures = []
        for _ in range(2):
            with pytest.raises(errors.StreamTruncatedError) as caught:
                [item async for item in stream]
            failures.append(caught.value)
        assert failures[0] is failures[1]

    asyncio.run(main())


def _once_cut(colour: int) -> Any:
    """A download that is cut, and is not taken up again: retries are none."""
    made = cut("download", colour=colour)
    return made.client.with_options(max_retries=0).files.download("files/b/x")


PARTS: dict[str, Callable[[Any], Any]] = {
    "get_content": lambda stream: stream.get_content(),
    "write_to": lambda stream: stream.write_to("never-written"),
}
ASYNC_PARTS: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "get_content": lambda stream: stream.aget_content(),
    "write_to": lambda stream: stream.awrite_to("never-written"),
}


@pytest.mark.parametrize("how", PARTS)
def test_the_rest_of_a_download_is_not_taken_for_the_file(how: str) -> None:
    stream = opened("download").sync()
    first = next(iter(stream))
    with pytest.raises(DialException, match="has been read"):
        PARTS[how](stream)
    assert b"".join([first, *stream]) == EVERY["download"].content


@pytest.mark.parametrize("how", PARTS)
def test_the_rest_of_a_download_is_not_taken_for_the_file_async(how: str) -> None:
    async def main() -> None:
        stream = await opened("download", colour=1).asynchronous()
        first = await anext(aiter(stream))
        with pytest.raises(DialException, match="has been read"):
            await ASYNC_PARTS[how](stream)
        assert b"".join([first, *[one async for one in stream]]) == EVERY["download"].content

    asyncio.run(main())


ENDED = [name for name in NEW if name not in PIECES and name not in ENDLESS]


@pytest.mark.parametrize("colour", [0, 1], ids=["sync", "async"])
@pytest.mark.parametrize("name", ENDED)
def test_a_stream_without_its_end_was_cut(name: str, colour: int) -> None:
    """The service ended the body in good order, but before the last event."""
    content = EVERY[name].content
    begun = content[: content.index(b"data", len(content) // 2)]

    async def main() -> None:
        made = opened(name, content=begun, colour=colour)
        with pytest.raises(errors.StreamTruncatedError) as caught:
            if colour:
                [item async for item in await made.asynchronous()]
            else:
                list(made.sync())
        assert len(caught.value.chunks) >= 3

    asyncio.run(main())


@pytest.mark.parametrize("colour", [0, 1], ids=["sync", "async"])
@pytest.mark.parametrize("name", [name for name in ENDED if name.endswith(("-rest", "-dial"))])
def test_a_stream_without_its_end_was_cut_for_the_plain_client(name: str, colour: int) -> None:
    source = EVERY[name]
    assert isinstance(source.start, Endpoint)
    start = source.start
    content = source.content[: source.content.index(b"data", len(source.content) // 2)]

    async def read_from(content: bytes) -> int:
        body = Body(content, 100)
        kind = {"content-type": source.kind}
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=body, headers=kind))
        client = PlainClient("http://service.test", httpx_args={"transport": transport})
        stream = start.over(client, asynchronous=bool(colour))
        if colour:
            return len([item async for item in await stream])
        return len(list(stream))

    with pytest.raises(TruncatedStream):
        asyncio.run(read_from(content))
    assert asyncio.run(read_from(source.content)) >= 12
