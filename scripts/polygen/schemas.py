"""Where a spec has schemas, and how to rewrite each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

Schema = dict[str, Any]
Rule = Callable[[Schema], Schema]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PREFIX = "#/components/schemas/"


def is_object(value: Any) -> TypeGuard[Schema]:
    """Whether a value of a JSON document is an object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value of a JSON document is an array."""
    return isinstance(value, list)


def part(schema: Schema, key: Any) -> Schema:
    """The object under a key, or an empty one."""
    value = schema.get(key)
    return value if is_object(value) else {}


def array(schema: Schema, key: Any) -> list[Any]:
    """The array under a key, or an empty one."""
    value = schema.get(key)
    return value if is_array(value) else []


def components(spec: Schema) -> dict[str, Schema]:
    """The spec's named schemas, to read and to write."""
    found: dict[str, Schema] = spec.setdefault("components", {}).setdefault("schemas", {})
    return found


def name_of(ref: Any) -> str | None:
    """The component that a ``$ref`` string means, or None for another target."""
    if isinstance(ref, str) and ref.startswith(PREFIX):
        return ref[len(PREFIX) :].replace("~1", "/").replace("~0", "~")
    return None


def operations(spec: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Method, path and operation, in the document's order."""
    for path, item in part(spec, "paths").items():
        for method in METHODS:
            if is_object(item) and is_object(item.get(method)):
                yield method, path, item[method]


def places(spec: Schema) -> Iterator[tuple[Schema, str, str]]:
    """``(holder, key, name)`` of each outermost schema; `name` is a Pascal-case proposal."""
    for name in list(components(spec)):
        yield components(spec), name, name
    for _, _, operation in operations(spec):
        stem = pascal(str(operation.get("operationId", "")))
        for parameter in array(operation, "parameters"):
            if "schema" in parameter:
                yield parameter, "schema", stem + pascal(str(parameter.get("name", "")))
        for media in part(part(operation, "requestBody"), "content").values():
            if is_object(media) and "schema" in media:
                yield media, "schema", f"{stem}Body"
        for status, response in part(operation, "responses").items():
            for media in part(response, "content").values():
                if is_object(media) and "schema" in media:
                    yield media, "schema", f"{stem}Response{status}"
        if "x-chunk" in operation:
            yield operation, "x-chunk", f"{stem}Chunk"


def rewrite_all(spec: Schema, rule: Rule) -> None:
    """Puts ``rule(schema)`` in the place of every schema of the spec, innermost first."""
    for holder, key, _ in places(spec):
        holder[key] = rewrite(holder[key], rule)


def rewrite(schema: Any, rule: Rule) -> Any:
    """`rewrite_all` for one schema."""
    if not is_object(schema):
        return schema
    for holder, key, _ in inner(schema):
        holder[key] = rewrite(holder[key], rule)
    return rule(schema)


def inner(schema: Schema) -> Iterator[tuple[Any, Any, str]]:
    """``(holder, key, suffix)`` of the schemas directly within one; `suffix` extends its name."""
    for name in list(part(schema, "properties")):
        yield schema["properties"], name, pascal(str(name))
    for key, suffix in (("items", "Item"), ("additionalProperties", "AdditionalProperty")):
        if is_object(schema.get(key)):
            yield schema, key, suffix
    if is_object(schema.get("not")):
        yield schema, "not", "Not"
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for index in range(len(array(schema, key))):
            yield schema[key], index, f"Type{index}"


def pascal(text: str) -> str:
    """``sendChat_request`` as ``SendChatRequest``."""
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return "".join(word[0].upper() + word[1:] for word in words)
