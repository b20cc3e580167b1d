"""A 5520A: the commands of the 5522A, known as itself."""

from __future__ import annotations

import pytest

from instruments.bench.devices.fluke_5520 import Fluke5520A
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.bench.truth import Truth
from instruments.drivers import F5520A, F5522A, find_driver
from instruments.faults import Garbled, Refused, WrongInstrument
from instruments.transcript import transcript

AT = "GPIB0::4::INSTR"


def a_source() -> tuple[Fluke5520A, F5520A]:
    device = Fluke5520A("7605003", 1, Truth(1))
    return device, F5520A.open(AT, alone(AT, device), expect_serial="7605003")


def test_it_is_found_by_its_own_name_and_speaks_as_the_5522a() -> None:
    assert find_driver("FLUKE,5520A,7605003,4.1") is F5520A
    assert find_driver("5520A") is F5520A
    assert find_driver("FLUKE,5522A,2950101,1.5") is F5522A
    with transcript(
        F5520A,
        "> OUT 10 V;OUT?;ERR?",
        '< 1.000000E+01,V,0E+00,0,0.00E+00;0,"No Error"',
        "> OUT?;ERR?",
        '< 1.000000E+01;0,"No Error"',
    ) as source:
        source.source_voltage(10)
        with pytest.raises(Garbled, match="value and unit"):
            _ = source.output


def test_the_one_of_the_bench_sources_and_trips() -> None:
    device, source = a_source()
    assert source.identify().model == "5520A"
    source.source_voltage(3)
    source.operate()
    reading = source.reading
    assert (reading.indication, reading.unit, reading.setup["operating"]) == (3.0, "V", True)
    inject(device, "trip")
    with pytest.raises(Refused, match="tripped"):
        _ = source.is_operating
    assert source.safe()


def test_another_serial_number_or_a_5522a_is_not_taken() -> None:
    device, source = a_source()
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument, match="7605003"):
        source.identify()
    device.model = "5522A"  # type: ignore[misc]
    with pytest.raises(WrongInstrument, match="5520A"):
        F5520A.open(AT, alone(AT, device)).identify()
