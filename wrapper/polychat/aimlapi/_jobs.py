"""Waiting for a generation: when to ask again and what its states mean, without any I/O.

`waiting` yields what to do next, a question or a pause, and is sent or thrown what came of it; the
two shells below it do nothing but that.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, TypedDict

from polychat._core.info import response_of
from polychat._core.keywords import check_options
from polychat._core.options import OPTION_NAMES, conceal_options, is_seconds, no_seconds
from polychat.errors import ConfigurationError, DeadlineExceededError, ResponseParseError

from ._job_states import is_ready, known, raise_if_failed, state_of
from ._platform import AIMLAPI
from .errors import GenerationCancelledError, GenerationTimeoutError

if TYPE_CHECKING:
    import asyncio

INTERVAL = 10.0
"""Seconds between two questions, as AIMLAPI's own examples have it."""
LONGEST = 600.0
"""Seconds that are waited unless told otherwise: AIMLAPI's videos take minutes."""


class WaitOptions(TypedDict, total=False):
    """How a generation is waited for.

    ``poll_interval``: seconds between two questions (10); ``wait_timeout``: seconds in total
    (600), None for as long as it takes; ``on_progress``: called with every state that was
    answered; ``cancel``: an event that ends the waiting when it is set (threading's for the sync
    client, asyncio's or threading's for the async one, whose tasks can be cancelled too): at once,
    but in the sync client not before a question under way is answered.

    Whatever else ends the waiting, such as a question that fails, has ``generation_id`` too, and
    names it in a note: the generation goes on, and can be waited for again.
    """

    poll_interval: float
    wait_timeout: float | None
    on_progress: Callable[[Any], object] | None
    cancel: threading.Event | asyncio.Event | None


WAIT_NAMES = frozenset(WaitOptions.__annotations__)


class _Pause(float):
    """Seconds to wait."""


class _Ask(dict[str, Any]):
    """The options of a question."""


_Steps = Generator[_Pause | _Ask, Any, Any]
_Result = Callable[[Any], Any]


def take_wait(params: dict[str, Any], *, asynchronous: bool = False) -> dict[str, Any]:
    """Takes the `WaitOptions` out of keywords, in which credentials are concealed; ``cancel`` may
    be a threading.Event, `asynchronous` asyncio's too. Raises `ConfigurationError`."""
    conceal_options(params)
    taken = {name: params.pop(name) for name in WAIT_NAMES & params.keys()}
    for name in ("poll_interval", "wait_timeout"):
        value = taken.get(name, 1)
        ever = name == "wait_timeout"
        if not (is_seconds(value) or (ever and value is None)):
            raise no_seconds(name, value, ever=ever, platform=AIMLAPI.name)
    cancel = taken.get("cancel")
    if cancel is not None and not isinstance(cancel, _events(asynchronous=asynchronous)):
        raise ConfigurationError(
            f"cancel is a {type(cancel).__name__}",
            platform=AIMLAPI.name,
            remedy="Pass a threading.Event",
        )
    return taken


def _events(*, asynchronous: bool) -> tuple[type, ...]:
    if not asynchronous:
        return (threading.Event,)
    import asyncio  # with ssl and sockets sixty modules: not at each import of this package

    return threading.Event, asyncio.Event


def take_start(
    params: dict[str, Any], *, asynchronous: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of a call among keywords, which hold for the questions as for the start (but
    for ``extra_body``, as these have no body), and `take_wait` of them. Raises
    `GenerationCancelledError` where the caller gave up before."""
    wait = take_wait(params, asynchronous=asynchronous)
    cancel = wait.get("cancel")
    if cancel is not None and cancel.is_set():
        raise GenerationCancelledError("cancel was set: nothing was started", platform=AIMLAPI.name)
    asked = OPTION_NAMES & params.keys() - {"extra_body"}
    return {name: params[name] for name in asked}, wait


def started_id(started: Any) -> str:
    """The id of a generation that was started. Raises `ResponseParseError` where there is none,
    and `GenerationFailedError` where it failed at once."""
    document = started.to_dict()
    found = document.get("generation_id") or document.get("id")
    if isinstance(found, str):
        raise_if_failed(started, found)
        return found
    raise ResponseParseError(
        "the answer has no id to ask for",
        platform=AIMLAPI.name,
        body=str(document)[:500],
        **response_of(started).common(),
    )


def waiting(job_id: str, result: _Result, options: dict[str, Any], wait: dict[str, Any]) -> _Steps:
    """Yields the options of a question to be sent the job's state (None: given up), or a pause to
    be sent whether to give up. `result` takes its result out of a job. Raises
    `UnknownKeywordError`."""
    check_options(options, WAIT_NAMES)
    try:
        return (yield from _waiting(job_id, result, options, wait))
    except BaseException as error:
        if getattr(error, "generation_id", None) is None:
            vars(error)["generation_id"] = job_id
            error.add_note(f"The generation {job_id} goes on: ask for it later by this id.")
        raise


def _waiting(job_id: str, result: _Result, options: dict[str, Any], wait: dict[str, Any]) -> _Steps:
    interval: float = wait.get("poll_interval", INTERVAL)
    longest: float | None = wait.get("wait_timeout", LONGEST)
    progress = wait.get("on_progress")
    own: float | None = options.get("deadline")
    ends = None if longest is None else time.monotonic() + longest
    job: Any = None
    while True:
        left = None if ends is None else max(ends - time.monotonic(), 0.001)
        bounded = left is not None and (own is None or left < own)
        try:
            seen = yield _Ask({**options, "deadline": left} if bounded else options)
        except DeadlineExceededError as error:
            if bounded:
                raise _too_late(job_id, job, longest) from error
            raise
        if seen is None:
            raise _given_up(job_id, job)
        job = seen
        if progress is not None:
            progress(job)
        if is_ready(job, job_id, result):
            return job
        left = interval if ends is None else ends - time.monotonic()
        if left <= 0:
            raise _too_late(job_id, job, longest)
        if (yield _Pause(min(interval, left))):
            raise _given_up(job_id, job)


def _too_late(job_id: str, job: Any, longest: float | None) -> GenerationTimeoutError:
    return GenerationTimeoutError(
        f"generation {job_id} is not ready after {longest:g} s: {state_of(job)}",
        **known(job_id, job),
        remedy="Ask for it later by its id, or pass wait_timeout=seconds",
    )


def _given_up(job_id: str, job: Any) -> GenerationCancelledError:
    return GenerationCancelledError(
        f"waiting for generation {job_id} was cancelled", **known(job_id, job)
    )


def wait_for(
    job_id: str,
    get: Callable[..., Any],
    result: _Result,
    options: dict[str, Any],
    wait: dict[str, Any],
) -> Any:
    """Asks with `get` until the job is ready, and returns it; `result` takes its result out."""
    cancel = wait.get("cancel") or threading.Event()  # the latter is never set: a sleep
    steps = waiting(job_id, result, options, wait)
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, _Ask):
                    sent = None if cancel.is_set() else get(job_id, **step)
                else:
                    sent = cancel.wait(step)
            except BaseException as error:  # noqa: BLE001  # the steps raise it again
                step = steps.throw(error)
            else:
                step = steps.send(sent)
    except StopIteration as stop:
        return stop.value


async def wait_for_async(
    job_id: str,
    get: Callable[..., Awaitable[Any]],
    result: _Result,
    options: dict[str, Any],
    wait: dict[str, Any],
) -> Any:
    """`wait_for` in asynchronous code."""
    cancel = wait.get("cancel")
    steps = waiting(job_id, result, options, wait)
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, _Ask):
                    sent = await _unless_set(cancel, get(job_id, **step))
                else:
                    sent = await _pause(step, cancel)
            except BaseException as error:  # noqa: BLE001  # the steps raise it again
                step = steps.throw(error)
            else:
                step = steps.send(sent)
    except StopIteration as stop:
        return stop.value


async def _unless_set(cancel: Any, question: Awaitable[Any]) -> Any:
    """The answer; None as soon as `cancel` is set."""
    if cancel is None:
        return await question
    import anyio

    answer: Any = None
    failure: Exception | None = None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            await _pause(math.inf, cancel)
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            answer = await question
        except Exception as error:  # noqa: BLE001  # raised below, outside of the group
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure
    return answer


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
