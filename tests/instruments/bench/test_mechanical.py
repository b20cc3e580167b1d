"""Whole calibrations on the pressure and mass benches, through drivers and VISA, against the truth."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

import instruments
from instruments.bench.mass import Handler, MassTruth, Weight, difference
from instruments.bench.mechanical import mass_bench, pressure_bench
from instruments.bench.physics import Room
from instruments.bench.pressure import PressureTruth
from instruments.drivers import MTSICS, PACE5000
from instruments.drivers.line_pattern import VALUE, LinePattern, line_driver
from lims.words import gettext
from uncertainty.environment import air_density

GaugeReader = line_driver(LinePattern("G", "Simulated", "?", VALUE + " (?P<unit>kPa)", units={"kPa": "kPa"}))


def test_a_gauge_calibrated_up_and_down_shows_its_true_error_head_and_hysteresis() -> None:
    truth = PressureTruth(9, height=0.8, gauge_hysteresis=0.12, gauge_drift=0.0)
    bench = pressure_bench(9, truth=truth)
    controller = PACE5000.open(bench.resources["controller"], bench.library)
    gauge = GaugeReader.open(bench.resources["gauge"], bench.library)
    controller.unit = "kPa"
    controller.limit_rate(40.0)
    found: dict[tuple[str, int], float] = {}
    for way, points in (("up", (200, 400, 600, 800, 1000)), ("down", (800, 600, 400, 200))):
        for point in points:
            controller.pressurise(point)
            bench.clock.sleep(120)
            assert controller.settled
            found[way, point] = statistics.fmean(gauge.reading.indication or 0.0 for _ in range(20)) - point
    ambient = truth.room.pressure(bench.clock.now()) / 10
    for (way, point), error in found.items():
        # ρgh of nitrogen at the absolute pressure, less that of the air outside: M/(RT) from CODATA, 0.8 m.
        gas = (point + ambient) * 1e3 * 0.0280134 / (8.314462618 * (truth.room.temperature(0.0) + 273.15))
        air = ambient * 1e3 * 0.02896546 / (8.314462618 * (truth.room.temperature(0.0) + 273.15))
        level = -(gas - air) * 9.80665 * 0.8 * 1e-3
        play = -0.12 if way == "up" else 0.12
        expected = point * truth.gauge_gain + truth.gauge_zero + level + play
        assert error == pytest.approx(expected, abs=4e-3), (way, point)  # mean of 20 of 1 Pa noise and 1 Pa digits
    assert controller.lead_down(pause=bench.clock.sleep)


def test_abba_on_a_balance_finds_the_difference_of_two_weights_of_different_density() -> None:
    """B is of 7500 kg/m³: in air it weighs m·ρ_a·(1/7500 − 1/8000) less, with ρ_a by CIPM-2007."""

    def cipm(t: float, p: float, h: float) -> float:
        return float(air_density(t, p * 100, h / 100).density.value)

    truth = MassTruth(12, air=cipm, eccentricity=(0.0, 0.0), bend=0.0, room=Room(12, mean=20.0))
    bench = mass_bench(12, truth=truth)
    balance = MTSICS.open(bench.resources["balance"], bench.library)
    balance.adjust()
    pan = bench.devices["balance"].pan  # type: ignore[attr-defined]
    handler = Handler(pan, {"A": Weight(100.0, 8000.0), "B": Weight(100.01, 7500.0)})
    differences, rho = [], []
    for _ in range(15):
        values = []
        for name in "ABBA":
            at = handler.put(name, bench.clock.now())
            bench.clock.sleep(at - bench.clock.now() + 15.0)
            values.append(balance.reading.indication or 0.0)
        differences.append(difference(values))
        now = bench.clock.now()
        rho.append(cipm(truth.room.temperature(now), truth.room.pressure(now), truth.room.humidity(now)))
    air = statistics.fmean(rho)
    expected = (100.01 * (1 - air / 7500) - 100.0 * (1 - air / 8000)) / (1 - air / 8000)
    assert expected == pytest.approx(0.0090, abs=1e-4)  # 10 mg less 1.0 mg of buoyancy
    # One difference: noise of 40 µg and rounding of 29 µg a reading, wander of 50 µg rms that ABBA takes off in part.
    assert statistics.fmean(differences) == pytest.approx(expected, abs=4 * 7e-5 / 15**0.5)


def test_the_clock_of_a_bench_is_virtual_or_real() -> None:
    bench = pressure_bench(1, clock="real")
    controller = PACE5000.open(bench.resources["controller"], bench.library)
    assert controller.identify().serial == "3595616"
    with pytest.raises(ValueError, match="virtual or real"):
        mass_bench(1, clock="fast")


def test_every_phrase_that_these_drivers_say_is_said_in_chinese_too() -> None:
    folder = Path(instruments.__file__).parent
    names = ("drivers/line_pattern", "drivers/manual", "drivers/file", "drivers/fluke_pressure", "roles_mechanical",
             "drivers/mettler", "drivers/sartorius", "drivers/mensor", "errors_text")  # fmt: skip
    said = set()
    for name in names:
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Phrase" and node.args:
                said |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
            if isinstance(node, ast.keyword) and node.arg == "field" and isinstance(node.value, ast.Constant):
                said.add(node.value.value)
    assert len(said) > 25
    assert [text for text in sorted(map(str, said)) if gettext(text, "zh") == text] == []
