"""Drivers by name, and who is connected."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.bench import Bench
from instruments.bench.thermal import thermal_bench
from instruments.drivers import F5522A, F9144, HP34401A, PTU300, HartBath, find_driver
from instruments.faults import NoDriver
from instruments.find import discover, resources
from instruments.link import Link
from instruments.transcript import Recorder, transcript


@pytest.mark.parametrize("name", ["HP34401A", "34401A", "Agilent Technologies,34401A,MY4,1"])
def test_a_driver_is_found_by_class_model_or_identity(name: str) -> None:
    assert find_driver(name) is HP34401A


def test_no_driver_names_those_that_there_are() -> None:
    with pytest.raises(NoDriver, match=r"F5522A \(5522A\), HP34401A"):
        find_driver("8846A")


def test_discovery_names_every_instrument_of_a_bench_and_changes_none() -> None:
    bench = Bench(1)
    assert resources(bench.library) == ("GPIB0::4::INSTR", "GPIB0::22::INSTR", "ASRL3::INSTR")
    found = discover(bench.library)
    assert [entry.driver for entry in found] == [F5522A, HP34401A, PTU300]
    assert [entry.identity.serial for entry in found if entry.identity] == ["2950101", "MY41000001", "P3110001"]
    assert not bench.calibrator.operating
    assert not bench.calibrator.errors
    assert not bench.meter.errors


@pytest.mark.parametrize("model", ["9144", "7341"])
def test_discovery_finds_what_repeats_each_question_and_heats_nothing(model: str) -> None:
    bench = thermal_bench(1, model=model)
    target = bench.truth.block.target
    found = {entry.resource: entry for entry in discover(bench.library)}
    named = {name: found[resource].driver for name, resource in bench.resources.items()}
    assert named["source"] is (F9144 if model == "9144" else HartBath)
    assert {name for name, driver in named.items() if driver is None} == {"indicator"}, found  # it has no name to tell
    assert bench.truth.block.target == target, "no other temperature is gone to"


def test_discovery_says_why_nobody_is_known() -> None:
    (found,) = discover(Bench(1).library, ["GPIB0::9::INSTR"])
    assert found.driver is None
    assert "GPIB0::9::INSTR" in found.why


def test_a_recorded_conversation_plays_back_to_the_same_readings(tmp_path: Path) -> None:
    recorder = Recorder()
    bench = Bench(6)

    def work(meter: HP34401A) -> list[object]:
        meter.identify()
        meter.configure("DCV", 1, 10)
        return [meter.reading.indication for _ in range(3)]

    before = work(HP34401A(Link("GPIB0::22::INSTR", bench.library, journal=recorder)))
    recorder.write(tmp_path / "heard.talk")
    with transcript(HP34401A, tmp_path / "heard.talk", marked=True) as meter:
        assert work(meter) == before


def test_a_snapshot_has_what_each_instrument_is_set_to() -> None:
    bench = Bench(1)
    source, meter, monitor = (
        driver.open(name, bench.library)
        for driver, name in ((F5522A, "GPIB0::4::INSTR"), (HP34401A, "GPIB0::22::INSTR"), (PTU300, "ASRL3::INSTR"))
    )
    source.source_voltage(-2)
    meter.configure("DCV", 1, 10)
    assert source.settings_snapshot() == {"output": -2.0, "unit": "V", "range": "DC3_3V,0", "operating": False}
    snapshot = meter.settings_snapshot()
    assert (snapshot["range"], snapshot["nplc"], snapshot["terminals"]) == (1.0, 10.0, "FRON")
    assert "CS4" in monitor.settings_snapshot()["form"]
    bench.inject("meter", "wrong_terminal")
    assert meter.settings_snapshot()["terminals"] == "REAR"
