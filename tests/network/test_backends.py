"""Our rules for heads, below httpcore, leave all else to httpcore."""

from __future__ import annotations

from typing import Any

import httpcore
import httpx
import httpx2
import pytest

from polychat._core.backends import AsyncBackend, SyncBackend, guard
from polychat.dial import AsyncDial, Dial

from .servers import CHAT, Peer, polite, serving
from .ways import MAIN, Way, chat, named

REQUEST = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
FINAL = b"HTTP/1.1 200 OK\r\n\r\n"


class Wire:
    """A network stream from which each read gets the next piece."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [*pieces]
        self.written: list[bytes] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.pieces.pop(0)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written.append(buffer)

    def start_tls(self, *args: Any, **more: Any) -> Wire:
        return self

    def get_extra_info(self, info: str) -> Any:
        return info


def stream(wire: Wire) -> Any:
    class Network(httpcore.NetworkBackend):
        def connect_tcp(self, *args: Any, **more: Any) -> Any:
            return wire

    pool = httpcore.ConnectionPool(network_backend=Network())
    guard(pool)
    made: Any = pool._network_backend
    assert isinstance(made, SyncBackend)
    return made.connect_tcp("h", 80)


@pytest.mark.parametrize(
    "written", [b"\5\1\0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x81\x05hello", b"a body"]
)
def test_what_answers_no_request_is_no_head(written: bytes) -> None:
    for through_tls in (False, True):
        wire = Wire(b"\5\0", b"more")
        made = stream(wire)
        if through_tls:
            made = made.start_tls(None)
        made.write(written, 1.0)
        assert [made.read(10), made.read(10)] == [b"\5\0", b"more"]
        assert wire.written == [written]


def test_what_comes_after_a_head_is_not_looked_at() -> None:
    made = stream(Wire(FINAL[:9], FINAL[9:] + b"\1", b"\2", b"HTTP/1.1 200 OK", b"\3"))
    made.write(REQUEST)
    assert [made.read(10) for _ in range(5)][-1] == b"\3"


def test_what_comes_after_a_switch_of_protocols_is_not_looked_at() -> None:
    made = stream(Wire(b"HTTP/1.1 101 X\r\nupgrade: websocket\r\n\r\n", b"\x81\x01a"))
    made.write(REQUEST)
    made.read(10)
    made.write(b"\x81\x01b")
    assert made.read(10) == b"\x81\x01a"


def test_each_request_waits_for_a_head() -> None:
    for through_tls in (False, True):
        made = stream(Wire(FINAL, b"junk"))
        if through_tls:
            made = made.start_tls(None)
        made.write(REQUEST)
        made.read(10)
        made.write(REQUEST)
        with pytest.raises(httpcore.RemoteProtocolError):
            made.read(10)


def test_what_is_asked_of_a_connection_is_answered_by_it() -> None:
    assert stream(Wire()).get_extra_info("server_addr") == "server_addr"
    assert stream(Wire()).get_extra_info("is_readable") == "is_readable"


def test_a_pool_is_guarded_once_and_only_if_it_has_a_backend() -> None:
    for pool in (httpcore.ConnectionPool(), httpcore.AsyncConnectionPool()):
        guard(pool)
        first = pool._network_backend
        guard(pool)
        assert pool._network_backend is first
    guard(object())
    guard(None)


@pytest.mark.parametrize("family", [httpx, httpx2])
def test_a_client_of_the_users_own_keeps_its_large_bodies(family: Any) -> None:
    size = 17 * 1024 * 1024

    def large(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            if arrived.method == "POST":
                peer.answer()
            else:
                peer.answer(body=b"x" * size)

    with serving(large) as server, family.Client(trust_env=False) as own:
        client = Dial(base_url=server.url, api_key="k", http_client=own)
        answer = client.chat.completions.create(
            deployment_name="m", messages=[{"role": "user", "content": "x"}]
        )
        assert answer.id == CHAT["id"]
        assert len(own.get(server.url).content) == size
        assert server.connections == 1


@pytest.mark.parametrize("family", [httpx, httpx2])
def test_a_client_of_the_users_own_is_guarded(family: Any) -> None:
    for cls, made, kind in (
        (Dial, family.Client(), SyncBackend),
        (AsyncDial, family.AsyncClient(), AsyncBackend),
    ):
        cls(base_url="http://h", api_key="k", http_client=made)
        assert isinstance(made._transport._pool._network_backend, kind)


@pytest.mark.parametrize("way", MAIN, ids=named)
def test_calls_on_one_connection(way: Way) -> None:
    async def main() -> None:
        with serving(polite) as server:
            async with way.open(server.url) as client:
                for _ in range(5):
                    await chat(client)
            assert server.connections == 1

    way.run(main)
