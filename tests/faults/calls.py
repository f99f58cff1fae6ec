"""Kinds of calls, over four transports, each against a server of one fault."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import httpx2

from polychat.dial import AsyncDial, Dial
from polychat_rest.dial.api.deployments import get_deployments
from tests.network.servers import Arrived, Peer, RawServer, serving, until
from tests.network.test_leaks import sockets
from tests.network.ways import chat, close, collect, finished, items, text

from .answers import DOCUMENTS, well

KINDS = ("plain", "stream", "upload", "download", "low")
TRANSPORTS = ("sync", "httpx", "aiohttp", "httpx2")
FILE = PurePosixPath("files/bucket/f.txt")
BOUND = 20.0
"""Seconds in which every exchange must end, on the slowest of machines."""
SMALL = 4 << 20
"""Bytes of an answer that a caller allows where answers have no end."""
HEALED = "healed"
"""Ended with what was asked for."""
TAKEN = "taken"
"""Ended with what came: nothing tells that a file was to be another one."""


class Fault(NamedTuple):
    """What goes wrong, and what a caller must be told of it."""

    name: str
    phase: str
    serve: Callable[[Peer], Any]
    """What the server (or the proxy) does with one connection."""
    expected: Mapping[str, Any]
    """The class of the error by kind of call, under "" for all others; `HEALED` for none."""
    says: str = ""
    """A regular expression for the text of every error."""
    silent: bool = False
    """Whether the caller's patience is what ends it."""
    retries: int = 0
    large: bool = False
    """Whether requests have bodies that no socket takes at once."""
    races: bool = False
    """Whether it is a matter of luck if the system tells of a reset or of an end."""
    url: str = "{url}"
    """The client's base URL."""
    proxy: str = ""
    """Where it goes through a proxy, the proxy's URL."""

    def expects(self, kind: str) -> Any:
        return self.expected.get(kind, self.expected.get("", HEALED))


class Outcome(NamedTuple):
    """How a call ended."""

    name: str
    text: str
    error: BaseException | None


class Dress(NamedTuple):
    """What a client and its calls are given beside what a fault needs."""

    client: Mapping[str, Any] = {}
    call: Mapping[str, Any] = {}
    only_async: bool = False
    proxy: str = ""
    """The URL of a proxy for faults that are not a proxy's: see `behind_a_proxy`."""


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _arguments(transport: str, proxy: str | None) -> dict[str, Any]:
    if transport == "httpx2":
        own = httpx2.AsyncClient(verify=_context(), proxy=proxy, trust_env=False)
        return {"http_client": own}
    given = {} if proxy is None else {"proxy": proxy}
    return given if transport == "sync" else {"transport": transport, **given}


@asynccontextmanager
async def opened(
    transport: str, url: str, *, proxy: str | None = None, **options: Any
) -> AsyncIterator[Any]:
    """A client over one of the four transports."""
    arguments = _arguments(transport, proxy)
    cls: Any = Dial if transport == "sync" else AsyncDial
    client = cls(**{"base_url": url, "api_key": "key", **arguments, **options})
    try:
        yield client
    finally:
        await close(client)
        if "http_client" in arguments:
            await close(arguments["http_client"])


async def call(
    client: Any, kind: str, *, large: bool = False, options: Mapping[str, Any] = {}
) -> str:
    """One call with `options`; gives what was answered."""
    given = dict(options)
    asynchronous = hasattr(client, "aclose")
    more = "x" * 12_000_000 if large else "x"
    question = [{"role": "user", "content": more}]
    if kind == "plain":
        answer = await chat(client, messages=question, **given)
        return str(answer.choices[0].message.content)
    if kind == "stream":
        stream = await chat(client, messages=question, stream=True, **given)
        return text(await collect(stream))
    if kind == "events":  # of which none is kept
        stream = await chat(client, messages=question, stream=True, **given)
        return str(len([None async for _ in items(stream)]))
    if kind == "upload":
        stored = await finished(client.files.upload(FILE, more.encode(), **given))
        return str(stored.name)
    if kind == "download":
        file = await finished(client.files.download(FILE, **given))
        if asynchronous:
            return str(sum([len(piece) async for piece in file]))
        return str(sum(len(piece) for piece in file))
    function = get_deployments.asyncio if asynchronous else get_deployments.sync
    rest = client.rest.with_options(given)
    return str(len((await finished(function(client=rest))).data))


def right(kind: str) -> str:
    """What `call` gives where all is well."""
    return {"plain": "ok", "stream": "abc", "upload": "f.txt", "low": "0"}.get(
        kind, str(len(DOCUMENTS["download"][1]))
    )


def shown(error: BaseException) -> str:
    """An error's text but for addresses."""
    said = re.sub(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", "HOST", str(error))
    return re.sub(r"bytes after \d+|received \d+ bytes", "N bytes", said)


async def outcome(
    client: Any, kind: str, *, large: bool, options: Mapping[str, Any] = {}
) -> Outcome:
    """How one call ends, in bounded time."""
    made = call(client, kind, large=large, options=options)
    try:
        if hasattr(client, "aclose"):
            said = await asyncio.wait_for(made, BOUND)
        else:
            waiting = asyncio.to_thread(lambda: asyncio.run(made))
            said = await asyncio.wait_for(waiting, BOUND)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is looked at
        return Outcome(type(error).__name__, shown(error), error)
    return Outcome(HEALED, said, None)


def in_use(client: Any) -> int:
    """How many connections of a client are in use, those by way of a proxy too."""
    http = client.rest.http
    adapter = http._adapter if hasattr(http, "_adapter") else http._theirs or http._latest[1]
    if adapter is None:
        return 0
    under = [adapter.client._transport, *adapter.client._mounts.values()]
    found = 0
    for one in under:
        for transport in one.made() if hasattr(one, "made") else [one]:
            if hasattr(transport, "_lanes"):
                found += sum(not lane.is_idle() and not lane.is_closed()
                             for lane in transport._lanes)  # fmt: skip
            elif hasattr(transport, "in_use"):
                found += transport.in_use
            elif getattr(transport, "_pool", None) is not None:
                found += sum(not one.is_idle() for one in transport._pool.connections)
    return found


def takes_proxy(fault: Fault) -> bool:
    """Whether a fault may be asked for by way of a proxy: it has none and a server of its own."""
    return not fault.proxy and "{" in fault.url


def behind_a_proxy(fault: Fault) -> Fault:
    """A fault whose server is asked as a proxy too, and does the same then: it takes the URL of a
    request for its path, and lets those who ask for a tunnel through to itself."""

    def request(ask: Callable[[], Arrived | None]) -> Arrived | None:
        arrived = ask()
        if arrived is None:
            return None
        return arrived._replace(path=re.sub("^http://[^/]*", "", arrived.path))

    def handle(peer: Peer) -> None:
        if not fault.url.startswith("https:"):
            peer.request = partial(request, peer.request)  # type: ignore[method-assign]
        elif peer.sock.recv(8, socket.MSG_PEEK) == b"CONNECT ":
            peer.request()
            peer.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        fault.serve(peer)

    if not takes_proxy(fault):
        return fault
    return fault._replace(serve=handle)


async def _suffer(
    fault: Fault, server: RawServer, transport: str, look: Callable[[BaseException], Any] | None,
    dress: Dress,
) -> dict[str, Outcome]:  # fmt: skip
    """The outcomes of all kinds of calls over one transport, at once."""
    host = server.url.partition("//")[2]
    url = fault.url.format(url=server.url, host=host)
    tunnels = fault.phase == "tunnel"
    if dress.proxy and takes_proxy(fault):
        tunnels = url.startswith("https:")
        proxy: str | None = dress.proxy.format(host=host)
    else:
        proxy = fault.proxy.format(host=host) or None
    patience = (1.5 if fault.large else 0.4) if fault.silent else 10.0
    settings = {"timeout": patience, "max_retries": fault.retries, **dress.client}
    settings["default_headers"] = {
        **settings.get("default_headers", {}), "x-transport": transport
    }  # fmt: skip
    async with opened(transport, url, proxy=proxy, **settings) as made:
        client = made.with_options(max_answer_bytes=SMALL) if fault.phase == "large" else made
        ended = await asyncio.gather(
            *(outcome(client, kind, large=fault.large, options=dress.call) for kind in KINDS)
        )
        if not tunnels or transport != "httpx2":  # which loses these, and is not ours
            assert await until(lambda: in_use(client) == 0), f"{transport}: a connection is in use"
    for one in ended:
        if look is not None and one.error is not None:
            look(one.error)
    return dict(zip(KINDS, ended, strict=True))


def suffer(
    fault: Fault, look: Callable[[BaseException], Any] | None = None, **options: Any
) -> dict[str, dict[str, Outcome]]:
    """The outcomes of a fault, by transport and kind of call; asserts that nothing is left."""
    found = suffer_all(fault, {"": Dress(options)}, look)
    return {transport: outcomes for (_, transport), outcomes in found.items()}


def suffer_all(
    fault: Fault, dresses: Mapping[str, Dress], look: Callable[[BaseException], Any] | None = None
) -> dict[tuple[str, str], dict[str, Outcome]]:
    """`suffer` for clients of several dresses at once, by dress and transport. Large requests are
    made by one client after the other."""
    gc.collect()
    before, threads = sockets(), threading.active_count()
    cells = [(name, transport) for name, dress in dresses.items() for transport in TRANSPORTS
             if transport != "sync" or not dress.only_async]  # fmt: skip
    at_once = len(TRANSPORTS) if fault.large else len(cells)

    async def main() -> dict[tuple[str, str], dict[str, Outcome]]:
        threads = ThreadPoolExecutor(len(KINDS) * len(dresses))  # none waits for another
        asyncio.get_running_loop().set_default_executor(threads)
        found: list[dict[str, Outcome]] = []
        with serving(fault.serve) as server:
            for first in range(0, len(cells), at_once):
                found += await asyncio.gather(
                    *(_suffer(fault, server, transport, look, dresses[name])
                      for name, transport in cells[first : first + at_once])
                )  # fmt: skip
            await asyncio.sleep(0)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            assert await until(lambda: all(task.done() for task in tasks)), f"left: {tasks}"
        return dict(zip(cells, found, strict=True))

    found = asyncio.run(main())
    for outcomes in found.values():
        for one in outcomes.values():
            if one.error is not None:
                one.error.__traceback__ = None
    gc.collect()
    ends = time.monotonic() + 5
    while (sockets() > before or threading.active_count() > threads) and time.monotonic() < ends:
        time.sleep(0.01)
    assert sockets() <= before, "a socket is left"
    assert threading.active_count() <= threads, "a thread is left"
    return found


def first_then_well(serve: Callable[[Peer], Any]) -> Callable[[Peer], Any]:
    """The fault on the first request of each kind over each transport, good answers afterwards."""
    seen: set[tuple[str, str]] = set()

    def handle(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            cell = arrived.headers.get("x-transport", ""), arrived.path + _mode(arrived)
            if cell not in seen:
                seen.add(cell)
                peer.request = partial(next, iter([arrived]), None)  # type: ignore[method-assign]
                serve(peer)
                return
            well(peer, arrived)

    return handle


def _mode(arrived: Arrived) -> str:
    return str(b'"stream":true' in arrived.body)
