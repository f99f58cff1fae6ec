# Copied by scripts/generate.py from scripts/runtime/headers.py; edit it there.
"""The headers of an answer, as errors keep them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["ResponseHeaders"]


class ResponseHeaders(Mapping[str, str]):
    """Headers that are found whatever the case of the name that is asked for.

    Immutable; iterating gives the names in lower case, in the order in which they came. Equal to
    any mapping of the same names, in whatever case, to the same values. Can be pickled.
    """

    __slots__ = ("_values",)

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._values: dict[str, str] = {
            name.lower(): value for name, value in (headers or {}).items()
        }

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ResponseHeaders):
            return self._values == other._values
        if not isinstance(other, Mapping):
            return NotImplemented
        theirs: Mapping[Any, Any] = other  # pyright: ignore[reportUnknownVariableType]
        return self._values == {str(name).lower(): value for name, value in theirs.items()}

    __hash__ = None  # type: ignore[assignment]  # as dicts are

    def copy(self) -> dict[str, str]:
        """A dict of one's own, its names in lower case."""
        return dict(self._values)

    def __copy__(self) -> ResponseHeaders:
        return self

    def __deepcopy__(self, memo: object) -> ResponseHeaders:
        return self

    def __reduce__(self) -> tuple[type[ResponseHeaders], tuple[dict[str, str]]]:
        return ResponseHeaders, (self._values,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values!r})"
