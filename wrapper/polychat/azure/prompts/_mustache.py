"""Mustache templates, as its manual describes them: variables, sections, inverted sections,
comments and other delimiters. There are no partials, as a prompt has nothing to take them from.

https://mustache.github.io/mustache.5.html
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

from polychat_rest.shapes import is_object

_MISSING: Any = object()
Writer = Callable[[str, bool], str]


class Text(NamedTuple):
    """Text as it is."""

    text: str


class Variable(NamedTuple):
    """A value by its name; `raw` where the template forbids escaping."""

    name: str
    raw: bool


class Section(NamedTuple):
    """A part that is given once, for every item of a list, or not at all."""

    name: str
    inverted: bool
    parts: list[Part]


Part = Text | Variable | Section


def parse(template: str) -> list[Part]:
    """The parts of a template. Raises ValueError where a section is not closed, or a tag is not."""
    root: list[Part] = []
    open_sections: list[tuple[str, list[Part]]] = [("", root)]
    start, end = "{{", "}}"
    place = 0
    while True:
        found = template.find(start, place)
        if found < 0:
            _add_text(open_sections[-1][1], template[place:])
            break
        raw = start == "{{" and template.startswith("{{{", found)
        closing = "}}}" if raw else end
        stop = template.find(closing, found + len(start))
        if stop < 0:
            line = template.count("\n", 0, found) + 1
            raise ValueError(f"the tag on line {line} of the template is not closed")
        tag = template[found + len(start) + raw : stop].strip()
        after = stop + len(closing)
        kind, name = ("&", tag) if raw else _split(tag)
        before = template[place:found]
        if kind in "#^/!=" and kind:
            before, after = _standalone(template, before, found, after)
        _add_text(open_sections[-1][1], before)
        place = after
        if kind == "=":
            start, end = name.rstrip("=").split()
        elif kind in ("#", "^"):
            section = Section(name, kind == "^", [])
            open_sections[-1][1].append(section)
            open_sections.append((name, section.parts))
        elif kind == "/":
            if len(open_sections) == 1 or open_sections[-1][0] != name:
                raise ValueError(f"the template closes {name!r}, which is not open")
            open_sections.pop()
        elif kind == ">":
            raise ValueError(f"{{{{> {name}}}}}: there are no partials in prompts")
        elif kind in ("", "&"):
            open_sections[-1][1].append(Variable(name, raw=kind == "&"))
    if len(open_sections) > 1:
        raise ValueError(f"the section {open_sections[-1][0]!r} of the template is not closed")
    return root


def _split(tag: str) -> tuple[str, str]:
    if tag[:1] in ("#", "^", "/", "!", "=", "&", ">"):
        return tag[0], tag[1:].strip()
    return "", tag


def _add_text(parts: list[Part], text: str) -> None:
    if text:
        parts.append(Text(text))


def _standalone(template: str, before: str, found: int, after: int) -> tuple[str, int]:
    """A tag that has its line for itself takes the line with it."""
    line = template.rfind("\n", 0, found) + 1
    rest = re.match(r"[ \t]*(\r?\n|\Z)", template[after:])
    if rest is None or template[line:found].strip(" \t"):
        return before, after
    indent = found - line
    return before[: len(before) - indent] if indent else before, after + rest.end()


def render(parts: list[Part], data: Any, write: Writer) -> str:
    """The text of a template for `data`; what `write` gives stands for a value, of which it is
    told whether the template forbids to escape it. Names that `data` does not have are nothing.
    """
    return _render(parts, [data], write)


def _render(parts: list[Part], scopes: list[Any], write: Writer) -> str:
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, Text):
            pieces.append(part.text)
            continue
        value = _look_up(part.name, scopes)
        if isinstance(part, Variable):
            # Zero and False are shown, other empty values are not.
            if value is not _MISSING and (value or value == 0):
                pieces.append(write(str(value), part.raw))
        elif part.inverted:
            if not _given(value):
                pieces.append(_render(part.parts, scopes, write))
        elif _given(value):
            pieces += [_render(part.parts, [*scopes, item], write) for item in _items(value)]
    return "".join(pieces)


def _items(value: Any) -> Iterable[Any]:
    """What a section is given for: the items of a list, or its value."""
    return cast("Iterable[Any]", value) if isinstance(value, (list, tuple)) else (value,)


def _given(value: Any) -> bool:
    return value is not _MISSING and bool(value)


def _look_up(name: str, scopes: list[Any]) -> Any:
    if name == ".":
        return scopes[-1]
    first, *rest = name.split(".")
    for scope in reversed(scopes):
        value = _member(scope, first)
        if value is not _MISSING:
            for key in rest:
                value = _member(value, key)
            return value
    return _MISSING


def _member(scope: Any, name: str) -> Any:
    """A member of a mapping, an item of a list, or a public attribute."""
    if is_object(scope):
        return scope.get(name, _MISSING)
    if isinstance(scope, (list, tuple)) and name.isdigit() and int(name) < len(scope):  # pyright: ignore[reportUnknownArgumentType]
        return scope[int(name)]  # pyright: ignore[reportUnknownVariableType]
    return _MISSING if name.startswith("_") else getattr(scope, name, _MISSING)  # pyright: ignore[reportUnknownArgumentType]


def escape(text: str) -> str:
    """Text for HTML."""
    return html.escape(text).replace("&#x27;", "'")
