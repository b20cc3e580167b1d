"""Flags against printed critical values, scipy's t, and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncertainty import DocumentError
from uncertainty.statistics import dixon, far_from_median, grubbs, grubbs_all, grubbs_critical, mad
from uncertainty.statistics.dixon import critical, kind, tail


@pytest.mark.parametrize(
    ("n", "five", "one"), [(3, 1.153, 1.155), (5, 1.672, 1.749), (10, 2.176, 2.410), (20, 2.557, 2.884)]
)
def test_one_sided_values_of_grubbs_1969(n: int, five: float, one: float) -> None:
    """Grubbs, Technometrics 11 (1969), table 1: 5 % and 1 % points, one side."""
    assert grubbs_critical(n, 0.05, two_sided=False) == pytest.approx(five, abs=0.0011)
    assert grubbs_critical(n, 0.01, two_sided=False) == pytest.approx(one, abs=0.0011)


@pytest.mark.parametrize(
    ("n", "five", "one"),
    [(3, 0.941, 0.988), (4, 0.765, 0.889), (5, 0.642, 0.780), (7, 0.507, 0.637), (8, 0.554, 0.683), (14, 0.546, 0.641)],
)
def test_one_sided_values_of_dixon(n: int, five: float, one: float) -> None:
    """Dixon, Biometrics 9 (1953), table: α = 0.05 and 0.01, one side; its third digit is off by up to two."""
    assert critical(n, 0.05) == pytest.approx(five, abs=0.0011)
    assert critical(n, 0.01) == pytest.approx(one, abs=0.0025)


@pytest.mark.parametrize("n", [4, 9, 12, 20])
def test_dixons_ratio_exceeds_its_critical_value_as_often_as_stated(n: int) -> None:
    x = np.sort(np.random.default_rng(n).standard_normal((200_000, n)), axis=1)
    j, i = kind(n)
    ratio = (x[:, -1] - x[:, -1 - j]) / (x[:, -1] - x[:, i])
    assert float(np.mean(ratio > critical(n, 0.05))) == pytest.approx(0.05, abs=0.0025)
    assert float(np.mean(ratio > critical(n, 0.01))) == pytest.approx(0.01, abs=0.0011)
    assert tail(n, 1e-9) == pytest.approx(1.0, abs=1e-5)


def test_a_reading_that_stands_apart_is_flagged_and_kept() -> None:
    x = [10.01, 10.02, 9.99, 10.00, 10.01, 10.31, 9.98]
    assert (grubbs(x).index, grubbs(x).suspect) == (5, True)
    low, high = dixon(x)
    assert (low.suspect, high.suspect, high.value) == (False, True, 10.31)
    assert [flag.index for flag in far_from_median(x)] == [5]
    assert len(x) == 7


def test_two_bad_readings_are_found_one_after_the_other() -> None:
    x = [*np.linspace(-1.5, 1.5, 30), 9.0, 30.0]
    assert [flag.index for flag in grubbs_all(x)] == [31, 30]


def test_equal_readings_raise_no_flag_and_no_nan() -> None:
    assert not grubbs([1.0, 1.0, 1.0]).suspect
    assert not any(flag.suspect for flag in dixon([1.0, 1.0, 1.0]))
    assert far_from_median([1.0, 1.0, 1.0, 2.0])[0].index == 3


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=15), st.floats(0.1, 10))
def test_the_unit_of_the_readings_changes_no_statistic(x: list[float], unit: float) -> None:
    if np.std(x) > 1e-6:
        assert grubbs([v * unit for v in x]).statistic == pytest.approx(grubbs(x).statistic, rel=1e-6)


def test_mad_of_a_normal_sample_is_its_standard_deviation() -> None:
    centre, s = mad(np.random.default_rng(2).normal(3, 0.5, 100_000))
    assert (centre, s) == (pytest.approx(3, abs=0.01), pytest.approx(0.5, rel=0.02))


def test_too_few_or_too_many_readings_are_refused() -> None:
    with pytest.raises(DocumentError):
        grubbs([1.0, 2.0])
    with pytest.raises(DocumentError):
        dixon(list(range(31)))
    with pytest.raises(DocumentError):
        grubbs([1.0, 2.0, 3.0], alpha=1.5)
    with pytest.raises(DocumentError):
        far_from_median([1.0, 2.0, 3.0], limit=0)
