"""Text of a spec, which anyone may have written, as Python source that can do nothing."""

from __future__ import annotations

import textwrap
from typing import Any

from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import safe_for_docstring

WIDTH = 88


def raw(value: Any) -> str:
    """The text of the generator's wrapper for what a spec says; empty for None."""
    if isinstance(value, UntrustedString):
        return value.get_untrusted_value()
    return "" if value is None else str(value)


def literal(value: Any) -> str:
    """A string, number or boolean as a Python literal.

    `repr` escapes exactly; the generator's filter for this drops control characters, and a wire
    name must stay what it is.
    """
    if isinstance(value, UntrustedString):
        value = value.get_untrusted_value()
    if not isinstance(value, (str, int, float, bool)):
        raise TypeError(f"{value!r} is no literal")
    return ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)


def paragraphs(value: Any, width: int = WIDTH, first: str = "", rest: str = "") -> str:
    """A description, wrapped and escaped for a docstring; `first` and `rest` begin its lines."""
    lines: list[str] = []
    for paragraph in raw(value).split("\n\n"):
        words = " ".join(paragraph.split())
        if words:
            wrapped = textwrap.wrap(
                words,
                width,
                initial_indent=rest if lines else first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
            lines += ["", *wrapped] if lines else wrapped
    return _encodable(safe_for_docstring("\n".join(lines)))


def docstring(parts: list[str], indent: int = 4) -> str:
    """Escaped `parts`, the summary first, separated by blank lines, as a docstring statement."""
    summary, *rest = parts
    body = "\n\n".join([summary or "Not described by the spec.", *filter(None, rest)])
    if "\n" not in body and not body.endswith(('"', "\\")) and len(body) <= WIDTH:
        return textwrap.indent(f'"""{body}"""', " " * indent)
    return textwrap.indent(f'"""{body}\n"""', " " * indent, lambda line: bool(line.strip()))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
