"""The thermal bench against tables, closed forms and another implementation; whole calibrations on it."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest

from instruments.bench import Bench
from instruments.bench.devices.thermal_physics import (
    Block,
    Front,
    Input,
    Probe,
    cvd_resistance,
    its90_ratio,
    temperature_of,
)
from instruments.bench.physics import Room
from instruments.bench.thermal import THERMAL_RESOURCES, ThermalTruth, nominal_temperature, thermal_bench
from instruments.drivers import F1529, F1586A, F1595A, F1620A, F9142, F9144, HartBath
from instruments.drivers.line_pattern import VALUE, LinePattern, line_driver
from instruments.find import discover
from instruments.link import Link
from instruments.transcript import Recorder, transcript
from uncertainty.thermometry import callendar, its90

Indicator = line_driver(LinePattern("T", "Simulated", "?", VALUE + " (?P<unit>C)", units={"C": "degC"}))


def still(mean: float = 23.0) -> Room:
    """A room of constant temperature."""
    room = Room(3, mean=mean, swing=0.0, door=0.0)
    room._slow = type("Flat", (), {"at": staticmethod(lambda t: 0.0)})()  # type: ignore[assignment]
    return room


def a_block(**known: Any) -> Block:
    """A block without wander and sensor error, in a room that does not change."""
    return Block(1, room=still(), **({"wander": 0.0, "sensor_offset": 0.0, "sensor_gain": 0.0} | known))


def resting(block: Block, t: float) -> float:
    """Hold t until nothing moves any more; the moment then."""
    block.go(0.0, target=t, on=True)
    block.go(20000.0)
    return 20000.0


# -- thermometers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "ohms"),
    [(-200, 18.52), (-140, 43.88), (-100, 60.26), (-70, 72.33), (-10, 96.09), (0, 100.0), (50, 119.40), (100, 138.51),
     (200, 175.86), (300, 212.05), (400, 247.09), (600, 313.71), (850, 390.48)],
)  # fmt: skip
def test_a_platinum_thermometer_has_the_resistance_of_the_table_of_iec_60751(t: float, ohms: float) -> None:
    assert cvd_resistance(t) == pytest.approx(ohms, abs=0.0051)
    assert nominal_temperature(ohms) == pytest.approx(t, abs=0.02)


@pytest.mark.parametrize(
    ("t", "ratio"),
    [(-189.3442, 0.21585975), (-38.8344, 0.84414211), (0.01, 1.0), (29.7646, 1.11813889), (156.5985, 1.60980185),
     (231.928, 1.89279768), (419.527, 2.56891730), (660.323, 3.37600860)],
)  # fmt: skip
def test_the_reference_has_the_ratios_of_the_its_90_at_its_fixed_points(t: float, ratio: float) -> None:
    """W_r of Ar, Hg, H2O, Ga, In, Sn, Zn, Al: ITS-90, table 1."""
    assert its90_ratio(t) == pytest.approx(ratio, abs=1.05e-8)


def test_both_curves_agree_with_the_library_s_own_from_end_to_end() -> None:
    for t in range(-190, 660, 7):
        assert cvd_resistance(t) == pytest.approx(float(callendar.resistance(t)), rel=1e-12)
        assert its90_ratio(t) == pytest.approx(float(its90.reference_ratio(t + 273.15)), rel=1e-12)
        assert temperature_of(its90_ratio(t), its90_ratio) == pytest.approx(t, abs=2e-6)


def test_a_reference_with_deviations_obeys_their_equation_and_its_certificate_takes_them_out() -> None:
    truth = ThermalTruth(5, sprt=(25.6, -2e-4, 1e-5), sprt_drift=0.0)
    for t in (-38.0, 0.01, 150.0, 419.527, 600.0):
        w = truth.sprt_resistance(t) / 25.6
        assert w - its90_ratio(t) == pytest.approx(-2e-4 * (w - 1) + 1e-5 * (w - 1) ** 2, abs=1e-13)
        assert truth.certified_temperature(truth.sprt_resistance(t)) == pytest.approx(t, abs=3e-6)
    drifted = ThermalTruth(5, sprt=(25.6, -2e-4, 1e-5), sprt_drift=4e-7)
    # dt = 4·10⁻⁷ W / (dW/dt): at the zinc point 4e-7 · 2.569 / 3.495e-3 K = 0.294 mK (dW_r/dt of ITS-90 at Zn).
    error = drifted.certified_temperature(drifted.sprt_resistance(419.527)) - 419.527
    assert error == pytest.approx(0.294e-3, abs=4e-6)


def test_current_heats_the_element_by_its_power() -> None:
    """1 mA in 138.5 ohm is 0.1385 mW: at 0.02 K/mW 2.77 mK; at √2 mA twice as much."""
    block = a_block()
    t = resting(block, 100.0)
    probe = Probe(cvd_resistance, depth=1.0, heating=0.02)
    bare = probe.temperature(block, t)
    assert probe.temperature(block, t, 1e-3) - bare == pytest.approx(2.77e-3, abs=5e-6)
    assert probe.temperature(block, t, 1e-3 * math.sqrt(2)) - bare == pytest.approx(5.54e-3, abs=1e-5)


def test_too_little_immersion_shows_the_room_through_the_stem() -> None:
    """(T_room − T) exp(−depth/stem): −77 K · e⁻⁵ = −0.519 K at five lengths, −77 K · e⁻¹⁰ = −3.5 mK at ten."""
    block = a_block(gradient=0.0)
    t = resting(block, 100.0)
    for lengths, error in ((5, -0.5188), (10, -3.496e-3)):
        probe = Probe(cvd_resistance, depth=lengths * 0.012, stem=0.012)
        assert probe.temperature(block, t) - 100.0 == pytest.approx(error, rel=1e-3)


def test_higher_up_the_well_is_nearer_to_the_room() -> None:
    """1.2 % a metre of 377 K, 40 mm up: −0.181 K; below the room it is the other way round."""
    block = a_block(gradient=0.012)
    t = resting(block, 400.0)
    assert block.temperature(t, 0.04) - block.temperature(t) == pytest.approx(-0.18096, abs=1e-5)
    cold = a_block(gradient=0.012)
    t = resting(cold, -20.0)
    assert cold.temperature(t, 0.04) - cold.temperature(t) == pytest.approx(0.02064, abs=1e-5)


def test_leads_and_ratio_are_errors_of_the_readout() -> None:
    """Two wires of 0.4 ohm add 0.8 ohm, at 0 °C 2.05 K; three add what they differ by; four add nothing."""
    assert Front(wires=2, lead=0.4).measured(100.0) == pytest.approx(100.8)
    assert nominal_temperature(100.8) == pytest.approx(2.05, abs=0.005)
    assert Front(wires=3, lead=0.4, unbalance=0.02).measured(100.0) == pytest.approx(100.008)
    assert Front(wires=4, lead=0.4, unbalance=0.02).measured(100.0) == 100.0
    assert Front(20e-6).measured(100.0) == pytest.approx(100.002)


def test_a_measurement_stays_the_same_until_the_next() -> None:
    entry = Input(lambda t: t, noise=0.1, period=2.0, seed="x")
    assert entry.value(4.0) == entry.value(5.9)
    assert entry.value(6.0) != entry.value(5.9)


# -- the block ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damping", [0.3, 0.6, 0.8])
def test_a_step_from_rest_overshoots_as_a_second_order_system_does(damping: float) -> None:
    """Overshoot exp(−πζ/√(1−ζ²)) at π/(ω√(1−ζ²)) after the step; a step of 3 K within the band."""
    block = a_block(damping=damping, omega=0.02)
    t0 = resting(block, 100.0)
    block.go(t0, target=103.0)
    ringing = math.sqrt(1 - damping**2)
    peak = t0 + math.pi / (0.02 * ringing)
    over = block.temperature(peak) - 103.0
    assert over == pytest.approx(3.0 * math.exp(-math.pi * damping / ringing), rel=1e-6)
    seen = max(block.temperature(t0 + 0.1 * step) for step in range(10000))
    assert seen - 103.0 == pytest.approx(over, rel=1e-6)


def test_a_large_step_is_a_ramp_at_its_rate_that_goes_over_into_control_without_a_jump() -> None:
    block = a_block(rate=0.5, band=5.0)
    t0 = resting(block, 50.0)
    block.go(t0, target=155.0)
    assert block.temperature(t0 + 100.0) == pytest.approx(100.0)  # 50 + 0.5 K/s · 100 s
    join = t0 + 200.0  # 100 K of ramp, then the 5 K of the band
    assert block.temperature(join) == pytest.approx(150.0)
    before, after = (block.temperature(join + h) - block.temperature(join) for h in (-1e-3, 1e-3))
    assert after / 1e-3 == pytest.approx(-before / 1e-3, rel=1e-3) == pytest.approx(0.5, rel=1e-3)
    assert max(block.temperature(join + 0.5 * step) for step in range(2000)) > 155.5  # it overshoots
    assert block.temperature(join + 3000.0) == pytest.approx(155.0, abs=1e-6)


def test_cooling_in_control_is_the_mirror_of_heating() -> None:
    up, down = a_block(), a_block()
    t0 = resting(up, 100.0)
    resting(down, 200.0)
    up.go(t0, target=200.0)
    down.go(t0, target=100.0)
    for after in (10.0, 100.0, 190.0, 250.0, 400.0):
        assert up.temperature(t0 + after) - 100.0 == pytest.approx(200.0 - down.temperature(t0 + after), abs=1e-9)


def test_with_the_heater_off_it_cools_to_the_room_with_its_time_constant() -> None:
    block = a_block(tau=1800.0)
    t0 = resting(block, 423.0)
    block.go(t0, on=False)
    assert block.temperature(t0 + 1800.0) == pytest.approx(23.0 + 400.0 / math.e, rel=1e-9)
    assert block.power(t0 + 1800.0) == 0.0


def test_the_heater_s_duty_cycle_is_the_loss_to_the_room_while_it_holds() -> None:
    """(100 − 23)/1800 s against 0.5 K/s + (660 − 23)/1800 s, that is 0.04278/0.85389; none while it cools."""
    block = a_block(tau=1800.0, rate=0.5, high=660.0)
    assert block.power(resting(block, 100.0)) == pytest.approx(5.0098, abs=1e-4)
    cooling = a_block()
    t0 = resting(cooling, 100.0)
    cooling.go(t0, target=20.0)
    assert cooling.power(t0 + 10.0) == 0.0


def test_it_is_stable_only_when_it_was_within_its_band_for_the_whole_window() -> None:
    block = a_block(wander=3e-3)
    block.go(0.0, target=150.0, on=True)
    found = {}
    for t in range(0, 1500, 5):
        found[t] = block.is_stable(float(t), 0.05)
        if found[t]:  # looked at eight times as finely; what its own looks may miss is 0.5 mK
            assert all(abs(block.temperature(t - back / 4) - 150.0) <= 0.0505 for back in range(241))
    crossed = next(t for t in found if block.temperature(float(t)) >= 150.0)
    assert not found[crossed]
    first = next(t for t, stable in found.items() if stable)
    assert first > crossed + 60  # it overshoots first
    assert all(found[t] for t in range(first, 1500, 5))
    block.go(1500.0, target=150.02)
    assert not block.is_stable(1510.0, 0.05)  # another set-point, however near
    block.go(1600.0, on=False)
    assert not block.is_stable(1700.0, 0.05)


def test_whoever_looks_in_whatever_order_sees_the_same() -> None:
    one, other = Block(4), Block(4)
    for block in (one, other):
        block.go(5.0, target=300.0, on=True)
    moments = [3.0, 700.0, 20.0, 5000.0, 450.0]
    assert [one.temperature(t) for t in moments] == [other.temperature(t) for t in reversed(moments)][::-1]


def test_what_control_leaves_has_the_stated_rms() -> None:
    block = a_block(wander=5e-3)
    t0 = resting(block, 100.0)
    left = [block.temperature(t0 + 7.3 * step) - 100.0 for step in range(3000)]
    assert statistics.pstdev(left) == pytest.approx(5e-3, rel=0.2)


def test_the_same_seed_draws_the_same_truth_and_errors_stay_within_what_is_stated() -> None:
    assert ThermalTruth(4).pt100 == ThermalTruth(4).pt100 != ThermalTruth(5).pt100
    assert ThermalTruth(4).block.sensor_offset == ThermalTruth(4).block.sensor_offset
    for seed in range(60):
        truth = ThermalTruth(seed)
        # Class A of IEC 60751: 0.15 °C + 0.002 |t|.
        for t in (0.0, 200.0, 400.0):
            assert abs(nominal_temperature(truth.item_resistance(t)) - t) <= 0.15 + 0.002 * t
        assert abs(truth.block.indication(0.0) - truth.block.temperature(0.0)) <= 0.05 + 3e-4 * 30


# -- the bench ------------------------------------------------------------------------------------------------------


def test_a_thermometer_calibrated_in_the_well_shows_its_true_errors() -> None:
    """Expected from the library's own curves: gradient, stem, self-heating and ratio, each in closed form."""
    truth = ThermalTruth(9, room=still())
    truth.block.wander = 0.0
    bench = thermal_bench(9, truth=truth)
    well = F9144.open(bench.resources["source"], bench.library)
    reference = F1595A.open(bench.resources["reference"], bench.library)
    readout = F1529.open(bench.resources["readout"], bench.library)
    for t in (100.0, 250.0, 420.0):
        assert well.hold_until_settled(t, pause=bench.clock.sleep)
        bench.clock.sleep(1500.0)
        shown = statistics.fmean(reference.reading.indication or 0.0 for _ in range(10))
        item = statistics.fmean(readout.reading.indication or 0.0 for _ in range(10))
        bottom = (t - truth.block.sensor_offset) / (1 + truth.block.sensor_gain)
        at_sprt, at_item = (bottom - 0.012 * h * (bottom - 23.0) for h in truth.heights)
        # SPRT: 2.5 mK at 1 mA and 25.5 ohm, in proportion to R; stem 0.2 m at 14 mm: nothing; drift below 0.5 mK.
        R = float(its90.reference_ratio(at_sprt + 273.15)) * truth.sprt[0]
        assert shown == pytest.approx(at_sprt + 2.5e-3 * R / 25.5, abs=1.0e-3)
        element = at_item + (23.0 - at_item) * math.exp(-0.15 / 0.012)
        element += 0.02 * 1e-3 * float(callendar.resistance(element))
        measured = float(callendar.resistance(element, *truth.pt100)) * (1 + truth.readout_front.ratio_error)
        assert item == pytest.approx(float(callendar.temperature(measured)), abs=1e-3)
    assert well.safe()


def test_the_scanner_s_three_wires_and_the_indicator_show_their_own_errors() -> None:
    truth = ThermalTruth(3, room=still(25.0), thermocouple=(1e-3, 0.3))
    truth.block.wander = 0.0
    bench = thermal_bench(3, truth=truth)
    well = F9144.open(bench.resources["source"], bench.library)
    scanner = F1586A.open(bench.resources["scanner"], bench.library)
    readout = F1529.open(bench.resources["readout"], bench.library)
    indicator = Indicator.open(bench.resources["indicator"], bench.library)
    assert well.hold_until_settled(200.0, pause=bench.clock.sleep)
    bench.clock.sleep(1500.0)
    found = scanner.scan(101, 102)
    # 0.4 ohm · 2 % of unbalance = 8 mohm, at 0.368 ohm/K of IEC 60751 at 200 °C: 21.7 mK; and the readouts' ratios.
    ratios = (truth.scanner_front.ratio_error - truth.readout_front.ratio_error) * 175.86 / 0.368
    assert (found[101].indication or 0.0) - (readout.reading.indication or 0.0) == pytest.approx(
        0.0217 + ratios, abs=2e-3
    )
    true = truth.item_temperature(bench.clock.now())
    expected = true * 1.001 + 0.3 + 0.02 * 2.0  # the cold junction is 2 K warmer than 23 °C
    assert indicator.reading.indication == pytest.approx(expected, abs=0.06)
    assert found[102].indication == pytest.approx(expected, abs=0.06)


def test_the_bath_is_more_uniform_and_steadier_than_the_well() -> None:
    bath, well = ThermalTruth(1, "7341").block, ThermalTruth(1, "9144").block
    for block in (bath, well):
        block.go(0.0, target=100.0, on=True)
    gaps = [abs(block.temperature(9000.0, 0.05) - block.temperature(9000.0)) for block in (bath, well)]
    assert gaps[0] < 1e-3 < 0.04 < gaps[1]
    assert bath.wander < well.wander


@pytest.mark.parametrize(("model", "driver"), [("9144", F9144), ("9142", F9142), ("7341", HartBath)])
def test_discovery_names_the_instruments_and_heats_nothing(model: str, driver: type) -> None:
    bench = thermal_bench(1, model=model)
    names = ("source", "reference", "scanner", "monitor")
    if driver is HartBath:
        bench.devices["source"].echo = False  # type: ignore[attr-defined]  # a line that echoes is not asked past it
    before = bench.truth.block.target, bench.truth.block.on
    found = discover(bench.library, [bench.resources[name] for name in names])
    assert [entry.driver for entry in found] == [driver, F1595A, F1586A, F1620A]
    assert (bench.truth.block.target, bench.truth.block.on) == before


def test_a_recorded_conversation_plays_back_to_the_same_temperatures(tmp_path: Any) -> None:
    recorder = Recorder()
    bench = thermal_bench(6)
    before = _temperatures(F9144(Link(bench.resources["source"], bench.library, journal=recorder)))
    recorder.write(tmp_path / "heard.talk")
    with transcript(F9144, tmp_path / "heard.talk", begun=False) as well:
        assert _temperatures(well) == before


def _temperatures(well: F9144) -> list[object]:
    well.identify()
    well.hold(100.0)
    return [well.reading.indication for _ in range(3)] + [well.safe()]


def test_the_clock_is_virtual_or_real_and_faults_are_known_by_name() -> None:
    bench = thermal_bench(1, clock="real")
    assert F9144.open(bench.resources["source"], bench.library).identify().serial == "B29144"
    with pytest.raises(ValueError, match="virtual or real"):
        thermal_bench(1, clock="fast")
    with pytest.raises(ValueError, match="cannot have the fault"):
        bench.inject("source", "wrong_terminal")
    with pytest.raises(KeyError):
        bench.inject("furnace", "reboot")


def test_the_electrical_bench_has_the_devices_it_had() -> None:
    assert set(Bench(1).devices) == {"calibrator", "meter", "monitor"}
    assert not set(THERMAL_RESOURCES.values()) & set(Bench(1).resources.values())
