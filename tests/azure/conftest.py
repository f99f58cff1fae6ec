"""Both colours of a client, against the emulator, a raw server, or answers made in the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import polychat.azure
import polychat.azure.aio
from polychat.azure import AzureKeyCredential
from polychat.emulator import Emulator

KEY = "key-of-a-test-0123456789"
Handler = Callable[[httpx.Request], httpx.Response]


def document(text: str = "ok", **more: Any) -> dict[str, Any]:
    """An answer to a chat request."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"id": "1", "created": 1, "model": "m", "choices": [choice], **more}


def answer(text: str = "ok", **more: Any) -> httpx.Response:
    return httpx.Response(200, json=document(text, **more))


class Both:
    """Calls one colour's client: ``both("complete", messages=...)``. What is streamed comes as a
    list."""

    def __init__(self, colour: str, url: str) -> None:
        self.colour = colour
        self.url = url
        self.module: Any = polychat.azure if colour == "sync" else polychat.azure.aio

    def client(self, name: str = "ChatCompletionsClient", **arguments: Any) -> Any:
        endpoint = arguments.pop("endpoint", self.url)
        credential = arguments.pop("credential", AzureKeyCredential(KEY))
        return getattr(self.module, name)(endpoint, credential, **arguments)

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.on({}, method, *args, **kwargs)

    def handled(self, handler: Handler, method: str, *args: Any, **kwargs: Any) -> Any:
        """The same with a service that answers by `handler`."""
        return self.on({"transport": httpx.MockTransport(handler)}, method, *args, **kwargs)

    def on(self, arguments: dict[str, Any], method: str, *args: Any, **kwargs: Any) -> Any:
        """The same with a client made of other arguments."""
        return self.run(arguments, lambda client: getattr(client, method)(*args, **kwargs))

    def run(self, arguments: dict[str, Any], *calls: Callable[[Any], Any]) -> Any:
        """What the last of the calls on one client gives."""
        arguments = dict(arguments)
        name = arguments.pop("name", "ChatCompletionsClient")
        result: Any = None
        if self.colour == "sync":
            with self.client(name, **arguments) as client:
                for call in calls:
                    result = call(client)
                    result = list(result) if hasattr(result, "__next__") else result
            return result

        async def all_calls() -> Any:
            result: Any = None
            async with self.client(name, **arguments) as client:
                for call in calls:
                    result = await call(client)
                    if hasattr(result, "__anext__"):
                        result = [item async for item in result]
            return result

        return asyncio.run(all_calls())


@pytest.fixture(params=["sync", "async"])
def both(request: pytest.FixtureRequest, emulator: Emulator) -> Both:
    return Both(request.param, emulator.url("azure"))


@pytest.fixture(autouse=True)
def _no_azure_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_INFERENCE_ENDPOINT", "AZURE_INFERENCE_CREDENTIAL", "AZURE_HTTP_USER_AGENT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def azure(emulator: Emulator) -> str:
    return emulator.url("azure")
