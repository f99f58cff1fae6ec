"""Neither a frame nor an attribute that leaves with an exception holds a credential in plain."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from functools import partial
from types import (
    AsyncGeneratorType,
    BuiltinMethodType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MethodType,
)
from typing import Any

import httpcore
import httpx
import pytest

from polychat import errors
from polychat._core.over_aiohttp import AiohttpTransport
from polychat_rest.secret import Secret

from .servers import Peer, serving
from .test_transports import FAULTS
from .ways import ASYNC, MAIN, SYNC, Way, chat, collect, named

CANARY = "canary-8b1f7e42"
WAYS = [*MAIN, SYNC[1], ASYNC[2], ASYNC[3]]


def frames(error: BaseException) -> Iterator[str]:
    """The locals of all frames of an exception, and of all that it came from."""
    for link in chain(error):
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if frame.f_code.co_filename != __file__:
                for name, value in list(frame.f_locals.items()):
                    yield f"{frame.f_code.co_qualname}: {name} = {value!r}"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        if error.__context__ is not error.__cause__:
            yield from chain(error.__context__)


def attributes(
    value: Any, depth: int = 6, seen: dict[int, tuple[int, Any]] | None = None
) -> Iterator[str]:
    """All that can be reached from an object by its attributes and items."""
    seen = {} if seen is None else seen
    if seen.get(id(value), (-1, None))[0] >= depth:
        return
    seen[id(value)] = depth, value  # which is held, so that no other object gets its id
    yield repr(value)
    if depth == 0 or isinstance(value, (Secret, type, str, bytes)):
        return
    for one in below(value):
        if not isinstance(one, FunctionType):
            yield from attributes(one, depth - 1, seen)


def below(value: Any) -> Iterator[Any]:
    """The attributes and items of an object, and what an exception came from."""
    yield from getattr(value, "__dict__", {}).values()
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            hidden = name.startswith("__") and not name.endswith("__")
            yield getattr(value, f"_{cls.__name__.lstrip('_')}{name}" if hidden else name, None)
    if isinstance(value, Mapping):
        yield from (*value.keys(), *value.values())
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        yield from tuple(value)
    elif isinstance(value, (MethodType, BuiltinMethodType, partial)):
        yield from (getattr(value, name, None) for name in ("__self__", "func", "args", "keywords"))
    elif isinstance(value, (GeneratorType, CoroutineType, AsyncGeneratorType)):
        prefix = {GeneratorType: "gi", CoroutineType: "cr"}.get(type(value), "ag")
        frame = getattr(value, f"{prefix}_frame")
        yield {} if frame is None else dict(frame.f_locals)
    if isinstance(value, BaseException):
        yield value.args
        yield from chain(value)
        if getattr(type(value), "request", None) is not None:
            with pytest.raises(RuntimeError):
                _ = value.request  # type: ignore[attr-defined]
    if isinstance(value, (httpx.Request, httpx.Response)):
        yield value.headers.raw


def check(error: BaseException) -> None:
    for text in (*frames(error), *attributes(error)):
        assert CANARY not in text, text[:300]


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_call_that_fails(way: Way) -> None:
    async def main(name: str) -> None:
        with serving(FAULTS[name][0]) as server:
            arguments = {"api_key": CANARY, "timeout": 0.3, "max_retries": 0}
            async with way.open(server.url, **arguments) as client:
                with pytest.raises(Exception, match="dial") as caught:
                    await chat(client)
            check(caught.value)

    for name in (
        "closes before an answer", "resets before an answer", "says nothing", "is no HTTP",
        "falls silent after a 100", "closes within a body", "resets within a body",
        "has a wrong chunk later", "falls silent within a body",
    ):  # fmt: skip
        way.run(lambda name=name: main(name))


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_deadline_that_passes(way: Way) -> None:
    async def main() -> None:
        with serving(FAULTS["says nothing"][0]) as server:
            async with way.open(server.url, api_key=CANARY, deadline=0.2) as client:
                with pytest.raises(errors.DeadlineExceededError) as caught:
                    await chat(client)
        check(caught.value)

    way.run(main)


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_connection_that_is_not_made(way: Way) -> None:
    async def main(url: str) -> None:
        async with way.open(url, api_key=CANARY, max_retries=0) as client:
            with pytest.raises(Exception, match="dial") as caught:
                await chat(client)
        check(caught.value)

    for url in ("http://127.0.0.1:1", "http://nowhere.invalid", "https://127.0.0.1:1"):
        way.run(lambda url=url: main(url))


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_stream_that_breaks(way: Way) -> None:
    def cut(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        peer.event("a")

    async def main() -> None:
        with serving(cut) as server:
            async with way.open(server.url, api_key=CANARY) as client:
                with pytest.raises(Exception, match="dial") as caught:
                    await collect(await chat(client, stream=True))
        check(caught.value)

    way.run(main)


@pytest.mark.parametrize("way", [w for w in WAYS if w.asynchronous], ids=named)
@pytest.mark.parametrize("stream", [False, True])
def test_a_call_that_is_cancelled(way: Way, stream: bool) -> None:
    def slow(peer: Peer) -> None:
        peer.request()
        if stream:
            peer.start_stream()
            peer.event("a")
        peer.gone(5)

    async def main() -> None:
        with serving(slow) as server:
            async with way.open(server.url, api_key=CANARY) as client:
                with pytest.raises(TimeoutError) as caught:
                    async with asyncio.timeout(0.2):
                        answer = await chat(client, stream=stream)
                        if stream:
                            await collect(answer)
        check(caught.value)

    way.run(main)


@pytest.mark.parametrize("strike", [KeyboardInterrupt, httpcore.LocalProtocolError])
def test_a_call_that_ends_deep_in_the_libraries_below(
    strike: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as by Ctrl-C, while the head of a request is written."""
    way = SYNC[0]

    def send(*args: Any, **more: Any) -> Any:
        raise strike("now")

    monkeypatch.setattr(httpcore.HTTP11Connection, "_send_event", send)

    async def main() -> None:
        with serving(lambda peer: time.sleep(0.2)) as server:
            async with way.open(server.url, api_key=CANARY, max_retries=0) as client:
                with pytest.raises(BaseException, match="now") as caught:
                    await chat(client)
        check(caught.value)

    way.run(main)


def test_the_transport_over_aiohttp_by_itself() -> None:
    async def main() -> None:
        under = AiohttpTransport(verify=False, connections=1, keepalive=1)
        with serving(FAULTS["says nothing"][0]) as server:
            async with under:
                for url in ("http://127.0.0.1:1", "http://nowhere.invalid", server.url):
                    request = httpx.Request("GET", url, headers={"api-key": CANARY})
                    request.extensions["timeout"] = {"read": 0.2}
                    with pytest.raises(httpx.TransportError) as caught:
                        await under.handle_async_request(request)
                    for text in frames(caught.value):
                        assert CANARY not in text

    asyncio.run(main())
