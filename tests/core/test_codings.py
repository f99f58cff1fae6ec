"""Decoders of content codings: any split of bytes, bounded pieces, no silent ends."""

from __future__ import annotations

import gzip
import sys
import types
import zlib
from collections.abc import Callable, Iterable

import pytest
import zstandard

from polychat._core.codings import PIECE, UndecodableBody
from polychat._core.reading import RATIO_FROM, AnswerTooLarge, Decoding

TEXT = b"".join(b"%d," % (number * number) for number in range(2000))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


ENCODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + b"\0\0",
    "deflate": zlib.compress(TEXT),
    "Deflate": raw_deflate(TEXT),
    "zstd": zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]),
    "gzip, zstd": zstandard.compress(gzip.compress(TEXT)),
    "zstd , deflate": zlib.compress(zstandard.compress(TEXT)),
}


def decoded(coding: str, pieces: Iterable[bytes]) -> list[bytes]:
    decoding = Decoding({"content-encoding": coding})
    found = [part for piece in pieces for part in decoding.feed(piece)]
    return [*found, *decoding.finish()]


@pytest.mark.parametrize("coding", ENCODED)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000, 10**6])
def test_any_split_of_bytes_reads_alike(coding: str, size: int) -> None:
    data = ENCODED[coding]
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(decoded(coding, [b"", *pieces, b""])) == TEXT


@pytest.mark.parametrize("coding", ENCODED)
def test_no_body_is_no_broken_body(coding: str) -> None:
    assert decoded(coding, []) == decoded(coding, [b""]) == []


@pytest.mark.parametrize("coding", [name for name in ENCODED if name != "x-gzip"])
def test_a_cut_body_is_not_taken_for_a_whole_one(coding: str) -> None:
    data = ENCODED[coding]
    for end in (1, len(data) // 2, len(data) - 1):
        with pytest.raises(UndecodableBody):
            decoded(coding, [data[:end]])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "zstd, gzip"])
def test_other_bytes_are_told_from_it(coding: str) -> None:
    with pytest.raises(UndecodableBody, match="coding is broken"):
        decoded(coding, [b'{"not": "encoded at all, but long enough to tell"}'])


def test_pieces_are_bounded() -> None:
    data = gzip.compress(b"x" * (5 * PIECE + 1))
    assert [len(part) for part in decoded("gzip", [data])] == [PIECE] * 5 + [1]


def test_what_repeats_itself_may_be_large_and_not_huge() -> None:
    encode: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
    for coding, function in encode.items():
        assert len(b"".join(decoded(coding, [function(b"x" * RATIO_FROM)]))) == RATIO_FROM
        with pytest.raises(AnswerTooLarge, match="100 times"):
            decoded(coding, [function(b"x" * (RATIO_FROM + 1))])
    honest = gzip.compress(bytes(range(256)) * 40_000)  # 10 MB, of which each piece is alike
    pieces = [honest[at : at + 4096] for at in range(0, len(honest), 4096)]
    with pytest.raises(AnswerTooLarge):
        decoded("gzip", pieces)


def test_a_coding_in_a_coding_in_a_coding_is_refused() -> None:
    with pytest.raises(UndecodableBody, match="encoded 5 times"):
        Decoding({"content-encoding": ",".join(["gzip"] * 5)})


class Library(types.ModuleType):
    """What both packages for brotli have, over zlib."""

    error = zlib.error

    def __init__(self) -> None:
        super().__init__("brotli")
        self.fed: list[int] = []
        library = self

        class Decompressor:
            def __init__(self) -> None:
                self._stream = zlib.decompressobj()

            def process(self, data: bytes) -> bytes:
                library.fed.append(len(data))
                return self._stream.decompress(data)

            def is_finished(self) -> bool:
                return self._stream.eof

        self.Decompressor = Decompressor


@pytest.mark.parametrize("name", ["brotli", "brotlicffi"])
def test_brotli_is_fed_a_little_at_a_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    for one in ("brotli", "brotlicffi"):
        monkeypatch.setitem(sys.modules, one, library if one == name else None)
    assert b"".join(decoded("br", [zlib.compress(TEXT)])) == TEXT
    assert max(library.fed) == 16
    with pytest.raises(UndecodableBody, match="br coding ends"):
        decoded("br", [zlib.compress(TEXT)[:-1]])
    with pytest.raises(UndecodableBody, match="br coding is broken"):
        decoded("br", [TEXT])


def test_without_its_package_a_coding_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in ("brotli", "brotlicffi", "zstandard"):
        monkeypatch.setitem(sys.modules, one, None)
    assert decoded("br, zstd, utf-8", [TEXT]) == [TEXT]
