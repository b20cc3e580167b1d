"""Coverage regions against closed forms of the normal and the uniform, and the polar example of JCGM 102:2011, 9.3."""

from __future__ import annotations

import math

import numpy as np
import pytest

import uncertainty
from uncertainty import DocumentError, EvaluationError
from uncertainty.montecarlo import sample
from uncertainty.montecarlo.regions import ellipse, normal_ellipse, normal_rectangle, rectangle, smallest

from ..published import case

K95 = math.sqrt(-2 * math.log(0.05))  # 2.447…: p of the normal plane within k is 1 − exp(−k²/2)
ADDITIVE = {
    "budget": 1,
    "quantities": {name: {"value": 0, "u": 1} for name in ("X1", "X2", "X3")},
    "measurands": {"Y1": {"expression": "X1 + X3"}, "Y2": {"expression": "X2 + X3"}},
}
V = np.array([[2.0, 1.0], [1.0, 2.0]])


@pytest.fixture(scope="module")
def additive() -> np.ndarray:
    return sample(uncertainty.compile(ADDITIVE), 1_000_000, seed=102)


def test_the_additive_model_has_the_ellipse_of_the_normal_plane(additive: np.ndarray) -> None:
    """JCGM 102:2011, 9.2.2: V = [[2, 1], [1, 2]]; area π k² √3, half-axes k √3 and k along the diagonals."""
    found = ellipse(additive, 0.95)
    assert pytest.approx(V, abs=0.01) == found.V
    assert found.k == pytest.approx(K95, abs=0.005)
    assert found.size == pytest.approx(math.pi * K95**2 * math.sqrt(3), rel=0.005)
    lengths, directions = found.half_axes()
    assert lengths == pytest.approx([K95 * math.sqrt(3), K95], rel=0.005)
    assert abs(directions[:, 0]) == pytest.approx([math.sqrt(0.5)] * 2, abs=0.005)
    assert np.mean(found.holds(additive)) == pytest.approx(0.95, abs=1e-6)
    edge = found.outline()
    assert np.all(found.holds(found.centre[:, None] + 0.999 * (edge - found.centre[:, None])))
    assert not np.any(found.holds(found.centre[:, None] + 1.001 * (edge - found.centre[:, None])))


def test_the_ellipse_of_the_first_order_is_that_of_chi_squared() -> None:
    """JCGM 102:2011, 6.5.2: k 2.45 for two, 2.80 for three (χ² 0.95: 5.991, 7.815)."""
    found = normal_ellipse(np.zeros(2), V, 0.95)
    assert found.k == pytest.approx(K95, rel=1e-12)
    assert normal_ellipse(np.zeros(3), np.eye(3), 0.95).k == pytest.approx(math.sqrt(7.814727903), rel=1e-9)
    assert normal_ellipse(np.zeros(3), np.eye(3), 0.95).size == pytest.approx(4 / 3 * math.pi * 7.814727903**1.5)
    assert normal_ellipse(np.zeros(1), np.eye(1), 0.95).k == pytest.approx(1.959963985, rel=1e-9)


def test_the_rectangle_of_independent_normals() -> None:
    """Closed form: each side at (1 + √p)/2, k = 2.2365; Bonferroni's k of the first order is 2.2414."""
    points = np.random.default_rng(5).normal(size=(2, 1_000_000)) * np.array([[3.0], [0.1]])
    found = rectangle(points, 0.95)
    assert found.k == pytest.approx(2.2365, abs=0.006)
    assert found.size == pytest.approx(4 * 2.2365**2 * 0.3, rel=0.006)
    assert np.mean(found.holds(points)) == pytest.approx(0.95, abs=1e-6)
    assert normal_rectangle(np.zeros(2), V, 0.95).k == pytest.approx(2.241403, abs=1e-6)


def test_the_smallest_region_of_a_normal_is_its_ellipse(additive: np.ndarray) -> None:
    found = smallest(additive, 0.95)
    assert found.size == pytest.approx(math.pi * K95**2 * math.sqrt(3), rel=0.015)
    assert np.mean(found.holds(additive)) == pytest.approx(found.p, abs=1e-4)
    assert 0.95 <= found.p < 0.952
    fresh = sample(uncertainty.compile(ADDITIVE), 1_000_000, seed=103)
    assert np.mean(found.holds(fresh)) == pytest.approx(0.95, abs=0.003)


def test_the_smallest_region_of_two_clusters_leaves_the_middle_out() -> None:
    """Two uniform squares of side 1 far apart: area 2·0.9, where an ellipse needs many times that."""
    stream = np.random.default_rng(8)
    points = stream.random((2, 400_000)) + 10 * (stream.random(400_000) < 0.5)
    found = smallest(points, 0.9, cells=220)
    assert found.size == pytest.approx(1.8, rel=0.03)
    assert not np.any(found.holds(np.array([[5.0, -3.0, 99.0], [5.0, 0.5, 99.0]])))
    assert ellipse(points, 0.9).size > 10


def test_polar_example_of_jcgm_102_close_to_zero() -> None:
    """JCGM 102:2011, 9.3, x1 = 0.001, u = 0.01: the first order's ellipse is unusable, the sampled region is not.

    The region in the phase reaches from −π to π, of the magnitude to 0.01·√(−2 ln 0.05) = 0.0245 at most.
    """
    found = case("jcgm102_multivariate", "s2-9.3-polar-mcm-x0.001-r0.0")
    quantities = {f"x{i}": {"value": found["inputs"][f"x{i}"], "u": found["inputs"][f"u{i}"]} for i in (1, 2)}
    models = {"magnitude": "sqrt(x1**2 + x2**2)", "phase": "atan2(x2, x1)"}
    document = {"budget": 1, "quantities": quantities, "measurands": {n: {"expression": e} for n, e in models.items()}}
    budget = uncertainty.compile(document)
    samples = sample(budget, 1_000_000, seed=1)
    expected = found["expected"]
    for row, name in zip(samples, models, strict=True):
        assert abs(np.mean(row) - expected[name]["value"]) <= expected[name]["abs_tol"]
        assert abs(np.std(row) - expected[f"u_{name}"]["value"]) <= expected[f"u_{name}"]["abs_tol"]
    region = smallest(samples, 0.95)
    magnitudes = region.x[:-1][np.any(region.inside, axis=1)]
    assert magnitudes.max() < 0.027
    assert np.mean(np.any(region.inside, axis=0)) == 1
    first = budget.evaluate().results
    unusable = normal_ellipse(np.zeros(2), np.diag([first["magnitude"].u ** 2, first["phase"].u ** 2]), 0.95)
    assert region.size < 0.25 * unusable.size


def test_three_measurands_have_an_ellipsoid() -> None:
    points = np.random.default_rng(4).normal(size=(3, 200_000))
    found = ellipse(points, 0.95)
    assert found.k == pytest.approx(math.sqrt(7.8147), abs=0.02)
    assert found.size == pytest.approx(4 / 3 * math.pi * 7.8147**1.5, rel=0.02)


def test_what_is_no_plane_is_refused() -> None:
    x = np.random.default_rng(1).normal(size=1000)
    for flat in (np.array([x, 2 * x]), np.array([x, 0 * x])):
        with pytest.raises(EvaluationError, match="vary each on its own"):
            ellipse(flat, 0.95)
    with pytest.raises(EvaluationError, match="finite"):
        rectangle(np.array([x, np.where(x > 3, np.nan, x)]), 0.95)
    for wrong in (0.0, 1.0, -1.0, math.nan):
        with pytest.raises(DocumentError, match="probability"):
            rectangle(np.array([x, x[::-1]]), wrong)
    with pytest.raises(DocumentError, match="two measurands"):
        smallest(np.array([x, x[::-1], x**2]), 0.95)
    with pytest.raises(DocumentError, match="100 trials"):
        ellipse(np.zeros((2, 3)), 0.95)


def test_regions_move_with_their_centre(additive: np.ndarray) -> None:
    """What is shifted by (7, −30) keeps its size; its edge and what it holds are shifted."""
    by = np.array([[7.0], [-30.0]])
    here, there = ellipse(additive, 0.9), ellipse(additive + by, 0.9)
    assert there.outline() == pytest.approx(here.outline() + by, abs=1e-6)
    for region in (there, rectangle(additive + by, 0.9), smallest(additive + by, 0.9)):
        assert region.holds(by).tolist() == [True]
        assert not region.holds(np.zeros((2, 1))).any()
