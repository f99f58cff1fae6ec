"""httpcore's pools below httpx's clients, which have no public way to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any


def pools(client: Any) -> Iterator[Any]:
    """The pools of a client of httpx's family; none where its transports have none."""
    mounts: Any = getattr(client, "_mounts", {})
    for transport in (getattr(client, "_transport", None), *mounts.values()):
        pool = getattr(transport, "_pool", None)
        if hasattr(pool, "connections"):
            yield pool


def with_plain_lock(client: Any) -> Any:
    """The client, its pools under locks of Python itself. httpcore's own are taken by a method: an
    interrupt within that leaves them taken, and all other threads waiting for ever."""
    for pool in pools(client):
        if hasattr(pool, "_optional_thread_lock"):
            pool._optional_thread_lock = threading.Lock()  # noqa: SLF001
    return client


def retire(client: Any, interrupted: Any = None) -> bool:
    """Closes the connections of a synchronous client that carry no answer, and those of the
    exchange that was interrupted, which `interrupted` tells: it is the ``timeout`` extension of
    the exchange's request. What other threads or streams read goes on; True while anything does."""
    busy = False
    for pool in pools(client):
        # Under its lock no other thread is given a connection that is about to be closed.
        with getattr(pool, "_optional_thread_lock", nullcontext()):
            kept = {
                id(one.connection)
                for one in getattr(pool, "_requests", ())
                if one.request.extensions.get("timeout") is not interrupted
            }
            for connection in pool.connections:
                if id(connection) not in kept:
                    with suppress(Exception):
                        connection.close()
        busy = busy or bool(kept)
    return busy
