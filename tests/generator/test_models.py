"""Generated models: what the generator alone would lose is there, and nothing odd is fatal."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, Required, get_origin, get_type_hints

import pytest

from polygen.names import RESERVED
from tests.generator.conftest import Package


def read(zoo: Package, **fields: Any) -> Any:
    return zoo.model("Animal").from_dict({"id": "a", "finish": "stop", **fields})


def test_all_of_with_one_reference_keeps_its_own_properties(zoo: Package) -> None:
    extended = zoo.model("Extended").from_dict({"id": "x", "note": "n", "extra": 3})
    assert (extended.id, extended.note, extended.extra) == ("x", "n", 3)
    assert extended.additional_properties == {}
    with pytest.raises(TypeError, match="extra"):
        zoo.model("Extended")(id="x")


def test_one_of_with_one_reference_is_a_class_of_its_own(zoo: Package) -> None:
    wrapped = zoo.model("Wrapped")
    assert wrapped is not zoo.model("Plain")
    assert "A plain one." in wrapped.__doc__
    assert wrapped(id="x").id == "x"


def test_a_base_with_a_discriminator_reads_as_the_child_that_the_tag_names(zoo: Package) -> None:
    cat = read(zoo, pet={"kind": "cat", "name": "Tom", "lives": 9}).pet
    dog = read(zoo, pet={"kind": "dog", "tricks": ["sit"]}).pet
    assert type(cat) is zoo.model("Cat")
    assert (cat.name, cat.lives) == ("Tom", 9)
    assert type(dog) is zoo.model("Dog")
    assert dog.tricks == ["sit"]
    assert zoo.model("Dog")(tricks=[]).to_dict() == {"kind": "dog", "tricks": []}


def test_the_tag_picks_the_class_where_all_fields_are_optional(zoo: Package) -> None:
    shapes = read(
        zoo, shapes=[{"shape": "square", "side": 2}, {"shape": "disc"}, {"shape": "circle"}]
    ).shapes
    assert [type(shape).__name__ for shape in shapes] == ["Square", "Round", "Round"]
    assert shapes[0].side == 2


@pytest.mark.parametrize("odd", [{"shape": "star"}, {}, {"shape": ["square"]}, 5, "text", [1]])
def test_a_variant_that_the_spec_does_not_know_stays_as_it_came(zoo: Package, odd: Any) -> None:
    animal = read(zoo, shape=copy.deepcopy(odd))
    assert animal.shape == odd
    assert animal.to_dict()["shape"] == odd


def test_without_a_tag_the_required_keys_tell(zoo: Package) -> None:
    assert type(read(zoo, open_or_named={"name": "n"}).open_or_named) is zoo.model("Named")
    assert type(read(zoo, open_or_named={"x": 1}).open_or_named) is zoo.model("Open")


def test_a_union_of_text_and_a_list_goes_by_the_json_type(zoo: Package) -> None:
    assert read(zoo, either="words").either == "words"
    (plain,) = read(zoo, either=[{"id": "p"}]).either
    assert type(plain) is zoo.model("Plain")


def test_nulls_read_as_none_and_an_unknown_enum_value_stays(zoo: Package) -> None:
    names = ["finish", "level", "sound", "pet", "shape", "plain", "count", "meta", "by_name"]
    animal = zoo.model("Animal").from_dict(dict.fromkeys(["id", *names]))
    assert [getattr(animal, name) for name in names] == [None] * len(names)
    assert read(zoo, level="extreme", sound="ogg", mixed=[]).level == "extreme"
    assert zoo.model("Animal").from_dict({}).finish is None


def test_enums_that_differ_in_case_and_of_mixed_types_are_types(zoo: Package) -> None:
    source = zoo.source("models/animal.py")
    assert 'Literal["MP3", "mp3"] | str | None' in source
    assert "rate: float | None" in source
    assert 'mixed: bool | Literal[1] | int | Literal["auto"] | str | None' in source


def test_a_required_constant_needs_no_argument_and_an_optional_one_is_not_sent(
    zoo: Package,
) -> None:
    assert zoo.model("Settings")(question="q").to_dict() == {"question": "q", "role": "user"}


def test_defaults_of_the_spec_are_told_and_not_sent(zoo: Package) -> None:
    settings = zoo.model("Settings")
    assert "Server default: 0.7." in settings.__doc__
    assert settings(question="q").temperature is None


def test_unknown_fields_are_kept_at_every_level(zoo: Package) -> None:
    document = {
        "id": "a",
        "finish": "stop",
        "new": {"x": None},
        "pet": {"kind": "cat", "colour": "red"},
        "meta": {"deep": {"id": "d", "deeper": [1]}, "beside": True},
        "by_name": {"first": {"id": "1", "more": {}}},
        "parent": {"id": "b", "finish": None, "odd": [{"a": 1}]},
    }
    animal = zoo.model("Animal").from_dict(document)
    assert animal["new"] == {"x": None}
    assert animal.pet.colour == "red"
    assert animal.meta.deep.additional_properties == {"deeper": [1]}
    assert animal.to_dict() == document


def test_from_dict_leaves_the_document_alone(zoo: Package) -> None:
    document = {"id": "a", "finish": None, "shapes": [{"shape": "square"}], "loose": {"a": [1]}}
    before = copy.deepcopy(document)
    animal = zoo.model("Animal").from_dict(document)
    animal.loose["a"].append(2)
    assert document == before


def test_a_date_is_read_by_dateutil_and_written_as_it_came(zoo: Package) -> None:
    for text in ("2026-11-21T10:00:00Z", "20261121T100000.123Z", "2026-W47-6T10:00:00+00:00"):
        animal = read(zoo, born=text)
        assert animal.born.replace(microsecond=0) == datetime(2026, 11, 21, 10, tzinfo=UTC)
        assert animal.to_dict()["born"] == text
    assert read(zoo, born="yesterday").born == "yesterday"
    animal.born = datetime(2026, 1, 2, tzinfo=UTC)
    assert animal.to_dict()["born"] == "2026-01-02T00:00:00+00:00"
    assert zoo.model("Animal")(id="a", finish=None, born="2026-01-02").born.day == 2


def test_names_of_methods_and_keywords_become_fields_with_an_underscore(zoo: Package) -> None:
    animal = read(zoo, to_dict="field", list=[1])
    assert (animal.to_dict_, animal.list_) == ("field", [1])
    assert animal.to_dict()["to_dict"] == "field"


def test_no_field_can_take_the_place_of_a_method(zoo: Package) -> None:
    methods = {name for name in dir(zoo.runtime("model").Model) if not name.startswith("_")}
    assert "to_dict" in methods
    assert methods <= RESERVED


def test_models_compare_print_and_pickle(zoo: Package) -> None:
    one, two = read(zoo, pet={"kind": "cat", "x": 1}), read(zoo, pet={"kind": "cat", "x": 1})
    assert one == two
    assert one != read(zoo, pet={"kind": "cat", "x": 2})
    assert repr(one.pet) == "Cat(kind='cat', additional_properties={'x': 1})"
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(TypeError):
        hash(one)


def test_request_types_can_be_used_at_run_time(zoo: Package) -> None:
    params = zoo.module("params")
    hints = get_type_hints(params.SettingsParam)
    assert hints["question"] is str
    assert hints["temperature"] == float | None
    assert "x-odd key" in hints
    marked = get_type_hints(params.SettingsParam, include_extras=True)
    assert {key for key, kind in marked.items() if get_origin(kind) is Required} == {
        "question",
        "role",
    }
    assert get_type_hints(params.UploadParam)["meta"] == params.PlainParam | None


def test_importing_the_packages_loads_no_model_and_no_httpx(zoo: Package) -> None:
    name = f"{zoo.folder.name}.zoo"
    program = f"""
import sys
sys.path.insert(0, {str(zoo.folder.parent)!r})
import {name}, {name}.models, {name}.api, {name}.api.chat
loaded = [m for m in sys.modules if m.startswith("{name}.models.") or m == "httpx"]
assert loaded == [], loaded
from {name}.models import Plain
assert "{name}.models.plain" in sys.modules
assert "{name}.models.animal" not in sys.modules
assert "Animal" in dir({name}.models) and "Animal" in {name}.models.__all__
from {name} import Client
assert "httpx" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_unions_and_arrays_are_aliases_for_annotations(zoo: Package) -> None:
    assert zoo.model("Pet") == "Cat | Dog"
    assert "Pet" in zoo.module("models").__all__
    with pytest.raises(AttributeError, match="Nothing"):
        zoo.model("Nothing")
