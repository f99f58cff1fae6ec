"""Faults on demand: the language, the counting, and what a fault does to an answer's bytes.

The language is described in the docstring of `polychat.emulator`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, get_args, get_type_hints
from urllib.parse import unquote

from starlette.types import Message, Receive, Send

PREFIX = "fault:"
LONGEST = 3600.0
"""Seconds that an answer may wait."""
_RANGES = (
    ("slow", 0, LONGEST),
    ("status", 200, 599),
    ("retry_after_date", -1e9, 1e9),
    ("retry_after_ms", -1e12, 1e12),
)
FRAMINGS = ("lf", "crlf", "cr", "nospace", "comments", "multiline", "bom", "event-lines")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, as its text says. A field that is None is not part of it."""

    status: int | None = None
    times: int | None = None
    retry_after: str | None = None
    retry_after_date: float | None = None
    retry_after_ms: float | None = None
    html: bool = False
    text: bool = False
    empty: bool = False
    malformed: bool = False
    redirect: str | None = None
    slow: float = 0.0
    drop: bool = False
    cut: int | None = None
    truncate: int | None = None
    stall: int | None = None
    error_event: int | None = None
    framing: str = "lf"
    dribble: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Retry-After in the form that was asked for."""
        headers: dict[str, str] = {}
        if self.retry_after is not None:
            headers["Retry-After"] = self.retry_after
        if self.retry_after_date is not None:
            when = datetime.now(UTC) + timedelta(seconds=self.retry_after_date)
            headers["Retry-After"] = format_datetime(when, usegmt=True)
        if self.retry_after_ms is not None:
            headers["Retry-After-Ms"] = f"{self.retry_after_ms:g}"
        return headers

    @property
    def changes_bytes(self) -> bool:
        ends = (self.cut, self.truncate, self.stall)
        return self.dribble or any(end is not None for end in ends)


NONE = Fault()


def parse(text: str) -> Fault:
    """The fault that a text such as ``fault:status=503,times=2`` stands for.

    Raises ValueError that names the part which is not understood.
    """
    kinds = get_type_hints(Fault)
    given: dict[str, Any] = {}
    for part in text.removeprefix(PREFIX).split(","):
        name, has_value, value = part.strip().partition("=")
        key = name.replace("-", "_")
        if key not in kinds:
            known = ", ".join(field.name.replace("_", "-") for field in fields(Fault))
            raise ValueError(f"unknown fault '{name}'; known are {known}")
        kind = next(k for k in (*get_args(kinds[key]), kinds[key]) if isinstance(k, type))
        if (kind is bool) == bool(has_value):
            raise ValueError(f"fault '{name}' takes {'no' if kind is bool else 'a'} value")
        try:
            given[key] = True if kind is bool else kind(unquote(value))
        except ValueError:
            raise ValueError(f"fault '{name}' has a value that is no {kind.__name__}") from None
    for key, least, most in _RANGES:
        if key in given and not least <= given[key] <= most:
            name = key.replace("_", "-")
            raise ValueError(f"fault '{name}' must be from {least:g} to {most:g}")
    if given.get("framing", "lf") not in FRAMINGS:
        raise ValueError(f"fault 'framing' must be one of {', '.join(FRAMINGS)}")
    return Fault(**given)


class Faults:
    """Counts how often a fault has struck, by its text and the caller's `x-emulator-key`."""

    def __init__(self) -> None:
        self._struck: Counter[tuple[str, str]] = Counter()

    def strike(self, text: str, key: str) -> Fault:
        """The fault of this request: `NONE` once it has struck as many times as it should."""
        fault = parse(text)
        self._struck[text, key] += 1
        if fault.times is not None and self._struck[text, key] > fault.times:
            return NONE
        return fault


def frame(
    documents: Iterable[Any], done: str | None, fault: Fault, error: dict[str, Any]
) -> Iterator[bytes]:
    """The bytes of each event, framed as the fault says, its error event among them."""
    first = True
    for count, data in enumerate(_lines(documents, done, fault, error)):
        event = _framed(data, count, fault.framing)
        yield b"\xef\xbb\xbf" + event if first and fault.framing == "bom" else event
        first = False


def _lines(
    documents: Iterable[Any], done: str | None, fault: Fault, error: dict[str, Any]
) -> Iterator[list[str]]:
    indent = 1 if fault.framing == "multiline" else None
    separators = (",", ": ") if indent else (",", ":")
    for count, document in enumerate(documents):
        if count == fault.error_event:
            yield [json.dumps(error)]
            break
        text = json.dumps(document, ensure_ascii=False, indent=indent, separators=separators)
        yield text.split("\n")
    if done is not None:
        yield [done]


def _framed(lines: list[str], count: int, framing: str) -> bytes:
    colon = "data:" if framing == "nospace" else "data: "
    parts = [colon + line for line in lines]
    if framing == "comments":
        parts = [": heartbeat", "", ":", *parts]
    if framing == "event-lines":
        parts = ["event: message", f"id: {count}", "retry: 1000", *parts]
    end = {"crlf": "\r\n", "cr": "\r"}.get(framing, "\n")
    return (end.join(parts) + end + end).encode()


class Ended(Exception):
    """The answer is over before its time; nothing more may be sent."""


class FaultySend:
    """An ASGI `send` that ends, stalls or dribbles the body as the fault says.

    It counts pieces: the events of an event stream, the bytes of any other body.
    """

    def __init__(
        self, fault: Fault, send: Send, receive: Receive, close: Callable[[], None], events: bool
    ) -> None:
        self._fault = fault
        self._send = send
        self._receive = receive
        self._close = close
        self._events = events
        self._sent = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._fault.truncate is not None:
                # A clean end before the announced length is possible only without a length.
                headers = [h for h in message["headers"] if h[0] != b"content-length"]
                message = {**message, "headers": headers}
            await self._send(message)
            return
        body: bytes = message.get("body", b"")
        if body:
            await self._piece(body)
        if not message.get("more_body", False):
            await self._end_if_due()
            await self._send({"type": "http.response.body"})

    async def _piece(self, piece: bytes) -> None:
        limit = self._limit()
        if limit is not None and not self._events:
            piece, rest = piece[: limit - self._sent], piece[limit - self._sent :]
        else:
            rest = b""
        await self._end_if_due()
        self._sent += 1 if self._events else len(piece)
        size = 1 if self._fault.dribble else len(piece)
        for start in range(0, len(piece), size):
            part = piece[start : start + size]
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
        if rest:
            await self._end_if_due()

    def _limit(self) -> int | None:
        ends = (self._fault.cut, self._fault.truncate, self._fault.stall)
        return next((end for end in ends if end is not None), None)

    async def _end_if_due(self) -> None:
        if self._sent != self._limit():
            return
        if self._fault.truncate is not None:
            await self._send({"type": "http.response.body"})
        else:
            if self._fault.cut is not None:
                self._close()
            await until_gone(self._receive)
        raise Ended


async def until_gone(receive: Receive) -> None:
    """Waits until the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
