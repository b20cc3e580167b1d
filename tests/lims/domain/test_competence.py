"""What has to be shown before somebody is authorised, by clause (ISO/IEC 17025:2017, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from lims.domain import competence
from lims.domain.errors import UnusableValue

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Row:
    kind: str
    on_day: date
    outcome: str = "passed"
    procedure_name: str | None = "DMM-DCV"


@dataclass(frozen=True)
class Range:
    scope: dict[str, Any]


@dataclass(frozen=True)
class Span:
    measurand: str
    unit: str
    low: float
    high: float


@pytest.mark.parametrize(
    ("rows", "ok"),
    [
        pytest.param([], False, id="6.2.5 c: nothing shown"),
        pytest.param([Row("training", TODAY)], True, id="6.2.5 c: passed today"),
        pytest.param([Row("training", date(2024, 11, 23))], True, id="6.2.5 c: two years to the day"),
        pytest.param([Row("training", date(2024, 11, 22))], False, id="6.2.5 c: a day too old"),
        pytest.param([Row("training", date(2026, 11, 24))], False, id="6.2.5 c: not yet held"),
        pytest.param([Row("training", TODAY, "attended")], False, id="6.2.5 c: only attended"),
        pytest.param([Row("training", TODAY, "failed")], False, id="6.2.5 c: failed"),
        pytest.param(
            [Row("training", date(2026, 1, 5)), Row("training", date(2026, 6, 1), "failed")], False, id="6.2.5 c: failed after"
        ),
        pytest.param(
            [Row("training", date(2026, 1, 5)), Row("training", date(2026, 6, 1), "attended")], True, id="6.2.5 c: attended after"
        ),
        pytest.param([Row("training", TODAY, procedure_name="SBT-10")], False, id="6.2.5 c: of another procedure"),
        pytest.param([Row("observation", TODAY)], False, id="6.2.5 c: an observation is no training"),
    ],
)  # fmt: skip
def test_trained(rows: list[Row], ok: bool) -> None:
    assert competence.trained(rows, "DMM-DCV", TODAY, 24).ok is ok


@pytest.mark.parametrize(
    ("kind", "ok"), [("observation", True), ("examination", True), ("training", False), ("qualification", False)]
)
def test_assessed_by(kind: str, ok: bool) -> None:
    """6.2.3, 6.2.5 f)."""
    line = competence.assessed([Row(kind, TODAY)], "DMM-DCV", TODAY, 24)
    assert (line.ok, "6.2.3" in line.clause) == (ok, True)


def test_months_end_where_a_month_has_no_such_day() -> None:
    assert competence.months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert competence.months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)
    assert competence.months_before(date(2026, 1, 15), -12) == date(2027, 1, 15)


def test_nobody_grants_themselves_and_only_the_technical_manager_grants() -> None:
    """6.2.6 with 4.1."""
    assert not competence.not_oneself(3, 3).ok
    assert competence.not_oneself(3, 4).ok
    assert competence.granted_by(["technical_manager"]).ok
    assert not competence.granted_by(["administrator", "quality_manager"]).ok


VOLTS = {"measurand": "dc_voltage", "unit": "V", "low": -10.0, "high": 10.0}


@pytest.mark.parametrize(
    ("scopes", "span", "ok"),
    [
        ([{}], Span("dc_voltage", "V", -1000, 1000), None),
        ([VOLTS, {}], Span("dc_voltage", "V", -1000, 1000), None),
        ([VOLTS], Span("dc_voltage", "V", -10, 10), True),
        ([VOLTS], Span("dc_voltage", "mV", -10_000, 10_000), True),
        ([VOLTS], Span("dc_voltage", "V", 0, 10.001), False),
        ([VOLTS], Span("resistance", "ohm", 0, 1), False),
        ([VOLTS], Span("dc_voltage", "A", 0, 1), False),
    ],
)
def test_a_limited_authorisation_reaches_what_it_covers(scopes: Any, span: Span, ok: bool | None) -> None:
    line = competence.in_range([Range(scope) for scope in scopes], "DMM-DCV", [span])
    assert (None if line is None else line.ok) is ok


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        (("dc_voltage", "V", "", "10"), "low"),
        (("dc_voltage", "", "0", "10"), "unit"),
        (("dc_voltage", "V", "ten", "10"), "low"),
        (("dc_voltage", "V", "nan", "10"), "low"),
        (("dc_voltage", "V", "0", "inf"), "high"),
        (("dc_voltage", "V", "11", "10"), "high"),
        (("dc_voltage", "furlongs?", "0", "10"), "unit"),
    ],
)
def test_a_range_entered_wrongly_says_where(entered: tuple[str, str, str, str], field: str) -> None:
    with pytest.raises(UnusableValue) as wrong:
        competence.range_of(*entered)
    assert wrong.value.facts["field"] == field


def test_a_range_left_empty_is_the_whole() -> None:
    assert competence.range_of(" ", "", "", "") == {}
    assert competence.range_of("dc_voltage", "V", "-10", "10") == VOLTS


@pytest.mark.parametrize(
    ("first", "last", "ok"),
    [
        (TODAY, TODAY, True),
        (TODAY, date(2031, 11, 23), True),
        (TODAY, date(2031, 11, 24), False),
        (date(2026, 1, 1), date(2026, 11, 22), False),
        (date(2027, 1, 2), date(2027, 1, 1), False),
        (date(9999, 1, 1), date(9999, 12, 31), False),
    ],
)
def test_the_days_of_a_grant(first: date, last: date, ok: bool) -> None:
    if ok:
        competence.validity(first, last, TODAY, 5)
        return
    with pytest.raises(UnusableValue) as wrong:
        competence.validity(first, last, TODAY, 5)
    assert wrong.value.facts["field"] == "valid_to"


@pytest.mark.parametrize("wrong", [0, -1, 601, "24", True, 2.5])
def test_a_term_in_the_profile_is_a_whole_number(wrong: object) -> None:
    with pytest.raises(UnusableValue, match="evidence_months"):
        competence.terms({"competence": {"evidence_months": wrong}})
    assert competence.terms({"competence": {"evidence_months": 12}}).evidence_months == 12
    assert competence.terms({}) == competence.Terms()
