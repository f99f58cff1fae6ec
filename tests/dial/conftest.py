"""DIAL's clients of both colours against the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polychat.dial import AsyncDial, Dial
from polychat.emulator import Emulator
from tests.dial.driver import Driver

Make = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Make]:
    """Makes clients; an asynchronous one is driven like a synchronous one."""
    driver = Driver()
    made: list[Any] = []

    def client(**arguments: Any) -> Any:
        given = {"base_url": emulator.url("dial"), "api_key": "alice", "max_retries": 0}
        given.update(arguments)
        one = Dial(**given) if request.param == "sync" else driver.wrap(AsyncDial(**given))
        made.append(one)
        return one

    yield client
    for one in made:
        one.close()
    driver.close()


@pytest.fixture
def dial(make: Make) -> Any:
    """A client."""
    return make()
