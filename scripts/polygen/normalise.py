"""Rewrites a spec so that openapi-python-client loses nothing of it. OpenAPI 3.0 in, 3.1 out.

Each rule is a function on plain dicts, with its reason; `normalise` says their order. The result
is also what the emulator validates requests with, so a rule may make a schema plainer, never
wrong.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from . import contents, unions
from .schemas import (
    PREFIX,
    Schema,
    components,
    inner,
    is_array,
    is_object,
    name_of,
    places,
    rewrite_all,
)

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def normalise(spec: Schema) -> tuple[Schema, list[str]]:
    """The rewritten spec and what could not be: one line each, with a remedy."""
    spec = copy.deepcopy(spec)
    problems: list[str] = []
    drop_odd_names(spec, problems)
    contents.inline_components(spec, problems)
    contents.name_operations(spec, problems)
    contents.rename_path_parameters(spec)
    contents.sort_out_media_types(spec)
    rewrite_all(spec, strip)
    unions.open_bases(spec)
    rewrite_all(spec, unions.single_as_all_of)
    unions.flatten_all_of(spec, problems)
    unions.tag_variants(spec)
    rewrite_all(spec, enums)
    rewrite_all(spec, arrays)
    hoist(spec)
    rewrite_all(spec, nulls)
    check_references(spec, problems)
    spec["openapi"] = "3.1.0"
    return spec, problems


def drop_odd_names(spec: Schema, problems: list[str]) -> None:
    """Only names that OpenAPI allows: the generator reads references as URLs, and others differ."""
    for name in list(components(spec)):
        if not _NAME.fullmatch(name):
            del components(spec)[name]
            problems.append(
                f"schema {name!r}: a name has letters, digits, '.', '_' and '-' alone; rename it"
            )


def strip(schema: Schema) -> Schema:
    """Drops titles (the generator names classes after them, and they clash) and defaults.

    A default becomes an attribute's default and is then sent with every request, and one of a
    wrong type drops the schema or crashes. It is the server's to apply: it is told in words.
    """
    schema.pop("title", None)
    if "default" in schema:
        default = schema.pop("default")
        note = f"Server default: {default}." if default is not None else ""
        schema["description"] = f"{schema.get('description') or ''}\n{note}".strip()
        if not schema["description"]:
            del schema["description"]
    return schema


def enums(schema: Schema) -> Schema:
    """Enums as the generator can read them.

    It drops schemas whose enums mix types, are of floats or of booleans, and makes three classes
    of one that lists null and is nullable. One value becomes a ``const``: a literal type.
    """
    values = schema.get("enum")
    if not is_array(values):
        return schema
    if None in values:
        schema["nullable"] = True
    declared = schema.get("type")
    found = [_as_declared(value, declared) for value in values if value is not None]
    kinds: set[type[Any]] = {type(value) for value in found}
    del schema["enum"]
    if not found:
        return schema
    if len(found) == 1 and kinds != {float}:
        schema["const"] = found[0]
    elif kinds in ({str}, {int}):
        schema["enum"] = list(dict.fromkeys(found))
    elif kinds == {bool}:
        schema["type"] = "boolean"
    elif kinds <= {int, float}:
        schema["type"] = "number"
    else:
        schema.pop("type", None)
        names = {str: "string", int: "integer", float: "number", bool: "boolean"}
        variants: list[Schema] = []
        for kind in sorted(kinds, key=lambda kind: names.get(kind, "")):
            variant: Schema = {"type": names[kind]} if kind in names else {}
            if kind in (str, int):
                variant["enum"] = [value for value in found if type(value) is kind]
            variants.append(enums(variant))
        schema["anyOf"] = variants
    return schema


def _as_declared(value: Any, declared: Any) -> Any:
    """``"128"`` in an integer's enum is 128, 128 in a string's is ``"128"``."""
    if declared == "integer" and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if declared == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def arrays(schema: Schema) -> Schema:
    """An array without ``items`` is one of anything; the generator drops it."""
    if schema.get("type") == "array" and not schema.get("items") and not schema.get("prefixItems"):
        schema["items"] = {}
    return schema


def hoist(spec: Schema) -> None:
    """Gives inline objects that have properties a component of their own.

    The generator would name them by their path and position, some of them twice.
    """
    named = components(spec)
    queue = list(places(spec))
    while queue:
        holder, key, name = queue.pop(0)
        schema = holder[key]
        if not is_object(schema) or "$ref" in schema:
            continue
        if schema.get("properties") and holder is not named:
            free = name
            while free in named:
                free += "_"
            nullable = schema.pop("nullable", False)
            named[free] = schema
            holder[key] = {"$ref": PREFIX + free} | ({"nullable": True} if nullable else {})
            name = free
        queue.extend((within, at, name + suffix) for within, at, suffix in inner(schema))


def nulls(schema: Schema) -> Schema:
    """``nullable`` as OpenAPI 3.1 has it: null is one of the types."""
    if not schema.pop("nullable", False):
        return schema
    kind = schema.get("type")
    described = {"description": schema["description"]} if "description" in schema else {}
    if kind and not is_array(kind) and not ({"enum", "const", "properties"} & schema.keys()):
        schema["type"] = [kind, "null"]
        return schema
    for key in ("anyOf", "oneOf"):
        if key in schema and not kind:
            if {"type": "null"} not in schema[key]:
                schema[key].append({"type": "null"})
            return schema
    if not schema.keys() - {"description"}:
        return schema  # anything at all, null among it
    return {"anyOf": [schema, {"type": "null"}], **described}


def check_references(spec: Schema, problems: list[str]) -> None:
    """Reports each ``$ref`` that leads nowhere, and points it at the schema of anything."""
    named = components(spec)

    def rule(schema: Schema) -> Schema:
        ref = schema.get("$ref")
        if ref is None or name_of(ref) in named:
            return schema
        problems.append(f"$ref {ref!r}: no such schema; add it to components/schemas")
        return {}

    rewrite_all(spec, rule)
