"""Conversations with a 1620A, and a 1620A in a room of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices.scpi import alone
from instruments.bench.devices.thermal import F1620A as Device
from instruments.bench.faults import inject
from instruments.bench.thermal import thermal_bench
from instruments.drivers import F1620A
from instruments.faults import Garbled, LinkFault, Refused, SettingChanged, Timeout, WrongInstrument
from instruments.transcript import transcript

GOOD = ("> SYST:ERR?", '< 0,"No Error"')
NAME = "TCPIP0::192.0.2.60::10001::SOCKET"


def test_a_line_with_its_stamp_gives_both_quantities_with_units() -> None:
    """The first line is the example of the user's guide, 8.4.2.16."""
    talk = ("> READ?", "< 1,1,25.629,C,29.32,%,2003,9,16,11,2,38", *GOOD,
            "> READ?", "< 0,1,25.6,C,29.3,%,2,26.3,C,37.9,%,2003,9,16,11,2,38", *GOOD)  # fmt: skip
    with transcript(F1620A, *talk) as monitor:
        found = monitor.readings()
        shown = {name: (reading.indication, reading.unit) for name, reading in found.items()}
        assert shown == {"temperature": (25.629, "degC"), "humidity": (29.32, "%RH")}
        assert found["humidity"].raw == "1,1,25.629,C,29.32,%,2003,9,16,11,2,38"
        assert found["humidity"].setup["new"] is True
        both = monitor.readings()
    assert {name: reading.indication for name, reading in both.items()} == {
        "temperature": 25.6, "humidity": 29.3, "temperature_2": 26.3, "humidity_2": 37.9,
    }  # fmt: skip
    assert both["temperature"].setup["new"] is False


def test_it_asks_for_the_stamp_before_its_first_reading() -> None:
    talk = ("> *CLS", "> FORM:TDST:STAT 1", "> READ?", "< 1,1,23.1,C,50.0,%,2026,1,5,8,0,0", *GOOD)
    with transcript(F1620A, *talk, begun=False) as monitor:
        assert monitor.readings()["temperature"].indication == 23.1


@pytest.mark.parametrize(
    "line",
    [
        "25.576,29.30",
        "25.582,29.32,26.341,37.96",
        "1,1,25.629,C,29.32",
        "1,1,2x.629,C,29.32,%,2003,9,16,11,2,38",
        "1,1,25.629,C,29.32,%,3,26.3,C,37.9,%,2003,9,16,11,2,38",
        '0,"No Error"',
    ],
)
def test_numbers_without_units_and_garbled_lines_are_no_reading(line: str) -> None:
    with transcript(F1620A, "> READ?", f"< {line}", *GOOD) as monitor, pytest.raises(Garbled, match="unit of each"):
        monitor.readings()


def test_refusal_silence_and_fahrenheit() -> None:
    talk = ("> READ?", "< 1,1,77.0,F,29.3,%,2003,9,16,11,2,38", *GOOD,
            "> UNIT:TEMP?", "< C", "> SYST:ERR?", '< -113,"Undefined header"', *GOOD, "> READ?", "! timeout")  # fmt: skip
    with transcript(F1620A, *talk) as monitor:
        with pytest.raises(SettingChanged, match="is degF, but was set to degC"):
            monitor.readings()
        with pytest.raises(Refused, match="Undefined header"):
            monitor.settings_snapshot()
        with pytest.raises(Timeout):
            monitor.readings()


def test_a_sensor_that_is_unplugged_gives_a_fault_and_no_number() -> None:
    bench = thermal_bench(2)
    monitor = F1620A.open(NAME, bench.library)
    assert monitor.readings()["temperature"].indication == pytest.approx(bench.truth.monitored(0.1)[0], abs=0.001)
    bench.inject("monitor", "sensor_fault")
    found = monitor.readings()
    assert [(reading.indication, reading.status) for reading in found.values()] == [(None, "fault")] * 2


def test_a_stamp_turned_off_by_somebody_else_ends_in_a_fault_and_is_set_again_by_the_repair() -> None:
    bench = thermal_bench(2)
    monitor = F1620A.open(NAME, bench.library)
    monitor.readings()
    bench.inject("monitor", "function_change")
    with pytest.raises(Garbled):
        monitor.readings()
    assert monitor.readings()["temperature"].indication is not None
    assert monitor.settings_snapshot() == {"unit": "C", "stamp": "1"}


def test_another_instrument_after_a_repair_is_not_read() -> None:
    bench = thermal_bench(2)
    monitor = F1620A.open(NAME, bench.library)
    assert monitor.identify().serial == "A91620"
    bench.inject("monitor", "wrong_serial", serial="A00000")
    bench.inject("monitor", "dropped_link")
    with pytest.raises(LinkFault):
        monitor.readings()
    with pytest.raises(WrongInstrument, match="A00000"):
        monitor.readings()


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "previous_reply", "dropped_link"]
)
def test_no_fault_of_the_link_becomes_a_temperature_of_another_moment(fault: str) -> None:
    """The room warms by 0.5 K between two looks; an answer that is one behind would be as much off."""
    for after in range(4):
        device = Device("A1", 1, lambda t: (t * 0.1, 50.0))
        library = alone(NAME, device)
        monitor = F1620A.open(NAME, library)
        monitor.identify()
        inject(device, fault, after=after, times=3)
        good = 0
        for _ in range(15):
            library.clock.sleep(5.0)
            try:
                found = monitor.readings()["temperature"].indication
            except (LinkFault, Refused):
                continue
            assert found == pytest.approx(device.now * 0.1, abs=0.01)
            good += 1
        assert good >= 5
