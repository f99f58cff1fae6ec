"""JSON by msgspec, which is loaded when the first document is read or written: importing it takes
longer than importing all else that a client needs to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgspec import DecodeError as DecodeError
    from msgspec.json import decode as decode
    from msgspec.json import encode as encode
    from msgspec.json import format as format  # noqa: A004

__all__ = ["DecodeError", "decode", "encode", "format", "read"]
_MSGSPEC = ("DecodeError", "decode", "encode", "format")


def read(data: bytes | str) -> Any:
    """`decode` for what others sent: what Python's json writes and JSON has not, half a surrogate
    pair, ``NaN``, ``Infinity``, is read too, and bytes that are no UTF-8 become U+FFFD, as the
    standard of event streams says. Raises `DecodeError`."""
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        return decode(data)
    except RecursionError:
        raise DecodeError("too many levels of objects or arrays") from None
    except (DecodeError, UnicodeDecodeError) as error:
        import json

        try:
            try:
                return json.loads(data)
            except UnicodeDecodeError:
                return json.loads(data.decode(errors="replace"))  # type: ignore[union-attr]
        except (ValueError, RecursionError):
            raise DecodeError(str(error)) from None


def __getattr__(name: str) -> Any:
    if name not in _MSGSPEC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import msgspec

    found: dict[str, Any] = {each: getattr(msgspec.json, each, None) for each in _MSGSPEC}
    globals().update(found, DecodeError=msgspec.DecodeError)
    return globals()[name]
