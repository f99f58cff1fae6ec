"""The head of an answer as it arrives, before a library below us reads it.

Those libraries take different things for HTTP, and none of them bounds how many interim (1xx)
answers come first nor how long a head may take. So the same rules stand before all of them: what
the strictest of them refuses is refused, and each head ends. Pure: bytes in, a decision out.
"""

from __future__ import annotations

import re

from .failures import ENDLESS_INTERIM

MOST_HEAD = 100 * 1024
"""Bytes of one head. The libraries below count differently, and h11 by what one read brought."""
MOST_INTERIM = 16 * 1024 * 1024
"""Bytes of all interim answers before the final head."""
MOST_HEADS = 20_000
"""How many interim answers may come: each costs time, however short it is."""
LATEST = 10
"""How many times the client's patience a head may take, interim answers included, after its first
bytes have come. Every byte ends a silence, so that silence alone bounds nothing."""

_NAME = b"HTTP/"
_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(
    # No zero byte in the reason, and no line that continues the status line.
    rb"HTTP/(?:0\.9|1\.[01]|2\.0) ([1-9]\d\d)(?:[ \r][^\n\0]*)?\n(?![ \t])"
)
_FRAMING = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:([^\n]*)", re.IGNORECASE)


class InvalidHead(Exception):
    """The bytes are no head of an answer, or none that ends."""


class Heads:
    """What comes between a request and the body of its answer."""

    __slots__ = ("_begun", "_carry", "_count", "_size", "chunked", "length")

    def __init__(self) -> None:
        self._carry = b""
        self._count = self._size = 0
        self._begun: float | None = None
        self.length: int | None = None
        """Bytes that the body has, None where the head does not tell; once it has come."""
        self.chunked = False

    def feed(self, data: bytes) -> int:
        """Takes what was received: where in `data` the body begins, -1 while the final head is
        not whole. Raises `InvalidHead`."""
        carried = len(self._carry)
        text = self._carry + data if carried else data
        at = 0
        while True:
            if not text.startswith(_NAME, at) and text[at:] != _NAME[: len(text) - at]:
                raise InvalidHead("something else than an HTTP answer")
            found = _END.search(text, at)
            if found is None:
                break
            end = found.end()
            if self._is_final(text[at:end]):
                return end - carried
            self._count += 1
            self._size += end - at
            at = end
            if self._count > MOST_HEADS or self._size > MOST_INTERIM:
                raise InvalidHead(ENDLESS_INTERIM)
        self._carry = text[at:]
        if len(self._carry) > MOST_HEAD:
            raise InvalidHead("a head without an end")
        return -1

    def is_late(self, now: float, patience: float | None) -> bool:
        """Whether a head that is not whole `now` has taken too long."""
        if self._begun is None:
            self._begun = now
        return patience is not None and now - self._begun > LATEST * patience

    def _is_final(self, head: bytes) -> bool:
        """Whether a head is not that of an interim answer."""
        status_line = _STATUS.match(head)
        if status_line is None:
            raise InvalidHead("no status line")
        if len(head) > MOST_HEAD or b"\0" in head:
            raise InvalidHead("a head that is too long, or with a zero byte")
        status = int(status_line[1])
        if 100 <= status < 200 and status != 101:
            return False
        self._frame(head)
        if status in (204, 304):
            self.length, self.chunked = 0, False
        return True

    def _frame(self, head: bytes) -> None:
        """Finds out where the body ends. A head that says it twice may mean something else to
        whatever stands between the service and us, so that bodies could be mistaken for heads."""
        for name, value in _FRAMING.findall(head):
            if name[:1] in b"tT":
                self.chunked = True
            else:
                digits = value.strip(b" \t\r")
                if self.length is not None or not digits.isdigit() or len(digits) > 19:
                    raise InvalidHead("a length that is no number, or two")
                self.length = int(digits)
        if self.chunked and self.length is not None:
            raise InvalidHead("a length beside a transfer encoding")
