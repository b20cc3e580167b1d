"""Analysis of variance against GUM H.5, scipy's F test and an exact least-squares computation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from uncertainty import DocumentError, EvaluationError
from uncertainty.statistics import f_critical, from_means, one_way, two_way

H5_MEANS = [
    10.000172,
    10.000116,
    10.000013,
    10.000144,
    10.000106,
    10.000031,
    10.000060,
    10.000125,
    10.000163,
    10.000041,
]
H5_S = [60e-6, 77e-6, 111e-6, 101e-6, 67e-6, 93e-6, 80e-6, 73e-6, 88e-6, 86e-6]


def test_zener_standard_of_gum_h5() -> None:
    """JCGM 100:2008, H.5.2: s of the means 57 µV, pooled 85 µV, F above F0.95(9, 40) = 2.12, u = 18 µV with ν = 9."""
    found = from_means(H5_MEANS, H5_S, 5)
    assert round(found.s_of_means * 1e6) == 57
    assert round(found.s_within * 1e6) == 85
    assert round(f_critical(0.95, 9, 40), 2) == 2.12
    assert pytest.approx(2.25, abs=0.02) == found.between.F  # printed from rounded figures; its table gives 2.26
    assert found.significant
    assert (round(found.u * 1e6), found.dof) == (18, 9)
    assert round(found.s_between * 1e6) == 43
    assert round(found.mean, 6) == 10.000097
    at_1_percent = from_means(H5_MEANS, H5_S, 5, alpha=0.01)
    assert not at_1_percent.significant
    assert (round(at_1_percent.u * 1e6), at_1_percent.dof) == (13, 49)  # H.5.2.5: s/√50 with 49


@given(st.lists(st.lists(st.integers(-50, 50), min_size=2, max_size=7), min_size=2, max_size=5))
def test_groups_of_unequal_size_as_scipy_tests_them(groups: list[list[int]]) -> None:
    found = one_way([[float(v) for v in group] for group in groups])
    everything = np.concatenate([np.array(group, float) for group in groups])
    assert found.between.ss + found.within.ss == pytest.approx(float(np.sum((everything - everything.mean()) ** 2)))
    if found.within.ss > 0:
        F, p = stats.f_oneway(*groups)
        assert pytest.approx(F, rel=1e-9, abs=1e-12) == found.between.F
        assert np.isnan(p) or found.between.p == pytest.approx(p, rel=1e-9)
    else:
        assert found.between.F is None


def test_components_of_variance_are_found_again() -> None:
    stream = np.random.default_rng(5)
    sizes = stream.integers(2, 9, 3000)
    groups = [stream.normal(0, 2.0) + stream.normal(0, 1.0, size) for size in sizes]
    found = one_way([np.round(group, 6) for group in groups])
    assert found.s_within == pytest.approx(1.0, rel=0.03)
    assert found.s_between == pytest.approx(2.0, rel=0.04)
    assert found.s_reproducibility == pytest.approx(5**0.5, rel=0.04)


def test_two_factors_against_least_squares() -> None:
    """Sums of squares of nested models by lstsq, an algorithm of its own."""
    stream = np.random.default_rng(8)
    y = stream.normal(10, 1, (3, 4, 2))
    found = two_way(y)
    i, j, _ = np.indices(y.shape)
    one = np.ones((24, 1))
    A, B = np.eye(3)[i.ravel()], np.eye(4)[j.ravel()]
    AB = np.eye(12)[(i * 4 + j).ravel()]

    def left(*columns: np.ndarray) -> float:
        X = np.hstack(columns)
        return float(np.sum((y.ravel() - X @ np.linalg.lstsq(X, y.ravel(), rcond=None)[0]) ** 2))

    assert found.a.ss == pytest.approx(left(one) - left(one, A))
    assert found.b.ss == pytest.approx(left(one) - left(one, B))
    assert found.interaction is not None
    assert found.interaction.ss == pytest.approx(left(one, A, B) - left(AB))
    assert found.error.ss == pytest.approx(left(AB))
    assert (found.a.dof, found.b.dof, found.interaction.dof, found.error.dof) == (2, 3, 6, 12)
    assert found.a.p == pytest.approx(stats.f.sf(found.a.F, 2, 12))
    single = two_way(y[:, :, 0])
    assert single.interaction is None
    assert single.error.dof == 6


@pytest.mark.parametrize("groups", [[[1.0, 2.0]], [[1.0], [2.0]], [[1.0, 2.0], []], [[1.0, float("nan")], [2.0, 3.0]]])
def test_groups_that_say_nothing_are_refused(groups: list[list[float]]) -> None:
    with pytest.raises(DocumentError):
        one_way(groups)


def test_tables_that_say_nothing_are_refused() -> None:
    with pytest.raises(DocumentError):
        two_way([[1.0, 2.0]])
    with pytest.raises(DocumentError):
        from_means([1.0, 2.0], [0.1], 5)
    with pytest.raises(EvaluationError):
        from_means([1.0, 2.0], [0.0, 0.0], 5)
    with pytest.raises(DocumentError):
        from_means([1.0, 2.0], [0.1, 0.1], 1)
