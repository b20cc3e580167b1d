"""Conversations with an E4980A, and the one of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.devices import keysight as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers.keysight_lcr import E4980A
from instruments.faults import Garbled, OutOfStep, Refused, SettingsLost, WrongInstrument
from instruments.transcript import transcript

AT = "GPIB0::17::INSTR"
ASK = "> TRIG:IMM;:FETC?;:SYST:ERR?"


def a_meter() -> tuple[devices.E4980A, E4980A]:
    device = devices.E4980A("MY46100001", 1, lambda _: (1.00012e-9, 2.3e-4))
    return device, E4980A.open(AT, alone(AT, device), expect_serial="MY46100001")


def test_two_parameters_and_a_status_as_the_users_guide_has_them() -> None:
    """E4980A/AL user's guide p. 261: status 1 overload with 9.9E37, 3 signal source overloaded, -1 no data."""
    with transcript(
        E4980A,
        ASK,
        '< +1.00012E-09,+2.30000E-04,+0;+0,"No error"',
        ASK,
        '< +9.90000E+37,+9.90000E+37,+1;+0,"No error"',
        ASK,
        '< +1.10000E-09,+2.30000E-04,+3;+0,"No error"',
        ASK,
        '< +9.90000E+37,+9.90000E+37,-1;+0,"No error"',
        ASK,
        '< +1.00012E-09,+2.30000E-04;+0,"No error"',
    ) as meter:
        meter.state.update(function="CPD", frequency=1000.0)
        found = meter.readings()
        shown = {name: (reading.indication, reading.unit) for name, reading in found.items()}
        assert shown == {"primary": (1.00012e-9, "F"), "secondary": (2.3e-4, "1")}
        assert found["primary"].raw == '+1.00012E-09,+2.30000E-04,+0;+0,"No error"'
        assert dict(found["secondary"].setup) == {"function": "CPD", "frequency": 1000.0}
        over = meter.reading
        assert (over.indication, over.status) == (None, "overload")
        for _ in range(2):
            failed = meter.reading
            assert (failed.indication, failed.status) == (None, "fault")
        with pytest.raises(Garbled, match="two numbers and a status"):
            _ = meter.reading


def test_the_bench_measures_what_is_fitted() -> None:
    device, meter = a_meter()
    meter.configure("CPD", 1000, 1)
    assert meter.readings()["secondary"].indication == 2.3e-4
    assert meter.settings_snapshot()["speed"] == "long"
    device.status = 1
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")


def test_a_free_running_meter_is_not_read() -> None:
    """Its answer could be of a measurement that was over before the question."""
    _, meter = a_meter()
    meter.configure("RX", 1e5, 0.5)
    meter.trigger = "INT"
    with pytest.raises(Refused, match="Trigger ignored"):
        _ = meter.reading


def test_nothing_is_read_before_it_is_set_up_and_another_serial_is_not_taken() -> None:
    device, meter = a_meter()
    with pytest.raises(SettingsLost):
        _ = meter.reading
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument):
        meter.identify()


def test_a_late_answer_is_never_the_answer_to_another_question() -> None:
    device, meter = a_meter()
    meter.configure("CPD", 1000, 1)
    inject(device, "previous_reply", times=None)
    assert meter.reading.indication == 1.00012e-9
    with pytest.raises((OutOfStep, Garbled)):
        _ = meter.reading
