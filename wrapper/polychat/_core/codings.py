"""Decoders of ``Content-Encoding`` that give their output in pieces of bounded size."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from .reading import UndecodableBody

PIECE = 1024 * 1024
"""Bytes that a decoder gives at a time: what a bomb costs before it is noticed."""
_BROTLI_FED, _ZSTD_FED = 16, 256
"""Bytes that are fed at a time to decoders whose output has no bound: at worst they become 16 MiB
or so (RFC 7932, section 9.2: a meta-block; RFC 8878, section 3.1.1.2: 128 KiB a block)."""
_ZSTD_WINDOW = 8 * 1024 * 1024
"""The largest window of zstd that HTTP allows (RFC 9659)."""


class Decoder(Protocol):
    """Undoes one coding."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` stands for. Raises `UndecodableBody`."""
        ...

    def finish(self) -> Iterator[bytes]:
        """What is left at the end. Raises `UndecodableBody` if that came too early."""
        ...


def decoder(name: str) -> Decoder | None:
    """A decoder of a coding; None where there is none here."""
    if name in ("gzip", "x-gzip"):
        return _Zlib("gzip", zlib.MAX_WBITS | 16)
    if name == "deflate":
        return _Deflate()
    if name == "br":
        return _brotli()
    return _zstd() if name == "zstd" else None


class _Zlib:
    """gzip (of one or several members) and deflate."""

    def __init__(self, name: str, bits: int) -> None:
        self._name, self._bits = name, bits
        self._stream = zlib.decompressobj(bits)
        self._begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        more = self._begun = self._begun or bool(piece)
        while more:
            if self._stream.eof:
                if piece[:1] != b"\x1f":  # no other member: padding
                    return
                self._stream = zlib.decompressobj(self._bits)
            try:
                out = self._stream.decompress(piece, PIECE)
            except zlib.error as error:
                raise UndecodableBody(f"its {self._name} coding is broken ({error})") from None
            if out:
                yield out
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            more = bool(piece) or len(out) == PIECE

    def finish(self) -> Iterator[bytes]:
        if self._begun and not self._stream.eof:
            raise UndecodableBody(f"its {self._name} coding ends too early")
        return iter(())


class _Deflate:
    """RFC 9110 means zlib's format by it; many servers send what is within that instead."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Zlib | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._inner is None:
            self._head += piece
            if len(self._head) < 2:
                return iter(())
            piece = self._head
            wrapped = piece[0] & 15 == 8 and int.from_bytes(piece[:2], "big") % 31 == 0
            self._inner = _Zlib("deflate", zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return self._inner.feed(piece)

    def finish(self) -> Iterator[bytes]:
        if self._inner is None and self._head:
            raise UndecodableBody("its deflate coding ends too early")
        return iter(()) if self._inner is None else self._inner.finish()


class _Fed:
    """A library's decoder whose output has no bound, fed a little at a time."""

    def __init__(
        self,
        name: str,
        make: Callable[[], Any],
        decode: Callable[[Any, bytes], bytes],
        ended: Callable[[Any], bool],
        failure: type[Exception],
        size: int,
    ) -> None:
        self._name, self._make, self._decode = name, make, decode
        self._ended, self._failure, self._size = ended, failure, size
        self._stream = make()
        self._begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(piece)
        for at in range(0, len(piece), self._size):
            part = piece[at : at + self._size]
            try:
                while part:
                    if self._ended(self._stream):  # another frame
                        self._stream = self._make()
                    out = self._decode(self._stream, part)
                    part = getattr(self._stream, "unused_data", b"")
                    if out:
                        yield out
            except self._failure as error:
                raise UndecodableBody(f"its {self._name} coding is broken ({error})") from None

    def finish(self) -> Iterator[bytes]:
        if self._begun and not self._ended(self._stream):
            raise UndecodableBody(f"its {self._name} coding ends too early")
        return iter(())


def _brotli_library() -> Any:
    """One of the two packages of httpx's extra ``brotli``, or None."""
    try:
        import brotli  # type: ignore[import-not-found, unused-ignore]  # pyright: ignore[reportMissingImports, reportMissingModuleSource]
    except ImportError:
        pass
    else:
        return brotli  # pyright: ignore[reportUnknownVariableType]
    try:
        import brotlicffi  # type: ignore[import-not-found, unused-ignore]  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    return brotlicffi  # pyright: ignore[reportUnknownVariableType]


def _brotli() -> Decoder | None:
    library = _brotli_library()
    if library is None:
        return None
    return _Fed(
        "br",
        library.Decompressor,
        lambda stream, part: stream.process(part),
        lambda stream: stream.is_finished(),
        library.error,
        _BROTLI_FED,
    )


def _zstd() -> Decoder | None:
    try:
        import zstandard  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    library: Any = zstandard
    return _Fed(
        "zstd",
        lambda: library.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(),
        lambda stream, part: stream.decompress(part),
        lambda stream: stream.eof,
        library.ZstdError,
        _ZSTD_FED,
    )
