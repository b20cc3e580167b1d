"""The bench's physics: seeded, coupled, and its truth can be known."""

from __future__ import annotations

import math
import statistics

import pytest

from instruments.bench import Bench, MeterRange, Room, Truth, demonstration_certificates
from instruments.bench.physics import Settling, Wander, interpolated
from instruments.bench.truth import drawn_calibrator_error
from instruments.drivers import F5522A, HP34401A, PTU300


def a_calibration(bench: Bench, points: tuple[tuple[float, float], ...]) -> list[list[float]]:
    source = F5522A.open("GPIB0::4::INSTR", bench.library)
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
    found = []
    for range_, volts in points:
        meter.configure("DCV", range_, 100)
        source.source_voltage(volts)
        source.operate()
        while not source.settled:
            bench.clock.sleep(0.2)
        found.append([meter.reading.indication for _ in range(10)])
        assert source.safe()
    return found


POINTS = ((0.1, 0.0), (0.1, 0.1), (1.0, -1.0), (10.0, 10.0), (100.0, 100.0), (1000.0, 500.0))


def test_the_same_seed_gives_the_same_bench_digit_by_digit_and_another_seed_another() -> None:
    assert a_calibration(Bench(11), POINTS) == a_calibration(Bench(11), POINTS)
    assert a_calibration(Bench(11), POINTS) != a_calibration(Bench(12), POINTS)


def test_the_mean_indication_is_the_true_output_plus_the_true_error_of_the_meter() -> None:
    """What is not known at 23 degC: noise (σ/√n), thermal voltage, 1/f, and one digit of rounding."""
    for seed in range(20):
        bench = Bench(seed)
        truth = bench.truth
        truth.room.mean, truth.room.swing, truth.room.door = 23.0, 0.0, 0.0
        for (size, volts), readings in zip(POINTS, a_calibration(bench, POINTS), strict=True):
            names = {0.0: "330 mV", 0.1: "330 mV", -1.0: "3.3 V", 10.0: "33 V", 100.0: "330 V", 500.0: "1000 V"}
            output = truth.calibrator_output(names[volts], volts)
            expected = output + truth.meter_error(size, output)
            m = truth.meter[size]
            allowed = 4 * m.noise / 10 / math.sqrt(10) + 3 * m.flicker + 3 * truth.thermal_emf + 0.6 * size * 1e-6
            allowed += 3e-7 * abs(volts)  # the room's slow wander through the temperature coefficients
            assert abs(statistics.fmean(readings) - expected) <= allowed, (seed, size, volts)


def test_a_given_truth_is_what_is_found() -> None:
    truth = Truth(1, calibrator_error=lambda range_, setting: 1e-3 if range_ == "33 V" else 0.0)
    truth.meter[10.0] = MeterRange(gain=2e-4)
    (readings,) = a_calibration(Bench(1, truth=truth), ((10.0, 5.0),))
    assert statistics.fmean(readings) == pytest.approx(5.001 * 1.0002, abs=3e-5)


def test_certificate_and_truth_agree_as_often_as_its_uncertainty_says() -> None:
    """At a calibrated point |truth − correction| ≤ U (k = 2) in 95.45 % of draws; drift is left out by zero days."""
    certificate = demonstration_certificates()["calibrator"][0]
    inside = total = 0
    for seed in range(300):
        error = drawn_calibrator_error(seed, days=0)
        for range_ in certificate["ranges"]:
            for point in range_["points"]:
                off = error(range_["range"], float(point["at"])) - float(point["correction"])
                inside += abs(off) <= float(point["U"])
                total += 1
    assert inside / total == pytest.approx(0.9545, abs=4 * math.sqrt(0.9545 * 0.0455 / total))


def test_the_meter_of_a_bench_is_within_its_one_year_limits() -> None:
    """34401A User's Guide, 1 year: % of reading + % of range."""
    limits = {
        0.1: (50e-6, 35e-6),
        1.0: (40e-6, 7e-6),
        10.0: (35e-6, 5e-6),
        100.0: (45e-6, 6e-6),
        1000.0: (45e-6, 10e-6),
    }
    for seed in range(200):
        truth = Truth(seed)
        for size, (of_reading, of_range) in limits.items():
            for share in (-1, -0.5, 0, 0.5, 1):
                v = share * size
                assert abs(truth.meter_error(size, v)) < of_reading * abs(v) + of_range * size


def test_in_standby_the_terminals_are_at_rest() -> None:
    bench = Bench(3)
    source = F5522A.open("GPIB0::4::INSTR", bench.library)
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
    source.source_voltage(10)
    meter.configure("DCV", 10, 10)
    assert abs(meter.reading.indication) < 1e-3
    source.operate()
    bench.clock.sleep(5)
    assert meter.reading.indication == pytest.approx(10, abs=1e-3)


def test_an_output_settles_in_time_and_not_at_once() -> None:
    settling = Settling()
    settling.go(10.0, 0.1, 0.0)
    assert settling.at(0.0) == 0.0
    assert settling.at(0.1) == pytest.approx(10 * (1 - math.exp(-1)))
    assert settling.at(10.0) == 10.0


def test_more_than_the_range_is_an_overload() -> None:
    bench = Bench(3)
    source = F5522A.open("GPIB0::4::INSTR", bench.library)
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
    meter.configure("DCV", 1, 10)
    source.source_voltage(1.3)
    source.operate()
    bench.clock.sleep(5)
    assert meter.reading.status == "overload"
    source.source_voltage(1.1)
    bench.clock.sleep(5)
    assert meter.reading.status == "ok"


def test_longer_integration_is_quieter_and_rounds_finer() -> None:
    spread = {}
    for nplc in (0.02, 1, 100):
        truth = Truth(9, meter={0.1: MeterRange(noise=3e-6)}, thermal_emf=0.0)
        bench = Bench(9, truth=truth)
        meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
        meter.configure("DCV", 0.1, nplc)
        spread[nplc] = statistics.stdev(meter.reading.indication for _ in range(200))
    assert spread[0.02] > spread[1] > spread[100]
    assert spread[100] == pytest.approx(3e-7, rel=0.2)


def test_loading_is_small_against_ten_megohm_and_gone_with_high_impedance() -> None:
    """50 Ω against 10 MΩ: 5 parts in 10⁶."""
    truth = Truth(2, meter={0.1: MeterRange(), 10.0: MeterRange()}, thermal_emf=0.0, calibrator_noise=0.0)
    truth.calibrator_error = lambda range_, setting: 0.0
    truth.source_resistance = dict.fromkeys(truth.source_resistance, 1000.0)
    truth.room.mean, truth.room.swing, truth.room.door = 23.0, 0.0, 0.0
    truth.calibrator_tempco = dict.fromkeys(truth.calibrator_tempco, (0.0, 0.0))
    bench = Bench(2, truth=truth)
    source = F5522A.open("GPIB0::4::INSTR", bench.library)
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
    meter.configure("DCV", 10, 100)
    source.source_voltage(10)
    source.operate()
    bench.clock.sleep(5)
    assert meter.reading.indication == pytest.approx(10 * (1 - 1e-4), abs=1.1e-5)
    meter.high_impedance = True
    assert meter.reading.indication == pytest.approx(10, abs=1.1e-5)


def test_the_room_is_a_function_of_time_and_the_monitor_follows_it() -> None:
    room = Room(5)
    assert [room.temperature(t) for t in (0, 1000, 5)] == [Room(5).temperature(t) for t in (0, 1000, 5)]
    assert all(22 < room.temperature(t) < 24 for t in range(0, 86400, 600))
    bench = Bench(5)
    monitor = PTU300.open("ASRL3::INSTR", bench.library)
    for _ in range(20):
        bench.clock.sleep(300)
        assert monitor.temperature.indication == pytest.approx(bench.truth.room.temperature(bench.clock.now()), abs=0.4)


def test_wander_has_an_rms_of_about_one() -> None:
    values = [Wander(f"{seed}").at(t) for seed in range(40) for t in range(0, 20000, 997)]
    assert statistics.fmean(v * v for v in values) == pytest.approx(1, abs=0.15)


def test_interpolation_goes_through_its_points_and_is_constant_beyond() -> None:
    points = {0.0: 1.0, 10.0: 3.0}
    assert [interpolated(points, x) for x in (-5, 0, 5, 10, 20)] == [1, 1, 2, 3, 3]
    assert interpolated({}, 1) == 0


def test_truth_can_be_set_in_part_and_the_rest_is_drawn() -> None:
    truth = Truth(1, meter={1.0: MeterRange(gain=1e-3)})
    assert truth.meter_error(1.0, 1.0) == pytest.approx(1e-3)
    assert set(truth.meter) == {0.1, 1.0, 10.0, 100.0, 1000.0}
    with pytest.raises(ValueError, match="virtual or real"):
        Bench(1, clock="fast")
    with pytest.raises(ValueError, match="fault"):
        Bench(1).inject("meter", "bad luck")
    with pytest.raises(ValueError, match="cannot have"):
        Bench(1).inject("monitor", "trip")
