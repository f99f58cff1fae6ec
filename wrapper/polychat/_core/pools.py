"""httpcore's pools below httpx's clients, which have no public way to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

from .deadline import shut


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


def prepared(transport: Any) -> Any:
    """A synchronous transport of httpx's, its pool under such a lock, on streams of ours."""
    from .backends import guard

    pool = getattr(transport, "_pool", None)
    renew_lock(pool)
    guard(pool)
    return transport


def socket_of(connection: Any) -> Any:
    """The socket of a connection of httpcore, which has no public way to it; None where there is
    none yet."""
    stream = getattr(innermost(connection), "_network_stream", None)
    return None if stream is None else stream.get_extra_info("socket")


def close_at_once(connection: Any) -> None:
    """Closes an asynchronous connection without a wait; in its event loop."""
    closing = connection.aclose()
    with suppress(Exception):
        closing.send(None)  # up to its first pause, by when the socket is closed
    closing.close()


def place_of(response: Any) -> Any:
    """What a pool of httpcore's holds for an asynchronous answer; None where none has it."""
    stream = getattr(response, "stream", None)
    for _ in range(4):  # httpx's own are three in one another
        if stream is None or hasattr(stream, "_pool_request"):
            return stream
        stream = getattr(stream, "_stream", None) or getattr(stream, "_httpcore_stream", None)
    return None


def free(place: Any) -> None:
    """Gives a place in an asynchronous pool back, without a wait, whose answer nobody holds any
    more. Its connection is closed. To be called in its event loop."""
    if place._closed:  # noqa: SLF001
        return
    place._closed = True  # noqa: SLF001
    pool, request = place._pool, place._pool_request  # noqa: SLF001
    close_at_once(request.connection)
    pool._requests.remove(request)  # noqa: SLF001
    for connection in pool._assign_requests_to_connections():  # noqa: SLF001  # who waits is served
        close_at_once(connection)


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
                        # A thread that works for the interrupted one may wait for it still.
                        shut(socket_of(connection))
                    with suppress(Exception):
                        connection.close()
        busy = busy or bool(kept)
    return busy
