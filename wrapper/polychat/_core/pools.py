"""httpcore's pools below httpx's clients, which have no public way to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any


def pools(client: Any) -> Iterator[Any]:
    """The pools of a client of httpx's family; none where its transports have none."""
    own: Any = getattr(client, "_transport", None)
    mounts: Any = getattr(client, "_mounts", {})
    routed: Any = own.made() if hasattr(own, "made") else ()  # of ours, through proxies
    for transport in (own, *mounts.values(), *routed):
        pool = getattr(transport, "_pool", None)
        if hasattr(pool, "connections"):
            yield pool


def innermost(connection: Any) -> Any:
    """The connection of httpcore that has the stream, None where none has been made."""
    while connection is not None and not hasattr(connection, "_network_stream"):
        connection = getattr(connection, "_connection", None)  # within a tunnel another
    return connection


def renew_lock(pool: Any) -> None:
    """Gives a pool a lock of Python itself, which nobody has taken. httpcore's own is taken by a
    method: an interrupt within that leaves it taken, and all other threads waiting for ever."""
    if hasattr(pool, "_optional_thread_lock"):
        pool._optional_thread_lock = threading.Lock()  # noqa: SLF001


def with_plain_lock(transport: Any) -> Any:
    """A transport of httpx's, its pool under such a lock, and its heads by our rules."""
    from .backends import guard

    pool = getattr(transport, "_pool", None)
    renew_lock(pool)
    guard(pool)
    return transport


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
