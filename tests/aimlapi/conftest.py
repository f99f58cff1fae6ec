"""Both clients of AIMLAPI, against the emulator."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from polychat.aimlapi import AimlApi, AsyncAimlApi
from polychat.emulator import Emulator


class Asker:
    """Calls a method by its dotted path, in either colour."""

    def __init__(self, url: str, *, asynchronous: bool, **options: Any) -> None:
        self.url, self.asynchronous, self.options = url, asynchronous, options

    def __call__(self, path: str, *args: Any, **params: Any) -> Any:
        return self.with_client(lambda client: _method(client, path)(*args, **params))

    def events(self, path: str, **params: Any) -> list[Any]:
        """All items of a stream."""
        if self.asynchronous:

            async def collect(client: Any) -> list[Any]:
                async with await _method(client, path)(**params) as stream:
                    return [item async for item in stream]

            return self.with_client(collect)  # type: ignore[no-any-return]

        def collect_sync(client: Any) -> list[Any]:
            with _method(client, path)(**params) as stream:
                return list(stream)

        return self.with_client(collect_sync)  # type: ignore[no-any-return]

    def with_client(self, function: Any) -> Any:
        cls = AsyncAimlApi if self.asynchronous else AimlApi
        client: Any = cls(base_url=self.url, api_key="key", **self.options)
        if not self.asynchronous:
            with client:
                return function(client)

        async def main() -> Any:
            async with client:
                result = function(client)
                return await result if inspect.isawaitable(result) else result

        return asyncio.run(main())


def _method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, emulator: Emulator) -> Asker:
    """Calls with the sync client, then with the async one."""
    return Asker(emulator.url("aimlapi"), asynchronous=request.param == "async")


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests sets nothing."""
    for name in ("AIMLAPI_MAX_RETRIES", "AIMLAPI_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
