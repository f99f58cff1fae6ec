# Copied by scripts/generate.py from scripts/runtime/codec.py; edit it there.
"""JSON by msgspec, which is loaded when the first document is read or written: importing it takes
longer than importing all else that a client needs to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgspec import DecodeError as DecodeError
    from msgspec.json import decode as decode
    from msgspec.json import encode as encode
    from msgspec.json import format as format  # noqa: A004

__all__ = ["DecodeError", "decode", "encode", "format"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import msgspec

    found: dict[str, Any] = {each: getattr(msgspec.json, each, None) for each in __all__}
    globals().update(found, DecodeError=msgspec.DecodeError)
    return globals()[name]
