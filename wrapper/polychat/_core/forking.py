"""What a forked child must not share with its parent: connections, and locks held at the fork.

Prefork servers make and use clients before they fork. Two processes that write to one socket get
each other's answers, so a child begins with no connection of its parent's. In the child they are
let go of without a byte being written to them: they go on in the parent.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Protocol
from weakref import WeakSet

from .pools import innermost, pools, renew_lock


class Forked(Protocol):
    """Something that holds connections or locks."""

    def forked(self) -> None:
        """Called once in a forked child, which has one thread and no event loop yet."""
        ...


generation: int = 0
"""How many forks lie between this process and the one that loaded this module. What belongs to
one generation is nothing that the next may use."""
_live: WeakSet[Any] = WeakSet()
_abandoned: list[Any] = []


def remember(thing: Forked) -> None:
    """Has `thing.forked` called in the children that are forked while it lives."""
    _live.add(thing)


def abandon(*things: Any) -> None:
    """Keeps objects of the parent for as long as the child lives: their finalisers would write
    to event loops and sockets that the parent uses."""
    _abandoned.extend(things)


def let_go(sock: Any) -> None:
    """Gives a socket's descriptor back in this process; the parent's stays open.

    The null device takes its number, for whoever made the socket will close that number some day,
    and it must not be somebody else's by then.
    """
    descriptor = -1 if sock is None else sock.fileno()
    if descriptor < 0:
        return
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(null, descriptor, inheritable=False)
    finally:
        os.close(null)


def let_go_of_connection(connection: Any) -> None:
    """Lets go of a connection of httpcore, which has no public way to its socket."""
    connection = innermost(connection)
    if connection is not None:
        let_go(connection._network_stream.get_extra_info("socket"))  # noqa: SLF001


def let_go_of_pool(client: Any) -> None:
    """Lets go of the connections of a client of httpx's family.

    Its `close` would not do: it waits for a lock that another thread may have held at the fork.
    That lock is made new, for what is left of the client closes itself with it.
    """
    for pool in pools(client):
        for connection in pool.connections:
            let_go_of_connection(connection)
        renew_lock(pool)


def _in_child() -> None:
    global generation  # noqa: PLW0603
    generation += 1
    for thing in list(_live):
        with suppress(OSError):  # no descriptor free: the others are still let go of
            thing.forked()


if hasattr(os, "register_at_fork"):  # where there is fork at all
    os.register_at_fork(after_in_child=_in_child)
