"""Both colours of the client, against the emulator or against answers made in the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from polychat.aleph_alpha import AsyncClient, Client
from polychat.emulator import Emulator

Handler = Callable[[httpx.Request], httpx.Response]


class Both:
    """Calls the methods of one colour's client alike: ``both("chat", request)``. The items of a
    stream come as a list."""

    def __init__(self, colour: str, host: str) -> None:
        self.colour = colour
        self.host = host

    def client(self, **arguments: Any) -> Any:
        arguments = {"token": "token-of-a-test", "host": self.host, **arguments}
        return Client(**arguments) if self.colour == "sync" else AsyncClient(**arguments)

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.on({}, method, *args, **kwargs)

    def answered(self, handler: Handler, method: str, *args: Any, **kwargs: Any) -> Any:
        """The same with a host that answers by `handler`."""
        return self.on({"transport": httpx.MockTransport(handler)}, method, *args, **kwargs)

    def on(self, arguments: dict[str, Any], method: str, *args: Any, **kwargs: Any) -> Any:
        """The same with a client made of other arguments."""
        if self.colour == "sync":
            with self.client(**arguments) as client:
                result = getattr(client, method)(*args, **kwargs)
                return list(result) if hasattr(result, "__next__") else result

        async def call() -> Any:
            async with self.client(**arguments) as client:
                result = getattr(client, method)(*args, **kwargs)
                if hasattr(result, "__anext__"):
                    return [item async for item in result]
                return await result

        return asyncio.run(call())


@pytest.fixture(params=["sync", "async"])
def both(request: pytest.FixtureRequest, emulator: Emulator) -> Both:
    return Both(request.param, emulator.url("aleph_alpha"))


@pytest.fixture(autouse=True)
def _no_aleph_alpha_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AA_CLIENT_BASE_URL", "AA_TOKEN", "ALEPH_ALPHA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def host(emulator: Emulator) -> str:
    return emulator.url("aleph_alpha")


@pytest.fixture
def client(host: str) -> Iterator[Client]:
    with Client("token-of-a-test", host) as client:
        yield client


def events(*documents: str, done: bool = True) -> httpx.Response:
    """An event stream of JSON texts."""
    lines = [f"data: {document}\n\n" for document in documents]
    body = "".join([*lines, "data: [DONE]\n\n"] if done else lines)
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=body)
