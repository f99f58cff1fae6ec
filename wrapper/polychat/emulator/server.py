"""The emulator as a server: uvicorn on a socket, in a thread of the program or by itself."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from polychat.emulator.aimlapi import AIMLAPI
from polychat.emulator.aleph_alpha import ALEPH_ALPHA
from polychat.emulator.app import PATIENCE, Application, Received
from polychat.emulator.azure import AZURE
from polychat.emulator.dial import DIAL
from polychat.emulator.exchange import Platform
from polychat.emulator.faults import LONGEST, Faults
from polychat.emulator.files import Store
from polychat.emulator.world import World

PLATFORMS: dict[str, Platform] = {p.name: p for p in (DIAL, AZURE, ALEPH_ALPHA, AIMLAPI)}


ENDING = 30.0
"""Seconds for which the server's thread is waited for when it begins and when it ends."""


class Emulator:
    """A server on loopback that speaks the wire formats of all platforms.

    `folder` keeps what is uploaded; without one it is kept in memory. `port` 0 takes a free one.
    `latency` is how many seconds an answer waits, `interval` how many lie between two events.
    It listens from its construction on and answers from `with` (or `start`) to its end (`close`).

    A client that stalls, in sending or in reading, is waited for at most `patience` seconds.

    Raises OSError when the port is taken or the folder cannot be made, and ValueError for a time
    that cannot be waited for.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float = 0.0,
        interval: float = 0.0,
        patience: float = PATIENCE,
    ) -> None:
        for name, seconds in (("latency", latency), ("interval", interval), ("patience", patience)):
            if not 0 <= seconds <= LONGEST:
                raise ValueError(f"{name}={seconds}: give from 0 to {LONGEST:g} seconds")
        if type(port) is not int or not 0 <= port <= 65535:
            raise ValueError(f"port={port!r}: give from 0 to 65535")
        world = World(Store(Path(folder) if folder is not None else None))
        self._connections: dict[object, asyncio.Transport] = {}
        self._app = Application(
            PLATFORMS,
            world,
            close=self._close_connection,
            latency=latency,
            interval=interval,
            patience=patience,
        )
        self._thread: threading.Thread | None = None
        self._socket = socket.create_server((host, port), backlog=2048)
        self._host = host
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=_connection_class(self._connections, patience),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=min(60, ceil(patience)),
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def url(self, platform: str) -> str:
        """The base URL that a client of `platform` takes. Raises ValueError for another name."""
        if platform not in PLATFORMS:
            known = ", ".join(PLATFORMS)
            raise ValueError(f"platform '{platform}' is unknown; the emulator speaks {known}")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}/{platform}{PLATFORMS[platform].base}"

    @property
    def requests(self) -> list[Received]:
        """The last 1000 requests, oldest first."""
        return list(self._app.received)

    def reset(self) -> None:
        """Forgets the requests, the counted faults and everything that was stored or counted."""
        self._app.received.clear()
        self._app.faults = Faults()
        self._app.world.store.clear()
        self._app.world = World(self._app.world.store)

    def start(self) -> None:
        """Serves in a thread; returns when the first request can be answered."""
        if self._thread is not None:
            raise RuntimeError("this emulator was started already; make another one")
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="polychat-emulator", daemon=True
        )
        self._thread.start()
        started.wait(ENDING)

    def close(self) -> None:
        """Ends the server at once; what is still being answered is broken off."""
        self._server.should_exit = True
        self._server.force_exit = True
        if self._thread is not None:
            self._thread.join(ENDING)
        self._socket.close()

    def stop(self) -> None:
        """Ends `serve`, or has it end as soon as it begins; for handlers of signals."""
        self._server.should_exit = True

    def serve(self) -> None:
        """Serves in this thread until a signal ends it: what is then still being answered has a
        second to end."""
        with suppress(KeyboardInterrupt):  # which uvicorn raises again when it has shut down
            self._server.run(sockets=[self._socket])

    def _run(self, started: threading.Event) -> None:
        async def main() -> None:
            asyncio.get_running_loop().call_soon(started.set)
            await self._server.serve(sockets=[self._socket])

        try:
            asyncio.run(main())
        finally:
            started.set()

    def _close_connection(self, scope: Scope, abruptly: bool) -> None:
        """Closes a request's connection: what was written still leaves, or not even that."""
        transport = self._connections.get(tuple(scope["client"]))
        if transport is not None:
            (transport.abort if abruptly else transport.close)()


def _connection_class(
    connections: dict[object, asyncio.Transport], patience: float
) -> type[H11Protocol]:
    """A connection of uvicorn, known to us by its client's address as long as it is open.

    ASGI has no way to close a connection within an answer, and faults have to. It is closed when a
    request's head has not come within `patience` seconds, of which ASGI does not hear either.
    """

    class Connection(H11Protocol):
        _head: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connections[self.client] = transport
            # asyncio does this for the sockets that it makes, not for one that it is given; without
            # it the second write of an answer waits 40 ms for the client's delayed ACK.
            connected: socket.socket = transport.get_extra_info("socket")
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._await_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._await_head()

        def _await_head(self) -> None:
            """Waits for the head of a request where none is being answered."""
            cycle: Any = self.cycle
            answering = cycle is not None and not cycle.response_complete
            if answering and self._head is not None:
                self._head.cancel()
                self._head = None
            elif not answering and self._head is None:
                self._head = self.loop.call_later(patience, self.transport.abort)

        def timeout_keep_alive_handler(self) -> None:
            self.transport.abort()  # closing would wait for what the client does not read

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            if self._head is not None:
                self._head.cancel()
            super().connection_lost(exc)

    return Connection
