"""Tests of a measurement standard by their criteria (JJF 1033, (m)); figures by hand."""

from __future__ import annotations

from datetime import date
from math import sqrt
from typing import Any

import pytest

from lims.domain import measurement_standards as rules
from lims.domain.errors import UnusableValue

# Mean 10, s = √(10/9).
TEN = [9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0]
S = sqrt(10 / 9)


@pytest.mark.parametrize(
    ("kind", "readings", "plan", "before", "given", "ok"),
    [
        pytest.param("repeatability", TEN, {}, [], None, None, id="JJF 1033 repeatability: no approved s yet"),
        pytest.param("repeatability", TEN, {"s": 1.06}, [], None, True, id="JJF 1033 repeatability: s not above"),
        pytest.param("repeatability", TEN, {"s": 1.05}, [], None, False, id="JJF 1033 repeatability: s above"),
        pytest.param("stability", TEN, {"mpe": 0.5}, [], None, None, id="JJF 1033 stability: the first group"),
        pytest.param("stability", TEN, {}, [TEN], None, None, id="JJF 1033 stability: no criterion"),
        pytest.param(
            "stability", TEN, {"mpe": 0.5}, [[x + 9 for x in TEN], [x + 0.4 for x in TEN]], None, True,
            id="JJF 1033 stability: against the group before, not the oldest",
        ),
        pytest.param("stability", TEN, {"mpe": 0.5}, [[x + 0.5 for x in TEN]], None, False, id="stability: not below"),
        pytest.param("stability", TEN, {"U": 0.3}, [[x + 0.4 for x in TEN]], None, False, id="stability: by U"),
        pytest.param("intermediate_check", [10.1], {"reference": 10, "limit": 0.2}, [], None, True, id="check: within"),
        pytest.param("intermediate_check", [10.3], {"reference": 10, "limit": 0.2}, [], None, False, id="check: out"),
        pytest.param(
            "capability", [10.4], {}, [], {"reference": 10.0, "U": 0.3, "U_reference": 0.4}, True, id="3-4-5: within 0.5"
        ),
        pytest.param(
            "capability", [10.6], {}, [], {"reference": 10.0, "U": 0.3, "U_reference": 0.4}, False, id="3-4-5: out"
        ),
    ],
)  # fmt: skip
def test_each_test_by_its_criterion(
    kind: str, readings: list[float], plan: dict[str, Any], before: list[list[float]], given: Any, ok: bool | None
) -> None:
    judged = rules.judge(kind, readings, plan, before, given)
    assert judged.ok is ok
    assert judged.outcome["n"] == len(readings)


def test_what_is_kept_of_a_test() -> None:
    outcome = rules.judge("repeatability", TEN, {"s": 2.0}).outcome
    assert outcome["mean"] == 10.0
    assert outcome["s"] == pytest.approx(S, rel=1e-15)
    assert outcome["s_approved"] == 2.0
    En = rules.judge("capability", [10.25], {}, (), {"reference": 10.0, "U": 0.3, "U_reference": 0.4}).outcome["En"]
    assert En == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("kind", "readings", "field"),
    [("repeatability", [1.0] * 9, "readings"), ("stability", [1.0] * 1001, "readings"), ("other", TEN, "kind"),
     ("repeatability", [*TEN, float("nan")], "readings"), ("capability", [1.0], "U")],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused(kind: str, readings: list[float], field: str) -> None:
    with pytest.raises(UnusableValue) as refusal:
        rules.judge(kind, readings, {})
    assert refusal.value.facts["field"] == field


def test_due_days_follow_the_last_test_or_the_beginning() -> None:
    begun = date(2025, 1, 31)
    found = rules.due({"stability": {"months": 1}, "capability": {}}, {"repeatability": date(2025, 6, 1)}, begun)
    assert found == {
        "repeatability": date(2026, 6, 1),
        "stability": date(2025, 2, 28),
        "capability": date(2026, 1, 31),
    }
