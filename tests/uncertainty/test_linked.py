"""Many results on shared sources: against the covariance of single results, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import uncertainty
from uncertainty import DocumentError
from uncertainty.linked import linked, of_batch

DOCUMENT: dict[str, Any] = {
    "budget": 1,
    "quantities": {
        "x": {"value": 10, "u": 0.3},
        "standard": {"value": 2, "u": 0.1, "id": "S"},
        "temperature": {"value": 0.5, "u": 0.2, "id": "T"},
    },
    "measurands": {"y": {"expression": "x*standard + temperature**2*x"}},
}
COLUMNS = {"x": {"value": np.array([10.0, -20.0, 30.0]), "u": np.array([0.3, 0.1, 0.2])}}


def singles() -> list[uncertainty.Result]:
    found = []
    for i in range(3):
        x = {"value": float(COLUMNS["x"]["value"][i]), "u": float(COLUMNS["x"]["u"][i]), "id": f"x{i}"}
        document = DOCUMENT | {"quantities": DOCUMENT["quantities"] | {"x": x}}
        found.append(uncertainty.evaluate(document).results["y"])
    return found


def test_a_batch_has_the_covariance_of_its_single_results() -> None:
    batch = uncertainty.evaluate_batch(DOCUMENT, COLUMNS).results["y"]
    table = of_batch(batch, ["standard", "temperature"])
    assert table.covariance() == pytest.approx(uncertainty.covariance(singles()), rel=1e-12)
    assert np.sqrt(table.variance()) == pytest.approx(batch.u, rel=1e-12)
    assert table.covariance([2, 0], [1]) == pytest.approx(table.covariance()[[2, 0]][:, [1]])
    assert table.covariance([1, 1]) == pytest.approx(np.full((2, 2), table.covariance()[1, 1]))


def test_the_sum_of_results_with_a_correlation_of_their_sources() -> None:
    """By hand: w = (3, 4) and (−3, 4), r = 0.5, own 1 and 2: sum has (0, 8), 64 + 3; difference (6, 0), 36 + 3."""
    table = linked([0, 0, 1, 1], [0, 1, 0, 1], [3.0, 4.0, -3.0, 4.0], [1.0, 2.0], [(0, 1, 0.5)])
    assert table.variance() == pytest.approx([9 + 16 + 12 + 1, 9 + 16 - 12 + 2])
    assert table.covariance()[0, 1] == pytest.approx(-9 + 16 + 0.5 * (12 - 12))
    assert table.of_combination([1, 1]) == pytest.approx(np.sqrt(67))
    assert table.of_combination([1, -1]) == pytest.approx(np.sqrt(39))
    assert linked([0], [0], [3.0], [0.0]).of_combination([0]) == 0


@given(st.integers(1, 700), st.integers(0, 1000))
def test_few_and_many_sources_give_the_product_written_out(sources: int, seed: int) -> None:
    g = np.random.default_rng(seed)
    rows, places, w = g.integers(0, 5, 30), g.integers(0, sources, 30), g.normal(size=30)
    own = g.random(5)
    dense = np.zeros((5, sources))
    np.add.at(dense, (rows, places), w)
    pairs = [(0, sources - 1, 0.4)] if sources > 1 else []
    r = np.eye(sources)
    for a, b, rho in pairs:
        r[a, b] = r[b, a] = rho
    table = linked(rows, places, w, own, pairs, n_sources=sources)
    assert table.covariance() == pytest.approx(dense @ r @ dense.T + np.diag(own), abs=1e-12)
    assert table.variance() == pytest.approx(np.diagonal(dense @ r @ dense.T) + own, abs=1e-12)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DocumentError, match="one length"):
        linked([0, 1], [0], [1.0], [1.0])
    for rows, sources in (([5], [0]), ([-1], [0]), ([0], [3])):
        with pytest.raises(DocumentError, match="rows"):
            linked(rows, sources, [1.0], [1.0], n_sources=2)
    for w, own in ((np.nan, 1.0), (1.0, np.inf), (1.0, -1.0)):
        with pytest.raises(DocumentError, match="finite"):
            linked([0], [0], [w], [own])
    wide = linked([0], [0], [1.0], np.ones(30_000))
    with pytest.raises(DocumentError, match="fewer results"):
        wide.covariance()
    batch = uncertainty.evaluate_batch(DOCUMENT, COLUMNS).results["y"]
    with pytest.raises(DocumentError, match="shared"):
        of_batch(batch, ["nobody"])


def test_what_is_shared_comes_with_what_it_is_correlated_with() -> None:
    """x and the standard are correlated by −0.9: without x, the rest has more variance than the result."""
    document = DOCUMENT | {"correlations": [{"between": ["x", "standard"], "r": -0.9}]}
    batch = uncertainty.evaluate_batch(document, {"x": {"value": np.array([10.0])}}).results["y"]
    with pytest.raises(DocumentError, match="correlated with"):
        of_batch(batch, ["standard", "temperature"])
    both = of_batch(batch, ["x", "standard", "temperature"], {("x", "standard"): -0.9})
    assert np.sqrt(both.variance()) == pytest.approx(batch.u)
