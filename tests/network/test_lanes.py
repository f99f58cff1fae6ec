"""The pool under async clients on httpx: it keeps, limits and closes connections."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest

from polychat._core.lanes import LanesTransport
from tests.network.servers import Peer as ServerPeer
from tests.network.servers import serving, until

BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Peer:
    """A server that counts its connections and answers when it is let."""

    def __init__(self) -> None:
        self.made = self.open = 0
        self.let = asyncio.Event()
        self.let.set()
        self.writers: list[asyncio.StreamWriter] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        self.open += 1
        self.writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await self.let.wait()
                writer.write(BODY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def peer() -> AsyncIterator[Peer]:
    one = Peer()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    one.url = f"http://{host}:{port}/"
    try:
        yield one
    finally:
        server.close()


def lanes(connections: int = 10, keepalive: float = 60.0) -> LanesTransport:
    return LanesTransport(verify=False, connections=connections, keepalive=keepalive)


def test_connections_are_used_again_and_closed() -> None:
    async def main() -> None:
        async with peer() as server:
            async with httpx.AsyncClient(transport=lanes()) as client:
                for _ in range(3):
                    assert (await client.get(server.url)).content == b"ok"
                assert server.made == 1
                await asyncio.gather(*(client.get(server.url) for _ in range(5)))
                made = server.made
                assert made == 5
                await asyncio.gather(*(client.get(server.url) for _ in range(5)))
                assert server.made == made
            await asyncio.sleep(0.05)
            assert server.open == 0

    asyncio.run(main())


def test_no_more_than_are_allowed() -> None:
    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes(3)) as client:
            answers = await asyncio.gather(*(client.get(server.url) for _ in range(20)))
            assert [answer.content for answer in answers] == [b"ok"] * 20
            assert server.made == 3

    asyncio.run(main())


def test_waiting_for_one_ends() -> None:
    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes(1)) as client:
            server.let.clear()
            first = asyncio.create_task(client.get(server.url))
            await asyncio.sleep(0.05)
            with pytest.raises(httpx.PoolTimeout):
                await client.get(server.url, timeout=httpx.Timeout(5, pool=0.05))
            server.let.set()
            assert (await first).content == b"ok"
            assert (await client.get(server.url)).content == b"ok"

    asyncio.run(main())


def test_a_cancelled_request_gives_its_place_back() -> None:
    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes(1)) as client:
            server.let.clear()
            task = asyncio.create_task(client.get(server.url))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            server.let.set()
            assert (await client.get(server.url)).content == b"ok"

    asyncio.run(main())


def test_what_is_idle_for_long_is_closed() -> None:
    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes(keepalive=0.1)) as client:
            await asyncio.gather(*(client.get(server.url) for _ in range(4)))
            await asyncio.sleep(0.2)
            await client.get(server.url)
            await asyncio.sleep(0.05)
            assert server.open == 1

    asyncio.run(main())


def test_origins_have_their_own() -> None:
    async def main() -> None:
        async with peer() as one, peer() as other:
            async with httpx.AsyncClient(transport=lanes()) as client:
                for server in (one, other, one, other):
                    await client.get(server.url)
            assert (one.made, other.made) == (1, 1)

    asyncio.run(main())


def test_what_the_server_has_closed_is_not_used_again() -> None:
    """Nor is it tried: a request that is sent once must not be lost to a connection that is
    known to be closed."""

    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes()) as client:
            for made in (1, 2, 3):
                assert (await client.post(server.url)).content == b"ok"
                assert server.made == made
                server.writers[-1].close()  # after an answer that did not announce it
                await asyncio.sleep(0.05)
                assert server.open == 0

    asyncio.run(main())


def test_what_has_been_idle_for_too_long_is_not_used_again() -> None:
    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes(keepalive=0.1)) as client:
            await client.get(server.url)
            await client.get(server.url)
            assert server.made == 1
            await asyncio.sleep(0.2)
            await client.get(server.url)
            assert server.made == 2

    asyncio.run(main())


def test_an_answer_that_was_left_takes_its_connection_along() -> None:
    """What is left of its body would be the next request's answer."""

    async def main() -> None:
        async with peer() as server, httpx.AsyncClient(transport=lanes(1)) as client:
            for made in (1, 2, 3):
                async with client.stream("GET", server.url):
                    pass
                assert server.made == made
            assert (await client.get(server.url)).content == b"ok"

    asyncio.run(main())


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_dropped_answer_gives_its_connection_back(backend: str, elsewhere: bool) -> None:
    def streaming(one: ServerPeer) -> None:
        while one.request() is not None:
            one.start_stream()
            one.event("begun")
            if one.gone(10):
                return

    async def main() -> None:
        async with httpx.AsyncClient(transport=lanes(1)) as client:
            for _ in range(3):
                request = client.build_request("GET", server.url)
                dropped = [await client.send(request, stream=True)]
                if elsewhere:  # where the collector happens to run
                    await anyio.to_thread.run_sync(
                        lambda held=dropped: (held.clear(), gc.collect())
                    )
                else:
                    dropped.clear()
                    gc.collect()
                assert await until(lambda: server.open == 0)

    with serving(streaming) as server:
        anyio.run(main, backend=backend)


def test_an_answer_that_is_dropped_when_its_loop_has_ended() -> None:
    async def main() -> None:
        client = httpx.AsyncClient(transport=lanes(1))
        kept.append(await client.send(client.build_request("GET", server.url), stream=True))
        await client.aclose()

    kept: list[httpx.Response] = []
    with serving(lambda one: one.request() and one.start_stream()) as server:
        asyncio.run(main())
        kept.clear()
        gc.collect()
