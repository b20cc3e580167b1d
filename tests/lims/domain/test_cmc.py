"""Capability as functions: value, interpolation, formula, matrix; what is covered, what is not, and U ≥ CMC as printed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain import cmc
from lims.domain.errors import UnusableValue
from uncertainty.errors import UncertaintyError

DAY = date(2026, 11, 23)


def entry(*rows: dict[str, Any], **more: Any) -> cmc.Entry:
    return cmc.read({"code": "CMC-1", "measurand": "DCV", "unit": "V", "rows": rows} | more)


def test_a_single_value_and_a_relative_one() -> None:
    one = entry({"range": [0, 10], "U": 1e-5}, {"range": [10, 100], "U": 2e-6, "relative": True})
    assert cmc.U_at(one, 5) == 1e-5
    assert cmc.U_at(one, 50) == pytest.approx(1e-4)
    assert cmc.U_at(one, 101) is None


def test_a_range_is_interpolated_linearly_between_its_points() -> None:
    one = entry({"range": [0, 10], "U": {"kind": "interpolation", "points": [[0, 1e-6], [4, 3e-6], [10, 9e-6]]}})
    assert cmc.U_at(one, 2) == pytest.approx(2e-6)
    assert cmc.U_at(one, 7) == pytest.approx(6e-6)


def test_a_formula_of_the_value_and_its_frequency() -> None:
    one = entry(
        {
            "range": [1, 100],
            "U": {"kind": "formula", "expression": "1e-5*x + 2e-9*frequency"},
            "conditions": {"frequency": [40, 1000]},
        },
        conditions={"frequency": "Hz"},
    )
    assert cmc.U_at(one, 10, {"frequency": 500}) == pytest.approx(1e-4 + 1e-6)
    assert cmc.U_at(one, 10, {"frequency": 2000}) is None
    assert cmc.U_at(one, 10) is None  # a condition nobody stated is not met


def test_on_the_edge_of_two_cells_of_a_matrix_the_larger_u_counts() -> None:
    table = {"kind": "matrix", "parameter": "f", "x": [0, 1, 10], "p": [10, 100, 1000], "U": [[1, 2], [3, 4]]}
    one = entry({"range": [0, 10], "U": table, "conditions": {"f": [10, 1000]}}, conditions={"f": "Hz"})
    assert cmc.U_at(one, 0.5, {"f": 50}) == 1
    assert cmc.U_at(one, 1, {"f": 100}) == 4
    assert cmc.U_at(one, 10, {"f": 1000}) == 4


def test_a_span_is_measurable_only_where_rows_leave_no_gap() -> None:
    one = entry({"range": [0, 1], "U": 1e-6}, {"range": [2, 10], "U": 1e-5})
    whole = cmc.can_measure([one], "DCV", 0, 1000, "mV", DAY)
    assert whole.ok and (whole.least, whole.most) == (1e-6, 1e-6)
    part = cmc.can_measure([one], "DCV", 0.5, 12, "V", DAY)
    assert not part.ok and part.missing == (cmc.Span(1, 2), cmc.Span(10, 12))
    assert cmc.can_measure([one], "ACV", 0, 1, "V", DAY).entry is None


def test_an_entry_that_has_ended_or_is_not_recognised_measures_nothing() -> None:
    ended = entry({"range": [0, 1], "U": 1e-6}, valid_to="2026-11-22")
    proposed = entry({"range": [0, 1], "U": 1e-6}, state="proposed")
    assert cmc.can_measure([ended, proposed], "DCV", 0, 1, "V", DAY).entry is None


def test_of_two_entries_the_one_with_the_smaller_u_is_offered() -> None:
    coarse, fine = entry({"range": [0, 10], "U": 1e-3}), entry({"range": [0, 10], "U": 1e-5}, code="CMC-2")
    assert cmc.can_measure([coarse, fine], "DCV", 0, 10, "V", DAY).entry is fine


@pytest.mark.parametrize(
    ("printed", "capability", "ok"),
    [("0.012", 0.012, True), ("0.012", 0.01249, True), ("0.012", 0.0126, False), ("0.0119", 0.012, False)],
)
def test_the_printed_u_is_compared_with_the_capability_as_published(printed: str, capability: float, ok: bool) -> None:
    """ILAC P14:09/2020, 5.4: U reported is not smaller than the CMC; both to two significant digits."""
    assert cmc.printed_not_below(printed, capability) is ok


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"range": [0, None], "U": 1}, "rows.0.range"),
        ({"range": [2, 1], "U": 1}, "rows.0.range"),
        ({"range": [0, float("inf")], "U": 1}, "rows.0.range"),
        ({"range": [0, 1], "U": 0}, "rows.0.U"),
        ({"range": [0, 1], "U": {"kind": "graph"}}, "rows.0.U.kind"),
        ({"range": [0, 1], "U": {"kind": "interpolation", "points": [[0, 1], [0.5, 1]]}}, "rows.0.U.points"),
        ({"range": [0, 1], "U": {"kind": "interpolation", "points": [[0, 1], [0, 2], [1, 1]]}}, "rows.0.U.points"),
        ({"range": [0, 1], "U": {"kind": "formula", "expression": "x - x"}}, "rows.0.U"),
        ({"range": [0, 1], "U": 1, "conditions": {"f": [1, 2]}}, "rows.0.f"),
        ({"range": [0, 1], "U": {"kind": "matrix", "parameter": "f", "x": [0, 1], "p": [0, 1], "U": []}}, "rows.0.U.U"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(row: dict[str, Any], place: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        entry(row)
    assert refused.value.facts["field"] == place


def test_a_formula_outside_arithmetic_is_refused() -> None:
    with pytest.raises(UncertaintyError):
        entry({"range": [0, 1], "U": {"kind": "formula", "expression": "__import__('os')"}})


@given(st.floats(0.001, 10), st.floats(1e-9, 1e-2))
def test_u_over_a_span_holds_u_at_every_value_of_it(value: float, U: float) -> None:
    one = entry({"range": [0, 10], "U": U}, {"range": [5, 10], "U": 2 * U})
    answer = cmc.can_measure([one], "DCV", 0, 10, "V", DAY)
    at = cmc.U_at(one, value)
    assert answer.least is not None and answer.most is not None and at is not None
    assert answer.least <= at <= answer.most
