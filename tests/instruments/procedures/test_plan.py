"""Run plans."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from instruments.procedures import Plan, PlanRefused, ProcedureError, describe, load_procedure, plan, read
from tests.instruments.procedures.bench_roles import ROLES

TEXT = load_procedure("dmm-dcv").text


def test_a_plan_has_limits_from_the_specification_and_survives_json() -> None:
    made = plan(load_procedure("dmm-dcv"), instruments=ROLES, options={"clock_speed": 60, "simulated": True})
    assert Plan.from_json(made.to_json()) == made
    assert Plan.from_json(made.to_json()).digest == made.digest
    tenth = next(point for point in made.points if point.range_text == "10 V" and point.nominal == 10)
    assert (tenth.mpe, tenth.low, tenth.high) == (D("0.0004"), D("-0.0004"), D("0.0004"))  # Service Guide, page 69
    assert tenth.limit_verified and tenth.resolution == D("0.00001")
    assert made.specification["verified"] is True and made.specification["page"] == "216"
    assert [point.no for point in made.points] == list(range(1, len(made.points) + 1))
    assert made.readings == 10 * len(made.points)
    # 100 cycles at 50 Hz, twice with autozero: ten readings take at least 40 s.
    assert made.seconds > 40 * len(made.points)


def test_the_plan_can_be_printed_in_both_languages() -> None:
    made = plan(load_procedure("dmm-dcv"), instruments=ROLES)
    english, chinese = describe(made, "en"), describe(made, "zh")
    assert "-100 mV  ± 0.0085 mV" in english
    assert "> 30 V: confirm" in english and "须确认" in chinese
    assert "数字多用表直流电压校准" in chinese
    assert len(english.splitlines()) == len(made.points) + 7


def test_a_point_the_range_cannot_hold_is_refused_with_its_line() -> None:
    text = TEXT.replace("10 V: [1, 5, 10, -10]", "10 V: [1, 5, 12.5, -10]")
    line = text[: text.index("12.5")].count("\n") + 1
    with pytest.raises(ProcedureError, match=rf"line {line}, .*12.5 V.* from 0 V to 12 V"):
        plan(read(text))


def test_a_range_the_item_does_not_have_is_refused() -> None:
    with pytest.raises(ProcedureError, match="100 mV, 1 V, 10 V, 100 V, 1000 V"):
        plan(read(TEXT.replace("10 V: [1, 5, 10, -10]", "20 V: [1, 5, 10, -10]")))


def test_ranges_can_be_left_to_the_plan() -> None:
    made = plan(read(TEXT.replace("10 V: [1, 5, 10, -10]", "auto: [1.1 V, 13 V]")))
    chosen = [(point.range_text, point.range) for point in made.points if point.nominal in (1.1, 13.0)]
    assert chosen == [("1 V", 1.0), ("100 V", 100.0)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stage": "before"}, "stage"),
        ({"item": {"model": "8508A"}}, "item.model"),
        ({"instruments": {"item": ROLES["item"]}}, "instruments"),
        ({"instruments": {**ROLES, "source": {"driver": "F5522A"}}}, "instruments.source"),
        ({"instruments": {**ROLES, "source": {**ROLES["source"], "model": "5720A"}}}, "instruments.source.model"),
        ({"options": {"sped": 3}}, "options"),
        ({"options": {"clock_speed": 0}}, "clock_speed"),
        ({"options": {"points": [99]}}, "options.points"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(PlanRefused) as caught:
        plan(load_procedure("dmm-dcv"), **change)
    assert caught.value.facts["field"] == field


def test_a_procedure_for_files_has_no_plan_and_other_json_is_no_plan() -> None:
    with pytest.raises(PlanRefused):
        plan(load_procedure("impedance"))
    for text in ("", "{}", "[]", '{"plan": 2}', '{"plan": 1, "points": 3}'):
        with pytest.raises(PlanRefused):
            Plan.from_json(text)
