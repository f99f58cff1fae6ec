"""Drives an asynchronous client as if it were synchronous, so that one test is for both colours."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any


class Driver:
    """An event loop of its own, and what it wraps."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()

    def run(self, awaitable: Any) -> Any:
        async def main() -> Any:
            return await awaitable

        return self.runner.run(main())

    def wrap(self, value: Any) -> Any:
        """What a synchronous client would give."""
        if inspect.isawaitable(value):
            return self.wrap(self.run(value))
        if any(hasattr(value, name) for name in ("__aenter__", "__anext__", "__aiter__")):
            return Wrapped(value, self)
        ours = type(value).__module__.startswith(
            ("polychat.dial._", "aidial_client.resources", "aidial_client._client")
        )
        plain = isinstance(value, BaseException) or hasattr(value, "__attrs_attrs__")
        return Wrapped(value, self) if ours and not plain else value

    def wrap_call(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            return self.wrap(method(*args, **kwargs))

        return call

    def close(self) -> None:
        self.runner.close()


class Wrapped:
    """An asynchronous object, used synchronously. Methods with an `a` before their names, as
    aidial-client has them, are reached without it."""

    def __init__(self, target: Any, driver: Driver) -> None:
        self._target = target
        self._driver = driver

    def __getattr__(self, name: str) -> Any:
        target = self._target
        for prefixed in (f"a{name}", name):
            if name in ("get_content", "write_to", "close") and hasattr(target, prefixed):
                return self._driver.wrap_call(getattr(target, prefixed))
        value = getattr(target, name)
        if inspect.ismethod(value) or inspect.isfunction(value):
            return self._driver.wrap_call(value)
        return self._driver.wrap(value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._driver.wrap(self._target(*args, **kwargs))

    def __truediv__(self, other: Any) -> Any:
        return self._driver.wrap(self._target / other)

    def __iter__(self) -> Iterator[Any]:
        iterator = aiter(self._target)
        while True:
            try:
                item = self._driver.run(anext(iterator))
            except StopAsyncIteration:
                return
            yield self._driver.wrap(item)

    def __next__(self) -> Any:
        try:
            return self._driver.run(anext(self._target))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Any:
        return self._driver.wrap(self._driver.run(self._target.__aenter__()))

    def __exit__(self, *exc: object) -> Any:
        return self._driver.run(self._target.__aexit__(*exc))

    def __repr__(self) -> str:
        return repr(self._target)
