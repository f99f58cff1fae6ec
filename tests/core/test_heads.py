"""Heads of answers, whatever pieces they come in."""

from __future__ import annotations

import pytest

from polychat._core.heads import LATEST, MOST_HEAD, MOST_HEADS, MOST_INTERIM, Heads, InvalidHead

INTERIM = b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"
FINAL = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"


def fed(data: bytes, size: int) -> tuple[int, Heads]:
    """Where the body begins in `data` that comes in pieces of `size` bytes."""
    heads = Heads()
    for at in range(0, len(data), size):
        body = heads.feed(data[at : at + size])
        if body >= 0:
            return at + body, heads
    return -1, heads


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 16, 64, 1000])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("interim", [0, 1, 3])
def test_a_body_begins_after_the_final_head(size: int, line_end: bytes, interim: int) -> None:
    head = (INTERIM * interim + FINAL).replace(b"\r\n", line_end)
    body, heads = fed(head + b"\n\nHTTP/1.1\n\n", size)
    assert body == len(head)
    assert heads.length == 12
    assert not heads.chunked
    assert fed(head[:-1], size)[0] == -1


def test_what_a_head_says_of_its_body() -> None:
    for fields, length, chunked in (
        (b"", None, False),
        (b"transfer-ENCODING: chunked\r\n", None, True),
        (b"content-length:007 \r\n", 7, False),
        (b"x: content-length: 9\r\nx-content-length: 8\r\n", None, False),
        (b"x: a\r\n content-length: 9\r\n", None, False),
    ):
        _, heads = fed(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n", 1000)
        assert (heads.length, heads.chunked) == (length, chunked)
    for status in (204, 304):
        _, heads = fed(b"HTTP/1.1 %d X\r\ncontent-length: 9\r\n\r\n" % status, 1000)
        assert heads.length == 0


def test_a_switch_of_protocols_is_final() -> None:
    head = b"HTTP/1.1 101 X\r\nupgrade: x\r\n\r\n"
    assert fed(head + b"\0\1", 1000)[0] == len(head)


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"HTTQ",
        b"HTTP/3.0 200 OK\r\n\r\n",
        INTERIM + b"junk",
        INTERIM + b"HTTP/1.1 99 X\r\n\r\n",
        FINAL[:-2] + b"content-length: 12\r\n\r\n",
        FINAL[:-2] + b"transfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: \0\r\n\r\n",
    ],
)
def test_what_is_no_head(data: bytes, size: int) -> None:
    with pytest.raises(InvalidHead):
        fed(data, size)


def test_a_head_is_bounded() -> None:
    largest = FINAL[:-2] + b"x: " + b"y" * (MOST_HEAD - len(FINAL) - 5) + b"\r\n\r\n"
    assert len(largest) == MOST_HEAD
    for size in (4096, 1_000_000):
        assert fed(largest, size)[0] == MOST_HEAD
        with pytest.raises(InvalidHead):
            fed(largest.replace(b"y", b"yy", 1), size)
        with pytest.raises(InvalidHead):
            fed(largest[:-3] + b"y" * 100, size)


def test_interim_answers_are_bounded() -> None:
    assert fed(INTERIM * MOST_HEADS + FINAL, 100_000)[0] > 0
    with pytest.raises(InvalidHead, match="without an end"):
        fed(INTERIM * (MOST_HEADS + 1), 100_000)
    long = INTERIM[:-2] + b"x: " + b"y" * 4000 + b"\r\n\r\n"
    many = MOST_INTERIM // len(long)
    assert fed(long * many + FINAL, 100_000)[0] > 0
    with pytest.raises(InvalidHead, match="without an end"):
        fed(long * (many + 1), 100_000)


def test_a_head_is_late_after_so_many_times_the_patience() -> None:
    heads = Heads()
    assert not heads.is_late(100.0, 2.0)
    assert not heads.is_late(100.0 + 2 * LATEST, 2.0)
    assert heads.is_late(100.1 + 2 * LATEST, 2.0)
    assert not heads.is_late(1e9, None)
