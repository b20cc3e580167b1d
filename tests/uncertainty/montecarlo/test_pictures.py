"""What a histogram and a plot of convergence show, against closed forms of the exponential."""

from __future__ import annotations

import math

import numpy as np
import pytest

from uncertainty import DocumentError, EvaluationError
from uncertainty.montecarlo.pictures import convergence, histogram

VALUES = np.random.default_rng(6).exponential(size=300_000)


def test_a_histogram_counts_every_value_and_its_density_is_that_of_the_distribution() -> None:
    found = histogram(VALUES, 0.95)
    assert found.counts.sum() + found.below + found.above == len(VALUES)
    assert (found.below + found.above) / len(VALUES) == pytest.approx(0.001, abs=2e-5)
    middles = (found.edges[1:] + found.edges[:-1]) / 2
    seen = found.counts > 2000
    assert found.density[seen] == pytest.approx(np.exp(-middles[seen]), rel=0.1)
    assert found.intervals.symmetric == pytest.approx((-math.log(0.975), -math.log(0.025)), abs=0.03)
    assert found.intervals.shortest == pytest.approx((0, -math.log(0.05)), abs=0.03)
    assert (found.mean, found.u) == pytest.approx((1, 1), abs=0.01)
    assert len(histogram(VALUES, bins=33).counts) == 33


def test_a_histogram_of_one_value_has_one_bar() -> None:
    found = histogram(np.full(1000, 7.0))
    assert found.counts.max() == 1000 and found.below == found.above == 0


def test_convergence_ends_with_the_figures_of_all_and_begins_with_those_of_the_first() -> None:
    found = convergence(VALUES, 0.95, points=20)
    assert found.trials[0] == 100 and found.trials[-1] == len(VALUES) and len(found.trials) == 20
    assert found.mean[0] == pytest.approx(np.mean(VALUES[:100]))
    assert found.u[-1] == pytest.approx(np.std(VALUES, ddof=1))
    final = histogram(VALUES).intervals
    assert tuple(found.symmetric[-1]) == final.symmetric and tuple(found.shortest[-1]) == final.shortest
    for error, n in zip(found.mean - 1, found.trials, strict=True):
        assert abs(error) < 4.5 / math.sqrt(n)


def test_wrong_askings_are_refused() -> None:
    for wrong in (0, 4, 1001, 2.5, True):
        with pytest.raises(DocumentError, match="bins"):
            histogram(VALUES, bins=wrong)  # type: ignore[arg-type]
    for wrong in (1, 10_000, 3.5):
        with pytest.raises(DocumentError, match="points"):
            convergence(VALUES, points=wrong)  # type: ignore[arg-type]
    with pytest.raises(DocumentError, match="probability"):
        histogram(VALUES, 95)
    with pytest.raises(DocumentError, match="100 trials"):
        histogram(VALUES[:50])
    with pytest.raises(EvaluationError, match="not finite"):
        convergence(np.where(VALUES > 9, np.nan, VALUES))
