"""OpenAPI 3.0 schemas turned into JSON Schema."""

from __future__ import annotations

from typing import Any, cast

_MAPS_OF_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions")
_LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SCHEMAS = ("items", "not", "additionalProperties")
_KEPT = frozenset(
    {"$ref", "type", "enum", "const", "required", "format", "pattern"}
    | {"minimum", "maximum", "multipleOf", "minLength", "maxLength"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)

_HOPS = 8
"""How many references may follow one another."""


def to_json_schema(schema: Any, document: dict[str, Any]) -> Any:
    """`schema` of an OpenAPI 3.0 `document` as JSON Schema 2020-12.

    ``nullable`` becomes a null type. A union with a tag (a ``discriminator``, or a required
    property that has a single value in every variant) becomes one condition per tag, so that an
    error speaks of the variant that was meant. Other ``oneOf`` become ``anyOf``: that an integer
    is also a number is not the caller's mistake. Closed objects are opened.
    """
    if not isinstance(schema, dict):
        return schema
    source = cast("dict[str, Any]", schema)
    result: dict[str, Any] = {key: value for key, value in source.items() if key in _KEPT}
    for key in _MAPS_OF_SCHEMAS:
        if key in source:
            result[key] = {k: to_json_schema(v, document) for k, v in source[key].items()}
    for key in _SCHEMAS:
        if key in source and source[key] is not False:
            result[key] = to_json_schema(source[key], document)
    for key in _LISTS_OF_SCHEMAS:
        if key in source:
            result["anyOf" if key == "oneOf" else key] = [
                to_json_schema(variant, document) for variant in source[key]
            ]
    tags = _tags(source, document)
    if tags:
        name, by_value = tags
        result.pop("anyOf", None)
        result.setdefault("type", "object")
        result["required"] = [*result.get("required", []), name]
        conditions = [
            {"if": {"properties": {name: {"const": tag}}, "required": [name]}, "then": variant}
            for tag, variant in by_value.items()
        ]
        known = {"properties": {name: {"enum": list(by_value)}}}
        result["allOf"] = [*result.get("allOf", []), known, *conditions]
    for bound in ("Minimum", "Maximum"):
        if source.get(f"exclusive{bound}") is True:
            result[f"exclusive{bound}"] = result.pop(bound.lower())
        elif f"exclusive{bound}" in source and source[f"exclusive{bound}"] is not False:
            result[f"exclusive{bound}"] = source[f"exclusive{bound}"]
    return {"anyOf": [result, {"type": "null"}]} if source.get("nullable") else result


def _tags(source: dict[str, Any], document: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The name of a union's tag and the variant of each of its values."""
    discriminator = source.get("discriminator")
    if discriminator and discriminator.get("mapping"):
        mapping = cast("dict[str, str]", discriminator["mapping"])
        return discriminator["propertyName"], {tag: {"$ref": ref} for tag, ref in mapping.items()}
    variants: list[dict[str, Any]] = source.get("oneOf") or source.get("anyOf") or []
    if len(variants) < 2:
        return None
    singles = [_single_values(variant, document) for variant in variants]
    for name in singles[0]:
        values = [single.get(name) for single in singles]
        if None not in values and len(set(values)) == len(values):
            by_value = zip(values, variants, strict=True)
            return name, {str(value): to_json_schema(v, document) for value, v in by_value}
    return None


def _single_values(variant: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
    """The required properties of an object that may have one (string) value only."""
    resolved = resolve(variant, document)
    required = resolved.get("required", [])
    found: dict[str, str] = {}
    for name, given in resolved.get("properties", {}).items():
        described = resolve(given, document)
        values = described.get("enum", [described["const"]] if "const" in described else [])
        if name in required and len(values) == 1 and isinstance(values[0], str):
            found[name] = values[0]
    return found


def resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """`schema`, or what it refers to within `root`."""
    for _ in range(_HOPS):
        if "$ref" not in schema:
            break
        found: Any = root
        for step in schema["$ref"].removeprefix("#").strip("/").split("/"):
            if step:
                found = found.get(step.replace("~1", "/").replace("~0", "~"), {})
        schema = found
    return schema
