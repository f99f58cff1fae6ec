"""Waiting for what is paid: its id is never lost, and no question outlasts the waiting."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polychat import errors
from polychat.aimlapi import (
    AimlApi,
    AsyncAimlApi,
    GenerationCancelledError,
    GenerationFailedError,
    GenerationTimeoutError,
)

Answer = Callable[[httpx.Request], httpx.Response]


def started(poll: Answer, created: dict[str, Any] | None = None) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json=created or {"id": "gen-1", "status": "queued"})
        return poll(request)

    return answer


def wait(poll: Answer, created: dict[str, Any] | None = None, **options: Any) -> Any:
    transport = httpx.MockTransport(started(poll, created))
    with AimlApi(api_key="k", base_url="http://x/v1", transport=transport) as client:
        return client.video.create_and_wait(
            model="m", prompt="A cat", poll_interval=0.01, **options
        )


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_question_that_fails_tells_the_id(status: int) -> None:
    with pytest.raises(errors.APIStatusError) as caught:
        wait(lambda _: httpx.Response(status, json={"message": "no"}), max_retries=0)
    assert caught.value.generation_id == "gen-1"  # type: ignore[attr-defined]
    assert "gen-1" in caught.value.__notes__[0]


def test_a_callback_that_fails_tells_the_id() -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        wait(lambda _: httpx.Response(200, json={"id": "gen-1", "status": "queued"}),
             on_progress=fail)  # fmt: skip
    assert caught.value.generation_id == "gen-1"  # type: ignore[attr-defined]


def test_a_question_that_is_put_off_does_not_outlast_the_waiting() -> None:
    begun = time.monotonic()
    busy = httpx.Response(429, headers={"retry-after": "3"}, json={"message": "busy"})
    with pytest.raises(GenerationTimeoutError) as caught:
        wait(lambda _: busy, wait_timeout=0.3)
    assert time.monotonic() - begun < 2
    assert caught.value.generation_id == "gen-1"


def test_a_deadline_of_the_callers_own_is_told_as_one() -> None:
    busy = httpx.Response(429, headers={"retry-after": "3"}, json={"message": "busy"})
    with pytest.raises(errors.DeadlineExceededError) as caught:
        wait(lambda _: busy, deadline=0.2)
    assert caught.value.generation_id == "gen-1"  # type: ignore[attr-defined]


def test_nothing_is_started_for_a_caller_who_has_given_up() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(200, json={"id": "gen-1"})

    cancel = threading.Event()
    cancel.set()
    transport = httpx.MockTransport(answer)
    with (
        AimlApi(api_key="k", base_url="http://x/v1", transport=transport) as client,
        pytest.raises(GenerationCancelledError, match="nothing was started"),
    ):
        client.music.create_and_wait(model="m", prompt="A song", cancel=cancel)
    assert sent == []


@pytest.mark.parametrize("make", [asyncio.Event, threading.Event])
def test_a_question_under_way_is_given_up_at_once(make: Any) -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            await asyncio.sleep(5)
        return httpx.Response(200, json={"id": "gen-1", "status": "queued"})

    async def main() -> None:
        cancel = make()
        asyncio.get_running_loop().call_later(0.1, cancel.set)
        transport = httpx.MockTransport(slow)
        async with AsyncAimlApi(api_key="k", base_url="http://x/v1", transport=transport) as client:
            await client.video.create_and_wait(model="m", prompt="A cat", cancel=cancel)

    begun = time.monotonic()
    with pytest.raises(GenerationCancelledError) as caught:
        asyncio.run(main())
    assert time.monotonic() - begun < 3
    assert caught.value.generation_id == "gen-1"


def test_an_async_question_that_fails_is_told_as_it_is() -> None:
    async def main() -> None:
        transport = httpx.MockTransport(started(lambda _: httpx.Response(404, json={})))
        async with AsyncAimlApi(api_key="k", base_url="http://x/v1", transport=transport) as client:
            await client.video.create_and_wait(
                model="m", prompt="A cat", cancel=asyncio.Event(), poll_interval=0.01
            )

    with pytest.raises(errors.NotFoundError):
        asyncio.run(main())


def test_the_id_may_have_its_other_name_and_must_be_there() -> None:
    asked: list[str] = []

    def poll(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["generation_id"])
        video = {"url": "https://x.example/v.mp4"}
        return httpx.Response(200, json={"id": "gen-2", "status": "completed", "video": video})

    wait(poll, {"generation_id": "gen-2", "status": "queued"})
    assert asked == ["gen-2"]
    with pytest.raises(errors.ResponseParseError, match="no id"):
        wait(poll, {"status": "queued"})


def test_a_reason_in_words_is_told() -> None:
    with pytest.raises(GenerationFailedError, match="boom text"):
        wait(lambda _: httpx.Response(200, json={"status": "error", "error": "boom text"}))


@pytest.mark.parametrize("seconds", [0, -1, True, float("nan"), "3"])
def test_times_that_cannot_be_are_refused(seconds: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="wait_timeout"):
        wait(lambda _: httpx.Response(200), wait_timeout=seconds)
