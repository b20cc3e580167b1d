"""Allan deviations against their definitions by plain loops, and their confidence against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from uncertainty import DocumentError
from uncertainty.statistics import deviations, edf, noise_of, oadev_interval


def by_definition(statistic: str, x: list[float], m: int, tau0: float) -> float:
    """The sums of NIST SP 1065, 5.2, index by index."""
    n, tau = len(x), m * tau0
    if statistic == "MDEV":
        outer = range(n - 3 * m + 1)
        total = sum(sum(x[i + 2 * m] - 2 * x[i + m] + x[i] for i in range(j, j + m)) ** 2 for j in outer)
        return math.sqrt(total / (2 * m**2 * tau**2 * len(outer)))
    if statistic in ("HDEV", "OHDEV"):
        start = range(0, n - 3 * m, m if statistic == "HDEV" else 1)
        total = sum((x[i + 3 * m] - 3 * x[i + 2 * m] + 3 * x[i + m] - x[i]) ** 2 for i in start)
        return math.sqrt(total / (6 * tau**2 * len(start)))
    start = range(0, n - 2 * m, m if statistic == "ADEV" else 1)
    return math.sqrt(sum((x[i + 2 * m] - 2 * x[i + m] + x[i]) ** 2 for i in start) / (2 * tau**2 * len(start)))


@pytest.mark.parametrize("statistic", ["ADEV", "OADEV", "MDEV", "HDEV", "OHDEV"])
@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_each_deviation_is_its_definition(statistic: str, m: int) -> None:
    x = np.random.default_rng(m).normal(0, 1e-9, 40).cumsum()
    (found,) = deviations(statistic, [m], 10.0, phase=x)
    assert found.value == pytest.approx(by_definition(statistic, x.tolist(), m, 10.0), rel=1e-10)
    assert found.tau == 10.0 * m


def test_frequency_and_its_phase_give_the_same() -> None:
    y = np.random.default_rng(1).normal(5e-7, 1e-11, 200)
    x = np.concatenate([[0.0], np.cumsum(y)]) * 2.0
    for statistic in ("OADEV", "TDEV", "SDEV", "HDEV"):
        a = deviations(statistic, [1, 4], 2.0, frequency=y)
        b = deviations(statistic, [1, 4], 2.0, phase=x)
        assert [one.value for one in a] == pytest.approx([one.value for one in b], rel=1e-6)


def test_linear_drift_leaves_the_hadamard_deviation_alone() -> None:
    y = np.random.default_rng(2).normal(0, 1, 300)
    drifting = y + 0.5 * np.arange(300)
    plain, same = (deviations("OHDEV", [4], 1.0, frequency=one)[0].value for one in (y, drifting))
    assert same == pytest.approx(plain, rel=1e-9)
    assert deviations("OADEV", [4], 1.0, frequency=drifting)[0].value > 1.3


def noise(kind: str, n: int, seed: int) -> np.ndarray:
    white = np.random.default_rng(seed).standard_normal(n)
    return {"white_pm": white, "white_fm": white.cumsum(), "random_walk_fm": white.cumsum().cumsum()}[kind]


@pytest.mark.parametrize("kind", ["white_pm", "white_fm", "random_walk_fm"])
def test_the_noise_is_told_from_its_phase(kind: str) -> None:
    assert [noise_of(noise(kind, 2000, seed)) for seed in range(20)].count(kind) >= 19


@pytest.mark.parametrize(("kind", "m"), [("white_pm", 4), ("white_fm", 1), ("white_fm", 8), ("random_walk_fm", 8)])
def test_edf_is_that_of_the_scatter_of_simulated_series(kind: str, m: int) -> None:
    """A scaled χ² of ν degrees of freedom has 2·mean²/variance = ν."""
    values = np.array([deviations("OADEV", [m], 1.0, phase=noise(kind, 200, s))[0].value ** 2 for s in range(1500)])
    assert edf(kind, 200, m) == pytest.approx(2 * values.mean() ** 2 / values.var(), rel=0.15)


def test_flicker_fm_at_one_tau0_has_the_edf_of_howe_allan_barnes() -> None:
    """2 (N − 2)²/(2.3 N − 4.9): for long series 0.87 N."""
    assert edf("flicker_fm", 10_001, 1) / 10_001 == pytest.approx(2 / 2.3, rel=1e-3)


def test_the_interval_holds_the_true_deviation_as_often_as_stated() -> None:
    inside = 0
    for seed in range(400):
        found = oadev_interval(4, 1.0, phase=noise("white_fm", 150, seed), noise="white_fm", p=0.9)
        inside += found.low < 0.5 < found.high  # σ_y(τ) = τ^(−1/2) of white FM with unit steps of phase
    assert inside / 400 == pytest.approx(0.9, abs=0.045)


def test_what_cannot_be_computed_is_refused() -> None:
    x = list(np.random.default_rng(3).normal(0, 1, 20))
    for wrong in (
        lambda: deviations("VARIANCE", [1], 1.0, phase=x),
        lambda: deviations("ADEV", [10], 1.0, phase=x),
        lambda: deviations("MDEV", [7], 1.0, phase=x),
        lambda: deviations("HDEV", [7], 1.0, phase=x),
        lambda: deviations("SDEV", [19], 1.0, phase=x),
        lambda: deviations("ADEV", [0], 1.0, phase=x),
        lambda: deviations("ADEV", [1], 0.0, phase=x),
        lambda: deviations("ADEV", [1], 1.0, phase=x, frequency=x),
        lambda: deviations("ADEV", [1], 1.0),
        lambda: noise_of(x),
        lambda: edf("pink", 100, 1),
        lambda: edf("white_fm", 10, 5),
    ):
        with pytest.raises(DocumentError):
            wrong()
