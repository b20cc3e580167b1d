"""Conversations with a 53230A counter, and the one of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import keysight as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers.keysight import K53230A
from instruments.faults import Garbled, Rebooted, Refused, SettingNotAllowed, SettingsLost, WrongInstrument
from instruments.transcript import transcript

AT = "TCPIP0::192.0.2.7::inst0::INSTR"


def a_counter(hertz: float) -> tuple[devices.K53230A, K53230A]:
    device = devices.K53230A("MY50000123", 1, lambda _: hertz)
    return device, K53230A.open(AT, alone(AT, device), expect_serial="MY50000123")


def test_a_reading_carries_gate_time_and_time_base() -> None:
    with transcript(
        K53230A,
        '> FUNC "FREQ 1";:FUNC?;:SYST:ERR?',
        '< "FREQ 1";+0,"No error"',
        "> FREQ:GATE:TIME 1;:FREQ:GATE:TIME?;:SYST:ERR?",
        '< +1.00000000000000E+000;+0,"No error"',
        "> ROSC:SOUR EXT;:ROSC:SOUR?;:SYST:ERR?",
        '< EXT;+0,"No error"',
        "> READ?;:SYST:ERR?",
        '< +1.00000000012340E+007;+0,"No error"',
        "> READ?;:SYST:ERR?",
        '< +9.91000000000000E+037;+0,"No error"',
        "> READ?;:SYST:ERR?",
        '< +1.0E+007,+1.0E+007;+0,"No error"',
    ) as counter:
        counter.configure("FREQ", 1, "EXT")
        reading = counter.reading
        assert (reading.indication, reading.unit) == (10000000.001234, "Hz")
        assert dict(reading.setup) == {"function": "FREQ", "gate_time": 1.0, "reference": "EXT"}
        assert (counter.reading.indication) is None
        with pytest.raises(Garbled):
            _ = counter.reading


def test_the_bench_counts_frequency_and_period_and_no_signal_is_no_number() -> None:
    device, counter = a_counter(2.5e6)
    counter.configure("FREQ", 0.5, "EXT")
    assert counter.reading.indication == pytest.approx(2.5e6, rel=1e-13)
    counter.configure("PER", 0.5, "INT")
    assert (counter.reading.indication, counter.reading.unit) == (pytest.approx(4e-7, rel=1e-13), "s")
    device.frequency = lambda _: 0.0
    assert (counter.reading.indication, counter.reading.status) == (None, "overload")


def test_a_time_base_that_is_not_there_is_refused() -> None:
    device, counter = a_counter(1e6)
    device.external = False
    counter.configure("FREQ", 0.1, "EXT")
    with pytest.raises(Refused, match="external timebase"):
        _ = counter.reading


def test_impedance_and_gate_time_have_limits() -> None:
    _, counter = a_counter(1e6)
    counter.impedance = 50
    with pytest.raises(SettingNotAllowed, match="one of 50, 1e\\+06 ohm"):
        counter.impedance = 75
    with pytest.raises(SettingNotAllowed, match=r"0.0001 to 1000 s"):
        counter.gate_time = 2000


def test_after_a_power_cycle_nothing_is_read_before_it_is_set_up_again() -> None:
    """It comes back on its internal time base: a reading would claim the external one."""
    device, counter = a_counter(1e6)
    counter.configure("FREQ", 0.1, "EXT")
    assert counter.reading.setup["reference"] == "EXT"
    inject(device, "reboot")
    with pytest.raises(Rebooted):
        _ = counter.reading
    with pytest.raises(SettingsLost):
        _ = counter.reading
    counter.restore()
    assert counter.reading.setup["reference"] == "EXT"
    assert device.at["[SENSe:]ROSCillator:SOURce"] == "EXT"


def test_another_serial_number_is_not_taken() -> None:
    device, counter = a_counter(1e6)
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument):
        counter.identify()
