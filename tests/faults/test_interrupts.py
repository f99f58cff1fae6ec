"""Ctrl-C at any moment of a thousand streams, downloads and calls under a deadline."""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest

from polychat.aimlapi import AimlApi
from polychat.azure import ChatCompletionsClient
from polychat.dial import Dial
from tests.network.servers import CHAT, Peer, serving

from .calls import in_use

# A socket that is being made when an interrupt comes is closed by the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

EVENTS = 6


def echo(peer: Peer) -> None:
    """Answers what was asked: in events, as a file, or in a document."""
    while (arrived := peer.request()) is not None:
        if arrived.method == "GET":
            peer.answer(body=arrived.path.rpartition("/")[2].encode() * EVENTS)
            continue
        question = json.loads(arrived.body)
        said = question["messages"][0]["content"]
        if not question.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": said}}
            peer.answer(body={**CHAT, "choices": [{**choice, "finish_reason": "stop"}]})
            continue
        peer.start_stream()
        for _ in range(EVENTS - 1):
            peer.event(said)
        peer.event(said, finish_reason="stop")
        peer.chunk(b"data: [DONE]\n\n")
        peer.chunk(b"")


def _question(text: str) -> Any:
    return [{"role": "user", "content": text}]


def _chat(client: Any, text: str, **more: Any) -> Any:
    return client.chat.completions.create(deployment_name="d", messages=_question(text), **more)


def _said(chunks: Iterator[Any]) -> str:
    return "".join(chunk.choices[0].delta.content for chunk in chunks)


def within_a_block(client: Any, text: str) -> None:
    with _chat(client, text, stream=True) as stream:
        assert _said(stream) == text * EVENTS


def to_the_end(client: Any, text: str) -> None:
    assert _said(_chat(client, text, stream=True)) == text * EVENTS


def left_early(client: Any, text: str) -> None:
    with _chat(client, text, stream=True) as stream:
        assert _said(islice(stream, 2)) == text * 2


def dropped(client: Any, text: str) -> None:
    assert next(_chat(client, text, stream=True)).choices[0].delta.content == text


def downloaded(client: Any, text: str) -> None:
    file = client.files.download(PurePosixPath("files/bucket") / text)
    assert b"".join(file) == text.encode() * EVENTS


def under_a_deadline(client: Any, text: str) -> None:
    assert _chat(client, text, deadline=60).choices[0].message.content == text


def of_azure(client: Any, text: str) -> None:
    updates = client.complete(messages=_question(text), model="m", stream=True)
    assert _said(updates) == text * EVENTS


def of_aimlapi(client: Any, text: str) -> None:
    stream = client.chat.completions.create(model="m", messages=_question(text), stream=True)
    assert _said(stream) == text * EVENTS


WAYS = [(Dial, within_a_block, 1000), (Dial, downloaded, 1000), (Dial, to_the_end, 300),
        (Dial, left_early, 300), (Dial, dropped, 300), (Dial, under_a_deadline, 300),
        (AimlApi, of_aimlapi, 300), (ChatCompletionsClient, of_azure, 300)]  # fmt: skip


class Interrupts:
    """An interrupt that comes after some seconds; counts those that came, and those that Python
    dropped because they came within a finaliser."""

    def __init__(self) -> None:
        self.raised = self.dropped = 0

    def raise_one(self, *_: object) -> None:
        self.raised += 1
        raise KeyboardInterrupt

    def drop(self, unraisable: Any) -> None:
        self.dropped += isinstance(unraisable.exc_value, KeyboardInterrupt)

    def after(self, seconds: float) -> None:
        """Has one come; 0 calls it off."""
        signal.setitimer(signal.ITIMER_REAL, seconds)
        if not seconds:
            time.sleep(0)  # with other threads Python may tell of a signal a moment later


@pytest.fixture
def interrupts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Interrupts]:
    made = Interrupts()
    monkeypatch.setattr(sys, "unraisablehook", made.drop)
    before = signal.signal(signal.SIGALRM, made.raise_one)
    yield made
    made.after(0)
    signal.signal(signal.SIGALRM, before)


def _opened(cls: Any, url: str) -> Any:
    if cls is ChatCompletionsClient:
        from azure.core.credentials import AzureKeyCredential

        return cls(url, AzureKeyCredential("k"), retry_total=0)
    return cls(base_url=url, api_key="k", max_retries=0)


def _idle(client: Any) -> bool:
    """Whether no connection is in use."""
    cores = client._ways.values() if isinstance(client, ChatCompletionsClient) else [client.rest]
    return not any(in_use(SimpleNamespace(rest=core)) for core in cores)


def _settles(client: Any) -> bool:
    """`_idle`, if need be soon: what a thread still waits for is closed when it comes."""
    ends = time.monotonic() + 5
    while not _idle(client) and time.monotonic() < ends:
        time.sleep(0.001)
    return _idle(client)


@pytest.mark.parametrize(
    ("cls", "way", "times"), WAYS, ids=lambda way: getattr(way, "__name__", "")
)
def test_interrupted_at_any_moment(
    cls: Any, way: Callable[[Any, str], None], times: int, interrupts: Interrupts
) -> None:
    """The interrupt comes out, the next call is right, and nothing is left in use."""
    moments = random.Random(4)
    came = 0
    with serving(echo) as server, _opened(cls, server.url) as client:
        settled = _settles if way is under_a_deadline else _idle
        way(client, "warm")
        lasted = 0.002
        for number in range(times):
            try:
                interrupts.after(moments.uniform(1e-6, 1.2 * lasted))
                try:
                    way(client, f"interrupted-{number}")
                finally:
                    interrupts.after(0)
            except KeyboardInterrupt:
                came += 1
            assert settled(client)
            began = time.perf_counter()
            way(client, f"next-{number}")
            lasted = time.perf_counter() - began
            assert settled(client)
        assert came >= times / 5
        assert came + interrupts.dropped == interrupts.raised
        assert interrupts.dropped <= (times / 10 if way in (dropped, left_early) else times / 100)
        ends = time.monotonic() + 5
        while server.open > 1 and time.monotonic() < ends:
            time.sleep(0.01)
        assert server.open <= 1
