"""The mass bench against closed forms and the air density of the uncertainty library."""

from __future__ import annotations

import statistics

import pytest

from instruments.bench.mass import (
    Handler,
    MassTruth,
    Pan,
    Weight,
    approximate_air_density,
    conventional_mass,
    difference,
    pull,
)
from uncertainty.environment import air_density

FLAWLESS = {"gain": 0.0, "tempco": 0.0, "bend": 0.0, "noise": 0.0, "drift": 0.0, "eccentricity": (0.0, 0.0)}


def cipm(t: float, p: float, h: float) -> float:
    """The CIPM-2007 equation of the uncertainty library."""
    return float(air_density(t, p * 100, h / 100).density.value)


def ideal(**known: object) -> MassTruth:
    return MassTruth(5, **(FLAWLESS | known))  # type: ignore[arg-type]


@pytest.mark.parametrize(("t", "p", "h"), [(20, 1013.25, 50), (15, 950, 30), (27, 1050, 75), (20, 905, 60)])
def test_the_bench_s_air_is_within_two_parts_in_ten_thousand_of_the_cipm_equation(t: float, p: float, h: float) -> None:
    """OIML R 111-1:2004, E.3 states 2·10⁻⁴ for its formula."""
    assert approximate_air_density(t, p, h) == pytest.approx(cipm(t, p, h), rel=2e-4)


def test_a_weight_of_another_density_shows_its_buoyancy() -> None:
    """200 g of aluminium (2700 kg/m³) against 8000 kg/m³: m·ρ_a·(1/2700 − 1/8000), some 59 mg in normal air."""
    truth = ideal(air=cipm)
    pan = Pan(truth)
    pan.put(0.0, Weight(200.0, 2700.0), at=(0.0, 0.0))
    steel = Pan(truth)
    steel.put(0.0, Weight(200.0, 8000.0), at=(0.0, 0.0))
    t = 1000.0
    rho = cipm(truth.room.temperature(0.0), truth.room.pressure(0.0), truth.room.humidity(0.0))
    expected = 200.0 * rho * (1 / 2700 - 1 / 8000) / (1 - rho / 8000)
    assert steel.expected(t) == pytest.approx(200.0, abs=1e-9)
    assert steel.expected(t) - pan.expected(t) == pytest.approx(expected, abs=1e-9)
    assert 0.055 < expected < 0.063


def test_conventional_mass_is_what_balances_in_the_reference_air() -> None:
    """OIML D 28: in air of 1.2 kg/m³ a weight balances a standard of 8000 kg/m³ of its conventional mass."""
    weight = Weight(100.0, 7000.0)
    standard = conventional_mass(weight.mass, weight.density)
    assert pull(weight.mass, weight.density, 1.2) == pytest.approx(pull(standard, 8000.0, 1.2), abs=1e-12)
    assert standard == pytest.approx(99.99785682, abs=1e-8)  # 100 (1 − 1.2/7000)/(1 − 1.2/8000)


def test_eccentricity_linearity_and_temperature_add_what_they_should() -> None:
    truth = ideal(eccentricity=(2e-7, 0.0), bend=3e-4, gain=1e-6)
    pan = Pan(truth)
    pan.put(0.0, Weight(55.0), at=(10.0, 0.0))
    # 55 g · 10 mm · 2e-7/mm, the sine at a quarter of 220 g, 55 g · 1e-6
    assert pan.expected(100.0) - 55.0 == pytest.approx(1.1e-4 + 3e-4 + 5.5e-5, abs=2e-9)
    pan.adjust(100.0)
    assert pan.expected(100.0) - 55.0 == pytest.approx(1.1e-4 + 3e-4, abs=2e-6)  # the air has changed a little


def test_a_load_is_dynamic_first_and_stable_when_the_cell_rests_in_still_air() -> None:
    truth = ideal()
    pan = Pan(truth)
    pan.put(10.0, Weight(100.0))
    assert not pan.is_stable(10.5)
    assert not pan.is_stable(15.0)  # 100 g · e^(−5/0.6) is 24 mg
    assert pan.is_stable(10.0 + 0.6 * 14.6)  # ln(100 g / 0.05 mg) = 14.5 time constants
    truth.draught = 50.0
    assert not pan.is_stable(60.0)


def test_abba_cancels_a_linear_drift_and_finds_the_true_difference() -> None:
    drifting = [0.0 + 0.1 * 0, 5.0 + 0.1 * 1, 5.0 + 0.1 * 2, 0.0 + 0.1 * 3]
    assert difference(drifting) == pytest.approx(5.0)
    truth = MassTruth(8, capacity=220.0, gain=0.0, tempco=0.0, eccentricity=(0.0, 0.0), bend=0.0)
    pan = Pan(truth)
    weights = {"A": Weight(100.0), "B": Weight(100.00123)}
    handler = Handler(pan, weights)
    found, t = [], 0.0
    for _ in range(25):
        values = []
        for _name, at in handler.cycle("ABBA", t):
            values.append(pan.indication(at))
            t = at
        found.append(difference(values))
    # The noise of one difference is 40 µg; the wander's part is less than that.
    assert statistics.fmean(found) == pytest.approx(0.00123, abs=4 * 5e-5 / 5)


def test_a_handler_that_takes_the_wrong_weight_is_seen_in_its_log() -> None:
    pan = Pan(ideal())
    handler = Handler(pan, {"A": Weight(100.0), "B": Weight(101.0)}, misplaced=0.3, seed=1)
    asked = [name for cycle in range(20) for name, _ in handler.cycle("ABBA", cycle * 200.0)]
    wrong = sum(a != b for a, b in zip(asked, handler.log, strict=True))
    assert 10 <= wrong <= 40
    with pytest.raises(KeyError):
        Handler(pan, {"A": Weight(1.0)}).put("C", 0.0)


def test_the_same_seed_gives_the_same_balance_digit_by_digit() -> None:
    def work(seed: int) -> list[float]:
        pan = Pan(MassTruth(seed))
        pan.put(0.0, Weight(50.0))
        return [pan.indication(float(t)) for t in range(20, 30)]

    assert work(3) == work(3) != work(4)
