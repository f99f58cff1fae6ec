"""Waiting for videos, music and transcriptions: bounded, cancellable, with progress."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from typing import Any

import pytest

from polychat import errors
from polychat.aimlapi import (
    AimlApi,
    AsyncAimlApi,
    GenerationCancelledError,
    GenerationFailedError,
    GenerationTimeoutError,
    cost_of,
)
from polychat.emulator import Emulator

from .conftest import Asker

KINDS: list[tuple[str, dict[str, Any]]] = [
    ("video", {"prompt": "A cat"}),
    ("music", {"prompt": "A cat"}),
    ("audio.transcriptions", {"url": "https://x.example/a.mp3"}),
]


def text_of(job: Any) -> Any:
    """What the three kinds of job give."""
    for name in ("video", "audio_file"):
        if getattr(job, name, None) is not None:
            return getattr(job, name).url
    return job.result["text"]


@pytest.mark.parametrize(("kind", "params"), KINDS)
def test_a_generation_is_waited_for(
    ask: Asker, emulator: Emulator, kind: str, params: dict[str, Any]
) -> None:
    seen: list[str] = []
    job = ask(f"{kind}.create_and_wait", model="m", poll_interval=0.01,
              on_progress=lambda job: seen.append(job.status), **params)  # fmt: skip
    assert seen == ["queued", "generating", "completed"]
    assert text_of(job) in (
        "https://cdn.example.com/video.mp4",
        "https://cdn.example.com/music.mp3",
        "What was said at https://x.example/a.mp3",
    )
    assert len(emulator.requests) == 4
    assert emulator.requests[0].json() == {"model": "m", **params}


def test_a_finished_video_tells_its_price(ask: Asker) -> None:
    job = ask("video.create_and_wait", model="m", prompt="A cat", poll_interval=0.01)
    assert cost_of(job) == (1000, 0.0005)


def test_a_generation_can_be_waited_for_later(ask: Asker) -> None:
    job = ask("video.create", model="m", prompt="A cat")
    assert ask("video.get", job.id).status == "queued"
    assert ask("video.wait", job.id, poll_interval=0.01).status == "completed"


@pytest.mark.parametrize("kind", ["video", "music"])
def test_a_failed_generation_says_why(ask: Asker, kind: str) -> None:
    with pytest.raises(GenerationFailedError, match="the prompt was refused") as caught:
        ask(f"{kind}.create_and_wait", model="m", prompt="fail!", poll_interval=0.01)
    assert caught.value.job.status == "error"
    assert caught.value.generation_id == caught.value.job.id
    assert caught.value.request_id is not None
    assert pickle.loads(pickle.dumps(caught.value)).generation_id == caught.value.generation_id


def test_waiting_is_bounded(ask: Asker) -> None:
    begun = time.monotonic()
    with pytest.raises(GenerationTimeoutError) as caught:
        ask("video.create_and_wait", model="m", prompt="wait!", poll_interval=0.05,
            wait_timeout=0.2)  # fmt: skip
    assert 0.2 <= time.monotonic() - begun < 5
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.job.status == "generating"


def test_an_event_ends_the_waiting_at_once(ask: Asker) -> None:
    cancel = threading.Event()
    begun = time.monotonic()
    with pytest.raises(GenerationCancelledError):
        ask("video.create_and_wait", model="m", prompt="wait!", poll_interval=60,
            on_progress=lambda job: cancel.set(), cancel=cancel)  # fmt: skip
    assert time.monotonic() - begun < 10


def test_an_asyncio_event_and_a_cancelled_task_end_the_waiting(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncAimlApi(base_url=emulator.url("aimlapi"), api_key="k") as client:
            cancel = asyncio.Event()
            asyncio.get_running_loop().call_later(0.2, cancel.set)
            with pytest.raises(GenerationCancelledError):
                await client.video.create_and_wait(model="m", prompt="wait!", poll_interval=60,
                                                   cancel=cancel)  # fmt: skip
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await client.video.create_and_wait(model="m", prompt="wait!", poll_interval=60)

    begun = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - begun < 10


def test_wrong_ways_to_wait_are_refused_before_anything_is_billed(emulator: Emulator) -> None:
    with AimlApi(base_url=emulator.url("aimlapi"), api_key="k") as client:
        with pytest.raises(errors.ConfigurationError, match="poll_interval=0"):
            client.video.create_and_wait(model="m", prompt="A cat", poll_interval=0)
        with pytest.raises(errors.ConfigurationError, match="cancel is a"):
            client.video.create_and_wait(model="m", prompt="A", cancel=asyncio.Event())
    assert not emulator.requests


def test_options_hold_for_every_request(ask: Asker, emulator: Emulator) -> None:
    ask("video.create_and_wait", model="m", prompt="A cat", poll_interval=0.01,
        extra_headers={"x-trace": "7"})  # fmt: skip
    assert [r.headers.get("x-trace") for r in emulator.requests] == ["7"] * 4
