"""Waiting for a generation: when to ask again and what its states mean, without any I/O.

`waiting` yields what to do next, a request or a pause, and is sent the answers; the two shells
below it do nothing but that.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, TypedDict

from polychat.errors import ConfigurationError

from ._platform import AIMLAPI
from .errors import GenerationCancelledError, GenerationFailedError, GenerationTimeoutError

if TYPE_CHECKING:
    from polychat._core.info import ResponseInfo

INTERVAL = 10.0
"""Seconds between two questions, as AIMLAPI's own examples have it."""
LONGEST = 600.0
"""Seconds that are waited unless told otherwise: AIMLAPI's videos take minutes."""
_READY = {"completed", "succeeded", "success", "finished", "done", "ready"}
_FAILED = {"error", "failed", "canceled", "cancelled", "expired"}


class WaitOptions(TypedDict, total=False):
    """How a generation is waited for.

    ``poll_interval``: seconds between two questions (10); ``wait_timeout``: seconds in total
    (600), None for as long as it takes; ``on_progress``: called with every state that was
    answered; ``cancel``: an event that ends the waiting at once when it is set (threading's for
    the sync client, asyncio's or threading's for the async one, whose tasks can be cancelled too).
    """

    poll_interval: float
    wait_timeout: float | None
    on_progress: Callable[[Any], object] | None
    cancel: threading.Event | asyncio.Event | None


class _Pause(float):
    """Seconds to wait."""


def take_wait(params: dict[str, Any], *events: type) -> dict[str, Any]:
    """Takes the `WaitOptions` out of keywords; ``cancel`` may be a threading.Event, or one of
    `events`. Raises `ConfigurationError`."""
    taken = {name: params.pop(name) for name in WaitOptions.__annotations__ if name in params}
    for name in ("poll_interval", "wait_timeout"):
        value = taken.get(name, 1)
        if value is None and name == "wait_timeout":
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise ConfigurationError(
                f"{name}={value!r}", platform=AIMLAPI.name, remedy="Pass seconds above 0"
            )
    cancel = taken.get("cancel")
    if cancel is not None and not isinstance(cancel, (threading.Event, *events)):
        raise ConfigurationError(
            f"cancel is a {type(cancel).__name__}",
            platform=AIMLAPI.name,
            remedy="Pass a threading.Event",
        )
    return taken


def waiting(job_id: str, wait: dict[str, Any]) -> Generator[_Pause | None, Any, Any]:
    """Yields None to be sent the job's state, or a pause to be sent whether to give up."""
    interval: float = wait.get("poll_interval", INTERVAL)
    longest: float | None = wait.get("wait_timeout", LONGEST)
    progress = wait.get("on_progress")
    ends = None if longest is None else time.monotonic() + longest
    while True:
        job = yield None
        if progress is not None:
            progress(job)
        if is_ready(job, job_id):
            return job
        left = interval if ends is None else ends - time.monotonic()
        if left <= 0:
            raise GenerationTimeoutError(
                f"generation {job_id} is not ready after {longest:g} s",
                **_known(job_id, job),
                remedy="Ask for it later by its id, or pass wait_timeout=seconds",
            )
        if (yield _Pause(min(interval, left))):
            raise GenerationCancelledError(
                f"waiting for generation {job_id} was cancelled", **_known(job_id, job)
            )


def is_ready(job: Any, job_id: str) -> bool:
    """Whether a job has its result. Raises `GenerationFailedError` where it never will.

    Statuses that we do not know (AIMLAPI documents queued, generating, completed and error) are
    taken for work that goes on.
    """
    status = str(getattr(job, "status", None) or "").lower()
    if status in _FAILED:
        error = getattr(job, "error", None)
        said = getattr(error, "message", None) or getattr(error, "name", None) or status
        raise GenerationFailedError(f"generation {job_id}: {said}", **_known(job_id, job))
    return status in _READY


def _known(job_id: str, job: Any) -> dict[str, Any]:
    info: ResponseInfo | None = getattr(job, "__response__", None)
    return {
        "generation_id": job_id,
        "job": job,
        "platform": AIMLAPI.name,
        "request_id": info and info.request_id,
        "attempts": info.attempts if info else 0,
        "status": info and info.status,
    }


def wait_for(job_id: str, get: Callable[[], Any], wait: dict[str, Any]) -> Any:
    """Asks with `get` until the job is ready, and returns it."""
    cancel = wait.get("cancel") or threading.Event()  # the latter is never set: a sleep
    steps = waiting(job_id, wait)
    sent: Any = None
    try:
        while True:
            step = steps.send(sent)
            sent = get() if step is None else cancel.wait(step)
    except StopIteration as stop:
        return stop.value


async def wait_for_async(
    job_id: str, get: Callable[[], Awaitable[Any]], wait: dict[str, Any]
) -> Any:
    """`wait_for` in asynchronous code."""
    cancel = wait.get("cancel")
    steps = waiting(job_id, wait)
    sent: Any = None
    try:
        while True:
            step = steps.send(sent)
            sent = await get() if step is None else await _pause(step, cancel)
    except StopIteration as stop:
        return stop.value


async def _pause(seconds: float, cancel: Any) -> bool:
    """Waits; True as soon as `cancel` is set."""
    import anyio

    if cancel is None:
        await anyio.sleep(seconds)
        return False
    if isinstance(cancel, threading.Event):  # nothing to await: it is looked at
        ends = time.monotonic() + seconds
        while not cancel.is_set() and (left := ends - time.monotonic()) > 0:  # noqa: ASYNC110
            await anyio.sleep(min(left, 0.05))
    else:
        with anyio.move_on_after(seconds):
            await cancel.wait()
    return bool(cancel.is_set())
