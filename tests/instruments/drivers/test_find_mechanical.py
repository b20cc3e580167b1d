"""Pressure, mass and length instruments by name, and found where they are connected."""

from __future__ import annotations

from typing import Any

import pytest

from instruments.bench.devices.keysight import K53230A as Counter
from instruments.bench.devices.line import Line
from instruments.bench.frequency import Comparison, Oscillator, OscillatorTruth
from instruments.bench.mechanical import bench_of, mass_bench, pressure_bench
from instruments.drivers import (
    CPC6000,
    DRIVERS,
    F6270A,
    K53230A,
    MTSICS,
    PACE5000,
    SBI,
    FileReadings,
    MahrC1208,
    ManualEntry,
    find_driver,
)
from instruments.find import discover
from instruments.link import Link
from instruments.transcript import Recorder, transcript


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("GE Druck,PACE6000 User Interface,1,2", PACE5000), ("MENSOR, CPC6050, 1, 2", CPC6000), ("6270A", F6270A),
        ('I2 A "XPR226 220 g"', MTSICS), ("MSE225S", SBI), ("MAHR GMBH,C1240", MahrC1208), ("MANUAL", ManualEntry),
        ("FILE", FileReadings),
    ],
)  # fmt: skip
def test_a_driver_is_found_by_model_or_identity(name: str, driver: type) -> None:
    assert find_driver(name) is driver


def test_every_driver_is_found_by_its_own_model_and_says_what_nobody_has_verified() -> None:
    for driver in DRIVERS:
        assert find_driver(driver.model).model == driver.model
        assert isinstance(driver.unverified, tuple)
        assert driver.roles, driver


def test_discovery_names_the_instruments_of_both_benches_and_pressurises_nothing() -> None:
    for model, driver in (("PACE5000", PACE5000), ("CPC6000", CPC6000), ("6270A", F6270A)):
        bench = pressure_bench(1, model=model)
        found = discover(bench.library, [bench.resources["controller"]])
        assert [entry.driver for entry in found] == [driver]
        assert bench.devices["controller"].volume.mode != "control"  # type: ignore[attr-defined]
    balances = mass_bench(1)
    found = discover(balances.library, list(balances.resources.values()))
    assert [(entry.driver, entry.identity.serial) for entry in found if entry.identity] == [
        (MTSICS, "B123456789"), (SBI, "26301234"),
    ]  # fmt: skip


def test_discovery_finds_a_gauge_that_says_its_name() -> None:
    gauge = Line("7", 1, lambda _: "+1.0mm", ask="?", answers={"SER?": "77/01", "ID?": "MAHR GMBH,C1208"})
    bench = bench_of({"gauge": gauge}, {"gauge": "ASRL9::INSTR"}, None, "virtual")
    (found,) = discover(bench.library, ["ASRL9::INSTR"])
    assert found.driver is MahrC1208
    assert found.identity is not None
    assert found.identity.serial == "77/01"


def _pressures(controller: Any) -> list[object]:
    controller.identify()
    controller.unit = "kPa"
    controller.limit_rate(50.0)
    controller.pressurise(100.0)
    return [controller.reading.indication for _ in range(3)]


@pytest.mark.parametrize(("model", "driver"), [("PACE5000", PACE5000), ("CPC6000", CPC6000), ("6270A", F6270A)])
def test_a_recorded_conversation_plays_back_to_the_same_pressures(model: str, driver: type, tmp_path: Any) -> None:
    recorder = Recorder()
    bench = pressure_bench(6, model=model)
    before = _pressures(driver(Link(bench.resources["controller"], bench.library, journal=recorder)))
    recorder.write(tmp_path / "heard.talk")
    kind: Any = driver
    with transcript(kind, tmp_path / "heard.talk", marked=model == "6270A", begun=False) as controller:
        assert _pressures(controller) == before


def test_a_counter_counts_the_oscillator_of_the_frequency_bench() -> None:
    oscillator = Oscillator(OscillatorTruth(offset=2e-8), seed=3)
    counter = Counter("MY1", 1, Comparison(oscillator, jitter=0.0).seen(0.1))
    bench = bench_of({"counter": counter}, {"counter": "GPIB0::3::INSTR"}, oscillator, "virtual")
    meter = K53230A.open("GPIB0::3::INSTR", bench.library)
    meter.function = "FREQ"
    reading = meter.reading
    assert reading.indication == pytest.approx(10e6 * (1 + 2e-8), abs=2e-3)
    assert reading.unit == "Hz"
