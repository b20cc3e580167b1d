"""Rules and the catalogue of compulsory verification as versioned data: proposed by one person, put in force by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import gate_rules, orders, states
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, UnusableValue
from lims.domain.rights import require
from lims.queries import rules
from lims.records import CatalogueEntry, GateRule
from lims.words import N_, both

MODES = ("first_only", "periodic")


def seed(session: Session, *, at: datetime) -> int:
    """Enter the rules that ship, where a laboratory has none yet. Returns how many."""
    if session.scalar(select(GateRule.id).limit(1)) is not None:
        return 0
    for each in gate_rules.SHIPPED:
        source = {"title": each.title, "clause": each.clause, "verified": each.verified, "note": each.note}
        session.add(
            GateRule(
                code=each.code,
                jurisdiction=each.jurisdiction,
                version=1,
                effect=each.effect,
                parameters=dict(each.parameters),
                source=source,
                valid_from=gate_rules.FIRST_DAY,
                valid_to=gate_rules.LAST_DAY,
                state="current",
                entered_by=None,
                entered_at=at,
            )
        )
    session.flush()
    count = len(gate_rules.SHIPPED)
    audit.append(session, "rules.shipped", "rule", "shipped", by="command line", at=at, payload={"rules": count})
    return count


def propose(
    session: Session,
    *,
    code: str,
    jurisdiction: str,
    effect: str,
    parameters: Mapping[str, Any],
    source: Mapping[str, Any],
    valid_from: date,
    by: Actor,
    at: datetime,
) -> GateRule:
    """A new version of a rule; it is in force when another person says so. Raises UnusableValue."""
    require(by, "rules.manage")
    gate_rules.check(code, effect, parameters, source)
    if not jurisdiction.strip():
        raise UnusableValue(field="jurisdiction", found="—", right="laboratory, CN-51, CN, ISO")
    newest = session.scalar(
        select(func.max(GateRule.version)).where(GateRule.code == code, GateRule.jurisdiction == jurisdiction)
    )
    row = GateRule(
        code=code,
        jurisdiction=jurisdiction.strip(),
        version=(newest or 0) + 1,
        effect=effect,
        parameters=dict(parameters),
        source=dict(source),
        valid_from=valid_from,
        valid_to=gate_rules.LAST_DAY,
        state=states.VERSIONED.initial,
        entered_by=by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    _said(session, "rule.proposed", row, by, at)
    return row


def put_in_force(session: Session, rule_id: int, *, by: Actor, at: datetime) -> GateRule:
    """A proposed version takes effect from its day; the one before ends on the day before. Never by who proposed it."""
    require(by, "rules.manage")
    row = rules.rule(session, rule_id, by, lock=True)
    states.VERSIONED.require(f"{row.code} {row.version}", row.state, "current")
    if row.entered_by == by.person_id:
        raise GateClosed(
            step=N_("putting the rule in force"),
            reason=both("The person who proposed it may not put it in force; another person has to"),
            clause="ISO/IEC 17025:2017, 8.3.2",
            closed=1,
        )
    before = session.scalars(
        select(GateRule).where(
            GateRule.code == row.code, GateRule.jurisdiction == row.jurisdiction, GateRule.state == "current"
        )
    ).all()
    for old in before:
        old.valid_to = max(old.valid_from, row.valid_from - timedelta(days=1))
        states.VERSIONED.move(old, "superseded")
    states.VERSIONED.move(row, "current")
    session.flush()
    _said(session, "rule.in_force", row, by, at)
    return row


def withdraw(session: Session, rule_id: int, reason: str, *, by: Actor, at: datetime) -> GateRule:
    """A proposed or current version no longer counts; with a reason."""
    require(by, "rules.manage")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why it is withdrawn"))
    row = rules.rule(session, rule_id, by, lock=True)
    if row.code in gate_rules.NEVER_OFF and row.state == "current":
        right = N_("block: without it a signature would mean nothing")
        raise UnusableValue(field="effect", found="off", right=right)
    states.VERSIONED.move(row, "withdrawn")
    session.flush()
    _said(session, "rule.withdrawn", row, by, at, reason.strip())
    return row


def _said(session: Session, act: str, row: GateRule, by: Actor, at: datetime, reason: str | None = None) -> None:
    number = f"{row.code} {row.jurisdiction} {row.version}"
    facts = {"effect": row.effect, "parameters": row.parameters, "valid_from": row.valid_from.isoformat()}
    audit.append(session, act, "rule", number, by=by.username, at=at, payload=facts, reason=reason)


def list_instrument(
    session: Session,
    *,
    catalogue: str,
    number: str,
    name: Mapping[str, str],
    words: Sequence[str],
    uses: Sequence[str],
    mode: str,
    interval: int | None,
    source: Mapping[str, Any],
    valid_from: date,
    by: Actor | None,
    at: datetime,
) -> CatalogueEntry:
    """A line of a catalogue of compulsory verification, a newer version where there is one. Raises UnusableValue."""
    if by is not None:
        require(by, "rules.manage")
    unknown = [use for use in uses if use not in orders.USES]
    if unknown or not uses:
        raise UnusableValue(field="uses", found=", ".join(unknown) or "—", right=", ".join(orders.USES))
    if mode not in MODES:
        raise UnusableValue(field="mode", found=mode or "—", right=", ".join(MODES))
    if not [word for word in words if word.strip()]:
        raise UnusableValue(field="words", found="—", right=N_("words that name the instrument"))
    if interval is not None and not 1 <= interval <= 600:
        raise UnusableValue(field="interval", found=str(interval), right=both("{low} to {high}", low=1, high=600))
    before = session.scalars(
        select(CatalogueEntry).where(CatalogueEntry.catalogue == catalogue, CatalogueEntry.number == number)
    ).all()
    for old in before:
        if old.state == "current":
            old.valid_to = max(old.valid_from, valid_from - timedelta(days=1))
            states.VERSIONED.move(old, "superseded")
    row = CatalogueEntry(
        catalogue=catalogue,
        number=number,
        version=1 + max((old.version for old in before), default=0),
        name=dict(name),
        words=[word.strip() for word in words if word.strip()],
        uses=list(uses),
        mode=mode,
        interval=interval,
        source=dict(source),
        valid_from=valid_from,
        valid_to=gate_rules.LAST_DAY,
        state="current",
        entered_by=None if by is None else by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    who = by.username if by else "command line"
    audit.append(session, "catalogue.listed", "catalogue", f"{catalogue} {number}", by=who, at=at,
                 payload={"version": row.version, "uses": list(uses), "mode": mode})  # fmt: skip
    return row
