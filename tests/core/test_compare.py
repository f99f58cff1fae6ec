"""The statistics of benchmarks/compare.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.compare import in_turn, outside, ratio, row
from benchmarks.measure import Metrics

NOISE = (0.02, -0.01, 0.015, -0.02, 0.005, -0.005, 0.01, -0.015, 0.0, 0.012, -0.012, 0.003)


def pairs(factor: float) -> list[tuple[float, float]]:
    return [(10.0, 10.0 * (factor + noise)) for noise in NOISE]


@pytest.mark.parametrize(("count", "critical"), [(6, 0), (7, 2), (10, 8), (15, 25), (20, 52)])
def test_the_interval_has_the_critical_values_of_the_signed_rank_test(
    count: int, critical: int
) -> None:
    assert outside(count) == critical  # as tables of the two-sided test at 5 % have them


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.2, "slower"), (1.05, "unsure"), (1.0, ""), (0.9, "faster")]
)
def test_a_verdict_says_on_which_side_of_the_tolerance_the_interval_lies(
    factor: float, verdict: str
) -> None:
    found = ratio(pairs(factor))
    assert found is not None
    assert found.middle == pytest.approx(factor, abs=0.005)
    assert found.low < factor < found.high
    assert found.verdict == verdict


def test_one_disturbed_round_does_not_make_a_verdict() -> None:
    disturbed = [*pairs(1.0), (10.0, 300.0)]
    found = ratio(disturbed)
    assert found is not None
    assert found.verdict == ""
    assert found.middle == pytest.approx(1.0, abs=0.01)


def test_the_ratio_turned_round_is_the_inverse() -> None:
    found, turned = ratio(pairs(1.1)), ratio([(new, old) for old, new in pairs(1.1)])
    assert found is not None
    assert turned is not None
    assert turned.middle == pytest.approx(1 / found.middle)
    assert (turned.low, turned.high) == pytest.approx((1 / found.high, 1 / found.low))


def test_times_that_are_not_positive_are_left_out() -> None:
    assert ratio([(1.0, 1.1)] * 5 + [(-0.1, 1.0), (1.0, 0.0)]) is None
    found = ratio([(1.0, 1.1)] * 6 + [(-0.1, 1.0)])
    assert found is not None
    assert (found.low, found.middle, found.high) == pytest.approx((1.1, 1.1, 1.1))


def test_a_row_ends_with_its_verdict() -> None:
    assert row("call", "polychat", "cpu", pairs(1.2)).endswith(" slower")
    assert row("call", "polychat", "cpu", pairs(1.0))[-1].isdigit()
    assert row("call", "polychat", "cpu", [(1.0, 2.0)]).endswith(" unsure")


def test_the_trees_alternate_and_each_pair_keeps_its_sides() -> None:
    order: list[str] = []

    def side(name: str, value: float) -> Callable[[], Metrics]:
        def measure() -> Metrics:
            order.append(name)
            return {"cpu": value}

        return measure

    assert in_turn(3, side("old", 1), side("new", 2)) == [({"cpu": 1}, {"cpu": 2})] * 3
    assert order == ["old", "new", "new", "old", "old", "new"]
