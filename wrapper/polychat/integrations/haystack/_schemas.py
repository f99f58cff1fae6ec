"""Tools and response formats as AIMLAPI takes them. What the caller gave is never changed."""

from __future__ import annotations

from typing import Any, cast

from haystack.tools import ToolsType, flatten_tools_or_toolsets
from pydantic import BaseModel

from polychat_rest.shapes import is_array, is_object

_COMBINED = ("anyOf", "oneOf", "allOf")
_NAMED = ("properties", "$defs", "definitions")
_SINGLE = ("items", "additionalProperties")


def tools_of(tools: ToolsType | None, *, strict: bool) -> list[dict[str, Any]]:
    """The definitions of tools and toolsets. Raises ValueError for a name that two have."""
    definitions: list[dict[str, Any]] = []
    names: set[str] = set()
    for tool in flatten_tools_or_toolsets(tools):
        if tool.name in names:
            raise ValueError(f"two tools are named {tool.name!r}")
        names.add(tool.name)
        function = dict(tool.tool_spec)
        if strict:
            function |= {"strict": True, "parameters": strict_schema(function["parameters"])}
        definitions.append({"type": "function", "function": function})
    return definitions


def strict_schema(schema: Any) -> Any:
    """A copy of a JSON Schema in which every object, at every level, takes its own properties only
    and requires them all: what ``strict`` asks for. Objects of free keys stay so; a ``$ref`` with
    keys beside it is replaced by what it names, and null defaults are left out."""
    return _strict(schema, schema, frozenset())


def _strict(schema: Any, root: Any, within: frozenset[str]) -> Any:
    """`schema`, a part of `root` that is reached through the references `within`."""
    if not is_object(schema):
        return schema
    given = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    name = given.get("$ref")
    if isinstance(name, str) and len(given) > 1:
        if name in within:  # without an end, were it replaced
            return {"$ref": name}
        named = _named(name, root)
        if named is not None:
            del given["$ref"]
            return _strict({**named, **given}, root, within | {name})
    new = {key: _strict_part(key, value, root, within) for key, value in given.items()}
    if "properties" in new:
        new["required"] = list(new["properties"])
    if "properties" in new or new.get("type") == "object":
        others = new.get("additionalProperties", False)
        keeps = is_object(others) or (others is True and "properties" not in new)
        new["additionalProperties"] = others if keeps else False
    return new


def _strict_part(key: str, value: Any, root: Any, within: frozenset[str]) -> Any:
    if key in _NAMED and is_object(value):
        return {name: _strict(part, root, within) for name, part in value.items()}
    if key in _COMBINED and is_array(value):
        return [_strict(part, root, within) for part in value]
    return _strict(value, root, within) if key in _SINGLE else value


def _named(reference: str, root: Any) -> dict[str, Any] | None:
    """What a local reference names."""
    start, *keys = reference.split("/")
    found = root if start == "#" else None
    for key in keys:
        plain_key = key.replace("~1", "/").replace("~0", "~")
        found = found.get(plain_key) if is_object(found) else None
    return dict(found) if is_object(found) else None


def response_format_of(given: Any) -> Any:
    """A response format; a pydantic class becomes a strict JSON Schema with its name."""
    if isinstance(given, type) and issubclass(given, BaseModel):
        schema = strict_schema(given.model_json_schema())
        inner = {"name": given.__name__, "strict": True, "schema": schema}
        return {"type": "json_schema", "json_schema": inner}
    return cast("Any", given)


def plain_kwargs(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Generation arguments that can be saved."""
    if kwargs.get("response_format") is None:
        return dict(kwargs)
    return {**kwargs, "response_format": response_format_of(kwargs["response_format"])}
