"""Ctrl-C at any moment of a synchronous call: it comes out, and what follows is right."""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polychat.dial import Dial
from tests.network.servers import CHAT, Peer, serving

# A socket that is being made when an interrupt comes is closed by the collector, and Python drops
# an interrupt that comes within a finaliser.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def echo(peer: Peer) -> None:
    """Answers what was asked."""
    while (arrived := peer.request()) is not None:
        question = json.loads(arrived.body)
        said = question["messages"][0]["content"]
        choice = {"index": 0, "message": {"role": "assistant", "content": said}}
        peer.answer(body={**CHAT, "choices": [{**choice, "finish_reason": "stop"}]})


def asked(client: Dial, text: str) -> Any:
    message: Any = [{"role": "user", "content": text}]
    answer = client.chat.completions.create(deployment_name="d", messages=message)
    return answer.choices[0].message.content


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Has an interrupt come after some seconds; 0 calls it off."""
    # It may come within pytest's own hook for what a finaliser raises, which takes it badly.
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds) and None
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def connections(client: Dial) -> list[Any]:
    adapter = client.rest.http._adapter
    return list(adapter.client._transport._pool.connections)


def test_what_follows_an_interrupt_is_right(interrupt: Callable[[float], None]) -> None:
    moments = random.Random(1)
    came = 0
    with serving(echo) as server, Dial(base_url=server.url, api_key="k", max_retries=0) as client:
        asked(client, "warm")
        began = time.perf_counter()
        asked(client, "measured")
        longest = 1.2 * (time.perf_counter() - began)
        for number in range(200):
            try:
                interrupt(moments.uniform(1e-6, longest))
                try:
                    assert asked(client, f"interrupted {number}") == f"interrupted {number}"
                finally:
                    interrupt(0)
            except KeyboardInterrupt:
                came += 1
            assert asked(client, f"next {number}") == f"next {number}"
        assert came > 20
        assert len(connections(client)) == 1
        assert all(connection.is_idle() for connection in connections(client))
        ends = time.monotonic() + 5
        while server.open > 1 and time.monotonic() < ends:
            time.sleep(0.01)
        assert server.open == 1


def test_calls_of_other_threads_go_on(interrupt: Callable[[float], None]) -> None:
    moments = random.Random(2)
    wrong: list[Any] = []
    over = threading.Event()

    def others(client: Dial, name: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            try:
                said = asked(client, f"{name} {number}")
            except Exception as error:  # noqa: BLE001
                said = error
            if said != f"{name} {number}":
                wrong.append(said)

    with serving(echo) as server, Dial(base_url=server.url, api_key="k", max_retries=0) as client:
        threads = [threading.Thread(target=others, args=(client, name)) for name in range(3)]
        for thread in threads:
            thread.start()
        for number in range(60):
            try:
                interrupt(moments.uniform(1e-6, 0.004))
                try:
                    asked(client, f"interrupted {number}")
                finally:
                    interrupt(0)
            except KeyboardInterrupt:
                pass
            assert asked(client, f"next {number}") == f"next {number}"
        over.set()
        for thread in threads:
            thread.join(10)
        assert wrong == []
