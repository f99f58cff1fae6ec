"""OpenAPI 3.0 schemas as JSON Schema, and operations found by path."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from polychat.emulator.exchange import Refusal
from polychat.emulator.schema import to_json_schema
from polychat.emulator.server import PLATFORMS
from polychat.emulator.validate import Spec, spec_of


def allows(schema: dict[str, Any], value: Any, **components: Any) -> bool:
    document = {"components": {"schemas": components}}
    converted = {name: to_json_schema(one, document) for name, one in components.items()}
    root = {"allOf": [to_json_schema(schema, document)], "components": {"schemas": converted}}
    return Draft202012Validator(root).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "nullable": True}, None, 1),
        ({"type": "string", "enum": ["a"], "nullable": True}, None, "b"),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ({"type": "integer", "maximum": 1, "exclusiveMaximum": False}, 1, 2),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, ["a"], []),
        ({"type": "object", "properties": {"nullable": {"type": "string"}}}, {"x": 1}, None),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1, "1"),
        ({"type": "object", "additionalProperties": False}, {"unknown": 1}, []),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": "b"}),
    ],
)
def test_openapi_means_the_same(schema: dict[str, Any], good: Any, bad: Any) -> None:
    assert allows(schema, good)
    assert not allows(schema, bad)


def variant(tag: str, name: str) -> dict[str, Any]:
    properties = {"type": {"type": "string", "enum": [tag]}, name: {"type": "string"}}
    return {"type": "object", "properties": properties, "required": ["type", name]}


@pytest.mark.parametrize("explicit", [True, False])
def test_a_tag_picks_the_variant(*, explicit: bool) -> None:
    one, other = "#/components/schemas/One", "#/components/schemas/Other"
    union: dict[str, Any] = {"oneOf": [{"$ref": one}, {"$ref": other}]}
    if explicit:
        union["discriminator"] = {"propertyName": "type", "mapping": {"a": one, "b": other}}
    parts = {"One": variant("a", "x"), "Other": variant("b", "y")}
    assert allows(union, {"type": "a", "x": ""}, **parts)
    assert not allows(union, {"type": "a", "y": ""}, **parts)
    assert not allows(union, {"type": "c"}, **parts)
    assert not allows(union, {}, **parts)


DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things/{id}": {"get": {"operationId": "getThing"}},
        "/things/new": {"get": {"operationId": "getNew"}},
        "/files/{bucket}/{path}": {
            "parameters": [{"name": "path", "in": "path", "x-segments": True}],
            "get": {"operationId": "getFile"},
        },
    }
}


def test_literal_paths_come_first_and_segments_span() -> None:
    spec = Spec(DOCUMENT)

    def found(path: str) -> tuple[str, dict[str, str]] | None:
        match = spec.find("GET", path)
        return match and (match[0].id, match[1])

    assert found("/things/new") == ("getNew", {})
    assert found("/things/a%2Fb") == ("getThing", {"id": "a%2Fb"})
    assert found("/things/a/b") is None
    assert found("/files/b/x/y%20z") == ("getFile", {"bucket": "b", "path": "x/y%20z"})
    assert found("/files/b/") == ("getFile", {"bucket": "b", "path": ""})


def test_a_known_path_with_another_method_is_405() -> None:
    with pytest.raises(Refusal) as caught:
        Spec(DOCUMENT).find("POST", "/things/1")
    assert (caught.value.status, caught.value.headers) == (405, {"Allow": "GET"})


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_handler_is_of_an_operation_of_the_spec(platform: str) -> None:
    operations = {operation.id for operation in spec_of(platform).operations}
    assert set(PLATFORMS[platform].handlers) <= operations


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_body_schema_is_sound(platform: str) -> None:
    bodies = [o.body for o in spec_of(platform).operations if o.body is not None]
    for body in bodies:
        Draft202012Validator.check_schema(body.schema)
    assert bodies
