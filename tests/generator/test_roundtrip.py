"""Any document of a schema, and what services make of it, is read and written again unharmed."""

from __future__ import annotations

import functools
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT / "generated") not in sys.path:
    sys.path.insert(0, str(ROOT / "generated"))

CASES = [
    ("dial", "ChatCompletionChunk"),
    ("dial", "ChatCompletionResponse"),
    ("dial", "ChatCompletionRequest"),
    ("dial", "Metadata"),
    ("dial", "Application"),
    ("azure", "ChatCompletions"),
    ("azure", "ChatCompletionsOptions"),
    ("aleph_alpha", "CompletionRequest"),
    ("aleph_alpha", "CompletionResponse"),
    ("aimlapi", "ChatCompletionRequest"),
    ("aimlapi", "ChatCompletionChunk"),
]

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)


@functools.cache
def spec(platform: str) -> dict[str, Any]:
    path = ROOT / "generated" / "polychat_rest" / platform / "openapi.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def values(platform: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Values of `schema`, now and then of another shape, with unknown fields and nulls."""
    return st.one_of(_valid(platform, schema, depth), _valid(platform, schema, depth), anything)


def _valid(platform: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _component(platform, name, depth)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return st.one_of([_valid(platform, variant, depth) for variant in schema[key]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([_valid(platform, {**schema, "type": k}, depth) for k in kind])
    if kind == "array":
        if depth <= 0:
            return st.just([])
        return st.lists(values(platform, schema.get("items") or {}, depth - 1), max_size=2)
    if "properties" in schema or kind == "object":
        if depth <= 0:
            return st.just({})
        return st.fixed_dictionaries(
            {},
            optional={
                **{
                    name: values(platform, inner, depth - 1)
                    for name, inner in schema.get("properties", {}).items()
                },
                "unheard_of": anything,
            },
        )
    plain: dict[Any, st.SearchStrategy[Any]] = {
        "string": st.text(max_size=6),
        "integer": st.integers(-(2**53), 2**53),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain.get(kind, anything)


@functools.cache
def _component(platform: str, name: str, depth: int) -> st.SearchStrategy[Any]:
    return st.deferred(
        lambda: _valid(platform, spec(platform)["components"]["schemas"][name], depth)
    )


def same(before: Any, after: Any) -> bool:
    """Whether `after` is `before`, except that a null of an object may be absent."""
    if isinstance(before, dict) and isinstance(after, dict):
        return after.keys() <= before.keys() and all(
            same(value, after[key]) if key in after else value is None
            for key, value in before.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    return type(before) is type(after) and bool(before == after)


@pytest.mark.parametrize(("platform", "name"), CASES)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_document_that_was_read_and_written_is_the_same(
    platform: str, name: str, data: st.DataObject
) -> None:
    model = getattr(importlib.import_module(f"polychat_rest.{platform}.models"), name)
    document = data.draw(_valid(platform, {"$ref": f"#/components/schemas/{name}"}, 5))
    wire = msgspec.json.encode(document)
    read = model.from_owned(msgspec.json.decode(wire))
    written = msgspec.json.decode(msgspec.json.encode(read.to_dict()))
    assert same(document, written), written
    again = model.from_dict(written)
    assert again == model.from_dict(written)
    assert same(written, again.to_dict())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": None, "b": 1}, {"b": 1}, True),
        ({"b": 1}, {"a": None, "b": 1}, False),
        ({"a": 1}, {}, False),
        ([None], [], False),
        ({"a": [{"x": None}]}, {"a": [{}]}, True),
        (1, True, False),
        (1, 1.0, False),
    ],
)
def test_what_counts_as_the_same(before: Any, after: Any, expected: bool) -> None:
    assert same(before, after) is expected
