"""Gates: what holds or not, with the figure and the clause, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from lims.domain import gates, routes
from lims.domain.gates import Reason

DAY = date(2026, 11, 20)


@dataclass
class Granted:
    procedure_name: str
    role: str
    valid_from: date
    valid_to: date
    state: str = "granted"


MINE = [
    Granted("dmm-dcv", "perform", date(2026, 1, 1), date(2026, 12, 31)),
    Granted("dmm-dcv", "verify", date(2025, 1, 1), date(2025, 12, 31)),
]


@pytest.mark.parametrize(
    ("reason", "ok", "zh"),
    [
        (gates.item_received("received"), True, "已收样"),
        (gates.item_received("accepted"), False, "尚未收样"),
        (gates.procedure_current("dmm-dcv", "current"), True, "dmm-dcv"),
        (gates.procedure_current("dmm-dcv", "superseded"), False, "请使用现行版本"),
        (gates.authorised(MINE, "dmm-dcv", "perform", DAY), True, "2026年12月31日"),
        (gates.authorised(MINE, "dmm-dcv", "perform", date(2027, 1, 1)), False, "2026年12月31日 到期"),
        (gates.authorised(MINE, "dmm-dcv", "verify", DAY), False, "核验"),
        (gates.authorised(MINE, "dmm-dcv", "approve", DAY), False, "未获"),
        (gates.authorised(MINE, "impedance", "perform", DAY), False, "impedance"),
        (gates.standard_in_date("S-1", "C-1", date(2026, 11, 20), DAY), True, "剩余 0 天"),
        (gates.standard_in_date("S-1", "C-1", date(2026, 11, 19), DAY), False, "请重新校准"),
        (gates.standard_in_date("S-1", None, None, DAY), False, "没有有效的校准"),
        (gates.standard_in_date("S-1", "C-1", date(2027, 1, 1), DAY, date(2026, 12, 1)), False, "2026年12月1日"),
        (gates.separation("verify", 1, performer=1), False, "不得核验"),
        (gates.separation("verify", 2, performer=1), True, "不同人员"),
        (gates.separation("approve", 1, performer=1, verifier=2), False, "不得批准"),
        (gates.separation("approve", 2, performer=1, verifier=2), False, "不得兼任"),
        (gates.separation("approve", 2, performer=1, verifier=2, verifier_apart=False), True, "不同人员"),
        (gates.separation("approve", 1, performer=1, verifier=2, verifier_apart=False), False, "不得批准"),
        (gates.separation("approve", 3, performer=1, verifier=2), True, "不同人员"),
        (gates.record_verified("JL-1", "verified"), True, "已核验"),
        (gates.record_verified("JL-1", "submitted"), False, "已提交"),
        (gates.digest_holds("JL-1", "ab", "ab"), True, "未变"),
        (gates.digest_holds("JL-1", "ab", "cd"), False, "重新核验"),
        (gates.digest_holds("JL-1", None, "cd"), False, "重新核验"),
        (gates.stages_complete([]), True, "均已测量"),
        (gates.stages_complete(["as_left"]), False, "as_left"),
        (gates.energise(Decimal(1000), Decimal(1000), "V", confirmed_by="tech"), True, "tech"),
        (gates.energise(Decimal(1001), Decimal(1000), "V", confirmed_by="tech"), False, "1000"),
        (gates.energise(Decimal(-1001), Decimal(1000), "V", confirmed_by="tech"), False, "1000"),
        (gates.energise(Decimal(100), Decimal(1000), "V", confirmed_by=None), False, "100"),
        (routes.route_stated("S-1", "a"), True, "国家计量院"),
        (routes.route_stated("S-1", None), False, "途径"),
        (routes.route_stated("S-1", "d", " "), False, "说明理由"),
        (routes.route_stated("S-1", "d", "no other in the country"), True, "法定计量机构"),
    ],
)
def test_a_gate_answers_with_its_figure_and_clause(reason: Reason, ok: bool, zh: str) -> None:
    assert reason.ok is ok
    assert zh in reason.text["zh"]
    assert reason.text["en"] != reason.text["zh"]
    assert reason.clause
    assert "{" not in reason.text["zh"] + reason.text["en"]


@pytest.mark.parametrize(("found", "ok"), [(22.9, True), (23.0, True), (18.0, True), (28.1, False), (None, False)])
def test_the_room_is_inside_its_limits_or_has_not_been_measured(found: float | None, ok: bool) -> None:
    reason = gates.environment_inside({"zh": "温度", "en": "Temperature"}, found, 18.0, 28.0, "°C")
    assert reason.ok is ok
    assert reason.text["zh"].startswith("温度")
    assert reason.text["en"].startswith("Temperature")
    assert gates.closed([reason]) == ([] if ok else [reason])
