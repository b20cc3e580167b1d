"""Conversations with an N1913A power meter, and the one of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import keysight as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers.keysight import N1913A
from instruments.faults import Garbled, Refused, WrongInstrument
from instruments.transcript import transcript

AT = "GPIB0::13::INSTR"


def a_meter(watts: float) -> tuple[devices.N1913A, N1913A]:
    device = devices.N1913A("MY50000913", 1, lambda _: watts)
    return device, N1913A.open(AT, alone(AT, device), expect_serial="MY50000913")


def test_zero_calibration_and_reading_in_the_programming_guides_words() -> None:
    with transcript(
        N1913A,
        "> CAL1:ZERO:AUTO ONCE;*OPC?;:SYST:ERR?",
        '< 1;+0,"No error"',
        "> CAL1:AUTO ONCE;*OPC?;:SYST:ERR?",
        '< -231,"Data questionable;CAL ERROR"',
        "> SYST:ERR?",
        '< +0,"No error"',
        "> READ1?;:SYST:ERR?",
        '< +1.00230000E-03;+0,"No error"',
        "> READ1?;:SYST:ERR?",
        '< +9.91000000E+37;+0,"No error"',
        "> READ1?;:SYST:ERR?",
        '< dBm;+0,"No error"',
    ) as meter:
        meter.state["unit"] = "W"
        meter.zero()
        with pytest.raises(Refused, match="CAL ERROR"):
            meter.calibrate()
        reading = meter.reading
        assert (reading.indication, reading.unit) == (1.0023e-3, "W")
        assert dict(reading.setup) == {"unit": "W", "zeroed": True}
        assert (meter.reading.indication) is None
        with pytest.raises(Garbled):
            _ = meter.reading


def test_the_sensor_of_the_bench_is_zeroed_calibrated_and_read() -> None:
    device, meter = a_meter(0.0)
    meter.configure(50e6)
    meter.zero()
    device.power = lambda _: 1e-3
    assert meter.reading.indication == pytest.approx(1.05e-3)  # not calibrated yet, and its set-up says so
    assert "calibrated" not in meter.reading.setup
    meter.calibrate()
    reading = meter.reading
    assert (reading.indication, reading.unit) == (pytest.approx(1e-3), "W")
    assert reading.setup["calibrated"] is True
    meter.configure(1e9, "dBm")
    assert (meter.reading.indication, meter.reading.unit) == (pytest.approx(0.0, abs=1e-9), "dBm")
    device.power = lambda _: 0.2
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")


def test_a_zero_with_power_applied_and_a_free_running_meter_are_refused() -> None:
    _, meter = a_meter(1e-3)
    with pytest.raises(Refused, match="ZERO ERROR"):
        meter.zero()
    meter.configure(50e6)
    meter.continuous = True
    with pytest.raises(Refused, match="INIT ignored"):
        _ = meter.reading


def test_another_serial_number_is_not_taken() -> None:
    device, meter = a_meter(1e-3)
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument):
        meter.identify()
