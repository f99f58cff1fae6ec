# Copied by scripts/generate.py from scripts/runtime/secret.py; edit it there.
"""A string that does not show itself."""

from __future__ import annotations

import re
from typing import NoReturn

__all__ = ["Secret"]

_PARTS = re.compile(r"[\s;,=]+")
_LONG = 8
"""Characters from which a credential, or a part of it, is masked: a shorter one is no secret, and
would be found within ordinary words."""


class Secret:
    """Holds a credential. ``repr``, ``str`` and ``format`` give a mask; pickling is refused.

    Tracebacks that render locals, log lines and f-strings therefore never contain the value.
    Call `reveal` in the one expression that writes the header, and bind it to no name.
    """

    __slots__ = ("_prefix", "_value")

    def __init__(self, value: str, prefix: str = "") -> None:
        self._value = value
        self._prefix = prefix

    def with_prefix(self, prefix: str) -> Secret:
        """The same credential, revealed with `prefix` before it (``Bearer ``)."""
        return Secret(self._value, prefix)

    def reveal(self) -> str:
        """The plain value, with its prefix."""
        return self._prefix + self._value

    def redact(self, text: str) -> str:
        """`text` with the credential masked, wherever it or a part of it occurs: a header such
        as a cookie may hold several, and their names."""
        for part in (self._value, *_PARTS.split(self._value)):
            if len(part) >= _LONG:
                text = text.replace(part, "***")
        return text

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not picklable: pass the credential anew in the other process")
