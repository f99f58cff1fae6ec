"""Composition: ``allOf``, discriminators, and unions of one."""

from __future__ import annotations

import copy
from typing import Any

from .schemas import (
    PREFIX,
    Schema,
    array,
    components,
    is_object,
    name_of,
    part,
    rewrite,
    rewrite_all,
)

_ANNOTATIONS = {"description", "nullable", "example", "deprecated", "readOnly", "writeOnly"}


def open_bases(spec: Schema) -> None:
    """A base schema with a discriminator becomes the union of the schemas that extend it.

    The generator reads such a base as a plain object, and its children's fields are lost.
    """
    named = components(spec)
    bases = {
        name: schema
        for name, schema in named.items()
        if is_object(schema.get("discriminator"))
        and "oneOf" not in schema
        and "anyOf" not in schema
    }
    plain = {name: copy.deepcopy(schema) for name, schema in bases.items()}
    children: dict[str, list[str]] = {name: [] for name in bases}
    for name, schema in named.items():
        for member in array(schema, "allOf"):
            base = name_of(member.get("$ref"))
            if base in children:
                children[base].append(name)
    for name, schema in bases.items():
        mapping = part(schema["discriminator"], "mapping")
        mapped = [variant_name(target) for target in mapping.values()]
        variants = list(dict.fromkeys([*(m for m in mapped if m != name), *children[name]]))
        discriminator = schema["discriminator"]
        plain[name].pop("discriminator")
        if not variants:
            del schema["discriminator"]
            continue
        union: Schema = {"oneOf": [{"$ref": PREFIX + variant} for variant in variants]}
        union |= {key: schema[key] for key in _ANNOTATIONS if key in schema}
        named[name] = union | {"discriminator": discriminator}
    for name in [child for base in bases for child in children[base]]:
        named[name]["allOf"] = [
            copy.deepcopy(plain[base]) if (base := name_of(member.get("$ref"))) in plain else member
            for member in array(named[name], "allOf")
        ]


def single_as_all_of(schema: Schema) -> Schema:
    """A union of one schema is that schema and what stands beside it: the same as ``allOf``."""
    for key in ("oneOf", "anyOf"):
        if len(array(schema, key)) == 1 and "allOf" not in schema:
            schema["allOf"] = schema.pop(key)
            schema.pop("discriminator", None)
    return schema


def flatten_all_of(spec: Schema, problems: list[str]) -> None:
    """``allOf`` as one object with the properties of all its members.

    The generator takes an ``allOf`` of a single ``$ref`` for that ``$ref`` and silently discards
    the properties, the required list and the nullability beside it.
    """
    named = components(spec)
    done: set[str] = set()

    def component(name: str, seen: tuple[str, ...]) -> Schema:
        if name in seen:
            problems.append(f"schema {name}: its allOf leads back to itself; break the circle")
            return {}
        if name not in done:
            named[name] = rewrite(named[name], lambda schema: flat(schema, (*seen, name), name))
            done.add(name)
        return named[name]

    def flat(schema: Schema, seen: tuple[str, ...], top: str | None = None) -> Schema:
        members = schema.get("allOf")
        if not members:
            return schema
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        if len(members) == 1 and not rest.keys() - _ANNOTATIONS:
            only = members[0]
            if "$ref" in only and (top is None or schema is not named.get(top)):
                return {**only, **rest}
        result: Schema = {}
        for member in [*members, rest]:
            name = name_of(member.get("$ref"))
            if name is not None and name not in named:
                problems.append(f"$ref {member['$ref']!r}: no such schema")
                continue
            merge(result, component(name, seen) if name is not None else member, problems)
        return result

    for name in list(named):
        component(name, ())
    rewrite_all(spec, lambda schema: flat(schema, ()))


def merge(result: Schema, member: Schema, problems: list[str]) -> None:
    """Adds one member of an ``allOf`` to `result`; later ones win where both say something."""
    for key, value in copy.deepcopy(member).items():
        if key == "properties":
            result.setdefault("properties", {}).update(value)
        elif key == "required":
            result["required"] = list(dict.fromkeys([*result.get("required", ()), *value]))
        elif key in ("oneOf", "anyOf") and ("properties" in result or key in result):
            problems.append("an allOf joins a union with other schemas; write the variants out")
        elif key != "discriminator" or "oneOf" in member:
            result[key] = value


def tag_variants(spec: Schema) -> None:
    """Gives each variant of a discriminated union its tag as a required constant.

    The generator ignores discriminators; with the constants in the schemas the tag picks the
    class, and a value with another variant's tag is invalid, as it should be.
    """
    named = components(spec)
    tags: dict[tuple[str, str], list[Any]] = {}

    def collect(schema: Schema) -> Schema:
        discriminator = schema.get("discriminator")
        if not is_object(discriminator):
            return schema
        tag = discriminator.get("propertyName")
        targets: dict[str, list[Any]] = {}
        for value, target in part(discriminator, "mapping").items():
            targets.setdefault(variant_name(target), []).append(value)
        for variant in array(schema, "oneOf") or array(schema, "anyOf"):
            name = name_of(variant.get("$ref"))
            if not isinstance(tag, str) or name is None or name not in named:
                continue
            own = part(part(named[name], "properties"), tag)
            if name in targets:
                tags.setdefault((name, tag), []).extend(targets[name])
            elif not ("enum" in own or "const" in own) and "properties" in named[name]:
                tags.setdefault((name, tag), []).append(name)
            elif "properties" in named[name]:
                tags.setdefault((name, tag), []).extend(own.get("enum") or [own["const"]])
        return schema

    rewrite_all(spec, collect)
    for (name, tag), values in tags.items():
        schema = named[name]
        if "properties" not in schema:
            continue  # a union within the union: its own variants carry the tags
        old = schema["properties"].get(tag, {})
        described = {"description": old["description"]} if "description" in old else {}
        constant = {"type": "string", "enum": list(dict.fromkeys(values)), **described}
        schema["properties"] = {**schema["properties"], tag: constant}
        schema["required"] = list(dict.fromkeys([*schema.get("required", ()), tag]))


def variant_name(target: Any) -> str:
    """The component that a discriminator's mapping means: a ``$ref`` or a bare name."""
    return name_of(target) or str(target)
