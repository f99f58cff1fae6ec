"""aleph-alpha-client 11.5.1 and polychat.aleph_alpha run the same script on the same server."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from polychat.emulator import Emulator
from tests.peers.aleph_alpha.cases import CASES
from tests.peers.aleph_alpha.differences import DIFFERENCES, MISSING
from tests.peers.aleph_alpha.libraries import OLD, OURS, Comparable, Outcome, Run, names_of

TESTS = Path(__file__).parents[2] / "aleph_alpha"
Outcomes = dict[str, dict[str, Outcome]]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcomes]:
    """By library, colour and case."""
    plain = Comparable(names_of(OLD))
    with Emulator() as emulator:
        return {
            root: {
                colour: Run(root, colour, emulator, plain).outcomes()
                for colour in ("sync", "async")
            }
            for root in (OLD, OURS)
        }


def test_the_script_has_many_distinct_calls(outcomes: dict[str, Outcomes]) -> None:
    calls = [
        (case.method, str(outcomes[OURS]["sync"][name]["sent"]), str(sorted(case.client.items())))
        for name, case in CASES.items()
    ]
    assert len(set(calls)) >= 150


def test_results_and_requests_differ_exactly_where_it_is_said(
    outcomes: dict[str, Outcomes],
) -> None:
    found = set()
    for colour, ours in outcomes[OURS].items():
        other = "async" if colour == "sync" else "sync"
        for name, outcome in ours.items():
            lacks = CASES[name].method in MISSING[colour]
            old = outcomes[OLD][other if lacks else colour][name]
            found |= {
                (colour, name, part) for part in ("gave", "sent") if outcome[part] != old[part]
            }
    said = {
        (colour, name, difference.part)
        for difference in DIFFERENCES
        for name in difference.cases
        for colour in difference.colours
    }
    assert found == said


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.why)
def test_each_difference_has_a_test(difference: Any) -> None:
    file, _, name = difference.test.partition("::")
    assert f"def {name}(" in (TESTS / file).read_text()
    assert set(difference.cases) <= CASES.keys()


def test_methods_that_the_old_clients_lack_are_missing_there(outcomes: dict[str, Outcomes]) -> None:
    for colour, methods in MISSING.items():
        for name, case in CASES.items():
            lacks = outcomes[OLD][colour][name]["gave"] == ["raised", "AttributeError"]
            assert lacks == (case.method in methods), name


def test_every_name_and_argument_is_there() -> None:
    old, ours = names_of(OLD), names_of(OURS)
    own = [name for name, value in vars(old).items() if hasattr(value, "__module__")]
    assert len(own) > 80
    for name in own:
        theirs, made = getattr(old, name), getattr(ours, name, None)
        assert made is not None, name
        if inspect.isclass(theirs) and not issubclass(theirs, Exception):
            known = fields(made)
            for member in vars(theirs):
                inner = member.startswith("_") or member.isupper()
                assert inner or hasattr(made, member) or member in known, (name, member)
    for name in ("Client", "AsyncClient"):
        for method, function in inspect.getmembers(getattr(old, name), inspect.isfunction):
            if method.startswith("_") and method != "__init__":
                continue
            theirs = list(inspect.signature(function).parameters)
            made = list(inspect.signature(getattr(getattr(ours, name), method)).parameters)
            assert made[: len(theirs)] == theirs, (name, method)


def fields(kind: Any) -> set[str]:
    return set(getattr(kind, "__dataclass_fields__", {}))


def test_the_types_take_the_same_arguments_in_the_same_order() -> None:
    old, ours = names_of(OLD), names_of(OURS)
    compared = 0
    for name, kind in vars(old).items():
        if not str(getattr(kind, "__module__", "")).startswith(OLD) or not hasattr(
            kind, "__dataclass_fields__"
        ):
            continue
        theirs = list(inspect.signature(kind).parameters.values())
        made = list(inspect.signature(getattr(ours, name)).parameters.values())[: len(theirs)]
        assert [p.name for p in made] == [p.name for p in theirs], name
        for mine, their in zip(made, theirs, strict=True):
            if their.default is not their.empty:
                assert mine.default == their.default, (name, mine.name)
        compared += 1
    assert compared > 45


def test_documents_of_types_are_the_same() -> None:
    """What to_json gives, nulls aside, and what from_json reads of it."""
    old, ours = names_of(OLD), names_of(OURS)
    document = {
        "model_version": "1",
        "completions": [{"completion": "a", "finish_reason": "x"}],
        "num_tokens_prompt_total": 1,
        "num_tokens_generated": 2,
    }
    plain = Comparable(old)
    for library in (old, ours):
        assert library.CompletionResponse.from_json(document).to_json() == {
            **document,
            "optimized_prompt": None,
            "completions": [
                {
                    "completion": "a", "finish_reason": "x", "log_probs": None,
                    "completion_tokens": None, "raw_completion": None,
                }
            ],
        }  # fmt: skip
    chunk = {"index": 0, "delta": {"content": "a", "role": "assistant"}}
    piece = [plain(library.ChatStreamChunk.from_json(chunk)) for library in (old, ours)]
    assert piece[0] == piece[1]
