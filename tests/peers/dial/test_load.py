"""Files under load: many small ones at once, one very large one."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from polychat.dial import AsyncDial, Dial, ResourceNotFoundError
from polychat.emulator import Emulator

COUNT = 2_000
IN_FLIGHT = 64
PAGE = 300


def content(number: int) -> bytes:
    return f"file number {number} ".encode() * (number % 7 + 1)


def etag(number: int) -> str:
    return hashlib.sha1(content(number), usedforsecurity=False).hexdigest()[:32]


class Failures:
    """Which requests fail: every tenth, with 503 before it arrives; of those that may be sent
    twice, every second one so that its answer is lost."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.struck = 0

    def next(self, request: httpx.Request) -> str | None:
        number = next(self._count)
        if number % 10:
            return None
        self.struck += 1
        safe = request.method in ("GET", "PUT")
        return "lost" if safe and number % 20 == 0 else "refused"


REFUSAL: Any = {"status_code": 503, "headers": {"retry-after-ms": "5"}, "content": b"busy"}


class AsyncFailing(httpx.AsyncBaseTransport):
    def __init__(self, failures: Failures) -> None:
        self.failures = failures
        self.inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=IN_FLIGHT))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        failure = self.failures.next(request)
        if failure == "refused":
            return httpx.Response(**REFUSAL)
        response = await self.inner.handle_async_request(request)
        if failure == "lost":
            await response.aread()
            raise httpx.ReadError("lost", request=request)
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


class Failing(httpx.BaseTransport):
    def __init__(self, failures: Failures) -> None:
        self.failures = failures
        self.inner = httpx.HTTPTransport(limits=httpx.Limits(max_connections=IN_FLIGHT))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        failure = self.failures.next(request)
        if failure == "refused":
            return httpx.Response(**REFUSAL)
        response = self.inner.handle_request(request)
        if failure == "lost":
            response.read()
            raise httpx.ReadError("lost", request=request)
        return response

    def close(self) -> None:
        self.inner.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.mark.parametrize("failing", [False, True])
def test_many_small_files_asynchronously(server: Emulator, failing: bool) -> None:
    server.reset()
    failures = Failures()
    in_flight = most = 0

    async def main() -> None:
        nonlocal in_flight, most
        transport = AsyncFailing(failures) if failing else None
        limiter = anyio.CapacityLimiter(IN_FLIGHT)
        async with AsyncDial(
            base_url=server.url("dial"), api_key="load", max_retries=6, transport=transport
        ) as dial:
            home = await dial.my_files_home()

            async def each(act: Any) -> None:
                async def one(number: int) -> None:
                    nonlocal in_flight, most
                    async with limiter:
                        in_flight += 1
                        most = max(most, in_flight)
                        await act(number)
                        in_flight -= 1

                async with anyio.create_task_group() as group:
                    for number in range(COUNT):
                        group.start_soon(one, number)

            async def up(number: int) -> None:
                item = await dial.files.upload(home / "up" / f"{number}", content(number))
                assert item.etag == etag(number)

            async def move(number: int) -> None:
                await dial.files.move_to(home / "up" / f"{number}", home / "moved" / f"{number}")

            async def down(number: int) -> None:
                response = await dial.files.download(home / "moved" / f"{number}")
                assert await response.aget_content() == content(number)
                assert response.etag == etag(number)

            async def delete(number: int) -> None:
                await dial.files.delete(home / "moved" / f"{number}", etag(number))

            await each(up)
            names = [item.name async for item in dial.files.iter(home / "up", page_size=PAGE)]
            assert len(names) == COUNT
            assert set(names) == {str(number) for number in range(COUNT)}
            await each(move)
            assert len([item async for item in dial.files.walk(home / "moved")]) == COUNT
            with pytest.raises(ResourceNotFoundError):
                await dial.files.list(home / "up")
            await each(down)
            await each(delete)
            assert (await dial.files.list(home)).items == []
        if transport is not None:
            await transport.aclose()

    asyncio.run(main())
    assert most == IN_FLIGHT
    assert (failures.struck > COUNT * 4 / 10) == failing


def test_many_small_files_in_threads(server: Emulator) -> None:
    server.reset()
    failures = Failures()
    transport = Failing(failures)
    count = COUNT // 4
    arguments: Any = {"base_url": server.url("dial"), "api_key": "load", "max_retries": 6}
    with (
        Dial(**arguments, transport=transport) as dial,
        ThreadPoolExecutor(IN_FLIGHT) as pool,
    ):
        home = dial.my_files_home()

        def one(number: int) -> None:
            first, second = home / "up" / f"{number}", home / "moved" / f"{number}"
            assert dial.files.upload(first, content(number)).etag == etag(number)
            dial.files.move_to(first, second)
            response = dial.files.download(second)
            assert (response.get_content(), response.etag) == (content(number), etag(number))

        list(pool.map(one, range(count)))
        names = [item.name for item in dial.files.iter(home / "moved", page_size=PAGE)]
        assert sorted(names, key=int) == [str(number) for number in range(count)]
        list(pool.map(lambda n: dial.files.delete(home / "moved" / f"{n}"), range(count)))
        assert dial.files.list(home).items == []
    transport.close()
    assert failures.struck > count * 4 / 10


GIBIBYTE = 1 << 30

PROGRAM = Path(__file__).with_name("large_file.py")


def growth(way: str, url: str, folder: Path) -> float:
    """MiB that a process of its own grows by in one transfer."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), way, url, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def test_a_gibibyte_goes_up_and_down_in_little_memory(tmp_path: Path) -> None:
    """Against a server in a process of its own. How quick it is, benchmarks/ measures."""
    source = tmp_path / "source.bin"
    with source.open("wb") as file:
        file.truncate(GIBIBYTE)
    server = subprocess.Popen(
        [sys.executable, str(PROGRAM), "serve", "-", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        ways = ("ours-up", "ours-down", "ours-write", "async-up", "async-down", "async-write")
        grown = {way: growth(way, url, tmp_path) for way in ways}
    finally:
        server.kill()
        server.communicate()
    assert max(grown.values()) < 24, grown  # MiB
