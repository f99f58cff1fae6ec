"""The models' rules, without a server."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from polychat.emulator.fill import fill
from polychat.emulator.rules import count_tokens, pieces, reply, tokens
from polychat.emulator.vectors import as_base64, embed, embedding_list


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


WEATHER = {
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "note": {"type": "string"},
        },
        "required": ["city", "days", "unit"],
    },
}
TOOLS = [
    {"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}},
    {"type": "function", "function": WEATHER},
]


def test_the_last_user_message_comes_back() -> None:
    messages = [user("one"), {"role": "assistant", "content": "x"}, user("two words")]
    said = reply({"messages": messages})
    assert (said.content, said.finish_reason, said.tokens) == ("two words", "stop", 2)


def test_parts_of_a_message_are_joined() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    parts = [{"type": "text", "text": "a "}, image, {"type": "text", "text": "b"}]
    assert reply({"messages": [user(parts)]}).content == "a b"


def test_without_a_user_the_last_message_counts() -> None:
    assert reply({"messages": [{"role": "system", "content": "s"}]}).content == "s"


@pytest.mark.parametrize(
    ("choice", "name"),
    [(None, "clock"), ("auto", "clock"), ("required", "clock"), ("weather", "weather")],
)
def test_the_first_or_the_chosen_tool_is_called(choice: str | None, name: str) -> None:
    request: dict[str, Any] = {"messages": [user("hi")], "tools": TOOLS, "tool_choice": choice}
    if choice == "weather":
        request["tool_choice"] = {"type": "function", "function": {"name": "weather"}}
    said = reply(request)
    assert (said.tool, said.content, said.finish_reason) == (name, None, "tool_calls")


def test_a_forbidden_tool_is_not_called() -> None:
    said = reply({"messages": [user("hi")], "tools": TOOLS, "tool_choice": "none"})
    assert (said.tool, said.content) == (None, "hi")


def test_arguments_are_filled_from_the_message() -> None:
    request = {
        "messages": [user("Paris in fahrenheit for 3 days")],
        "tools": [{"type": "function", "function": WEATHER}],
    }
    assert json.loads(reply(request).arguments) == {
        "city": "Paris in fahrenheit for 3 days",
        "days": 3,
        "unit": "fahrenheit",
    }


def test_the_results_of_tools_are_answered() -> None:
    results = [{"role": "tool", "tool_call_id": i, "content": f"result {i}"} for i in "ab"]
    said = reply({"messages": [user("x"), *results], "tools": TOOLS})
    assert (said.content, said.tool) == ("result a\nresult b", None)


def test_json_is_made_to_the_schema_or_of_the_text() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}
    by_schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    said = reply({"messages": [user("pi is 3.14")], "response_format": by_schema})
    assert json.loads(said.content or "") == {"n": 3.14}
    said = reply({"messages": [user("hi")], "response_format": {"type": "json_object"}})
    assert json.loads(said.content or "") == {"content": "hi"}


@pytest.mark.parametrize(
    ("limits", "content", "reason"),
    [
        ({"max_tokens": 2}, "a b", "length"),
        ({"max_completion_tokens": 1, "max_tokens": 9}, "a", "length"),
        ({"maximum_tokens": 3}, "a b c", "stop"),
        ({"stop": "b"}, "a ", "stop"),
        ({"stop": ["x", "c"]}, "a b ", "stop"),
    ],
)
def test_limits_cut_the_answer(limits: dict[str, Any], content: str, reason: str) -> None:
    said = reply({"messages": [user("a b c")], **limits})
    assert (said.content, said.finish_reason) == (content, reason)


@given(st.text())
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert count_tokens(text) == len(text.split()) == len(tokens(text))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": 5}, 5),
        ({"enum": ["a", "no"]}, "no"),
        ({"enum": ["x", "y"]}, "x"),
        ({"type": "boolean"}, False),
        ({"type": ["null", "string"]}, "no 7 and 8"),
        ({"type": "string", "maxLength": 4}, "no 7"),
        ({"type": "integer", "maximum": 5}, 5),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3}, [7, 8, 8]),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 7),
        ({"properties": {"a": {"type": "null"}, "b": {"type": "integer"}}}, {"a": None, "b": 7}),
        (
            {"$defs": {"n": {"type": "number"}}, "properties": {"a": {"$ref": "#/$defs/n"}}},
            {"a": 7},
        ),
        (
            {
                "allOf": [
                    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
                    {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
                ]
            },
            {"a": 8, "b": 7},
        ),
    ],
)
def test_a_schema_is_filled_by_its_rules(schema: dict[str, Any], expected: Any) -> None:
    if "allOf" in schema:
        filled = fill(schema, "no 7 and 8")
        assert sorted(filled) == ["a", "b"]
        assert sorted(filled.values()) == [7, 8]
    else:
        assert fill(schema, "no 7 and 8") == expected


def test_a_schema_that_refers_to_itself_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#"}, "name": {"type": "string"}}}
    filled = fill(node, "deep")
    depth = 0
    while filled:
        assert filled["name"] == "deep"
        filled = filled["next"]
        depth += 1
    assert depth > 3


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "integer"},
            {"type": "number", "minimum": 2},
            {"type": "boolean"},
            {"enum": ["a", 1, None]},
            {"type": ["string", "null"], "maxLength": 3},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item, "minItems": 2}, inner),
        st.builds(
            lambda fields: {
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            },
            st.dictionaries(st.text(max_size=4), inner, max_size=3),
        ),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
    ),
    max_leaves=6,
)


@given(SCHEMAS, st.text(max_size=40))
def test_what_is_filled_is_allowed(schema: dict[str, Any], text: str) -> None:
    Draft202012Validator(schema).validate(fill(schema, text))


def test_vectors_have_length_one_and_know_likeness() -> None:
    one, same, other = embed("red apple", 64), embed("Red  apple", 64), embed("blue sky", 64)
    near = embed("red pear", 64)

    def dot(a: list[float], b: list[float]) -> float:
        return math.fsum(x * y for x, y in zip(a, b, strict=True))

    assert one == same
    assert dot(one, one) == pytest.approx(1)
    assert dot(one, near) > dot(one, other)
    assert embed("", 3) == [1.0, 0.0, 0.0]


def test_base64_has_the_same_numbers() -> None:
    vector = embed("a b c", 5)
    read = struct.unpack("<5f", base64.b64decode(as_base64(vector)))
    assert list(read) == pytest.approx(vector)


@pytest.mark.parametrize(
    ("given_input", "count"),
    [("a b", 1), (["a", "b"], 2), ([1, 2, 3], 1), ([[1, 2], [3]], 2)],
)
def test_every_shape_of_input_is_embedded(given_input: Any, count: int) -> None:
    document = embedding_list({"input": given_input, "dimensions": 4}, "m")
    assert [item["index"] for item in document["data"]] == list(range(count))
    assert all(len(item["embedding"]) == 4 for item in document["data"])
    assert document["usage"]["total_tokens"] > 0
