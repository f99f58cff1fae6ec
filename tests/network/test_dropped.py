"""Asynchronous answers that are dropped give their places in a pool back, whoever's it is."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import PurePosixPath
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from azure.core.credentials import AzureKeyCredential

from polychat import azure
from polychat._core.http import AsyncHTTP
from polychat._core.transports import Pool
from polychat.azure import HttpRequest
from polychat.dial import AsyncDial
from polychat_rest.secret import Secret

from .servers import Peer, RawServer, serving, until
from .ways import chat, close

# httpx's generators, which no loop of trio's ends for it.
pytestmark = pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning")

FILE = PurePosixPath("files/bucket/f.txt")
MADE = ["httpx", "httpx2", "transport", "proxy"]


def beginning(peer: Peer) -> None:
    """Begins to stream what is asked for, and goes no further."""
    while (arrived := peer.request()) is not None:
        if b'"stream":true' not in arrived.body and arrived.method != "GET":
            peer.answer()
            continue
        peer.start_stream()
        peer.event("begun")
        peer.gone()
        return


@asynccontextmanager
async def opened(made: str, server: RawServer) -> AsyncIterator[Any]:
    """A client with one connection: through one of the user's own, or through a proxy."""
    given: dict[str, Any] = {}
    if made in ("httpx", "httpx2"):
        family: Any = httpx if made == "httpx" else httpx2
        given["http_client"] = family.AsyncClient(limits=family.Limits(max_connections=1))
    elif made == "transport":
        given["transport"] = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=1))
    else:
        one = Pool(1, 1)
        given["http_client"] = AsyncHTTP(transport="httpx", pool=one, proxy=Secret(server.url))
    client = AsyncDial(base_url=server.url, api_key="k", max_retries=0, timeout=10, **given)
    try:
        yield client
    finally:
        await close(client)
        await close(given.get("http_client") or given["transport"])


async def unread(client: Any) -> Any:
    return await chat(client, stream=True)


async def begun(client: Any) -> Any:
    stream = await chat(client, stream=True)
    assert (await anext(stream)).choices[0].delta.content == "begun"
    return stream


async def downloaded(client: Any) -> Any:
    return await client.files.download(FILE)


@contextmanager
def told(how: Callable[[Any], Any]) -> Iterator[None]:
    """Whoever drops a stream that was never read is told so. One that was begun is an
    asynchronous generator, which its loop ends."""
    if how is begun:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # trio tells of each generator
            yield
    else:
        with pytest.warns(ResourceWarning, match="never closed"):
            yield


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another thread"])
@pytest.mark.parametrize("how", [unread, begun, downloaded])
@pytest.mark.parametrize("made", MADE)
def test_a_dropped_answer_makes_room(
    made: str, how: Callable[[Any], Any], elsewhere: bool, backend: str
) -> None:
    async def main() -> None:
        async with opened(made, server) as client:
            for _ in range(2):
                dropped = [await how(client)]
                with told(how):
                    if elsewhere:
                        await anyio.to_thread.run_sync(lambda held=dropped: held.clear())
                    else:
                        dropped.clear()
                    gc.collect()
                answer = await chat(client)
                assert answer.choices[0].message.content == "ok"
                assert await until(lambda: server.open <= 1)
            if backend == "asyncio":
                tasks = asyncio.all_tasks() - {asyncio.current_task()}
                assert await until(lambda: all(task.done() for task in tasks))
        assert await until(lambda: server.open == 0)

    with serving(beginning) as server:
        anyio.run(main, backend=backend)


@pytest.mark.parametrize("how", [unread, begun, downloaded])
@pytest.mark.parametrize("made", ["httpx", "httpx2"])
def test_who_waits_for_a_place_gets_it(made: str, how: Callable[[Any], Any]) -> None:
    async def main() -> None:
        async with opened(made, server) as client:
            dropped = [await how(client)]
            waiting = asyncio.create_task(chat(client))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            with told(how):
                dropped.clear()
            assert (await waiting).choices[0].message.content == "ok"

    with serving(beginning) as server:
        asyncio.run(main())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("made", ["httpx", "httpx2"])
def test_an_answer_that_is_dropped_when_its_loop_has_ended(made: str) -> None:
    """Nothing runs in a loop that has ended, but the service is told at once."""
    family: Any = httpx if made == "httpx" else httpx2
    with serving(beginning) as server:
        own = family.AsyncClient()
        client = AsyncDial(base_url=server.url, api_key="k", http_client=own)
        kept = [asyncio.run(unread(client))]
        assert server.open == 1
        with pytest.warns(ResourceWarning, match="never closed"):
            kept.clear()
        assert asyncio.run(until(lambda: server.open == 0))
        del own, client  # which the user did not close
        gc.collect()


@pytest.mark.parametrize("transport", [None, "httpx", "own"])
def test_an_answer_of_any_request_is_given_back(transport: str | None) -> None:
    """`send_request`, whose streamed answer is no stream."""
    key = AzureKeyCredential("k")
    request = HttpRequest("GET", "/x")

    async def main() -> None:
        own = httpx.AsyncClient() if transport == "own" else None
        given = {"http_client": own} if own else {"transport": transport}
        async with azure.aio.ChatCompletionsClient(server.url, key, **given) as client:
            held = [await client.send_request(request, stream=True)]
            assert b"begun" in await anext(held[0].aiter_bytes())
            held.clear()
            gc.collect()
            assert await until(lambda: server.open == 0)
        if own is not None:
            await own.aclose()

    with serving(beginning) as server:
        asyncio.run(main())


def test_an_answer_of_any_request_is_given_back_by_synchronous_code() -> None:
    with (
        serving(beginning) as server,
        azure.ChatCompletionsClient(server.url, AzureKeyCredential("k")) as client,
    ):
        pieces = client.send_request(HttpRequest("GET", "/x"), stream=True).iter_bytes()
        assert b"begun" in next(pieces), "reading it holds it"
        del pieces
        assert asyncio.run(until(lambda: server.open == 0))
