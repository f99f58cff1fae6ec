"""Streams: every framing is read, every bad end is a typed error with what had arrived."""

from __future__ import annotations

import time
from typing import Any

import pytest

from polychat import Timeout, errors
from polychat.emulator import Emulator
from tests.network.servers import Peer, serving, until
from tests.network.ways import (
    EVERY,
    MAIN,
    TEXT,
    Way,
    busy,
    chat,
    check,
    collect,
    named,
    text,
)

over_every_way = pytest.mark.parametrize("way", EVERY, ids=named)
over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
on_both_platforms = pytest.mark.parametrize("platform", ["dial", "aimlapi"])

FRAMINGS = ["crlf", "cr", "nospace", "comments", "multiline", "bom", "event-lines"]


@over_main_ways
@pytest.mark.parametrize("fault", ["html", "text", "malformed"])
def test_a_success_that_is_no_stream(way: Way, fault: str, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            with pytest.raises((errors.ResponseParseError, errors.StreamError)) as caught:
                await collect(await chat(client, f"fault:{fault}", stream=True))
            check(caught.value, "dial", 1)
            assert await until(lambda: busy(client) == 0)

    way.run(main)


@over_main_ways
@on_both_platforms
@pytest.mark.parametrize("framing", FRAMINGS)
def test_framings(way: Way, platform: str, framing: str, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url(platform), platform) as client:
            for fault in (f"fault:framing={framing}", f"fault:framing={framing},dribble"):
                assert text(await collect(await chat(client, fault, stream=True))) == TEXT
            assert busy(client) == 0

    way.run(main)


@over_every_way
@pytest.mark.parametrize("fault", ["cut=3", "truncate=3"])
def test_streams_that_stop(way: Way, fault: str, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            stream = await chat(client, f"fault:{fault}", stream=True)
            got: list[Any] = []
            with pytest.raises(errors.StreamTruncatedError) as caught:
                if way.asynchronous:
                    async for chunk in stream:
                        got.append(chunk)  # noqa: PERF401  # what came before the error stays
                else:
                    for chunk in stream:
                        got.append(chunk)  # noqa: PERF402
            assert len(got) == 3
            error = caught.value
            check(error, "dial", 1)
            assert [c.to_dict() for c in error.chunks] == [c.to_dict() for c in got]
            assert error.text == text(got)
            assert TEXT.startswith(error.text)
            assert error.text
            assert await until(lambda: busy(client) == 0)

    way.run(main)


@over_every_way
@pytest.mark.parametrize("fault", ["error-event=2"])
@on_both_platforms
def test_error_events(way: Way, platform: str, fault: str, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url(platform), platform) as client:
            with pytest.raises(errors.StreamEventError, match="upstream failed") as caught:
                await collect(await chat(client, f"fault:{fault}", stream=True))
            assert len(caught.value.chunks) == 2
            assert caught.value.code == ("upstream_failed" if platform == "dial" else "500")
            check(caught.value, platform, 1)
            assert await until(lambda: busy(client) == 0)

    way.run(main)


@over_every_way
def test_silence_in_a_stream(way: Way, emulator: Emulator) -> None:
    async def main() -> None:
        async with way.open(emulator.url("dial"), timeout=Timeout(stream=0.3)) as client:
            began = time.monotonic()
            with pytest.raises(errors.StreamIdleTimeoutError) as caught:
                await collect(await chat(client, "fault:stall=3", stream=True))
            assert time.monotonic() - began < 3
            assert len(caught.value.chunks) == 3
            assert isinstance(caught.value, TimeoutError)
            assert "Timeout(stream=" in str(caught.value)
            check(caught.value, "dial", 1)
            assert await until(lambda: busy(client) == 0)

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("events", [
    [b": heartbeat\n\n", b"data:\n\n", b"data: \n\n", b"event: ping\ndata: {}\n\n"],
    [b"id: 3\n\n", b"retry: 10\n\n", b"event: message\n\n", b"\n\n\n"],
])  # fmt: skip
def test_events_without_content_are_passed_over(way: Way, events: list[bytes]) -> None:
    def stream(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            for event in events:
                peer.chunk(event)
                peer.event("a")
            peer.chunk(b"data: [DONE]\n\n")
            peer.chunk(b"")

    async def main() -> None:
        with serving(stream) as server:
            async with way.open(server.url) as client:
                chunks = await collect(await chat(client, stream=True))
                assert text([chunk for chunk in chunks if chunk.choices]) == "a" * len(events)

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("end", ["done without its line end", "finish reason and no marker"])
def test_ends_without_a_marker(way: Way, end: str) -> None:
    def stream(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            peer.event("a")
            if end.startswith("done"):
                peer.chunk(b"data: [DONE]")
            else:
                peer.event("", finish_reason="stop")
            peer.chunk(b"")

    async def main() -> None:
        with serving(stream) as server:
            async with way.open(server.url) as client:
                assert text(await collect(await chat(client, stream=True))) == "a"
                assert busy(client) == 0

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("data", [b"{oops", b"7", b'"text"', b"null", b"[1]", b"\xff", b"{}{}"])
def test_an_event_that_is_no_json_object(way: Way, data: bytes) -> None:
    def stream(peer: Peer) -> None:
        while peer.request() is not None:
            peer.start_stream()
            peer.event("a")
            peer.chunk(b"data: " + data + b"\n\n")
            peer.gone()

    async def main() -> None:
        with serving(stream) as server:
            async with way.open(server.url) as client:
                with pytest.raises(errors.StreamError) as caught:
                    await collect(await chat(client, stream=True))
                assert caught.value.text == "a"
                check(caught.value, "dial", 1)
                assert await until(lambda: busy(client) == 0)

    way.run(main)


@over_main_ways
def test_an_event_without_an_end(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    from polychat_rest import sse

    monkeypatch.setattr(sse, "MAX_EVENT", 100_000)

    def stream(peer: Peer) -> None:
        peer.request()
        peer.start_stream()
        peer.event("a")
        for _ in range(100):
            peer.chunk(b"data: " + b"x" * 8000 + b"\n")
        peer.gone()

    async def main() -> None:
        with serving(stream) as server:
            async with way.open(server.url) as client:
                with pytest.raises(errors.StreamError, match="larger") as caught:
                    await collect(await chat(client, stream=True))
                assert caught.value.text == "a"

    way.run(main)
