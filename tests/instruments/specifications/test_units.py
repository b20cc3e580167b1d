"""Figures as technicians write them."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from instruments.specifications.units import UnitError, plain, quantity, span, unit


@pytest.mark.parametrize(
    ("text", "base", "value"),
    [
        ("100 mV", "V", "0.1"),
        ("100mV", "V", "0.1"),
        ("-3.5 µV", "V", "-0.0000035"),
        ("−3.5 μV", "V", "-0.0000035"),
        ("１０ Ｖ", "V", "10"),
        ("60 min", "s", "3600"),
        ("0.0050 %", "1", "0.00005"),
        ("15 ppm", "1", "0.000015"),
        ("23 ℃", "degC", "23"),
        ("2 kΩ", "ohm", "2000"),
    ],
)
def test_quantities(text: str, base: str, value: str) -> None:
    assert quantity(text, base) == D(value)


def test_limits_around_and_between() -> None:
    assert span("23±2 °C", "degC") == (D(21), D(25))
    assert span("23 +/- 0.5 degC", "degC") == (D("22.5"), D("23.5"))
    assert span("30..70 %RH", "%RH") == (D(30), D(70))


@pytest.mark.parametrize("text", ["", "ten V", "10 Volt", "10 A", "10", "1e V", "10 V 3"])
def test_what_is_no_voltage_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        quantity(text, "V")


@pytest.mark.parametrize("text", ["70..30 %RH", "23 °C", "23±0 °C", "23±1"])
def test_what_are_no_limits_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        span(text, "degC" if "C" in text or text == "23±1" else "%RH")


def test_a_prefix_needs_its_unit() -> None:
    with pytest.raises(UnitError):
        unit("m m")
    assert unit("mm") == ("m", D("0.001"))
    assert plain(D("1E+1")) == "10" and plain(D("0.1000")) == "0.1"
