"""Conversations with a 1586A, and a 1586A of the bench: scans and logs."""

from __future__ import annotations

import pytest

from instruments.bench.devices.scpi import alone
from instruments.bench.devices.thermal_physics import Input
from instruments.bench.devices.thermal_scanner import F1586A as Device
from instruments.bench.faults import inject
from instruments.drivers import F1586A
from instruments.faults import Garbled, LinkFault, Refused, SettingNotAllowed, SettingsLost, Timeout, WrongInstrument
from instruments.transcript import transcript

NAME = "ASRL14::INSTR"
SCAN = "> ROUT:SCAN (@101,105);:UNIT:TEMP?;:READ?;:SYST:ERR?"


def test_a_scan_gives_a_reading_for_each_channel_and_none_for_an_open_input() -> None:
    with transcript(F1586A, SCAN, '< C;25.1234,9.9E37;+0,"No error"') as scanner:
        found = scanner.scan(101, 105)
    assert (found[101].indication, found[101].unit, found[101].setup["scan"]) == (25.1234, "degC", "101,105")
    assert (found[105].indication, found[105].status) == (None, "overload")
    assert found[101].raw == 'C;25.1234,9.9E37;+0,"No error"'


@pytest.mark.parametrize("answer", ["C;25.1", "C;25.1,26.0,27.0", "K;25.1,26.0", "C;25.1,2b.0"])
def test_too_few_too_many_or_garbled_values_are_no_scan(answer: str) -> None:
    with transcript(F1586A, SCAN, f'< {answer};+0,"No error"') as scanner, pytest.raises(Garbled):
        scanner.scan(101, 105)


def test_a_refusal_and_channels_that_are_not_there() -> None:
    with transcript(
        F1586A, SCAN, '< -113,"Undefined header"', "> :SYST:ERR?".replace(":", "", 1), '< +0,"No error"'
    ) as scanner:
        for channels in ((), (100,), (121,), (101, 221)):
            with pytest.raises(SettingNotAllowed, match="101 to 120, 201 to 220"):
                scanner.scan(*channels)
        with pytest.raises(Refused, match="Undefined header"):
            scanner.scan(101, 105)


LOG = ("> LOG:AUT:LAB 3;:LOG:AUT:POIN?;:SYST:ERR?", '< 2;+0,"No error"', "> LOG:AUT:PRIN 3",
       "< DATA_03,101,25.1,C,14,59,35,2020,7,5", "< DATA_03,102,25.3,C,14,59,35,2020,7,5")  # fmt: skip
DONE = ("> *OPC?;:SYST:ERR?", '< 1;+0,"No error"')


def test_a_log_is_as_many_lines_as_it_announces() -> None:
    with transcript(F1586A, *LOG, *DONE) as scanner:
        lines = scanner.log(3)
        with pytest.raises(SettingNotAllowed, match="1 to 25"):
            scanner.log(0)
    assert [(line.indication, line.unit, line.setup["channel"]) for line in lines] == [
        (25.1, "degC", 101), (25.3, "degC", 102),
    ]  # fmt: skip
    assert lines[0].setup["instrument_time"] == "14,59,35,2020,7,5"


def test_a_log_with_a_line_too_few_or_too_many_or_garbled_is_no_log() -> None:
    with transcript(F1586A, *LOG[:-1], "! timeout") as scanner, pytest.raises(Timeout):
        scanner.log(3)
    with transcript(F1586A, *LOG, "~ DATA_03,101,25.2,C,14,59,36,2020,7,5") as scanner, pytest.raises(LinkFault):
        scanner.log(3)
    with transcript(F1586A, *LOG[:-1], "< DATA_03,102,25.3,?,14", *DONE) as scanner, pytest.raises(Garbled):
        scanner.log(3)


def a_scanner() -> tuple[Device, F1586A]:
    device = Device("27160001", 1, {101: Input(lambda t: t * 0.01), 102: Input(lambda t: t * 0.01 + 100.0)})
    return device, F1586A.open(NAME, alone(NAME, device))


def test_the_device_speaks_as_the_driver_hears() -> None:
    device, scanner = a_scanner()
    assert scanner.identify().serial == "27160001"
    found = scanner.scan(101, 102, 103)
    assert (found[102].indication or 0.0) - (found[101].indication or 0.0) == pytest.approx(100.0, abs=0.011)
    assert found[103].indication is None
    for t in (100.0, 200.0, 300.0):
        device.record(3, t)
    assert [line.indication for line in scanner.log(3)] == pytest.approx([1.0, 101.0, 2.0, 102.0, 3.0, 103.0])
    assert scanner.log(4) == []
    inject(device, "unit_change")
    assert scanner.reading.unit == "degF"
    inject(device, "sensor_fault", channel=101)
    assert scanner.reading.status == "overload"


def test_another_instrument_after_a_repair_is_not_read() -> None:
    device, scanner = a_scanner()
    scanner.identify()
    inject(device, "wrong_serial", serial="0")
    inject(device, "truncated")
    with pytest.raises(LinkFault):
        _ = scanner.reading
    with pytest.raises(WrongInstrument):
        _ = scanner.reading


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "previous_reply", "dropped_link"]
)
def test_no_fault_makes_a_reading_of_another_moment(fault: str) -> None:
    for after in range(5):
        device, scanner = a_scanner()
        scanner.identify()
        inject(device, fault, after=after, times=3)
        good = 0
        for _ in range(12):
            scanner.link.library.clock.sleep(20.0)  # type: ignore[union-attr]
            try:
                found = scanner.scan(101, 102)
            except (LinkFault, Refused, SettingsLost):
                continue
            assert found[101].indication == pytest.approx(device.now * 0.01, abs=0.03)
            assert found[102].indication == pytest.approx(100 + device.now * 0.01, abs=0.03)
            good += 1
        assert good >= 5


@pytest.mark.parametrize("fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "dropped_link"])
def test_a_log_under_a_fault_is_whole_or_none(fault: str) -> None:
    for after in range(4):
        device, scanner = a_scanner()
        for t in range(0, 1000, 100):
            device.record(3, float(t))
        scanner.identify()
        inject(device, fault, after=after, **({"seconds": 3.0} if fault == "late" else {}))
        whole = 0
        for _ in range(6):
            try:
                lines = scanner.log(3)
            except (LinkFault, Refused):
                continue
            assert [line.indication for line in lines] == pytest.approx(
                [value for t in range(0, 1000, 100) for value in (t * 0.01, t * 0.01 + 100)]
            )
            whole += 1
        assert whole >= 4
