"""From the pieces of a body to items: what decides in a stream, on bytes alone."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Generic, Protocol, TypedDict, TypeVar

from polychat.errors import (
    DeadlineExceededError,
    PolychatError,
    StreamError,
    StreamEventError,
    StreamIdleTimeoutError,
    StreamTruncatedError,
)
from polychat_rest import codec
from polychat_rest.answer import is_error
from polychat_rest.shapes import is_object
from polychat_rest.sse import MAX_EVENT, EventTooLarge, ServerSentEvent, SSEDecoder
from polychat_rest.whole import Choices, is_last

from .exchange import Answered
from .failures import reason, transport_failure
from .platform import Platform
from .reading import UndecodableBody

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

KEPT = 1024 * 1024
"""Bytes of events that a stream's error can carry, the newest: a subscription may go on for weeks,
and an event may be a picture."""
_SLACK = 64 * 1024
"""Bytes by which more is forgotten at a time than need be."""
_TYPED = 64
"""Events of a piece that are typed in one go."""
_OBJECT = 64
"""Bytes that an event takes beside its own."""


class _Choice(TypedDict, total=False):
    index: int | str | None
    finish_reason: str | None


class _Ends(TypedDict, total=False):
    """Of an event what tells which choices it begins and finishes."""

    choices: list[_Choice]


@cache
def _ends_decoder() -> Callable[[bytes], _Ends]:
    """Reads nothing but `_Ends`, in half the time of a whole event: a long stream drops one
    event for each that comes."""
    from msgspec.json import Decoder

    return Decoder(_Ends).decode


class Reader(Protocol[T_co]):
    """Turns the pieces of a body into items."""

    ended: bool
    """True when the last item has come, whatever of the body is left."""
    error: PolychatError | None
    """To be raised when the items before it have been given."""

    def feed(self, piece: bytes) -> Iterable[T_co]: ...
    def finish(self) -> Iterable[T_co]: ...
    def failed(self, error: BaseException) -> PolychatError | None: ...
    def closed(self) -> None:
        """Told when nothing more will be read, however the stream was left."""
        ...


class Items(Protocol[T_co]):
    """Makes what users get of a stream's events: none, one or several of each."""

    def of(self, value: Any, /) -> Sequence[T_co]:
        """The items of an event's JSON value, which is theirs from then on."""
        ...

    def rest(self) -> Sequence[T_co]:
        """What is left when the stream has ended well."""
        ...


class EventReader(Generic[T]):
    """Server-sent events as typed objects, or as the `items` that are made of these."""

    def __init__(
        self,
        answered: Answered,
        platform: Platform,
        parse: Callable[[Any], Any],
        done: str | None,
        items: Items[T] | None = None,
    ) -> None:
        self.ended = False
        self.error: PolychatError | None = None
        self._answered = answered
        self._platform = platform
        self._parse = parse
        self._done = None if done is None else done.encode()
        operation = answered.operation
        ends = done is None and operation is not None and operation.stream_ends
        self._is_last = is_last if ends else None
        self._items = items
        self._of = None if items is None else items.of
        self._decoder = SSEDecoder()
        self._begun = answered.operation is None
        self._document: bytearray | None = None
        # Their bytes, typed again only if the stream fails; the last, for some never end.
        self._seen: deque[bytes] = deque()
        self._kept = self._dropped = 0
        self._choices = Choices()

    def feed(self, piece: bytes) -> Iterable[T]:
        """The items that `piece` completes; sets `ended` or `error` after the last of them."""
        data = self._decoder.single(piece)
        if data is not None:
            return self._item(data)
        if not self._begun and self._is_document(piece):
            return ()
        return self._several(piece)

    def _is_document(self, piece: bytes) -> bool:
        """Whether the body is one document in the place of a stream, whatever its type says."""
        document = self._document
        if document is None:
            begin = piece.lstrip()[:1]
            if begin != b"{":
                self._begun = bool(begin)
                return False
            document = self._document = bytearray()
        document += piece
        if len(document) > MAX_EVENT:
            document.clear()  # the error's frames would keep it
            raise EventTooLarge(f"the answer is larger than {MAX_EVENT} bytes")
        return True

    def _several(self, piece: bytes) -> Iterable[T]:
        # Of many events a few at a time, as they are asked for: hundreds of typed events alive at
        # once would set the garbage collector to work.
        events = self._decoder.feed(piece)
        return self._typed(events) if len(events) <= _TYPED else self._in_turn(events)

    def _in_turn(self, events: list[ServerSentEvent]) -> Iterator[T]:
        for begin in range(0, len(events), _TYPED):
            yield from self._typed(events[begin : begin + _TYPED])
            if self.ended or self.error is not None:
                return

    def _typed(self, events: list[ServerSentEvent]) -> list[T]:
        items: list[T] = []
        for data, name, _, _ in events:
            items += self._item(data, name)
            if self.ended or self.error is not None:
                break
        return items

    def _item(self, data: bytes, name: str = "message") -> Sequence[T]:
        """The item of one event, or none where it ends the stream."""
        if data == self._done:
            self.ended = True
            if self._says_nothing():
                self.error = self._make(StreamError, "the stream ended without a single choice")
                return ()
            return () if self._items is None else self._items.rest()
        try:
            try:
                value = codec.decode(data)
            except (codec.DecodeError, UnicodeDecodeError, RecursionError):
                value = codec.read(data)
            odd = type(value) is dict and ("error" in value or "choices" not in value)
            if odd or name == "error":
                said = self._platform.error_of_event(value)
                if said is not None or is_error(value) or name == "error":
                    self.error = self._said(said or value)
                    return ()
            if self._is_last is not None:  # before the item takes the value apart
                self.ended = self._is_last(value)
            found = self._of(value) if self._of is not None else (self._parse(value),)
            if found and found[0] is None:  # an event that says nothing to the platform's users
                return ()
        except (codec.DecodeError, TypeError, AttributeError, ValueError) as error:
            if not data.strip():  # some services send empty events to keep a connection alive
                return ()
            self.error = self._make(StreamError, "an event cannot be read as JSON of its kind")
            self.error.__cause__ = error
            return ()
        self._seen.append(data)
        self._kept += len(data) + _OBJECT
        if self._kept > KEPT:
            self._drop_oldest()
        return found

    def _drop_oldest(self) -> None:
        """Forgets events until the rest is within its bound; the newest is always kept. A few more
        are dropped than need be, for what tells which choices they finish looks at many at once."""
        seen, dropped = self._seen, list[bytes]()
        while self._kept > KEPT - _SLACK and len(seen) > 1:
            data = seen.popleft()
            self._kept -= len(data) + _OBJECT
            dropped.append(data)
        self._dropped += len(dropped)
        ends = self._done is not None or self._is_last is not None  # `_finished` will want it
        if ends and not self._choices.go_on(dropped):
            for data in dropped:
                self._note(data)

    def finish(self) -> Sequence[T]:
        """The items that the end of the body completes; sets `error` if it came too early."""
        items: Sequence[T] = ()
        if self._document is not None:
            whole = self._answered._replace(content=bytes(self._document))
            try:
                items = list(self._several(whole.as_events(self._platform).content))
            except PolychatError as error:
                self.error = self._platform.dress(error)
                return ()
        rest = self._decoder.flush()
        # A last line that nothing ended, but that is whole.
        if rest is not None and (rest.data == self._done or _is_json(rest.data)):
            items = self._item(rest.data, rest.event)
        must_end = self._done is not None or self._is_last is not None
        if must_end and not self.ended and self.error is None and not self._finished():
            self.error = self._make(StreamTruncatedError, "the stream stopped before its end")
        if self._items is not None and not self.ended and self.error is None:
            items = [*items, *self._items.rest()]
        return items

    def failed(self, error: BaseException) -> PolychatError | None:
        """The typed error of an exception while reading; None where it is not a transport's."""
        if isinstance(error, EventTooLarge):
            return self._make(StreamError, str(error))
        if isinstance(error, UndecodableBody):
            return self._make(StreamError, f"the body cannot be read: {error}", remedy=error.remedy)
        failure = transport_failure(error)
        if failure is None:
            return None
        ends = self._answered.deadline_at
        if ends is not None and time.monotonic() >= ends:
            return self._platform.dress(
                DeadlineExceededError("the deadline passed within the stream", **self._received())
            )
        if failure.timeout:
            return self._make(
                StreamIdleTimeoutError,
                "the stream fell silent",
                remedy="Raise timeout=polychat.Timeout(stream=seconds) if it may pause for longer",
            )
        return self._make(StreamTruncatedError, f"the stream was cut: {reason(error)}")

    def closed(self) -> None:
        pass

    def _finished(self) -> bool:
        for data in self._seen:
            self._note(data)
        return self._choices.finished

    def _says_nothing(self) -> bool:
        """Whether a stream that was to bring choices has ended without one."""
        operation = self._answered.operation
        if operation is None or not operation.gives_choices:
            return False
        for data in self._seen:
            if self._choices.begun:
                break
            self._note(data)
        return not self._choices.begun

    def _note(self, data: bytes) -> None:
        """Notes which choices an event begins, and which it finishes."""
        event: Any
        try:
            event = _ends_decoder()(data)
        except (codec.DecodeError, UnicodeDecodeError, RecursionError):
            event = codec.read(data)  # an odd one
        self._choices.saw(event)

    def _said(self, value: Any) -> PolychatError:
        text = codec.encode(value if is_object(value) else {"error": value}).decode()
        received = self._answered.received(self._platform)
        info = self._platform.read_error(codec.decode(received.redacted(text)))
        return self._make(
            StreamEventError,
            info.message or "the platform reported an error",
            code=info.code,
            type=info.type,
            param=info.param,
            display_message=info.display_message,
        )

    def _received(self) -> dict[str, Any]:
        return self._answered.received(self._platform).common()

    def _make(self, cls: type[StreamError], message: str, **details: Any) -> PolychatError:
        chunks = [self._parse(codec.read(data)) for data in self._seen]
        if self._dropped:
            message += f" (the first {self._dropped} of its events are no longer kept)"
        error = cls(message, chunks=chunks, **details, **{**self._received(), "body": None})
        error.dropped = self._dropped
        return self._platform.dress(error)


def _is_json(data: bytes) -> bool:
    try:
        codec.read(data)
    except codec.DecodeError:
        return False
    return True


class BytesReader:
    """A body's bytes, as they come."""

    ended = False
    error: PolychatError | None = None

    def __init__(self, answered: Answered, platform: Platform) -> None:
        self._events = EventReader[Any](answered, platform, dict, None)

    def feed(self, piece: bytes) -> tuple[bytes, ...]:
        return (piece,)

    def finish(self) -> tuple[bytes, ...]:
        return ()

    def failed(self, error: BaseException) -> PolychatError | None:
        return self._events.failed(error)

    def closed(self) -> None:
        pass
