"""A null is not the same as nothing: it can be told apart, and is written where it belongs."""

from __future__ import annotations

import copy
import difflib
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.generator.conftest import Package, compile_spec
from tests.generator.zoo import STRING, ref

HOLES = ["text", "moment", "sound", "plain", "items", "pet", "anything"]
"""The fields of the zoo's `Holes` that are required and may be null, as the spec has them."""


def names(zoo: Package) -> list[str]:
    known = zoo.runtime("dump").wire_names(zoo.model("Holes"))
    return [name for name, wire in known.items() if wire in HOLES]


def made(zoo: Package, **fields: Any) -> Any:
    return zoo.model("Holes")(**{"first": "f", **dict.fromkeys(names(zoo)), **fields})


def test_a_required_field_that_may_be_null_is_sent_as_null_in_its_place(zoo: Package) -> None:
    expected = {"first": "f", **dict.fromkeys(HOLES), "last": "l"}
    body = zoo.runtime("body").JsonBody([made(zoo, maybe=None, last="l")])
    assert zoo.runtime("codec").decode(body.content()) == [expected]
    assert [*made(zoo, last="l").to_dict()] == [*expected]
    assert made(zoo).model_fields_set == {"first", *names(zoo)}


def test_what_is_set_later_counts(zoo: Package) -> None:
    holes = zoo.model("Holes").from_dict({"first": None, "text": "t", "maybe": None, "last": "l"})
    assert holes.model_fields_set == {"first", "text", "maybe", "last"}
    holes.maybe, holes.text, holes.last = "m", None, None
    # `text` is required and may be null; `last` may be absent; `moment` never came.
    assert holes.to_dict() == {"first": None, "text": None, "maybe": "m"}
    assert holes.model_fields_set == {"first", "text", "maybe"}
    holes.moment = datetime(2026, 1, 2, tzinfo=UTC)
    holes.plain = zoo.model("Plain")(id="p")
    assert holes.to_dict()["moment"] == "2026-01-02T00:00:00+00:00"
    assert holes.to_dict()["plain"] == {"id": "p"}


def test_a_null_of_an_unknown_field_is_kept_until_it_is_deleted(zoo: Package) -> None:
    keyed = zoo.model("Keyed").from_dict({"plain": None, "a": None, "b": {"id": None, "x": None}})
    assert keyed.to_dict() == {"plain": None, "a": None, "b": {"id": None, "x": None}}
    assert type(keyed["b"]) is zoo.model("Plain")
    assert keyed.additional_keys == ["a", "b"]
    del keyed["a"]
    keyed["b"].note = "n"
    assert keyed.to_dict() == {"plain": None, "b": {"id": None, "x": None, "note": "n"}}
    assert keyed.model_fields_set == {"plain", "b"}


def test_dumps_tell_a_null_from_nothing(zoo: Package) -> None:
    document = {"id": "a", "finish": None, "new": None, "plain": {"id": "p", "note": None}}
    animal = zoo.model("Animal").from_dict(document)
    assert animal.model_dump(exclude_unset=True) == document
    short = {"id": "a", "plain": {"id": "p"}}
    assert animal.model_dump(exclude_none=True) == short
    assert animal.model_dump(exclude_unset=True, exclude_none=True) == short
    assert animal.model_dump(exclude_defaults=True) == short
    assert animal.model_dump().keys() > document.keys()


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda one: one.model_copy(), lambda one: one.model_copy(deep=True),
     lambda one: pickle.loads(pickle.dumps(one))],
    ids=["copy", "deepcopy", "model_copy", "deep model_copy", "pickle"],
)  # fmt: skip
def test_copies_have_the_nulls_and_what_was_set(zoo: Package, copied: Any) -> None:
    document = {"id": "a", "finish": None, "born": None, "sound": "mp3", "new": None}
    animal = zoo.model("Animal").from_dict(document)
    animal.sound = None
    other = copied(animal)
    assert other == animal
    assert repr(other) == repr(animal) == "Animal(id='a', additional_properties={'new': None})"
    assert other.to_dict() == {"id": "a", "finish": None, "born": None, "new": None}
    other["newer"] = 1
    assert "newer" not in animal
    own = copied(made(zoo))
    assert own.to_dict() == made(zoo).to_dict()


def test_a_copy_is_updated(zoo: Package) -> None:
    animal = zoo.model("Animal").from_dict({"id": "a", "finish": None, "count": 1})
    assert animal.model_copy(update={"finish": "stop", "count": None}).to_dict() == {
        "id": "a", "finish": "stop"
    }  # fmt: skip
    assert animal.to_dict() == {"id": "a", "finish": None, "count": 1}


def test_a_value_that_was_replaced_is_in_no_pickle(zoo: Package) -> None:
    plain = zoo.model("Plain").from_dict({"id": "old-value", "note": None})
    plain.id = "new-value"
    written = pickle.dumps(plain)
    assert b"new-value" in written
    assert b"old-value" not in written


def test_null_and_nothing_are_equal(zoo: Package) -> None:
    one = zoo.model("Plain").from_dict({"id": "a", "note": None})
    assert one == zoo.model("Plain").from_dict({"id": "a"}) == zoo.model("Plain")(id="a")


def test_a_new_field_changes_only_lines_that_name_it(tmp_path: Path) -> None:
    fields = [f"field_{letter}" for letter in "abcdefghij"]

    def source(*more: str) -> list[str]:
        schema = {"type": "object", "properties": dict.fromkeys([*fields, *more], STRING)}
        spec = {
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "components": {"schemas": {"Thing": schema}},
            "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {
                "description": "", "content": {"application/json": {"schema": ref("Thing")}}}}}}},
        }  # fmt: skip
        package = compile_spec(tmp_path / f"with_{len(more)}", spec)
        return package.source("models/thing.py").splitlines()

    compared = difflib.ndiff(source(), source("novel"))
    changed = [line for line in compared if line[0] in "+-"]
    assert changed
    assert [line for line in changed if line[0] == "-" or "novel" not in line] == []
