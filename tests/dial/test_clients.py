"""Clients and pools: what they share, what they close, and where they say they are."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from polychat.dial import (
    AsyncDial,
    AsyncDialClientPool,
    Dial,
    DialClientPool,
    EtagMismatchError,
    InvalidRequestError,
)
from polychat.emulator import Emulator
from polychat.errors import ConfigurationError


def test_where_a_client_is(emulator: Emulator) -> None:
    dial = Dial(base_url="https://dial.example/core", api_key="k", api_version="2024-02-01")
    assert dial.base_url == "https://dial.example/core/"
    assert dial.api_url == "https://dial.example/core/v1/"
    assert dial.api_url_v2 == "https://dial.example/core/v2/"
    assert dial.api_version == "2024-02-01"
    for url, own in {
        "https://dial.example/core/v1/files/b/x": True,
        "https://dial.example/core": True,
        "https://DIAL.example:443/core/": True,
        "https://dial.example/corex": False,
        "http://dial.example/core/": False,
        "https://dial.example:444/core/": False,
        "https://other/core/": False,
        "files/b/x": False,
        "http://[": False,
    }.items():
        assert dial.is_dial_url(url) == own, url
    assert dial.auth_headers() == {"api-key": "k"}
    assert asyncio.run(AsyncDial(base_url="http://h", bearer_token="t").auth_headers()) == {
        "Authorization": "Bearer t"
    }


@pytest.mark.parametrize("kind", [Dial, AsyncDial])
def test_what_cannot_work_is_an_error_at_once(kind: Any) -> None:
    for arguments in (
        {"base_url": "http://h"},
        {"api_key": "k"},
        {"base_url": "h", "api_key": "k"},
        {"base_url": "http://h", "api_key": ""},
        {"base_url": "http://h", "api_key": "k", "timeout": -1},
        {"base_url": "http://h", "api_key": "k", "max_retries": -1},
    ):
        with pytest.raises(ConfigurationError) as caught:
            kind(**arguments)
        assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"connection_limits": httpx.Limits(max_connections=5)}, {"headers": {"x-pool": "yes"}}],
)
def test_the_clients_of_a_pool_share_their_connections(
    emulator: Emulator, arguments: dict[str, Any]
) -> None:
    with DialClientPool(**arguments) as pool:
        one = pool.create_client(base_url=emulator.url("dial"), api_key="one")
        other = pool.create_client(base_url=emulator.url("dial"), bearer_token="other")
        assert one.my_bucket() != other.my_bucket()
        assert one._core.http is other._core.http
        one.close()
        assert other.user.info().roles == ["default"]
        assert emulator.requests[-1].headers.get("x-pool") == arguments.get("headers", {}).get(
            "x-pool"
        )
    with pytest.raises((ConfigurationError, RuntimeError)):
        other.user.info()


def test_the_clients_of_an_asynchronous_pool_share_their_connections(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncDialClientPool() as pool:
            one = pool.create_client(base_url=emulator.url("dial"), api_key="one")
            other = pool.create_client(base_url=emulator.url("dial"), bearer_token="other")
            assert await one.my_bucket() != await other.my_bucket()
            await one.aclose()
            assert (await other.user.info()).roles == ["default"]
        with pytest.raises(ConfigurationError):
            await other.user.info()
        own = AsyncDialClientPool(connection_limits=httpx.Limits(max_connections=5), http2=False)
        client = own.create_client(base_url=emulator.url("dial"), api_key="k")
        assert await client.my_bucket()
        await own.aclose()

    asyncio.run(main())


def test_other_options_share_what_is_known(emulator: Emulator) -> None:
    with Dial(base_url=emulator.url("dial"), api_key="k") as dial:
        bucket = dial.my_bucket()
        other = dial.with_options(timeout=1, max_retries=0, extra_headers={"x-mark": "1"})
        assert other.my_bucket() == bucket
        assert len(emulator.requests) == 1
        other.user.info()
        assert emulator.requests[-1].headers["x-mark"] == "1"


def test_asynchronous_iterators_are_uploaded_by_asynchronous_clients(emulator: Emulator) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        await asyncio.sleep(0)
        yield b"two"

    async def main() -> bytes:
        async with AsyncDial(base_url=emulator.url("dial"), api_key="k") as dial:
            url = await dial.my_files_home() / "x"
            await dial.files.upload(url, pieces())
            await dial.files.upload(url, ("x", pieces(), "text/css"))
            response = await dial.files.download(url)
            assert response.content_type == "text/css"
            return await response.aget_content()

    assert asyncio.run(main()) == b"one two"
    with Dial(base_url=emulator.url("dial"), api_key="k") as dial:
        seen = len(emulator.requests)
        for file in (pieces(), ("x", pieces())):
            with pytest.raises(InvalidRequestError, match="AsyncDial"):
                dial.files.upload("files/b/x", file)  # type: ignore[arg-type]
        assert len(emulator.requests) == seen


CONTENT = bytes(range(256)) * 7_500


class Ranged(BaseHTTPRequestHandler):
    """Breaks off each answer after a million bytes; has ranges."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str | None, str | None]] = []
    etag = "v1"

    def do_GET(self) -> None:
        wanted = self.headers.get("range")
        self.asked.append((wanted, self.headers.get("if-match")))
        if self.headers.get("if-match") not in (None, self.etag):
            self.send_error(412)
            return
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        rest = CONTENT[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("etag", self.etag)
        self.send_header("content-length", str(len(rest)))
        if wanted:
            end = len(CONTENT) - 1
            self.send_header("content-range", f"bytes {start}-{end}/{len(CONTENT)}")
        self.end_headers()
        self.wfile.write(rest[:1_000_000])
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def ranged() -> Iterator[tuple[str, type[Ranged]]]:
    class Fresh(Ranged):
        asked: list[tuple[str | None, str | None]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Fresh
    server.shutdown()
    server.server_close()


def test_a_download_goes_on_by_ranges_where_the_server_has_them(
    make: Any, ranged: tuple[str, type[Ranged]]
) -> None:
    url, server = ranged
    dial = make(base_url=url, max_retries=3)
    assert dial.files.download("files/b/x").get_content() == CONTENT
    assert len(server.asked) == 2
    assert server.asked[0] == (None, None)
    for wanted, if_match in server.asked[1:]:
        assert wanted is not None
        assert int(wanted.removeprefix("bytes=").removesuffix("-")) > 0
        assert if_match == "v1"


def test_a_range_of_another_version_is_not_taken(
    make: Any, ranged: tuple[str, type[Ranged]]
) -> None:
    url, server = ranged
    dial = make(base_url=url, max_retries=3)
    response = dial.files.download("files/b/x")
    server.etag = "v2"
    with pytest.raises(EtagMismatchError):
        response.get_content()
