"""Conversations with the 8508A, 8588A and 8558A, and the ones of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import fluke_reference as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers.fluke_reference import F8508A, F8558A, F8588A
from instruments.faults import (
    Garbled,
    LinkFault,
    Rebooted,
    Refused,
    SettingNotAllowed,
    SettingsLost,
    Timeout,
    WrongInstrument,
)
from instruments.transcript import transcript

AT = "GPIB0::16::INSTR"
LAN = "TCPIP0::192.0.2.8::3490::SOCKET"


def an_8508a(value: float) -> tuple[devices.F8508A, F8508A]:
    device = devices.F8508A("850801234", 1, lambda _: value)
    return device, F8508A.open(AT, alone(AT, device), expect_serial="850801234")


def an_8588a(value: float, kind: type[devices.F8588A] = devices.F8588A) -> tuple[devices.F8588A, F8588A]:
    device = kind("385880001", 1, lambda _: value)
    driver = F8558A if kind is devices.F8558A else F8588A
    return device, driver.open(LAN, alone(LAN, device), expect_serial="385880001")


def test_the_8508a_takes_its_set_up_in_one_command_and_answers_when_triggered() -> None:
    with transcript(
        F8508A,
        "> TRG_SRCE EXT;GUARD INT",
        "> INPUT FRONT;DCV 10,RESL7,FILT_OFF,FAST_OFF,TWO_WR;*ESR?",
        "< 0",
        "> X?;*ESR?",
        "< +9.99998123E+00;0",
        "> X?;*ESR?",
        "< -2.00000000E+35;0",
        "> X?;*ESR?",
        "< +9.99998123E+00;128",
        begun=False,
    ) as meter:
        meter.configure("DCV", 10)
        reading = meter.reading
        assert (reading.indication, reading.unit, reading.raw) == (9.99998123, "V", "+9.99998123E+00;0")
        assert dict(reading.setup) == {"function": "DCV", "range": 10, "digits": 7, "terminals": "FRON"}
        over = meter.reading
        assert (over.indication, over.status) == (None, "overload")
        assert meter.reading.indication == 9.99998123  # power-on in *ESR? is an event, no error


def test_the_8508a_refuses_by_event_bits_and_garbage_is_no_reading() -> None:
    """IEEE 488.2, 11.5.1.1: bit 4 execution error, bit 5 command error."""
    with transcript(
        F8508A,
        "> INPUT FRONT;DCV 10,RESL7,FILT_OFF,FAST_OFF,TWO_WR;*ESR?",
        "< 48",
        "> *ESR?",
        "< 0",
        "> MZERO?;*ESR?",
        "< 1;0",
        "> X?;*ESR?",
        "< +9.9E+00;none",
    ) as meter:
        with pytest.raises(Refused, match="execution error, command error"):
            meter.configure("DCV", 10)
        assert "function" not in meter.state
        with pytest.raises(Refused, match="the zero failed"):
            meter.zero()
        meter.state["function"] = "DCV"
        with pytest.raises(Garbled):
            _ = meter.reading


def test_the_8508a_of_the_bench() -> None:
    device, meter = an_8508a(9.99998)
    meter.configure("DCV", 10, terminals="REAR")
    assert (device.function, device.size, device.resolution, device.input) == ("DCV", 10.0, 7, "REAR")
    assert meter.reading.indication == pytest.approx(9.99998, abs=1e-8)
    assert meter.terminals == "REAR"
    device.value = lambda _: -25.0
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")
    meter.configure("RTRUE", 100)
    assert (meter.reading.unit, "FOUR_WR" in device.flags) == ("ohm", True)
    before = device.now
    meter.zero()
    assert device.now - before > 60
    with pytest.raises(Refused, match="execution error"):
        meter.configure("DCV", 2000)
    assert meter.link.repairs == 0


def test_the_8508a_says_what_it_can_be_set_to() -> None:
    with transcript(F8508A) as meter:
        with pytest.raises(SettingNotAllowed, match="one of DCV, ACV"):
            meter.configure("VOLT", 10)
        with pytest.raises(SettingNotAllowed, match="digits of 8508A cannot be 7: right would be 5 to 6"):
            meter.configure("ACV", 10, 7)
        with pytest.raises(SettingNotAllowed, match="FRONT or REAR"):
            meter.configure("DCV", 10, terminals="OFF")
        with pytest.raises(SettingsLost):
            _ = meter.terminals


def test_an_8508a_that_was_switched_off_is_set_up_again_before_it_is_read() -> None:
    device, meter = an_8508a(0.99)
    meter.configure("DCV", 1)
    inject(device, "reboot")
    with pytest.raises(Rebooted):
        _ = meter.reading
    with pytest.raises(SettingsLost):
        _ = meter.reading
    meter.restore()
    assert meter.reading.setup["range"] == 1
    assert (device.size, device.trigger) == (1.0, "EXT")


def test_the_8588a_speaks_scpi_on_its_socket() -> None:
    with transcript(
        F8588A,
        '> SENS:FUNC "FRES";:SENS:FUNC?;:SYST:ERR?',
        '< "FRES";0,"No error"',
        "> SENS:FRES:RANG 1;:SENS:FRES:RANG?;:SYST:ERR?",
        '< 1.0E+00;0,"No error"',
        "> SENS:FRES:NPLC 200;:SENS:FRES:NPLC?;:SYST:ERR?",
        '< 2.0E+02;0,"No error"',
        "> READ?;:SYST:ERR?",
        '< 1.00001234E+00;0,"No error"',
        "> READ?;:SYST:ERR?",
        '< 9.9E+37;0,"No error"',
        "> READ?;:SYST:ERR?",
        '< -222,"Data out of range"',
        "> SYST:ERR?",
        '< 0,"No error"',
        "> READ?;:SYST:ERR?",
        "! timeout",
    ) as meter:
        meter.configure("R4W", 1, 200)
        reading = meter.reading
        assert (reading.indication, reading.unit) == (1.00001234, "ohm")
        assert dict(reading.setup) == {"function": "R4W", "range": 1.0, "nplc": 200.0}
        assert meter.reading.status == "overload"
        with pytest.raises(Refused, match="Data out of range"):
            _ = meter.reading
        with pytest.raises(Timeout):
            _ = meter.reading


@pytest.mark.parametrize("kind", [devices.F8588A, devices.F8558A])
def test_each_scpi_model_of_the_bench_is_known_and_read(kind: type[devices.F8588A]) -> None:
    device, meter = an_8588a(1.0000123, kind)
    assert meter.identify().model == kind.model
    meter.configure("DCV", 1, 100)
    assert meter.reading.indication == pytest.approx(1.0000123, abs=1e-12)
    assert (meter.settings_snapshot()["nplc"], meter.terminals) == (100.0, "FRON")
    device.value = lambda _: 2.5
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")
    meter.configure("ACV", 10, 100)
    assert (meter.reading.indication, dict(meter.reading.setup)) == (2.5, {"function": "ACV", "range": 10.0})
    assert "nplc" not in meter.settings_snapshot()
    inject(device, "wrong_terminal")
    assert meter.terminals == "REAR"


def test_another_serial_number_is_not_taken() -> None:
    for device, meter in (an_8508a(1.0), an_8588a(1.0)):
        inject(device, "wrong_serial")
        with pytest.raises(WrongInstrument, match="0000000"):
            meter.identify()


@pytest.mark.parametrize("fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "previous_reply"])
@pytest.mark.parametrize("model", ["8508A", "8588A"])
def test_no_fault_of_the_link_makes_a_wrong_reading(model: str, fault: str) -> None:
    """Each reading differs from all others: one that is not of its own trigger is found by its value."""
    device, meter = an_8508a(0.0) if model == "8508A" else an_8588a(0.0)
    device.value = lambda t: 1.0 + t * 1e-6
    meter.configure("DCV", 10) if isinstance(meter, F8508A) else meter.configure("DCV", 10, 1)
    inject(device, fault, after=2, times=2)
    last, good = 0.0, 0
    for _ in range(12):
        try:
            found = meter.reading.indication
        except LinkFault:
            continue
        assert found is not None
        assert found > last
        assert found == pytest.approx(1.0 + device.now * 1e-6, abs=1.1e-8)
        last, good = found, good + 1
    assert good >= 5
