"""Conversations with a PTU300."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.drivers import PTU300
from instruments.faults import Garbled, Refused
from instruments.transcript import transcript

TALKS = Path(__file__).parents[3] / "fixtures" / "instruments"


def test_one_line_gives_all_channels_with_units_and_the_serial_number() -> None:
    with transcript(PTU300, TALKS / "ptu300.talk", begun=False) as monitor:
        identity = monitor.identify()
        assert (identity.model, identity.serial, identity.firmware) == ("PTU300", "P3110001", "2.05")
        found = monitor.readings()
        shown = {name: (reading.indication, reading.unit) for name, reading in found.items()}
        assert shown == {"pressure": (1005.28, "hPa"), "temperature": (23.2, "degC"), "humidity": (50.49, "%RH")}
        assert found["humidity"].setup["serial"] == "P3110001"
        failed = monitor.readings()
        assert (failed["humidity"].indication, failed["humidity"].status) == (None, "fault")
        assert failed["temperature"].indication == 23.2


def test_a_wrong_digit_an_error_text_or_another_unit_is_no_reading() -> None:
    with transcript(PTU300, TALKS / "ptu300_faults.talk") as monitor:
        with pytest.raises(Garbled, match="checksum"):
            _ = monitor.temperature
        with pytest.raises(Refused, match="Unknown command"):
            _ = monitor.temperature
        with pytest.raises(Garbled, match="pressure in hPa"):
            _ = monitor.temperature
