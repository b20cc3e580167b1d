"""Conversations with calibrators of the 5700 family, and the ones of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import fluke_5700 as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.bench.library import BenchLibrary
from instruments.drivers.fluke import F5522A
from instruments.drivers.fluke_5700 import F5700A, F5720A, F5730A, ROOM
from instruments.faults import Garbled, LinkFault, Refused, SettingChanged, SettingNotAllowed, Timeout, WrongInstrument
from instruments.link import Link
from instruments.roles import CommandsUnconfirmed
from instruments.transcript import Recorder, transcript

AT = "GPIB0::5::INSTR"


def own(nominal: float, unit: str) -> float:
    """Resistances are 14 ppm high, voltages as set."""
    return nominal * (1 + 14e-6) if unit == "OHM" else nominal


def a_source(kind: type[devices.F5700A] = devices.F5730A) -> tuple[devices.F5700A, F5700A]:
    device = kind("1234501", 1, own)
    driver = {"5700A": F5700A, "5720A": F5720A, "5730A": F5730A}[kind.model]
    return device, driver.open(AT, alone(AT, device), expect_serial="1234501")


def test_a_resistance_is_its_own_value_not_its_nominal_one() -> None:
    with transcript(
        F5730A,
        "> OUT 10000 OHM, 0 HZ;OUT?;FAULT?",
        "< 1.000000E+04,OHM,0E+00;0",
        "> OPER;FAULT?",
        "< 0",
        "> OUT?;ADJOUT?;UNCERT?;ISR?;FAULT?",
        "< 1.000000E+04,OHM,0E+00;1.00001450E+04,OHM,0E+00;7.50E+00,PPM;6145;0",
    ) as source:
        source.source_resistance(10e3)
        source.operate()
        reading = source.reading
    assert (reading.indication, reading.unit) == (10000.145, "ohm")
    assert dict(reading.setup) == {"nominal": 1e4, "uncertainty": (7.5, "PPM"), "operating": True, "settled": True}
    assert reading.raw.startswith("1.000000E+04,OHM")


def test_a_fault_code_is_put_into_words_by_the_calibrator() -> None:
    """5700A Series II operators manual 5-28: FAULT? gives a code, EXPLAIN? 725 returns ILLEGAL LIMIT SETTING."""
    with transcript(
        F5720A,
        "> OUT 10 V, 0 HZ;OUT?;FAULT?",
        "< 0.000000E+00,V,0E+00;725",
        "> FAULT?",
        "< 0",
        "> EXPLAIN? 725",
        '< "ILLEGAL LIMIT SETTING"',
        "> OUT 10 V, 0 HZ;OUT?;FAULT?",
        "< 1.000000E+01,V,1E+03;0",
        "> OUT 10 V, 0 HZ;OUT?;FAULT?",
        "< 1.000000E+01,A,0E+00;0",
        "> OUT?;ADJOUT?;UNCERT?;ISR?;FAULT?",
        "< 1.0E+01,V,0;1.0E+01;4,PPM;1;0",
        "> *IDN?;FAULT?",
        "< FLUKE,5720A,1234501,1.6+*;0",
        "> STBY;FAULT?",
        "! timeout",
    ) as source:
        with pytest.raises(Refused, match=r"725 .ILLEGAL LIMIT SETTING"):
            source.source_voltage(10)
        with pytest.raises(SettingChanged, match=r"1E\+03 HZ"):
            source.source_voltage(10)
        with pytest.raises(SettingChanged, match="10 A"):
            source.source_voltage(10)
        with pytest.raises(Garbled, match="set value, own value"):
            _ = source.reading
        with pytest.raises(Timeout):
            source.safe()


@pytest.mark.parametrize("kind", [devices.F5700A, devices.F5720A, devices.F5730A])
def test_each_model_of_the_bench_sources_and_goes_to_standby(kind: type[devices.F5700A]) -> None:
    device, source = a_source(kind)
    assert source.identify().model == kind.model
    source.source_voltage(-1.5)
    source.operate()
    assert (source.output, source.is_operating, source.settled) == ((-1.5, "V"), True, False)
    assert isinstance(source.link.library, BenchLibrary)
    source.link.library.clock.sleep(5)
    assert source.settled
    source.source_resistance(1.9)
    assert source.reading.indication == pytest.approx(1.9 * (1 + 14e-6), rel=1e-9)
    assert source.settings_snapshot()["commands_confirmed_by"] == ""
    inject(device, "trip")
    with pytest.raises(Refused, match=r"1507 .OUTPUT TRIPPED"):
        _ = source.is_operating
    source.operate()
    assert source.safe()
    assert not device.operating


def test_a_long_message_is_split_so_that_the_buffer_of_128_bytes_never_runs_over() -> None:
    device, _ = a_source()
    recorder = Recorder()
    source = F5730A(Link(AT, alone(AT, device), journal=recorder))
    commands = ["EXTSENSE OFF", "EXTGUARD OFF", "RANGELCK OFF", "CUR_POST NORMAL", "OUT 1.234567 V, 0 HZ", "OUT?"] * 3
    assert len(";".join(commands)) > 128
    answer, _ = source.converse(";".join(commands), 3)
    assert answer == ";".join(["1.234567E+00,V,0E+00"] * 3)
    sent = [line[2:] for line in recorder.lines if line.startswith("> ")]
    assert max(len(line) + 2 for line in sent) <= 128
    assert not device.errors
    with pytest.raises(SettingNotAllowed, match=f"at most {ROOM} bytes between two semicolons"):
        source.converse("RPT_STR " + "x" * 140)
    assert len(device.errors) == 0


def test_a_message_that_is_too_long_is_lost_by_the_instrument_itself() -> None:
    """What the splitting is for: the same commands in one message do nothing."""
    device, source = a_source()
    with pytest.raises(Timeout):
        F5522A.converse(source, ";".join(["EXTSENSE OFF"] * 12), 0)
    assert device.errors[0][0] == 700


def test_values_that_it_has_not_are_refused_before_anything_is_sent() -> None:
    with transcript(F5730A) as source:
        for volts in (1100.5, float("nan")):
            with pytest.raises(SettingNotAllowed, match="-1100 to 1100 V"):
                source.source_voltage(volts)
        with pytest.raises(SettingNotAllowed, match=r"one of 0, 1, 1\.9, 10"):
            source.source_resistance(20)


def test_on_hardware_it_waits_for_a_person_who_saw_the_commands_work() -> None:
    source = F5730A(Link("GPIB0::5::INSTR", "/nowhere/libvisa.so"))
    with pytest.raises(CommandsUnconfirmed, match="OUT of the 5730A"):
        source.source_voltage(1)
    with pytest.raises(CommandsUnconfirmed):  # not even the harmless first part of it, which would be Unreachable
        source.converse(";".join(["EXTSENSE OFF"] * 12 + ["OPER"]))


def test_another_serial_number_or_model_is_not_taken() -> None:
    device, source = a_source()
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument, match="1234501"):
        source.identify()
    with pytest.raises(WrongInstrument, match="5720A"):
        F5720A.open(AT, alone(AT, device)).identify()


@pytest.mark.parametrize("fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "dropped_link"])
def test_safe_after_a_fault_is_true_only_with_the_output_off(fault: str) -> None:
    for after in range(4):
        device, source = a_source()
        source.source_voltage(20)
        source.operate()
        inject(device, fault, after=after)
        for _ in range(4):
            try:
                if source.safe():
                    break
            except LinkFault:
                continue
        else:
            pytest.fail("never safe")
        assert not device.operating
