"""Several calls at once, a bounded number at a time, under asyncio and trio alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from polychat._core.options import whole

from ._name import PLATFORM

T = TypeVar("T")
S = TypeVar("S")


async def gather(call: Callable[[S], Awaitable[T]], items: Sequence[S], at_once: int) -> list[T]:
    """The results of `call` for all items, in their order, `at_once` under way at a time.

    The first error ends the others and is raised by itself, not in a group. Raises
    `ConfigurationError` where `at_once` is no positive number.
    """
    whole("num_concurrent_requests", at_once, 1, platform=PLATFORM)
    import anyio

    results: list[T | None] = [None] * len(items)
    waiting = iter(enumerate(items))
    errors: list[Exception] = []

    async def work() -> None:
        for place, item in waiting:
            try:
                results[place] = await call(item)
            except Exception as error:  # noqa: BLE001  # raised below
                errors.append(error)
                group.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as group:
        for _ in range(min(at_once, len(items))):
            group.start_soon(work)
    if errors:
        raise errors[0]
    return cast("list[T]", results)
