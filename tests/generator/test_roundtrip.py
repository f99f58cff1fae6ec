"""Any document of a schema, and what services make of it, is read and written again unharmed."""

from __future__ import annotations

import copy
import functools
import importlib
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generator.conftest import Package
from tests.generator.zoo import ZOO, ref

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
    if platform == "zoo":
        return ZOO
    path = ROOT / "generated" / "polychat_rest" / platform / "openapi.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def values(platform: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Values of `schema`, now and then of another shape, with unknown fields and nulls."""
    valid = _valid(platform, schema, depth)
    return st.one_of(valid, valid, anything, st.none())


def _valid(platform: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _component(platform, name, depth)
    for key in ("oneOf", "anyOf", "allOf"):  # of the last, documents that lack some of it
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
        others = schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        return st.fixed_dictionaries(
            {},
            optional={
                **{
                    name: values(platform, inner, depth - 1)
                    for name, inner in schema.get("properties", {}).items()
                },
                "unheard_of": values(platform, others, depth - 1),
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
    """Whether both are the same JSON: 1, 1.0 and true are three values."""
    if isinstance(before, dict) and isinstance(after, dict):
        return after.keys() == before.keys() and all(
            same(value, after[key]) for key, value in before.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    return type(before) is type(after) and bool(before == after)


def check(model: Any, document: Any) -> None:
    """Reads `document` and writes it again: as it is, of what was asked for, and of copies."""
    wire = msgspec.json.encode(document)
    read = model.from_owned(msgspec.json.decode(wire))
    written = msgspec.json.decode(msgspec.json.encode(read.to_dict()))
    assert same(document, written), written
    again = model.from_dict(written)
    read.model_dump()  # asks for each field, and makes what is made late
    assert again == read == model.from_dict(written)
    for copied in (again, read, copy.copy(read), copy.deepcopy(again), read.model_copy()):
        assert same(document, copied.to_dict())
        assert copied.model_fields_set == read.model_fields_set
    assert same(document, pickle.loads(pickle.dumps(read)).to_dict())
    names = importlib.import_module(f"{model.__module__.partition('.')[0]}.dump").wire_names(model)
    assert {names.get(name, name) for name in read.model_fields_set} == document.keys()
    assert read.model_dump(exclude_unset=True, by_alias=True).keys() == document.keys()


def lenient(**options: Any) -> settings:
    return settings(
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )


@pytest.mark.parametrize(("platform", "name"), CASES)
@lenient(max_examples=60)
@given(data=st.data())
def test_a_document_that_was_read_and_written_is_the_same(
    platform: str, name: str, data: st.DataObject
) -> None:
    model = getattr(importlib.import_module(f"polychat_rest.{platform}.models"), name)
    check(model, data.draw(_valid(platform, ref(name), 5)))


@pytest.mark.parametrize("name", ["Animal", "Holes", "Keyed", "Settings", "Upload"])
@lenient(max_examples=150)
@given(data=st.data())
def test_so_is_one_with_all_that_a_spec_can_say(
    zoo: Package, name: str, data: st.DataObject
) -> None:
    check(zoo.model(name), data.draw(_valid("zoo", ref(name), 4)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": None, "b": 1}, {"b": 1}, False),
        ({"b": 1}, {"a": None, "b": 1}, False),
        ({"a": 1}, {}, False),
        ([None], [], False),
        ({"a": [{"x": None}]}, {"a": [{}]}, False),
        ({"a": [{"x": None}]}, {"a": [{"x": None}]}, True),
        (1, True, False),
        (1, 1.0, False),
    ],
)
def test_what_counts_as_the_same(before: Any, after: Any, expected: bool) -> None:
    assert same(before, after) is expected
