"""Bodies are read in bounded memory, and what cannot be decoded is a typed error."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import httpx2
import pytest
import zstandard

from polychat import errors
from polychat.dial import Dial
from polychat_rest.dial.api.files import download_file
from tests.network.servers import CHAT, Peer, serving
from tests.network.ways import (
    ASYNC,
    EVERY,
    MAIN,
    SYNC,
    Way,
    busy,
    chat,
    collect,
    finished,
    items,
    listed,
    named,
)

# httpx under trio, where a body is left before its end
pytestmark = pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning")
MEGA = 1024 * 1024
SOME = [*MAIN, SYNC[1], SYNC[2], ASYNC[3], ASYNC[-1]]


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:]) + b"\0" * 8


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "members": ("GZIP", members),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", zstandard.compress),
    "frames": ("zstd", lambda data: zstandard.compress(data[:9]) + zstandard.compress(data[9:])),
    "twice": ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
    "nested": ("deflate,zstd", lambda data: zstandard.compress(zlib.compress(data))),
    "unknown": ("utf-8", bytes),
}
BLOWN_UP = b'{"a": "' + b"x" * (64 * MEGA) + b'"}'


@contextmanager
def at_most(mebibytes: int) -> Iterator[None]:
    """Fails where more memory is in use at once."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mebibytes * MEGA, f"{peak / MEGA:.0f} MiB at once"


def endlessly(peer: Peer, status: int, **headers: str) -> None:
    """An answer whose body has no end."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\n{fields}transfer-encoding: chunked\r\n\r\n"
    peer.send(head.encode())
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(3000):  # 200 MB
        try:
            peer.sock.sendall(chunk)
        except OSError:
            return


async def failure(call: Any, kind: type[BaseException]) -> Any:
    with pytest.raises(kind) as caught:
        await finished(call)
    return caught.value


@pytest.mark.parametrize("way", EVERY, ids=named)
def test_an_error_without_end_is_read_to_its_bound(way: Way) -> None:
    async def main() -> None:
        async with way.open(server.url, max_retries=0) as client:
            with at_most(40):
                error = await failure(chat(client), errors.BadRequestError)
            assert error.body == "x" * 65536
            assert not busy(client) or "own" in way.name or "transport" in way.name

    with serving(lambda peer: peer.request() and endlessly(peer, 400)) as server:
        way.run(main)


@pytest.mark.parametrize("way", EVERY, ids=named)
def test_a_redirect_s_body_is_not_read(way: Way) -> None:
    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            if arrived.path == "/there":
                peer.answer(body={"object": "list", "data": [{"id": "there"}]})
            else:
                endlessly(peer, 307, location="/there")
                return

    async def main() -> None:
        async with way.open(server.url, max_retries=0) as client:
            with at_most(20):
                assert [one.id for one in await listed(client)] == ["there"]

    with serving(serve) as server:
        way.run(main)


def test_a_redirect_without_a_body_keeps_its_connection() -> None:
    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            if arrived.path == "/there":
                peer.answer(body={"object": "list", "data": []})
            else:
                peer.answer(307, b"", location="/there")

    with serving(serve) as server, Dial(base_url=server.url, api_key="k") as client:
        client.deployments.list()
        client.deployments.list()
        assert server.connections == 1


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("way", SOME, ids=named)
def test_encoded_answers_are_read(coding: str, way: Way) -> None:
    name, encode = CODINGS[coding]

    def serve(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(body=encode(json.dumps(CHAT).encode()), content_encoding=name)

    async def main() -> None:
        async with way.open(server.url) as client:
            for _ in range(2):
                answer = await chat(client)
                assert answer.choices[0].message.content == "ok"
            assert server.connections == 1

    with serving(serve) as server:
        way.run(main)


@pytest.mark.parametrize("coding", [name for name in CODINGS if name not in ("unknown", "frames")])
@pytest.mark.parametrize("way", SOME, ids=named)
def test_a_bomb_is_refused_while_it_is_decoded(coding: str, way: Way) -> None:
    name, encode = CODINGS[coding]
    bomb = encode(BLOWN_UP)

    async def main() -> None:
        async with way.open(server.url, max_retries=0) as client:
            with at_most(40):
                error = await failure(chat(client), errors.ResponseParseError)
            assert (error.status, error.request_id) == (200, "id-1")
            assert "100 times its size" in str(error)
            with at_most(40):
                stream = await chat(client, stream=True)
                await failure(collect(stream), errors.StreamError)

    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            kind = "text/event-stream" if b'"stream":true' in arrived.body else "application/json"
            peer.answer(body=bomb, content_encoding=name, content_type=kind, x_request_id="id-1")

    with serving(serve) as server:
        way.run(main)


@pytest.mark.parametrize("way", MAIN, ids=named)
def test_a_download_knows_only_the_ratio(way: Way) -> None:
    plain = bytes(range(256)) * 4096  # 1 MiB, to be had at 60 times its size

    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            body = plain if "plain" in arrived.path else BLOWN_UP
            peer.answer(body=gzip.compress(body), content_encoding="gzip")

    async def opened(client: Any, name: str) -> Any:
        rest = client.with_options(max_answer_bytes=1000).rest
        request = download_file.build_request(bucket="b", path=name)
        if way.asynchronous:
            return await rest.send_download_async(request)
        return rest.send_download(request)

    async def main() -> None:
        async with way.open(server.url) as client:
            pieces = await collect(await opened(client, "plain"))
            assert b"".join(pieces) == plain
            with at_most(40):
                error = await failure(collect(await opened(client, "bomb")), errors.StreamError)
            assert "100 times its size" in str(error)

    with serving(serve) as server:
        way.run(main)


BROKEN = {
    "bad": b"this is not gzip",
    "short": gzip.compress(json.dumps(CHAT).encode())[:-9],
    "checksum": gzip.compress(json.dumps(CHAT).encode())[:-8] + b"\1" * 8,
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("way", SOME, ids=named)
def test_an_answer_that_cannot_be_decoded_has_come(broken: str, way: Way) -> None:
    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            status = 503 if b"fail" in arrived.body else 200
            peer.answer(status, BROKEN[broken], content_encoding="gzip", x_request_id="id-1")

    async def main() -> None:
        async with way.open(server.url, max_retries=1) as client:
            error = await failure(chat(client), errors.ResponseParseError)
            assert (error.status, error.request_id, error.attempts) == (200, "id-1", 1)
            assert "gzip coding" in str(error)
            error = await failure(
                chat(client, extra_body={"user": "fail"}), errors.InternalServerError
            )
            assert (error.status, error.request_id, error.attempts) == (503, "id-1", 2)

    with serving(serve) as server:
        way.run(main)


@pytest.mark.parametrize("way", SOME, ids=named)
def test_an_answer_is_as_large_as_the_caller_allows(way: Way) -> None:
    large = {**CHAT, "id": "x" * 5000}

    def serve(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            if b"declared" in arrived.body:  # and never sent
                peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
            elif b"packed" in arrived.body:
                peer.answer(body=gzip.compress(json.dumps(large).encode()), content_encoding="gzip")
            else:
                peer.start_stream()
                peer.chunk(json.dumps(large).encode())
                peer.chunk(b"")

    async def main() -> None:
        async with way.open(server.url, max_retries=0, timeout=10) as client:
            small = client.with_options(max_answer_bytes=4000)
            for user in ("packed", "chunked"):
                answer = await chat(client, extra_body={"user": user}, max_answer_bytes=10_000)
                assert answer.id == large["id"]
                answer = await chat(small, extra_body={"user": user}, max_answer_bytes=10_000)
                assert answer.id == large["id"]
                error = await failure(
                    chat(small, extra_body={"user": user}), errors.ResponseParseError
                )
                assert "larger than 4000 bytes" in str(error)
                assert "max_answer_bytes" in str(error)
            await failure(chat(client, extra_body={"user": "declared"}), errors.ResponseParseError)

    with serving(serve) as server:
        way.run(main)


@pytest.mark.parametrize("value", [0, -1, 1.5, "1", True])
def test_the_bound_is_a_number_of_bytes(value: Any) -> None:
    with Dial(base_url="http://127.0.0.1:9", api_key="k") as client:
        if value is True:
            assert client.with_options(max_answer_bytes=None).rest.options.max_answer_bytes > 1
            return
        with pytest.raises(errors.ConfigurationError, match="max_answer_bytes"):
            client.with_options(max_answer_bytes=value)


@pytest.mark.parametrize("family", [httpx, httpx2], ids=lambda family: family.__name__)
def test_what_never_was_on_a_wire_is_read(family: Any) -> None:
    answers = {
        "whole": lambda: family.Response(200, json=CHAT),
        "gzip": lambda: family.Response(
            200,
            content=gzip.compress(json.dumps(CHAT).encode()),
            headers={"content-encoding": "gzip"},
        ),
        "pieces": lambda: family.Response(200, content=iter([json.dumps(CHAT).encode()])),
        "large": lambda: family.Response(200, json={**CHAT, "id": "x" * 5000}),
        "error": lambda: family.Response(400, json={"error": {"message": "no", "code": "c"}}),
    }

    def respond(request: Any) -> Any:
        return answers[request.headers["x-answer"]]()

    with family.Client(transport=family.MockTransport(respond)) as own:
        client = Dial(base_url="http://test", api_key="k", http_client=own)

        def ask(name: str) -> Any:
            return client.chat.completions.create(
                deployment_name="d",
                messages=[{"role": "user", "content": "x"}],
                extra_headers={"x-answer": name},
                max_answer_bytes=4000,
                max_retries=0,
            )

        for name in ("whole", "gzip", "pieces"):
            assert ask(name).choices[0].message.content == "ok"
        with pytest.raises(errors.ResponseParseError, match="larger than 4000"):
            ask("large")
        with pytest.raises(errors.BadRequestError, match="no"):
            ask("error")


@pytest.mark.parametrize("way", MAIN, ids=named)
def test_a_long_error_document_keeps_its_words(way: Way) -> None:
    document = {"trace": "x" * 200_000, "error": {"message": "too long a prompt", "code": "c-1"}}

    def serve(peer: Peer) -> None:
        while peer.request() is not None:
            peer.answer(400, document)

    async def main() -> None:
        async with way.open(server.url) as client:
            error = await failure(chat(client), errors.BadRequestError)
            assert (error.message, error.code) == ("too long a prompt", "c-1")
            assert len(error.body) == 65536

    with serving(serve) as server:
        way.run(main)


def events(count: int, size: int, finish: bool) -> Callable[[Peer], None]:
    """A stream of numbered events that ends without its end marker."""

    def serve(peer: Peer) -> None:
        if peer.request() is None:
            return
        peer.start_stream()
        peer.event("begun", index=1)
        for number in range(count):
            peer.event(f"{number} " + "x" * size)
        peer.event("", finish_reason="stop")
        if finish:
            peer.event("", index=1, finish_reason="stop")
        peer.chunk(b"")

    return serve


@pytest.mark.parametrize("way", MAIN, ids=named)
def test_a_stream_keeps_the_last_of_its_events_for_its_error(way: Way) -> None:
    async def main() -> None:
        async with way.open(server.url) as client:
            stream = await chat(client, stream=True)
            count = 0
            with at_most(20), pytest.raises(errors.StreamTruncatedError) as caught:
                async for _ in items(stream):
                    count += 1
            error = caught.value
            assert count == 102
            assert len(error.chunks) + error.dropped == count
            assert 0 < len(error.chunks) <= 11
            assert error.chunks[-2].choices[0].delta.content.startswith("99 x")
            assert f"the first {error.dropped} of its events" in str(error)

    with serving(events(100, 100_000, finish=False)) as server:
        way.run(main)


@pytest.mark.parametrize("way", MAIN, ids=named)
def test_what_is_no_longer_kept_still_tells_whether_the_stream_was_whole(way: Way) -> None:
    async def main() -> None:
        async with way.open(server.url) as client:
            assert len(await collect(await chat(client, stream=True))) == 103

    with serving(events(100, 100_000, finish=True)) as server:
        way.run(main)


def test_a_short_stream_keeps_all() -> None:
    with (
        serving(events(100, 10, finish=False)) as server,
        Dial(base_url=server.url, api_key="k") as client,
    ):
        stream = client.chat.completions.create(
            deployment_name="d", messages=[{"role": "user", "content": "x"}], stream=True
        )
        with pytest.raises(errors.StreamTruncatedError) as caught:
            list(stream)
        assert (len(caught.value.chunks), caught.value.dropped) == (102, 0)
