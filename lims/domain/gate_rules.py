"""Which gates apply where, since when, and with which figures: data, entered into a laboratory and versioned there.

A rule names a gate of lims.domain.gates by its code, a jurisdiction, an effect and parameters. The most specific
jurisdiction of the laboratory prevails: what the laboratory has set itself, then its province, then the nation, then the
standards. SHIPPED is what a laboratory begins with; source["verified"] False marks what nobody has read in its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Protocol

from lims.words import N_

from .errors import UnusableValue
from .gates import Reason

EFFECTS = MappingProxyType({"block": N_("blocks"), "warn": N_("warns"), "off": N_("does not apply")})
OWN = "laboratory"
"""The jurisdiction of what a laboratory has set itself; it may be stricter, and only warns or blocks."""
BASE = "ISO"
FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(9999, 12, 31)

CODES = MappingProxyType(
    {
        "item_received": N_("The item is in the laboratory"),
        "procedure_current": N_("The procedure is the current version"),
        "procedure_chosen": N_("A procedure is chosen"),
        "authorised": N_("The person is authorised for procedure and role on the day"),
        "somebody_authorised": N_("Enough persons are authorised"),
        "in_scope": N_("Inside the laboratory's scope"),
        "standard_in_date": N_("Standards are in date"),
        "standard_certificate_covers": N_("A measurement standard in force covers the procedure"),
        "compulsory_by_verification": N_(
            "What is under compulsory verification is verified, by a body authorised for it"
        ),
        "rule_agreed": N_("The decision rule is agreed"),
        "state_frozen": N_("In an arbitration the item's state is not altered"),
        "may_sign": N_("An administrator cannot sign"),
        "separation": N_("Performer, verifier and approver are apart"),
        "record_verified": N_("The record is verified"),
        "digest_holds": N_("What was verified is unchanged"),
        "stages_complete": N_("Every agreed stage is measured"),
        "not_below_capability": N_("Printed U is not below the accredited capability"),
        "compulsory_fee": N_("Fee of a compulsory verification"),
        "objection_days": N_("Days to object to a verification"),
    }
)
"""Code → what it is about."""
NEVER_OFF = ("separation", "digest_holds", "record_verified", "may_sign")
"""What no laboratory may switch off or soften: a signature would mean nothing."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A rule as it ships."""

    code: str
    jurisdiction: str
    effect: str
    title: str
    clause: str
    verified: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


SHIPPED: tuple[Shipped, ...] = (
    Shipped("item_received", BASE, "block", "ISO/IEC 17025:2017", "7.4.3"),
    Shipped("procedure_current", BASE, "block", "ISO/IEC 17025:2017", "7.2.1.2"),
    Shipped("procedure_chosen", BASE, "block", "ISO/IEC 17025:2017", "7.1.1 d)"),
    Shipped("authorised", BASE, "block", "ISO/IEC 17025:2017", "6.2.6"),
    Shipped("somebody_authorised", BASE, "block", "ISO/IEC 17025:2017", "6.2.6, 7.1.1 b)", parameters={"persons": 1}),
    Shipped("in_scope", BASE, "block", "ISO/IEC 17025:2017", "7.1.1 c)"),
    Shipped("standard_in_date", BASE, "block", "ISO/IEC 17025:2017", "6.4.7, 6.5.1"),
    Shipped("rule_agreed", BASE, "warn", "ISO/IEC 17025:2017", "7.1.3"),
    Shipped("may_sign", BASE, "block", "ISO/IEC 17025:2017", "4.1, 7.11.3"),
    Shipped("separation", BASE, "block", "ISO/IEC 17025:2017", "7.5.1, 7.8.1.1"),
    Shipped("record_verified", BASE, "block", "ISO/IEC 17025:2017", "7.8.1.1"),
    Shipped("digest_holds", BASE, "block", "ISO/IEC 17025:2017", "7.5.2, 7.11.3"),
    Shipped("stages_complete", BASE, "block", "ISO/IEC 17025:2017", "7.8.4.1 d)"),
    Shipped("not_below_capability", BASE, "block", "ILAC P14:09/2020", "5.4"),
    Shipped("compulsory_by_verification", "CN", "block", "中华人民共和国计量法（2018）", "第九条"),
    Shipped("state_frozen", "CN", "block", "计量法（2018）、实施细则（2022）", "第二十一条；第三十四至三十六条"),
    Shipped(
        "standard_certificate_covers",
        "CN",
        "block",
        "计量标准考核办法；JJF 1033",
        "",
        parameters={"calibration": "warn"},
        note="检定须有考核证书；校准默认仅提示",
    ),
    Shipped(
        "compulsory_fee", "CN", "block", "强制检定收费（未核对原文）", "", verified=False, parameters={"amount": "0"}
    ),
    Shipped(
        "objection_days",
        "CN",
        "block",
        "强制检定的工作计量器具检定管理办法（1987）",
        "第九条（天数未核对原文）",
        verified=False,
        parameters={"days": 15},
    ),
)


class Rule(Protocol):
    """A rule as the laboratory keeps it."""

    code: str
    jurisdiction: str
    version: int
    effect: str
    parameters: dict[str, Any]
    source: dict[str, Any]
    valid_from: date
    valid_to: date


def prevailing(rules: Iterable[Rule], jurisdictions: Sequence[str], day: date) -> dict[str, Rule]:
    """Code → the rule that prevails on a day. jurisdictions: the laboratory's, the nearest first; BASE comes last."""
    order = [OWN, *jurisdictions, BASE]
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.jurisdiction not in order or not rule.valid_from <= day <= rule.valid_to:
            continue
        before = found.get(rule.code)
        if before is None or _rank(rule, order) < _rank(before, order):
            found[rule.code] = rule
    return found


def _rank(rule: Rule, order: Sequence[str]) -> tuple[int, int]:
    return order.index(rule.jurisdiction), -rule.version


def applied(lines: Iterable[Reason], rules: Mapping[str, Rule], kind: str = "") -> list[Reason]:
    """The lines as the rules in force take them: dropped where a rule is off, a warning where it only warns.

    kind: "verification" or "calibration"; a rule may state another effect for it in its parameters. A gate without a
    rule blocks.
    """
    kept = []
    for line in lines:
        rule = rules.get(line.code)
        effect = "block" if rule is None else str(rule.parameters.get(kind, rule.effect))
        if effect == "off" and line.code not in NEVER_OFF:
            continue
        kept.append(replace(line, warn=True) if effect == "warn" and line.code not in NEVER_OFF else line)
    return kept


def check(code: str, effect: str, parameters: Mapping[str, Any], source: Mapping[str, Any]) -> None:
    """Raises UnusableValue for a gate that is not known, an effect that is none, and a softened rule of NEVER_OFF."""
    if code not in CODES:
        raise UnusableValue(field="code", found=code or "—", right=", ".join(CODES))
    if effect not in EFFECTS:
        raise UnusableValue(field="effect", found=effect or "—", right=", ".join(EFFECTS))
    softened = effect != "block" or any(value in ("off", "warn") for value in parameters.values())
    if code in NEVER_OFF and softened:
        raise UnusableValue(field="effect", found=effect, right=N_("block: without it a signature would mean nothing"))
    if not str(source.get("title", "")).strip():
        raise UnusableValue(field="title", found="—", right=N_("the text that the rule comes from"))
