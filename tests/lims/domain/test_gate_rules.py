"""Rules as data and the gates they colour, by tables; the clause stands in each test's id."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from lims.domain import gate_rules, gates
from lims.domain.errors import UnusableValue

DAY = date(2026, 11, 23)


@dataclass
class Kept:
    """A rule as a laboratory keeps it."""

    code: str
    jurisdiction: str
    effect: str = "block"
    version: int = 1
    parameters: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)
    valid_from: date = date(2018, 1, 1)
    valid_to: date = date(9999, 12, 31)


@pytest.mark.parametrize(
    ("rules", "places", "effect"),
    [
        pytest.param([("ISO", "block"), ("CN", "warn")], ["CN"], "warn", id="the nation before the standard"),
        pytest.param(
            [("CN", "block"), ("CN-51", "warn")], ["CN-51", "CN"], "warn", id="the province before the nation"
        ),
        pytest.param(
            [("CN", "block"), ("CN-33", "off")], ["CN-51", "CN"], "block", id="L4 is Zhejiang's: not in Sichuan"
        ),
        pytest.param([("CN-51", "warn"), ("laboratory", "block")], ["CN-51", "CN"], "block", id="own rules first"),
    ],
)
def test_the_nearest_jurisdiction_prevails(rules: list[tuple[str, str]], places: list[str], effect: str) -> None:
    kept = [Kept("in_scope", place, said) for place, said in rules]
    assert gate_rules.prevailing(kept, places, DAY)["in_scope"].effect == effect


def test_a_rule_speaks_for_its_days_alone() -> None:
    old = Kept("in_scope", "CN", "off", 1, valid_to=date(2026, 6, 30))
    new = Kept("in_scope", "CN", "block", 2, valid_from=date(2026, 7, 1))
    assert gate_rules.prevailing([old, new], ["CN"], date(2026, 6, 30))["in_scope"].effect == "off"
    assert gate_rules.prevailing([old, new], ["CN"], date(2026, 7, 1))["in_scope"].effect == "block"


SHUT = gates.Reason(False, "in_scope", {"zh": "x", "en": "x"}, "7.1.1 c)")


@pytest.mark.parametrize(
    ("effect", "parameters", "kind", "found"),
    [
        ("block", {}, "", [True]),
        ("warn", {}, "", [False]),
        ("off", {}, "", []),
        ("block", {"calibration": "warn"}, "calibration", [False]),
        ("block", {"calibration": "warn"}, "verification", [True]),
    ],
)
def test_an_effect_blocks_warns_or_drops(effect: str, parameters: dict[str, Any], kind: str, found: list[bool]) -> None:
    rules = {"in_scope": Kept("in_scope", "CN", effect, parameters=parameters)}
    assert [line.blocks for line in gate_rules.applied([SHUT], rules, kind)] == found


def test_a_gate_without_a_rule_blocks() -> None:
    assert gates.closed(gate_rules.applied([SHUT], {})) == [SHUT]


@pytest.mark.parametrize("code", gate_rules.NEVER_OFF)
@pytest.mark.parametrize("effect", ["off", "warn"])
def test_what_a_signature_rests_on_is_never_softened(code: str, effect: str) -> None:
    """ISO/IEC 17025:2017, 7.5.1, 7.8.1.1: not as data, and not by a row that says so all the same."""
    line = gates.Reason(False, code, {"zh": "x", "en": "x"}, "7.8.1.1")
    rules = {code: Kept(code, "laboratory", effect)}
    assert gates.closed(gate_rules.applied([line], rules))
    with pytest.raises(UnusableValue):
        gate_rules.check(code, effect, {}, {"title": "x"})


@pytest.mark.parametrize(
    ("entry", "verification", "authorised", "ok"),
    [
        pytest.param(None, False, False, True, id="L1 9: listed but not so used is free"),
        pytest.param("12", False, True, False, id="L1 9, L4 26(2): under compulsory verification it is not calibrated"),
        pytest.param("12", True, False, False, id="L1 9: verified only by a body authorised for it"),
        pytest.param("12", True, True, True, id="L1 9: verified, and authorised"),
    ],
)
def test_compulsory_verification(entry: str | None, verification: bool, authorised: bool, ok: bool) -> None:
    line = gates.compulsory_by_verification(
        entry, {"zh": "压力表", "en": "gauge"}, verification=verification, authorised=authorised
    )
    assert line.ok is ok and "第九条" in line.clause


@pytest.mark.parametrize(
    ("certificates", "ok"),
    [
        pytest.param([], False, id="JJF 1033: none covers it"),
        pytest.param([("A", date(2026, 11, 22))], False, id="JJF 1033: ended yesterday"),
        pytest.param([("A", date(2026, 11, 23))], True, id="JJF 1033: its last day counts"),
        pytest.param([("A", date(2020, 1, 1)), ("B", date(2030, 1, 1))], True, id="JJF 1033: one of two is in force"),
    ],
)
def test_a_measurement_standard_covers_the_procedure(certificates: list[tuple[str, date]], ok: bool) -> None:
    assert gates.standard_certificate_covers("X", certificates, DAY).ok is ok


@pytest.mark.parametrize(
    ("frozen", "stage", "ok"),
    [
        pytest.param(True, "as_left", False, id="L1 21: nobody alters the item in arbitration"),
        pytest.param(True, "as_found", True, id="L1 21: it may be measured"),
        pytest.param(False, "as_left", True, id="no arbitration"),
    ],
)
def test_an_arbitration_freezes_the_item(frozen: bool, stage: str, ok: bool) -> None:
    assert gates.state_frozen(frozen, stage).ok is ok


@pytest.mark.parametrize(
    ("wanted", "rule", "ok"),
    [("verification", "none", False), ("verification", "simple", True), ("calibration", "none", True)],
    ids=["17025 7.1.3: verification states conformity", "17025 7.1.3: agreed", "17025 7.8.3: results alone"],
)
def test_a_rule_is_agreed(wanted: str, rule: str, ok: bool) -> None:
    assert gates.rule_agreed(wanted, rule).ok is ok


@pytest.mark.parametrize(
    ("roles", "ok"), [({"administrator"}, False), ({"administrator", "approver"}, False), ({"approver"}, True)]
)
def test_an_administrator_cannot_sign(roles: set[str], ok: bool) -> None:
    assert gates.may_sign(roles).ok is ok


def test_every_shipped_rule_is_about_a_known_gate_and_says_its_source() -> None:
    for rule in gate_rules.SHIPPED:
        assert rule.code in gate_rules.CODES
        gate_rules.check(rule.code, rule.effect, rule.parameters, {"title": rule.title})
    assert not next(rule for rule in gate_rules.SHIPPED if rule.code == "compulsory_fee").verified
