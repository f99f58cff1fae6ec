"""Reading large documents pauses the garbage collector, and never leaves it off."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polychat_rest import _collector
from polychat_rest._collector import paused
from polychat_rest.answer import LARGE, Answer
from polychat_rest.protocol import Operation

USUAL = (701, 11, 12)


@pytest.fixture(autouse=True)
def _own_thresholds() -> Iterator[None]:
    before, enabled = gc.get_threshold(), gc.isenabled()
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*before)
    (gc.enable if enabled else gc.disable)()


class Reader:
    """A thread that reads until it is told to end."""

    def __init__(self, end: Callable[[], Any] = lambda: None) -> None:
        self._begun, self._go, self._end = threading.Event(), threading.Event(), end
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._begun.wait(10)

    def _run(self) -> None:
        with contextlib.suppress(ValueError):
            paused(self._read)

    def _read(self) -> None:
        self._begun.set()
        assert self._go.wait(10)
        self._end()

    def end(self) -> None:
        self._go.set()
        self._thread.join(10)


def fail() -> None:
    raise ValueError("unreadable")


def test_a_large_answer_is_read_in_a_pause() -> None:
    seen: list[int] = []
    answer = Answer("json", lambda data: seen.append(gc.get_threshold()[0]) or data)
    operation: Operation[Any] = Operation(
        id="x", platform="p", method="GET", path="/", answers={"200": answer}
    )
    operation.read(200, {}, b'"%s"' % (b"x" * LARGE))
    operation.read(200, {}, b'"x"')
    assert seen == [0, USUAL[0]]
    assert gc.get_threshold() == USUAL


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
@pytest.mark.parametrize("end", [lambda: None, fail])
def test_readers_at_once_leave_it_as_it_was(order: tuple[int, ...], end: Callable[[], Any]) -> None:
    readers = [Reader(end) for _ in range(3)]
    for number in order:
        readers[number].end()
        late = Reader(end)  # begins while others read, or have just ended
        late.end()
    assert gc.get_threshold() == USUAL
    assert gc.isenabled()


def test_what_the_user_has_turned_off_stays_off() -> None:
    gc.disable()
    paused(lambda: None)
    assert not gc.isenabled()
    gc.enable()
    reader = Reader()
    gc.disable()  # while a document is read
    reader.end()
    assert not gc.isenabled()
    gc.enable()
    gc.set_threshold(0)
    seen = paused(gc.get_threshold)
    assert (seen, gc.get_threshold()) == ((0, *USUAL[1:]), (0, *USUAL[1:]))


class Interrupted:
    """The gc module, after whose `number`-th call an interrupt comes."""

    def __init__(self, number: int) -> None:
        self.left = number

    def _after(self, result: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return result

    def get_threshold(self) -> Any:
        return self._after(gc.get_threshold())

    def set_threshold(self, *values: int) -> None:
        self._after(gc.set_threshold(*values))

    def read(self) -> Any:
        return self._after(gc.get_threshold())


@pytest.mark.parametrize("number", range(1, 5))
def test_an_interrupt_after_any_call_leaves_it_on(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted = Interrupted(number)
    monkeypatch.setattr(_collector, "gc", interrupted)
    with pytest.raises(KeyboardInterrupt):
        paused(interrupted.read)
    monkeypatch.undo()
    assert gc.get_threshold() == USUAL
    assert paused(gc.get_threshold)[0] == 0, "the next reader does not pause"
    assert gc.get_threshold() == USUAL


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # it has threads
def test_a_child_forked_in_a_pause_collects() -> None:
    reader = Reader()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, repr(gc.get_threshold()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    said = os.read(reading, 100).decode()
    os.close(reading)
    reader.end()
    assert said == repr(USUAL)
    assert gc.get_threshold() == USUAL
