"""Server-sent events: the same events from every framing and every split of the bytes."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polychat_rest import sse
from polychat_rest.sse import EventTooLarge, ServerSentEvent, SSEDecoder

STREAM = (
    "\ufeffdata: Zażółć 🎉\n\n"
    ": heartbeat\n"
    "event: note\r\nid: 7\r\nretry: 1500\r\ndata:no space\r\ndata:  two spaces\r\n\r\n"
    "data\r\r"
    "id: no data, no event\n\n"
    'data: {"a":\ndata: "β"}\r\r\n'
    "unknown: field\ndata: last: with a colon\n\n"
    "data: [DONE]\n\n"
    "data: what no blank line ends"
).encode()
EVENTS = [
    ServerSentEvent("Zażółć 🎉".encode()),
    ServerSentEvent(b"no space\n two spaces", "note", "7", 1500),
    ServerSentEvent(b""),
    ServerSentEvent('{"a":\n"β"}'.encode()),
    ServerSentEvent(b"last: with a colon"),
    ServerSentEvent(b"[DONE]"),
]


def reference(stream: bytes) -> list[ServerSentEvent]:
    """The standard's algorithm, line by line over the whole stream."""
    lines = re.split(rb"\r\n|\r|\n", stream.removeprefix(b"\xef\xbb\xbf"))[:-1]
    events: list[ServerSentEvent] = []
    data = b""
    name, identity, retry = b"", None, None
    for line in lines:
        if line == b"":
            if data:
                kind = name.decode(errors="replace") or "message"
                events.append(ServerSentEvent(data[:-1], kind, identity, retry))
            data, name, identity, retry = b"", b"", None, None
            continue
        field, colon, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if not colon and not field:
            continue
        if field == b"data":
            data += value + b"\n"
        elif field == b"event":
            name = value
        elif field == b"id" and b"\0" not in value:
            identity = value.decode(errors="replace")
        elif field == b"retry" and re.fullmatch(rb"[0-9]+", value):
            retry = int(value)
    return events


def decoded(pieces: list[bytes]) -> list[ServerSentEvent]:
    """All events of the pieces, read as the runtime reads them: by the short way where a piece
    allows it. The long way alone must give the same."""
    decoder, plain = SSEDecoder(), SSEDecoder()
    events: list[ServerSentEvent] = []
    for piece in pieces:
        single = decoder.single(piece)
        events += decoder.feed(piece) if single is None else [ServerSentEvent(single)]
    assert events == [event for piece in pieces for event in plain.feed(piece)]
    return events


def test_reference_and_decoder_agree_on_the_whole_stream() -> None:
    assert reference(STREAM) == EVENTS
    assert decoded([STREAM]) == EVENTS


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_every_single_cut(line_end: bytes, bom: bytes) -> None:
    stream = bom + re.sub(rb"\r\n|\r|\n", line_end, STREAM.removeprefix(b"\xef\xbb\xbf"))
    for cut in range(len(stream) + 1):
        assert decoded([stream[:cut], stream[cut:]]) == EVENTS, cut


def test_every_single_cut_of_mixed_line_ends() -> None:
    for cut in range(len(STREAM) + 1):
        assert decoded([STREAM[:cut], STREAM[cut:]]) == EVENTS, cut


def test_byte_by_byte() -> None:
    assert decoded([bytes([byte]) for byte in STREAM]) == EVENTS


@pytest.mark.parametrize("line_end", [b"\n", b"\r"])
def test_an_event_does_not_wait_for_the_piece_after_its_blank_line(line_end: bytes) -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: 1" + line_end * 2) == [ServerSentEvent(b"1")]
    assert decoder.feed(b"data: 2" + line_end * 2) == [ServerSentEvent(b"2")]


_line = st.one_of(
    st.sampled_from(
        [
            b"", b"", b"", b":", b": comment", b"data", b"data:", b"data: ", b"data: x", b"data:x",
            b"data:  x", b"data: \xc3\xa9\xf0\x9f\x8e\x89", b"event: e", b"event:", b"id: 1",
            b"id: \0", b"id", b"retry: 10", b"retry: 1x", b"retry: -1", b"retry", b" data: x",
            b"data : x", b"Data: x", b"\xef\xbb\xbfdata: x", b"data: [DONE]", b"data: \xff\xfe",
        ]
    ),
    st.binary(max_size=12).map(lambda text: text.translate(None, b"\r\n")),
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(
    lines=st.lists(st.tuples(_line, st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=24),
    bom=st.booleans(),
    tail=st.sampled_from([b"", b"data: cut", b"\r"]),
    cuts=st.lists(st.integers(0, 400), max_size=8),
    between=st.lists(st.integers(0, 24), max_size=24),
)
def test_any_framing_in_any_split(
    lines: list[tuple[bytes, bytes]], bom: bool, tail: bytes, cuts: list[int], between: list[int]
) -> None:
    """Cut anywhere, and between lines, where services cut."""
    stream = b"\xef\xbb\xbf" if bom else b""
    ends = [0]
    for line, end in lines:
        stream += line + end
        ends.append(len(stream))
    stream += tail
    cuts = [*cuts, *(ends[at % len(ends)] for at in between)]
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(places)]
    assert decoded(pieces) == reference(stream)
    assert decoded([stream[at : at + 1] for at in range(len(stream))]) == reference(stream)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"data: 1\n\n", b"data: a\rdata: b\n\n"],
        [b"data: 1\n\n", b"data: a\r\n\n", b"data: b\n\n"],
        [b"data: 1\n\n", b"\xef\xbb\xbfdata: 2\n\n", b"data: 3\n\n"],
        [b"\xef\xbb\xbf", b"data: 1\n\n", b"data: 2\n\n"],
        [b"data: 1\r", b"data: 2\n\n", b"\ndata: 3\n\n"],
        [b"data: 1\n", b"data: 2\n\n", b"data: 3\n\n"],
        [b"event: e\n", b"data: 2\n\n", b"data:3\n\n"],
        [b"data: 1\n\n", b"\n", b"data: 2\n\n", b"data: 3\n", b"\n"],
    ],
)
def test_pieces_that_look_like_one_event_each(pieces: list[bytes]) -> None:
    assert decoded(pieces) == reference(b"".join(pieces))


@pytest.mark.parametrize("retry", [b"9" * 5000, "٣".encode(), b"1.5", b""])
def test_an_odd_retry_loses_no_event(retry: bytes) -> None:
    (event,) = decoded([b"retry: " + retry + b"\ndata: 1\n\n"])
    assert event.data == b"1"


def test_flush_gives_the_event_that_nothing_ended() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: 1\n\ndata: 2\ndata: 3") == [ServerSentEvent(b"1")]
    assert decoder.flush() == ServerSentEvent(b"2\n3")
    assert decoder.flush() is None


def test_an_endless_event_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT", 10_000)
    decoder = SSEDecoder()
    with pytest.raises(EventTooLarge):
        for _ in range(200):
            decoder.feed(b"data: " + b"x" * 94 + b"\n")


def test_a_large_event_in_small_pieces_is_quick_enough() -> None:
    """Quadratic work on 4 MiB in 1 KiB pieces would take minutes."""
    data = b"x" * (4 << 20)
    stream = b"data: " + data + b"\n\n"
    pieces = [stream[at : at + 1024] for at in range(0, len(stream), 1024)]
    assert decoded(pieces) == [ServerSentEvent(data)]
