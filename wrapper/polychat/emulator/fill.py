"""JSON made to a schema from a text: tool arguments and structured answers."""

from __future__ import annotations

import re
from typing import Any, cast

from polychat.emulator.schema import resolve

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DEPTH = 8
"""How deep optional parts are filled: a schema may refer to itself."""


def fill(schema: dict[str, Any], text: str) -> Any:
    """A JSON value that `schema` allows, made from `text` by fixed rules.

    - ``const``: the constant. ``enum``: the first value that the text has as a word, else the
      first value.
    - string: the text (cut to ``maxLength``). boolean: false when the text has the word "no",
      "not" or "false", else true.
    - integer and number: the first number in the text goes to the first such field, the second
      to the second, the last to all others; without one, ``minimum`` or 0. Bounds are kept.
    - array: ``minItems`` items, at least one. object: every required property, and where none is
      required, all of them.
    - unions and lists of types: the first that is not null. ``allOf`` is merged.
    """
    return _Filler(schema, text).value(schema, 0)


class _Filler:
    def __init__(self, root: dict[str, Any], text: str) -> None:
        self._root = root
        self._text = text
        self._words = set(re.findall(r"[\w.-]+", text.lower()))
        self._numbers = [float(found) for found in _NUMBER.findall(text)]

    def value(self, schema: dict[str, Any], depth: int) -> Any:
        schema = resolve(schema, self._root)
        for part in schema.get("allOf", []):
            schema = _merged(schema, resolve(part, self._root))
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._choice(schema["enum"])
        variants = schema.get("anyOf") or schema.get("oneOf")
        if variants:
            chosen = next((v for v in variants if v.get("type") != "null"), variants[0])
            return self.value(chosen, depth + 1)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kinds = cast("list[str]", kind)
            kind = next((k for k in kinds if k != "null"), "null")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            count = max(schema.get("minItems", 1), 1) if depth < _DEPTH else 0
            return [self.value(schema.get("items", {}), depth + 1) for _ in range(count)]
        if kind in ("integer", "number"):
            return self._number(schema, kind)
        if kind == "boolean":
            return not self._words & {"no", "not", "false"}
        return None if kind == "null" else self._text[: schema.get("maxLength", len(self._text))]

    def _choice(self, values: list[Any]) -> Any:
        in_text = (v for v in values if str(v).lower() in self._words)
        return next(in_text, values[0])

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = cast("dict[str, Any]", schema.get("properties", {}))
        names = schema.get("required") or (list(properties) if depth < _DEPTH else [])
        return {name: self.value(properties.get(name, {}), depth + 1) for name in names}

    def _number(self, schema: dict[str, Any], kind: str) -> float:
        number = self._numbers[0] if self._numbers else schema.get("minimum", 0)
        if len(self._numbers) > 1:
            del self._numbers[0]
        number = max(number, schema.get("minimum", number))
        number = min(number, schema.get("maximum", number))
        return int(number) if kind == "integer" or number == int(number) else number


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = {**other, **{key: value for key, value in one.items() if key != "allOf"}}
    merged["properties"] = {**other.get("properties", {}), **one.get("properties", {})}
    merged["required"] = [*other.get("required", []), *one.get("required", [])]
    return merged
