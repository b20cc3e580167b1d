"""The pressure bench against closed forms."""

from __future__ import annotations

import math
import statistics

import pytest

from instruments.bench.physics import Room
from instruments.bench.pressure import Gauge, PressureTruth, Volume, gas_density, head
from instruments.bench.truth import Truth

QUIET = {"gain": 0.0, "offset": 0.0, "bend": 0.0, "noise": 0.0, "gauge_noise": 0.0, "gauge_drift": 0.0}


def still(**known: float) -> PressureTruth:
    """A bench without errors of its own, in a room that does not change."""
    truth = PressureTruth(3, room=Room(3, mean=20.0, swing=0.0, door=0.0), **(QUIET | known))
    truth.room._slow = type("Flat", (), {"at": staticmethod(lambda t: 0.0)})()
    truth.room._weather = truth.room._slow
    return truth


def held(truth: PressureTruth, kpa: float, t: float = 400.0) -> Volume:
    volume = Volume(truth)
    volume.go("control", 0.0, target=kpa, slew=1e9)
    volume.at(t)
    return volume


def test_nitrogen_has_the_density_that_tables_give() -> None:
    """1.2504 kg/m³ at 0 °C and 101.325 kPa (CRC Handbook); the ideal gas is within 0.06 %."""
    assert gas_density(101.325, 0.0) == pytest.approx(1.2504, rel=6e-4)


def test_a_gauge_half_a_metre_up_misses_the_head_of_its_gas() -> None:
    """ρgh with 1 MPa gauge of nitrogen at 20 °C: 12.65 kg/m³ · 9.80665 · 0.5 = 62 Pa, less 5.9 Pa of air outside."""
    truth = still(height=0.5, gauge_gain=0.0, gauge_zero=0.0, gauge_hysteresis=0.0)
    volume = held(truth, 1000.0)
    gauge = Gauge(volume)
    ambient = truth.room.pressure(400.0) / 10
    gas = (1000.0 + ambient) * 1e3 * 0.0280134 / 8.314462618 / 293.15
    air = ambient * 1e3 * 0.02896546 / 8.314462618 / 293.15
    expected = volume.p - (gas - air) * 9.80665 * 0.5 * 1e-3
    assert gauge.true_pressure(400.0) == pytest.approx(expected, abs=1e-9)
    assert head(1000.0 + ambient, 20.0, 0.5) == pytest.approx(0.062, abs=1e-3)
    vented = Volume(truth)
    assert Gauge(vented).true_pressure(10.0) == pytest.approx(1.95e-4, abs=2e-5)  # air is heavier than nitrogen


def test_going_up_the_gauge_lags_below_and_going_down_above() -> None:
    truth = still(height=0.0, gauge_gain=0.0, gauge_zero=0.0, gauge_hysteresis=0.15)
    volume = Volume(truth)
    gauge = Gauge(volume)
    found: dict[str, list[float]] = {"up": [], "down": []}
    t = 0.0
    for way, points in (("up", (200, 500, 800, 1000)), ("down", (800, 500, 200))):
        for point in points:
            volume.go("control", t, target=float(point), slew=50.0)
            t += 120
            found[way].append(gauge.indication(t) - point)
    assert found["up"] == pytest.approx([-0.15] * 4, abs=1e-6)
    assert found["down"] == pytest.approx([0.15] * 3, abs=1e-6)


def test_fast_compression_heats_the_gas_as_an_adiabat_and_an_isolated_volume_then_loses_pressure() -> None:
    """T₂/T₁ = (p₂/p₁)^(2/7); isolated at once, p falls to p₂·T₁/T₂ as the gas cools at constant volume."""
    truth = still(tau_control=1e-4, leak=1e12)
    volume = Volume(truth)
    ambient = volume.atmosphere(0.0)
    volume.go("control", 0.0, target=ambient, slew=1e9)
    volume.at(0.01)
    assert (volume.gas + 273.15) / 293.15 == pytest.approx(2 ** (2 / 7), rel=2e-3)
    warm = volume.gas + 273.15
    volume.go("measure", 0.01)
    before = volume.at(0.01) + ambient
    after = volume.at(300.0) + ambient
    assert after / before == pytest.approx(293.15 / warm, rel=1e-3)


def test_a_leak_empties_the_volume_with_its_time_constant() -> None:
    truth = still(leak=1000.0)
    volume = held(truth, 500.0)
    volume.go("measure", 400.0)
    assert volume.at(1400.0) == pytest.approx(500.0 / math.e, rel=1e-3)


def test_control_obeys_its_slew_and_venting_does_not() -> None:
    volume = Volume(still())
    volume.go("control", 0.0, target=500.0, slew=10.0)
    assert volume.at(20.0) == pytest.approx(200.0, rel=0.01)
    assert volume.fastest <= 10.0 + 1e-9
    volume.at(200.0)
    volume.go("vent", 200.0)
    volume.at(201.0)
    assert volume.fastest > 100


def test_a_runaway_regulator_is_tripped_and_the_gauge_keeps_a_zero_shift() -> None:
    tripped: list[bool] = []
    truth = still(gauge_gain=0.0, gauge_zero=0.0, gauge_hysteresis=0.0, height=0.0)
    volume = Volume(truth, lambda: tripped.append(True))
    gauge = Gauge(volume)
    volume.go("control", 0.0, target=900.0, slew=20.0)
    volume.runaway = True
    volume.at(100.0)
    assert (tripped, volume.mode) == ([True], "measure")
    volume.go("vent", 100.0)
    volume.at(400.0)
    assert 0.09 < gauge.indication(400.0) < 0.2


def test_the_same_seed_draws_the_same_truth_and_errors_stay_within_what_is_stated() -> None:
    assert PressureTruth(4).gauge_gain == PressureTruth(4).gauge_gain != PressureTruth(5).gauge_gain
    for seed in range(100):
        truth = PressureTruth(seed)
        assert abs(truth.controller_error(1000.0)) <= 0.05  # 3e-5 of reading and 2e-5 of full scale
        assert 0.1 <= truth.gauge_hysteresis <= 0.2
    assert Truth(4).meter[10.0].gain == Truth(4).meter[10.0].gain


def test_a_transmitter_gives_4_to_20_milliamperes() -> None:
    truth = still(gauge_gain=0.0, gauge_zero=0.0, gauge_hysteresis=0.0, height=0.0)
    gauge = Gauge(held(truth, 500.0))
    gauge.volume.at(401.0)
    assert statistics.fmean([gauge.current(402.0)]) == pytest.approx(12.0, abs=1e-4)
