"""A point's budget: the standard enters once, by its certificate with drift or by its specification, never both."""

from __future__ import annotations

from datetime import date
from math import sqrt

import pytest

import uncertainty
from instruments import procedures
from instruments.bench import demonstration_certificates
from lims.domain import binding, standards
from lims.domain.errors import NotEnoughReadings, StandardDoesNotCover

VERSION = {
    "id": 7,
    "certificate_number": "CAL-7",
    "issued": date(2026, 8, 25),
    "functions": demonstration_certificates()["calibrator"],
    "correlation": {"kind": "unknown"},
}
TODAY = date(2026, 11, 23)


def document(
    readings: list[float], setting: float = 10.0, *, mode: str = "certificate", combine: str = "larger"
) -> dict:  # type: ignore[type-arg]
    text = procedures.load_procedure("dmm-dcv").text.replace("combine: larger", f"combine: {combine}")
    if mode == "specification":
        text = (
            text.replace("source: certificate ", "source: specification ")
            .replace("- drift", "- spec")
            .replace("  ambient: {reference", "  # ambient: {reference")
            .replace(" - ambient", "")
        )
    procedure = procedures.read(text)
    return binding.point_document(
        procedure.template,
        procedure=procedure.name,
        title="10 V",
        unit="V",
        result_unit="V",
        readings=readings,
        resolution=1e-5,
        resolution_id="resolution:1",
        setting=setting,
        standard=standards.at_point(VERSION, "DCV", setting, on=TODAY) if mode == "certificate" else None,
        specification=binding.SpecificationAtPoint(120e-6, 0.99, "spec:1", "5522A, 1 year")
        if mode == "specification"
        else None,
        room=binding.Room(23.4, 0.1, "MON") if mode == "certificate" else None,
    )


def parts(found: dict) -> dict[str, float]:  # type: ignore[type-arg]
    answer = uncertainty.evaluate(found)
    return {row["quantity"]: row["contribution"] for row in answer.contributions["error"]}


def test_a_certificate_enters_with_its_correction_its_U_and_the_drift_since_then() -> None:
    """5522A at 10 V: correction +26 µV, U = 35 µV (k = 2); drift 4 ppm + 0.5 µV a year, 90 days, rectangular."""
    found = parts(document([10.0, 10.00001, 10.00002]))
    assert found["correction"] == pytest.approx(17.5e-6, rel=1e-9)
    assert found["drift_of_gain"] == pytest.approx(10 * 4e-6 * 90 / 365.25 / sqrt(3), rel=1e-9)
    assert found["drift_of_zero"] == pytest.approx(5e-7 * 90 / 365.25 / sqrt(3), rel=1e-9)
    assert found["coefficient"] == pytest.approx(10 * 0.5e-6 * 0.5 / sqrt(3), rel=1e-9)
    assert "spec" not in found


def test_a_specification_enters_alone_with_the_makers_confidence() -> None:
    """120 µV at 99 % by a normal distribution: u = 120 / 2.5758 µV (JCGM 100:2008, 4.3.4)."""
    found = parts(document([10.0, 10.00001, 10.00002], mode="specification"))
    assert found["spec"] == pytest.approx(120e-6 / 2.5758293, rel=1e-6)
    assert not {"correction", "drift_of_gain", "drift_of_zero"} & set(found)


@pytest.mark.parametrize(
    ("combine", "readings", "expected"),
    [
        ("larger", [10.0, 10.0, 10.0], {"resolution"}),
        ("larger", [10.0, 10.0001, 10.0002], {"reading"}),
        ("both", [10.0, 10.0001, 10.0002], {"reading", "resolution"}),
    ],
)
def test_repeatability_and_resolution_combine_as_the_procedure_declares(
    combine: str, readings: list[float], expected: set[str]
) -> None:
    found = parts(document(readings, combine=combine))
    assert {name for name in ("reading", "resolution") if found.get(name)} == expected


def test_between_two_calibrated_points_both_stay_sources_and_an_unknown_correlation_gives_the_larger_U() -> None:
    """7.5 V lies between 5 V (U = 22 µV) and 10 V (U = 35 µV): fully correlated, u = (11 + 17.5)/2 µV."""
    found = document([7.5, 7.50001, 7.50002], setting=7.5)
    certified = [
        row for row in uncertainty.evaluate(found).contributions["error"] if row["quantity"].startswith("correction")
    ]
    assert len(certified) == 2
    assert sum(row["contribution"] for row in certified) == pytest.approx((11e-6 + 17.5e-6) / 2, rel=1e-9)
    assert found["correlations"] == [{"between": ["correction_1", "correction_2"], "r": 1.0}]


def test_one_reading_and_a_point_outside_the_certificate_are_refused() -> None:
    with pytest.raises(NotEnoughReadings):
        document([10.0])
    with pytest.raises(StandardDoesNotCover):
        standards.at_point(VERSION, "DCV", 1100.0, on=TODAY)
    with pytest.raises(StandardDoesNotCover):
        standards.at_point(VERSION, "ACV", 10.0, on=TODAY)
