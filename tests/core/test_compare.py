"""What the comparison of two checkouts says of paired rounds."""

from __future__ import annotations

import math

import pytest

from benchmarks.compare import interval


def test_rounds_that_agree_have_no_interval() -> None:
    assert interval([1.1] * 15) == pytest.approx((1.1, 1.1, 1.1))


def test_the_interval_is_that_of_students_t_on_logarithms() -> None:
    middle, low, high = interval([2.0, 0.5] * 7 + [1.0])
    assert middle == pytest.approx(1.0)
    spread = 2.14 * math.log(2) * math.sqrt(14 / 14) / math.sqrt(15)
    assert (low, high) == pytest.approx((math.exp(-spread), math.exp(spread)))
