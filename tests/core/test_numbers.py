"""Times and counts that cannot be are refused before anything is sent, by the argument's name."""

from __future__ import annotations

import asyncio
import inspect
import math
from pathlib import Path
from typing import Any

import pytest

from polychat import aimlapi, aleph_alpha, azure
from polychat.emulator import Emulator
from polychat.errors import ConfigurationError

from .clients import BATCH, CLASSES, HELLO, Silent, made

NO_SECONDS: list[Any] = [0, -1, math.inf, -math.inf, math.nan, True, "5", 1e10]
NO_COUNTS: list[Any] = [-1, 1.5, math.nan, math.inf, True, "5"]
JOBS = ("video", "music", "audio.transcriptions")


def refused(call: Any, name: str, silent: Silent | None = None) -> ConfigurationError:
    """The error of a call, which names the argument and the remedy."""
    with pytest.raises(ConfigurationError, match=f"{name}=") as caught:
        result = call()
        if inspect.isawaitable(result):
            asyncio.run(_finished(result))
    assert caught.value.remedy
    assert silent is None or not silent.asked
    return caught.value


async def _finished(result: Any) -> Any:
    return await result


def part(client: Any, path: str) -> Any:
    for step in path.split("."):
        client = getattr(client, step)
    return client


@pytest.mark.parametrize("client", ["aimlapi", "async aimlapi"])
@pytest.mark.parametrize("name", ["poll_interval", "wait_timeout"])
@pytest.mark.parametrize("value", NO_SECONDS)
@pytest.mark.parametrize("path", JOBS)
def test_waiting(client: str, name: str, value: Any, path: str) -> None:
    silent = Silent()
    jobs = part(made(client, silent), path)
    given: dict[str, Any] = {name: value}
    error = refused(lambda: jobs.create_and_wait(model="m", **given), name, silent)
    assert error.platform == "aimlapi"
    assert ("None" in (error.remedy or "")) == (name == "wait_timeout")
    refused(lambda: jobs.wait("g", **given), name, silent)


def test_no_pause_is_none() -> None:
    silent = Silent()
    video = made("aimlapi", silent).video
    refused(lambda: video.wait("g", poll_interval=None), "poll_interval", silent)


@pytest.mark.parametrize("client", ["dial", "async dial"])
@pytest.mark.parametrize("value", [0, *NO_COUNTS])
def test_how_many_files_at_once(client: str, value: Any, tmp_path: Path) -> None:
    silent = Silent()
    files = made(client, silent).files
    up = lambda: files.upload_folder(tmp_path, "files/b/d", concurrency=value)  # noqa: E731
    down = lambda: files.download_folder("files/b/d", tmp_path, concurrency=value)  # noqa: E731
    for call in (up, down):
        assert refused(call, "concurrency", silent).platform == "dial"


@pytest.mark.parametrize("value", [0, 101, *NO_COUNTS])
def test_sizes_of_batches(value: Any) -> None:
    for client in ("aleph_alpha", "async aleph_alpha"):
        silent = Silent()
        embed = made(client, silent).batch_semantic_embed
        refused(lambda embed=embed: embed(BATCH, "m", batch_size=value), "batch_size", silent)


@pytest.mark.parametrize("value", [0, *NO_COUNTS])
def test_how_many_batches_at_once(value: Any) -> None:
    silent = Silent()
    embed = made("async aleph_alpha", silent).batch_semantic_embed
    refused(lambda: embed(BATCH, "m", value), "num_concurrent_requests", silent)


@pytest.mark.parametrize("value", NO_COUNTS)
def test_counts_of_aleph_alphas_clients(value: Any) -> None:
    for cls, name in ((aleph_alpha.Client, "pool_size"), (aleph_alpha.AsyncClient, "limit")):
        for argument in (name, "total_retries"):
            given: dict[str, Any] = {argument: value}
            refused(lambda cls=cls, given=given: cls("t", "http://h", **given), argument)


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan])
def test_the_time_of_aleph_alphas_clients(value: Any) -> None:
    name = "request_timeout_seconds"
    refused(lambda: aleph_alpha.Client("t", "http://h", request_timeout_seconds=value), name)
    client = made("aleph_alpha", Silent())
    refused(lambda: setattr(client, name, value), name)


@pytest.mark.parametrize(
    ("name", "values"),
    [*((name, NO_SECONDS) for name in ("timeout", "connection_timeout", "read_timeout")),
     *((name, [x for x in NO_SECONDS if x != 0])
       for name in ("retry_backoff_factor", "retry_backoff_max")),
     *((name, NO_COUNTS) for name in ("retry_total", "retry_connect", "retry_read", "retry_status",
                                      "redirect_max"))],
)  # fmt: skip
def test_numbers_of_azures_clients(name: str, values: list[Any]) -> None:
    silent = Silent()
    client = made("azure.ChatCompletionsClient", silent)
    key = azure.AzureKeyCredential("k")
    for value in values:
        call = lambda value=value: client.complete(messages=HELLO, **{name: value})  # noqa: E731
        assert refused(call, name, silent).platform == "azure"
        given = {name: value}
        refused(lambda given=given: azure.EmbeddingsClient("http://h", key, **given), name)


@pytest.mark.parametrize("name", ["AIMLAPI_TIMEOUT", "AIMLAPI_MAX_RETRIES"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e300"])
def test_numbers_of_the_environment(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    refused(lambda: aimlapi.AimlApi(api_key="k", base_url="http://h"), name)


@pytest.mark.parametrize("value", [-1, 65536, 1.5, "80"])
def test_the_emulators_port(value: Any) -> None:
    with pytest.raises(ValueError, match="port="):
        Emulator(port=value)


@pytest.mark.parametrize("client", CLASSES)
@pytest.mark.parametrize("value", [0, *NO_COUNTS])
def test_the_largest_answer(client: str, value: Any) -> None:
    refused(lambda: made(client, Silent(), max_answer_bytes=value), "max_answer_bytes")
