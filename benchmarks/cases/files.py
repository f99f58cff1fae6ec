"""A large file down and up: memory and throughput."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.adapters import open_async, open_sync
from benchmarks.measure import Case, Check, Context, Meter, Metrics, peak_rss, reset_peak_rss

MIB = 1024 * 1024
_WARM = MIB


def _size(context: Context) -> int:
    return context.size(512, 64) * MIB


def _metrics(size: int, meter: Meter, resident: float) -> Metrics:
    return {
        "speed": size / MIB / meter.wall,
        "memory": peak_rss() - resident,
        "cpu": meter.cpu * 1e3,
    }


def _begin() -> float:
    reset_peak_rss()
    return peak_rss()


def download(subject: str, context: Context) -> Metrics:
    """Reads the pieces and lets them go."""
    size = _size(context)
    client = open_sync(subject, context.url)
    _expect(sum(map(len, client.download(f"bench-download-{_WARM}"))), _WARM)
    resident = _begin()
    with Meter() as meter:
        received = sum(map(len, client.download(f"bench-download-{size}")))
    metrics = _metrics(size, meter, resident)
    client.close()
    _expect(received, size)
    return metrics


def upload(subject: str, context: Context) -> Metrics:
    """Sends a file from the disk (a sparse one, so that the disk is not measured)."""
    size = _size(context)
    client = open_sync(subject, context.url)
    with tempfile.TemporaryDirectory() as folder:
        small, large = _files(folder, size)
        client.upload("bench-upload-1", small)
        resident = _begin()
        with Meter() as meter:
            received = client.upload("bench-upload-1", large)
        metrics = _metrics(size, meter, resident)
    client.close()
    _expect_about(received, size)
    return metrics


def download_async(subject: str, context: Context) -> Metrics:
    """`download` with the async client."""
    return asyncio.run(_download_async(subject, context))


async def _download_async(subject: str, context: Context) -> Metrics:
    size = _size(context)
    client = open_async(subject, context.url)
    received = 0
    async for piece in client.download(f"bench-download-{_WARM}"):
        received += len(piece)
    _expect(received, _WARM)
    resident = _begin()
    with Meter() as meter:
        async for piece in client.download(f"bench-download-{size}"):
            received += len(piece)
    metrics = _metrics(size, meter, resident)
    await client.close()
    _expect(received, size + _WARM)
    return metrics


def upload_async(subject: str, context: Context) -> Metrics:
    """`upload` with the async client."""
    return asyncio.run(_upload_async(subject, context))


async def _upload_async(subject: str, context: Context) -> Metrics:
    size = _size(context)
    client = open_async(subject, context.url)
    with tempfile.TemporaryDirectory() as folder:
        small, large = _files(folder, size)
        await client.upload("bench-upload-1", small)
        resident = _begin()
        with Meter() as meter:
            received = await client.upload("bench-upload-1", large)
        metrics = _metrics(size, meter, resident)
    await client.close()
    _expect_about(received, size)
    return metrics


def _files(folder: str, size: int) -> tuple[Path, Path]:
    small, large = Path(folder, "small.bin"), Path(folder, "large.bin")
    for file, length in ((small, _WARM), (large, size)):
        with file.open("wb") as content:
            content.truncate(length)
    return small, large


def _expect_about(received: int, size: int) -> None:
    if not size < received < size + 4096:  # a multipart body is a little more than its file
        raise AssertionError(f"{received} bytes came of a file of {size}")


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"{found!r} came, not {wanted!r}")


def _case(
    name: str,
    title: str,
    measure: Callable[[str, Context], Metrics],
    ours: tuple[str, ...],
    others: tuple[str, ...],
) -> Case:
    checks: list[Check] = []
    for subject in ours:
        checks.append(Check(subject, "memory", "MiB more", 16.0, relation="value"))
        checks.append(Check(subject, "speed", "MiB/s", 0.9, "httpx", at_least=True))
    checks += [Check(s, "memory", "MiB more", relation="value") for s in ("httpx", *others)]
    checks += [Check(subject, "speed", "MiB/s", None, "httpx") for subject in others]
    return Case(name, title, measure, tuple(checks), rounds=5, long=True)


_ASYNC = ("polychat-aiohttp", "polychat-httpx")

CASES = (
    _case("download", "A 512 MiB download, sync", download, ("polychat",), ("aidial-client",)),
    _case("upload", "A 512 MiB upload, sync", upload, ("polychat",), ("aidial-client",)),
    _case("download-async", "A 512 MiB download, async", download_async, _ASYNC, ()),
    _case("upload-async", "A 512 MiB upload, async", upload_async, _ASYNC, ()),
)
