"""Redirects: five statuses that lead on, eight that do not, and where they point."""

from __future__ import annotations

from collections.abc import Callable

from polychat import errors
from tests.network.servers import Arrived, Peer
from tests.network.test_transports import reset

from .answers import answer, closing, well
from .calls import HEALED, Fault

Where = Callable[[Peer, Arrived], str]
STATUS = {"": errors.APIStatusError}
READS = {**STATUS, "download": HEALED, "low": HEALED}
"""GET follows, what was to be done is not done again."""


def here(peer: Peer, arrived: Arrived) -> str:
    """Another path of the same origin."""
    return f"/there{arrived.path}"


def there(peer: Peer, arrived: Arrived) -> str:
    """The same server under another name, which is another origin."""
    return f"{peer.server.url.replace('127.0.0.1', 'localhost')}/there{arrived.path}"


def at(text: str) -> Where:
    """Always the same."""
    return lambda peer, arrived: text.format(url=peer.server.url)


def leading(status: int, where: Where, body: bytes = b"") -> Callable[[Peer], None]:
    """A server whose paths lead to others, which answer well."""

    def handle(peer: Peer) -> None:
        while (arrived := peer.request()) is not None:
            if arrived.path.startswith("/there"):
                well(peer, arrived)
            else:
                peer.answer(status, body, location=where(peer, arrived))

    return handle


def _fault(name: str, status: int, where: Where, expected: dict[str, object]) -> Fault:
    return Fault(f"{status} {name}", "redirect", leading(status, where), expected)


_LEADING = (301, 302, 303, 307, 308)
_SAME = {307: {"": HEALED}, 308: {"": HEALED}}
_NOWHERE = {
    "to nothing": at(""), "to a path that is none": at("//"), "to no host": at("http://"),
    "to another scheme": at("ftp://h/x"), "to a file": at("file:///etc/passwd"),
    "to a script": at("javascript:alert(1)"), "to half an address": at("http://[::1"),
    "to a user": at("http://user:canary@127.0.0.1:1/"), "to a space": at("http://a b/"),
    "to a port that is none": at("http://h:99999/"), "to a word as a port": at("http://h:x/"),
    "to itself": lambda peer, arrived: arrived.path, "round and round": at("/again"),
    "to an unknown host of two dots": at("http://my..host/"),
}  # fmt: skip


def cut_off(peer: Peer) -> None:
    if peer.request() is not None:
        peer.send(b"HTTP/1.1 307 X\r\nlocation: /the")


def two_locations(peer: Peer) -> None:
    while (arrived := peer.request()) is not None:
        if arrived.path.startswith("/there"):
            well(peer, arrived)
        else:
            one = f"location: /there{arrived.path}\r\n".encode()
            peer.send(b"HTTP/1.1 307 X\r\n%s%scontent-length: 0\r\n\r\n" % (one, one))


REDIRECTS = [
    *(_fault("within the origin", status, here, _SAME.get(status, READS)) for status in _LEADING),
    *(_fault("to another origin", status, there, READS) for status in _LEADING),
    *(
        _fault(
            "to nobody",
            status,
            at("http://127.0.0.1:1/x"),
            {**STATUS, "download": errors.APIConnectionError, "low": errors.APIConnectionError},
        )
        for status in (302, 308)
    ),
    *(_fault("that leads nowhere", status, here, STATUS) for status in (300, 304, 305, 306)),
    *(
        _fault(name, status, where, {"": errors.PolychatError})
        for name, where in _NOWHERE.items()
        for status in (303, 307)
    ),
    Fault(
        "a redirect without a location",
        "redirect",
        answer(lambda kind, body: [b"HTTP/1.1 307 X\r\ncontent-length: 0\r\n\r\n"]),
        STATUS,
    ),
    Fault("a redirect that is cut", "redirect", cut_off, {"": errors.APIConnectionError}),
    Fault(
        "a redirect, then a reset",
        "redirect",
        answer(
            lambda kind, body: [b"HTTP/1.1 307 X\r\nlocation: /x\r\ncontent-length: 9\r\n\r\n"],
            reset,
        ),
        {"": errors.PolychatError},
        races=True,
    ),
    Fault(
        "a redirect, then the end",
        "redirect",
        answer(
            lambda kind, body: [b"HTTP/1.1 400 X\r\nlocation: /x\r\nconnection: close\r\n\r\n"],
            closing,
        ),
        STATUS,
    ),
]
