"""Tools and response formats as AIMLAPI takes them. What the caller gave is never changed."""

from __future__ import annotations

from typing import Any, cast

from haystack.tools import ToolsType, flatten_tools_or_toolsets
from pydantic import BaseModel

from polychat_rest.shapes import is_array, is_object

_COMBINED = ("anyOf", "oneOf", "allOf")
_NAMED = ("properties", "$defs", "definitions")


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
    and requires them all: what ``strict`` asks for."""
    if not is_object(schema):
        return schema
    new: dict[str, Any] = {key: _strict_part(key, value) for key, value in schema.items()}
    if new.get("type") == "object" or "properties" in new:
        new["additionalProperties"] = False
        new["required"] = list(new.get("properties", {}))
    return new


def _strict_part(key: str, value: Any) -> Any:
    if key in _NAMED and is_object(value):
        return {name: strict_schema(part) for name, part in value.items()}
    if key in _COMBINED and is_array(value):
        return [strict_schema(part) for part in value]
    return strict_schema(value) if key == "items" else value


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
