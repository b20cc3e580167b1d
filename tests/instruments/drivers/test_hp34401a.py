"""Conversations with a 34401A."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from instruments.drivers import HP34401A
from instruments.faults import Garbled, OutOfStep, Rebooted, Refused, SettingNotAllowed, SettingsLost, Timeout
from instruments.transcript import Mismatch, transcript

TALKS = Path(__file__).parents[3] / "fixtures" / "instruments"


def test_reads_and_checks_its_errors_in_one_message_and_keeps_the_raw_reply() -> None:
    with transcript(HP34401A, "> READ?;:SYST:ERR?", '< +9.999981E+00;+0,"No error"') as meter:
        meter.state["function"] = "DCV"
        reading = meter.reading
    assert (reading.indication, reading.unit, reading.raw) == (9.999981, "V", '+9.999981E+00;+0,"No error"')
    assert reading.at.tzinfo is UTC
    assert reading.status == "ok"


def test_sets_up_dc_volts_and_carries_the_set_up_on_the_reading() -> None:
    with transcript(HP34401A, TALKS / "hp34401a_dcv.talk") as meter:
        identity = meter.identify()
        assert (identity.maker, identity.model, identity.serial) == ("HEWLETT-PACKARD", "34401A", "0")
        meter.configure("DCV", 10, 100)
        reading = meter.reading
        assert (reading.indication, reading.unit) == (9.999981, "V")
        assert dict(reading.setup) == {"function": "DCV", "range": 10.0, "nplc": 100.0}
        assert meter.terminals == "FRON"


def test_an_overload_is_no_number() -> None:
    with transcript(HP34401A, TALKS / "hp34401a_overload.talk") as meter:
        for _ in range(2):
            reading = meter.reading
            assert (reading.indication, reading.status) == (None, "overload")


def test_a_refusal_names_every_error_in_the_queue_and_leaves_the_link_sound() -> None:
    with transcript(HP34401A, TALKS / "hp34401a_refused.talk") as meter:
        with pytest.raises(Refused) as refusal:
            meter.function = "DCV"
        assert refusal.value.facts["error"] == '-113,"Undefined header; see manual"; -222,"Data out of range"'
        assert "function" not in meter.state
        assert meter.reading.indication == 1.0
        assert meter.link.repairs == 0


def test_after_silence_or_garbage_the_instrument_is_known_again_before_it_is_read() -> None:
    with transcript(HP34401A, TALKS / "hp34401a_faults.talk") as meter:
        with pytest.raises(Timeout):
            _ = meter.reading
        assert meter.reading.indication == 6.0
        with pytest.raises(Garbled):
            _ = meter.reading
        with pytest.raises(Garbled, match="HELLO"):
            _ = meter.reading
        assert meter.reading.indication == 8.0
        assert meter.link.repairs == 3


def test_an_answer_with_the_mark_of_another_message_is_out_of_step_and_no_mark_is_a_power_cycle() -> None:
    with transcript(HP34401A, TALKS / "hp34401a_marked.talk", marked=True) as meter:
        meter.state["function"] = "DCV"
        assert meter.reading.indication == 1.0
        assert meter.reading.indication == 2.0
        with pytest.raises(OutOfStep):
            _ = meter.reading
        assert meter.reading.indication == 3.0
        with pytest.raises(Rebooted):
            _ = meter.reading
        assert meter.lost == {"function"}


def test_what_the_meter_has_not_is_refused_before_anything_is_sent() -> None:
    with transcript(HP34401A) as meter:
        with pytest.raises(SettingNotAllowed, match=r"nplc of 34401A cannot be 7: right would be one of 0.02, 0.2, 1"):
            meter.nplc = 7
        with pytest.raises(SettingNotAllowed, match="one of DCV, ACV"):
            meter.function = "DC"
        with pytest.raises(SettingNotAllowed):
            meter.autozero = "maybe"
        with pytest.raises(SettingsLost):
            meter.range = 10  # of which function is not known yet


def test_a_driver_that_says_anything_else_than_the_conversation_is_a_mismatch() -> None:
    with pytest.raises(Mismatch, match=r"sent 'READ\?;:SYST:ERR\?'"), transcript(HP34401A, "> READ?") as meter:
        _ = meter.reading
    with pytest.raises(Mismatch, match="left before"), transcript(HP34401A, "> READ?;:SYST:ERR?"):
        pass
