"""Units as D-SI text, as PTB's D-SI guide and the BIPM brochure name them."""

from __future__ import annotations

import pytest

from lims.documents.dsi import dsi, symbol
from lims.documents.errors import UnknownUnit


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("V", r"\volt"),
        ("mV", r"\milli\volt"),
        ("µV", r"\micro\volt"),
        ("uV", r"\micro\volt"),
        ("kΩ", r"\kilo\ohm"),
        ("ohm", r"\ohm"),
        ("Ω", r"\ohm"),
        ("degC", r"\degreecelsius"),
        ("℃", r"\degreecelsius"),
        ("%", r"\percent"),
        ("%RH", r"\percent"),
        ("hPa", r"\hecto\pascal"),
        ("µV/V", r"\micro\volt\per\volt"),
        ("m/s^2", r"\metre\per\second\tothe{2}"),
        ("m/s²", r"\metre\per\second\tothe{2}"),
        ("m·s⁻²", r"\metre\per\second\tothe{2}"),
        ("1/K", r"\per\kelvin"),
        ("kg*m**2", r"\kilo\gram\metre\tothe{2}"),
        ("min", r"\minute"),
        ("1", r"\one"),
        ("", r"\one"),
    ],
)
def test_unit_as_dsi(unit: str, expected: str) -> None:
    assert dsi(unit) == expected


@pytest.mark.parametrize("unit", ["furlong", "rpm", "V V", "mm Hg", "7", "V/"])
def test_a_unit_without_dsi_form_is_refused(unit: str) -> None:
    with pytest.raises(UnknownUnit, match="no D-SI form"):
        dsi(unit)


def test_symbols_are_those_a_certificate_prints() -> None:
    assert [symbol(unit) for unit in ("degC", "%RH", "ohm", "uV", "1", "mV")] == ["°C", "%", "Ω", "µV", "", "mV"]
