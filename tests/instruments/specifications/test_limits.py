"""Limits of error against the makers' own printed tables."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from instruments.specifications import (
    NoSpecification,
    OutsideRanges,
    SpecificationError,
    limits,
    list_specifications,
    load_specification,
    read_specification,
)

# 34401A Service Guide, page 69, Gain Verification Test: error from nominal, in V (24 hours, 90 days, 1 year).
SERVICE_GUIDE_PAGE_69 = [
    ("0.1", "0.1", "6e-6", "7.5e-6", "8.5e-6"),
    ("1", "1", "26e-6", "37e-6", "47e-6"),
    ("10", "10", "190e-6", "250e-6", "400e-6"),
    ("10", "-10", "190e-6", "250e-6", "400e-6"),
    ("100", "100", "2.6e-3", "4.1e-3", "5.1e-3"),
    ("1000", "1000", "26e-3", "45e-3", "55e-3"),
]

# 5522A Operators Manual, page 7-7, Table 7-3: output and width of the 90 day limits, V, as printed (rounded).
OPERATORS_MANUAL_TABLE_7_3 = [
    ("0.3299999", "0", "0.0000010", "1e-7"),
    ("0.3299999", "0.329", "0.0000059", "1e-7"),
    ("3.3", "0", "0.000002", "1e-6"),
    ("3.3", "1", "0.000011", "1e-6"),
    ("3.3", "3.29", "0.000032", "1e-6"),
    ("33", "0", "0.00002", "1e-5"),
    ("33", "10", "0.00012", "1e-5"),
    ("33", "32.9", "0.00035", "1e-5"),
    ("330", "50", "0.0009", "1e-4"),
    ("330", "329", "0.0051", "1e-4"),
    ("1000", "334", "0.007", "1e-3"),
    ("1000", "900", "0.015", "1e-3"),
    ("1000", "1020", "0.017", "1e-3"),
]


@pytest.mark.parametrize(("range_", "value", "day", "quarter", "year"), SERVICE_GUIDE_PAGE_69)
def test_34401a_limits_are_those_of_the_service_guide(
    range_: str, value: str, day: str, quarter: str, year: str
) -> None:
    specification = load_specification("34401A")
    for interval, expected in (("24 hours", day), ("90 days", quarter), ("1 year", year)):
        limit = limits(specification, "DCV", D(range_), D(value), interval)
        assert limit.mpe == D(expected)
        assert limit.verified
        assert "34401A" in limit.reference and interval in limit.reference and "p. 216" in limit.reference


@pytest.mark.parametrize(("range_", "value", "width", "digit"), OPERATORS_MANUAL_TABLE_7_3)
def test_5522a_ninety_day_limits_round_to_the_operators_manual(range_: str, value: str, width: str, digit: str) -> None:
    specification = load_specification("5522A")
    nominal = D("0.33") if range_ == "0.3299999" else D(range_)
    limit = limits(specification, "DCV", nominal, D(value), "90 days")
    assert abs(limit.mpe - D(width)) <= D(digit) / 2 + D("1e-12")
    assert not limit.verified  # the ppm figures themselves were not read


def test_the_5522a_states_its_confidence_level_and_no_figure_of_it_is_called_verified() -> None:
    specification = load_specification("5522A")
    assert specification.confidence == D("0.99")
    figures = [figure for entry in specification.table("DCV").ranges for figure in entry.accuracy.values()]
    assert not any(figure.verified for figure in figures)


def test_a_range_is_planned_with_the_lowest_limit_that_holds_the_value() -> None:
    specification = load_specification("34401A")
    assert specification.range_for("DCV", D("0.1")).text == "100 mV"
    assert specification.range_for("DCV", D("-11")).text == "10 V"
    assert specification.range_for("DCV", D("12.1")).text == "100 V"
    assert load_specification("5522A").range_for("DCV", D("30")).text == "33 V"


def test_over_range_unknown_model_function_range_and_interval_are_refused() -> None:
    specification = load_specification("34401A")
    with pytest.raises(OutsideRanges, match=r"1000\.1 V is outside the 1000 V range of 34401A: .* 0 V to 1000 V"):
        limits(specification, "DCV", D(1000), D("1000.1"))
    with pytest.raises(OutsideRanges, match="every DCV range"):
        limits(specification, "DCV", None, D(2000))
    with pytest.raises(NoSpecification, match="There is no specification for 9999Z"):
        load_specification("9999Z")
    with pytest.raises(NoSpecification, match="34401A ACV"):
        limits(specification, "ACV", None, D(1))
    with pytest.raises(NoSpecification, match="100 mV, 1 V, 10 V, 100 V, 1000 V"):
        limits(specification, "DCV", D(3), D(1))
    with pytest.raises(NoSpecification, match="90 days, 1 year"):
        limits(load_specification("5522A"), "DCV", D(33), D(1), "24 hours")


GOOD = """\
specification: 1
maker: Somebody
models: [X1]
document: {title: Manual, edition: "1", page: 7}
tables:
  DCV:
    unit: V
    ranges:
      1 V:
        full_scale: 1.2 V
        resolution: 1 µV
        1 year: {reading: 0.01 %, range: 10 ppm, floor: 2 µV, verified: false}
"""


def test_a_specification_adds_its_three_parts() -> None:
    limit = limits(read_specification(GOOD), "DCV", D(1), D("-0.5"))
    assert limit.mpe == D("0.00005") + D("0.00001") + D("0.000002")


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("specification: 1", "specification: 2", 1, "specification"),
        ("maker: Somebody", "mkaer: Somebody", 2, "mkaer"),
        ("    unit: V\n", "", 6, "tables.DCV.unit"),
        ("resolution: 1 µV", "resolution: 1 µA", 11, "tables.DCV.ranges.1 V.resolution"),
        ("resolution: 1 µV", "resolution: 1", 11, "tables.DCV.ranges.1 V.resolution"),
        ("verified: false", "verified: perhaps", 12, "tables.DCV.ranges.1 V.1 year.verified"),
        (", verified: false", "", 12, "tables.DCV.ranges.1 V.1 year.verified"),
        ("0.01 %", "-0.01 %", 12, "tables.DCV.ranges.1 V.1 year.reading"),
        ("1 V:", "one volt:", 9, "tables.DCV.ranges.one volt (name)"),
        ("1 year:", "2 years:", 12, "tables.DCV.ranges.1 V.2 years"),
    ],
)
def test_a_wrong_specification_names_line_and_field(old: str, new: str, line: int, field: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        read_specification(GOOD.replace(old, new), file="x1.yaml")
    assert (caught.value.facts["file"], caught.value.facts["line"], caught.value.facts["field"]) == (
        "x1.yaml",
        line,
        field,
    )


def test_all_shipped_specifications_can_be_read() -> None:
    assert {specification.models[0] for specification in list_specifications()} == {"34401A", "5522A"}
