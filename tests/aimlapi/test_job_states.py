"""When a job that is waited for is ready, has failed, or goes on, whatever words it has for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, get_args

import httpx
import pytest

from polychat.aimlapi import (
    AimlApi,
    AsyncAimlApi,
    GenerationError,
    GenerationFailedError,
    GenerationTimeoutError,
)
from polychat_rest.aimlapi.models import GenerationWaiting

LINK = {"url": "https://x.example/made"}
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("video", {"video": LINK}),
    ("video", {"video": [LINK, LINK]}),
    ("music", {"audio_file": LINK}),
    ("audio.transcriptions", {"result": {"text": "Hello"}}),
    ("audio.transcriptions", {"output": "Hello"}),
]
WAITING = get_args(GenerationWaiting)
FINAL = {"id": "g", "status": "completed"}


def _method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def _states(states: list[dict[str, Any]]) -> Callable[[httpx.Request], httpx.Response]:
    """Answers a start, then each question with the next state, the last of them for good."""
    left = list(states)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            started = {"id": "g", "generation_id": "g", "status": "queued"}
            return httpx.Response(200, json=started)
        state = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(200, json={"id": "g", **state})

    return answer


@pytest.fixture(params=["sync", "async"])
def wait(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Waits for a job of a kind that has these states, one after another."""

    def start(kind: str, *states: dict[str, Any], patience: float = 0.5) -> Any:
        transport = httpx.MockTransport(_states(list(states)))
        options: dict[str, Any] = {
            "api_key": "k",
            "base_url": "http://x/v1",
            "transport": transport,
        }
        path = f"{kind}.create_and_wait"
        params: dict[str, Any] = {"model": "m", "poll_interval": 0.01, "wait_timeout": patience}
        if request.param == "sync":
            with AimlApi(**options) as client:
                return _method(client, path)(**params)

        async def main() -> Any:
            async with AsyncAimlApi(**options) as client:
                return await _method(client, path)(**params)

        return asyncio.run(main())

    return start


@pytest.mark.parametrize("kind", ["video", "music", "audio.transcriptions"])
@pytest.mark.parametrize("status", [None, "rejected", "queued", "completed", "failure", 7])
@pytest.mark.parametrize("error", [{"message": "gone"}, {"name": "gone"}, "gone", ["gone"]])
def test_a_job_with_an_error_has_failed_under_any_word(
    wait: Any, kind: str, status: Any, error: Any
) -> None:
    with pytest.raises(GenerationFailedError, match="gone") as caught:
        wait(kind, {"status": status, "error": error})
    assert caught.value.generation_id == "g"
    assert caught.value.job.id == "g"


@pytest.mark.parametrize("kind", ["video", "music", "audio.transcriptions"])
@pytest.mark.parametrize("word", ["error", "failed", "canceled", "cancelled", "expired", "Expired"])
def test_words_of_failure_need_no_error(wait: Any, kind: str, word: str) -> None:
    with pytest.raises(GenerationFailedError, match=word.lower()):
        wait(kind, {"status": word})


@pytest.mark.parametrize("error", [None, {}, "", {"name": None, "message": ""}, []])
def test_an_empty_error_is_none(wait: Any, error: Any) -> None:
    job = wait("video", {**FINAL, "error": error, "video": LINK})
    assert job.video.url == LINK["url"]


@pytest.mark.parametrize(("kind", "result"), KINDS)
@pytest.mark.parametrize("status", ["completed", "complete", "successful", "DONE", None, ""])
def test_a_job_with_its_result_is_ready_under_any_other_word(
    wait: Any, kind: str, result: dict[str, Any], status: Any
) -> None:
    job = wait(kind, {"status": status, **result})
    assert result.items() <= job.to_dict().items()


@pytest.mark.parametrize(("kind", "result"), KINDS)
@pytest.mark.parametrize("word", [*WAITING, WAITING[0].upper()])
def test_a_result_under_a_word_of_the_spec_for_waiting_is_not_final(
    wait: Any, kind: str, result: dict[str, Any], word: str
) -> None:
    seen = wait(kind, {"status": word, **result}, {**FINAL, **result}, patience=5)
    assert seen.status == "completed"


def test_the_words_for_waiting_are_those_of_the_spec() -> None:
    assert set(WAITING) == {"queued", "generating"}


@pytest.mark.parametrize("kind", ["video", "music", "audio.transcriptions"])
def test_an_unknown_word_is_waited_on_and_told(wait: Any, kind: str) -> None:
    with pytest.raises(GenerationTimeoutError, match="its last status is 'moderating'") as caught:
        wait(kind, {"status": "moderating"})
    assert caught.value.job.status == "moderating"
    with pytest.raises(GenerationTimeoutError, match="told no status"):
        wait(kind, {})


@pytest.mark.parametrize("placeholder", [None, {}, {"url": None}, [], [{"url": None}], ""])
def test_a_placeholder_is_no_result(wait: Any, placeholder: Any) -> None:
    job = wait("video", {"status": "rendering", "video": placeholder}, {**FINAL, "video": LINK},
               patience=5)  # fmt: skip
    assert job.video.url == LINK["url"]


def test_an_empty_transcript_is_a_result(wait: Any) -> None:
    job = wait("audio.transcriptions", {**FINAL, "result": {"text": ""}})
    assert job.result == {"text": ""}


@pytest.mark.parametrize("kind", ["video", "music", "audio.transcriptions"])
def test_a_job_that_is_over_without_a_result_is_no_success(wait: Any, kind: str) -> None:
    with pytest.raises(GenerationError, match="completed, but its result is missing") as caught:
        wait(kind, FINAL, patience=5)
    assert caught.value.job.status == "completed"


def test_a_start_that_failed_is_not_asked_for() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        state = {"id": "g", "status": "error", "error": {"message": "no such voice"}}
        return httpx.Response(200, json=state)

    transport = httpx.MockTransport(answer)
    with (
        AimlApi(api_key="k", base_url="http://x/v1", transport=transport) as client,
        pytest.raises(GenerationFailedError, match="no such voice"),
    ):
        client.music.create_and_wait(model="m", prompt="A song")
    assert asked == ["POST"]
