"""Files through the pipeline: sent again from where they began, or not at all."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from polychat import errors
from polychat.emulator import Emulator
from polychat_rest.body import CHUNK
from polychat_rest.dial.api.buckets import get_user_bucket
from polychat_rest.dial.api.files import download_file, upload_file
from polychat_rest.dial.models import FileUpload
from polychat_rest.dial.types import File
from tests.network.servers import Peer, serving
from tests.network.ways import EVERY, MAIN, Way, busy, collect, finished, named

over_every_way = pytest.mark.parametrize("way", EVERY, ids=named)
over_main_ways = pytest.mark.parametrize("way", MAIN, ids=named)
DATA = "Zażółć 🎉\r\n--boundary--\r\n".encode() * 50
LARGE = bytes(range(256)) * (3 * CHUNK // 256) + b"end"


async def call(client: Any, module: Any, *args: Any, **keywords: Any) -> Any:
    """An endpoint function of the client's colour."""
    asynchronous = hasattr(client, "aclose")
    function = module.asyncio_detailed if asynchronous else module.sync_detailed
    return await finished(function(*args, client=client.rest, **keywords))


async def upload(client: Any, source: Any, **options: Any) -> Any:
    """Uploads a file of the test's content."""
    body = FileUpload(file=File(payload=source, file_name="f.bin"))
    tuned = client.with_options(**options) if options else client
    return await call(tuned, upload_file, "bucket", "a b/ü.bin", body=body)


def shifted(data: bytes) -> io.BytesIO:
    """A stream of which three bytes were read by its owner."""
    stream = io.BytesIO(b"abc" + data)
    stream.seek(3)
    return stream


def pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), 1000):
        yield data[at : at + 1000]


async def pieces_async(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 1000):
        yield data[at : at + 1000]


def path_of(folder: Path, data: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(data)
    return path


@over_every_way
def test_round_trip(way: Way, emulator: Emulator, tmp_path: Path) -> None:
    sources: list[Callable[[], Any]] = [
        lambda: LARGE, lambda: shifted(LARGE), lambda: path_of(tmp_path, LARGE),
        lambda: pieces(LARGE),
    ]  # fmt: skip
    if way.asynchronous:
        sources.append(lambda: pieces_async(LARGE))

    async def main() -> None:
        async with way.open(emulator.url("dial")) as client:
            bucket = (await call(client, get_user_bucket)).parsed.bucket
            for source in sources:
                body = FileUpload(file=File(payload=source(), file_name="ü.bin"))
                await call(client, upload_file, bucket, "a b/ü%2541?.bin", body=body)
                answer = await call(client, download_file, bucket, "a b/ü%2541?.bin")
                assert answer.content == LARGE
            assert busy(client) == 0

    way.run(main)


FAILS: dict[str, Callable[[Peer], Any]] = {
    "status": lambda peer: peer.answer(503, {"error": "no"}, retry_after_ms="1"),
    "cut": lambda peer: peer.sock.close(),
}


@over_main_ways
@pytest.mark.parametrize("fail", FAILS)
@pytest.mark.parametrize("kind", ["bytes", "shifted", "path"])
def test_what_can_be_sent_again_is_sent_again_whole(
    way: Way, kind: str, fail: str, tmp_path: Path
) -> None:
    def twice_bad(peer: Peer) -> None:
        while peer.request() is not None:
            if len(peer.server.requests) < 3:
                FAILS[fail](peer)
                if fail == "cut":
                    return
            else:
                peer.answer(200, {"name": "f.bin"})

    make = {"bytes": lambda: DATA, "shifted": lambda: shifted(DATA),
            "path": lambda: path_of(tmp_path, DATA)}  # fmt: skip

    async def main() -> None:
        with serving(twice_bad) as server:
            async with way.open(server.url) as client:
                answer = await upload(client, make[kind]())
                assert answer.attempts == 3
            bodies = [request.body for request in server.requests]
            assert bodies[0] == bodies[1] == bodies[2]
            assert DATA in bodies[2]
            assert all("content-length" in r.headers for r in server.requests)

    way.run(main)


@over_main_ways
@pytest.mark.parametrize("fail", [*FAILS, "redirect"])
def test_what_cannot_be_sent_again_is_not(way: Way, fail: str) -> None:
    def bad(peer: Peer) -> None:
        while peer.request() is not None:
            if fail == "redirect":
                peer.answer(307, b"", location="/elsewhere")
            else:
                FAILS[fail](peer)
                if fail == "cut":
                    return

    async def main() -> None:
        with serving(bad) as server:
            async with way.open(server.url) as client:
                sources: list[Any] = [pieces(DATA)]
                if way.asynchronous:
                    sources.append(pieces_async(DATA))
                for count, source in enumerate(sources, 1):
                    with pytest.raises(errors.PolychatError) as caught:
                        await upload(client, source, retry_unsafe=True)
                    assert caught.value.attempts == 1
                    assert len(server.requests) == count
                    assert server.requests[-1].headers["transfer-encoding"] == "chunked"
                    assert DATA in server.requests[-1].body
                assert busy(client) == 0

    way.run(main)


@over_main_ways
def test_a_source_that_fails_raises_its_own_error_and_leaves_no_connection(way: Way) -> None:
    def failing() -> Iterator[bytes]:
        yield b"a" * 1000
        raise LookupError("the source is gone")

    def patient(peer: Peer) -> None:
        peer.request()

    async def main() -> None:
        with serving(patient) as server:
            async with way.open(server.url) as client:
                with pytest.raises(Exception, match="the source is gone") as caught:
                    await upload(client, failing())
                chain: BaseException | None = caught.value
                while chain is not None and not isinstance(chain, LookupError):
                    chain = chain.__cause__
                assert isinstance(chain, LookupError)
                assert busy(client) == 0
            assert server.requests == []

    way.run(main)


@over_main_ways
def test_downloads_stream_and_end_well(way: Way) -> None:
    def cut(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            whole = "whole" in request.path
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n" + b"x" * 4000)
            if not whole:
                return
            peer.send(b"y" * 5000)

    async def download(client: Any, path: str) -> bytes:
        request = download_file.build_request("bucket", path)
        rest = client.rest
        send = rest.send_download_async if way.asynchronous else rest.send_download
        return b"".join(await collect(await finished(send(request))))

    async def main() -> None:
        with serving(cut) as server:
            async with way.open(server.url) as client:
                assert await download(client, "whole") == b"x" * 4000 + b"y" * 5000
                with pytest.raises(errors.StreamTruncatedError):
                    await download(client, "half")
                assert busy(client) == 0

    way.run(main)
