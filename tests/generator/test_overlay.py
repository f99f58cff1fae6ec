"""Overlay entries: the four verbs, and all the ways in which one does not apply."""

from __future__ import annotations

from typing import Any

import pytest

from polygen.overlay import OverlayError, apply

SPEC: dict[str, Any] = {"a": {"b/c": [1, {"d": 2}], "e": {"f": {"g": 1}}}}


def entry(at: Any, **verb: Any) -> dict[str, Any]:
    return {"at": at, "why": "because", **verb}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (entry("#/a/b~1c/1/d", set=3), {"a": {"b/c": [1, {"d": 3}], "e": {"f": {"g": 1}}}}),
        (entry("/a/e", add={"h": 1}), {"a": {**SPEC["a"], "e": {"f": {"g": 1}, "h": 1}}}),
        (entry("#/a/b~1c", add=[5]), {"a": {**SPEC["a"], "b/c": [1, {"d": 2}, 5]}}),
        (
            entry("#/a/e", merge={"f": {"h": 2}}),
            {"a": {**SPEC["a"], "e": {"f": {"g": 1, "h": 2}}}},
        ),
        (entry("#/a", remove=["e"]), {"a": {"b/c": [1, {"d": 2}]}}),
        (entry("#/a/b~1c", remove=[1]), {"a": {**SPEC["a"], "b/c": [{"d": 2}]}}),
        (entry(["#/a/e", "#/a/e/f"], add={"z": 0}), None),
    ],
)
def test_a_verb_changes_what_it_points_at(change: dict[str, Any], expected: Any) -> None:
    before = repr(SPEC)
    result = apply(SPEC, [change])
    assert repr(SPEC) == before
    if expected is None:
        assert result["a"]["e"] == {"f": {"g": 1, "z": 0}, "z": 0}
    else:
        assert result == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (entry("#/a/x", set=1), "nothing at 'x'"),
        (entry("#/a/b~1c/7", set=1), "nothing at '7'"),
        (entry("#/a/b~1c/0/q", add={}), "nothing at 'q'"),
        (entry("#/a/e/f/g", set=1), "sets what is there already"),
        (entry("#/a/e", add={"f": 0}), "adds keys that are there already: f"),
        (entry("#/a/b~1c", add=[1]), "adds items that are there already"),
        (entry("#/a/e/f/g", add={"x": 1}), "no object or list"),
        (entry("#/a/e", merge={"f": {"g": 1}}), "merges what is there already"),
        (entry("#/a/b~1c", merge={}), "merges into what is no object"),
        (entry("#/a", remove=["x"]), "removes 'x', which is not there"),
        (entry("#/a", set=1, add={}), "give exactly one of"),
        (entry("#/a"), "give exactly one of"),
        ({"at": "#/a", "set": 1, "why": " "}, "has no reason"),
    ],
)
def test_an_entry_that_does_not_apply_is_an_error(change: dict[str, Any], message: str) -> None:
    with pytest.raises(OverlayError, match="overlay entry 1 ") as caught:
        apply(SPEC, [change])
    assert message in str(caught.value)


def test_without_an_entry_those_that_build_on_it_go_too() -> None:
    entries = [
        entry("#/a", add={"new": {}}),
        entry("#/a/new", add={"x": 1}),
        entry("#/a/e", add={"y": 1}),
    ]
    assert apply(SPEC, entries, without=0) == {"a": {**SPEC["a"], "e": {"f": {"g": 1}, "y": 1}}}
    with pytest.raises(OverlayError, match="entry 1"):
        apply(SPEC, [entry("#/q", set=1), entries[0]], without=1)
