"""The rules in force, and the catalogue of compulsory verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain import gate_rules
from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.grams import plain
from lims.domain.rights import require
from lims.queries import registers
from lims.records import CatalogueEntry, GateEvidence, GateRule, Instrument, MeasurementStandard

IN_FORCE = ("current", "superseded")
"""A superseded version still speaks for the days it was in force."""
COVERING = ("in_force", "changed", "re_examination")


def jurisdictions(profile: Mapping[str, Any]) -> list[str]:
    """The laboratory's, the nearest first: its province, then the nation."""
    return [str(each) for each in profile.get("jurisdictions", ["CN"])]


def on_day(session: Session, day: date) -> dict[str, gate_rules.Rule]:
    """Code → the rule that prevails on a day. One statement beside the laboratory's profile."""
    rows = session.scalars(select(GateRule).where(GateRule.state.in_(IN_FORCE))).all()
    return gate_rules.prevailing(rows, jurisdictions(registers.laboratory(session)), day)


def parameter(session: Session, code: str, name: str, day: date) -> Any:
    """A figure of the rule that prevails on a day; None without a rule."""
    rule = on_day(session, day).get(code)
    return None if rule is None else rule.parameters.get(name)


def history(session: Session, viewer: Actor) -> Sequence[GateRule]:
    """Every version of every rule, newest first within its code."""
    require(viewer, "rules.read")
    return session.scalars(
        select(GateRule).order_by(GateRule.code, GateRule.jurisdiction, GateRule.version.desc())
    ).all()


def rule(session: Session, rule_id: int, viewer: Actor, *, lock: bool = False) -> GateRule:
    """One version. Raises NotFound."""
    require(viewer, "rules.read")
    question = select(GateRule).where(GateRule.id == rule_id)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question) if rule_id < 2**31 else None
    if found is None:
        raise NotFound(kind="rule", number=str(rule_id))
    return found


def catalogue_on(session: Session, day: date) -> list[CatalogueEntry]:
    """The catalogue's lines in force on a day."""
    return list(
        session.scalars(
            select(CatalogueEntry)
            .where(CatalogueEntry.state.in_(IN_FORCE), CatalogueEntry.valid_from <= day, CatalogueEntry.valid_to >= day)
            .order_by(CatalogueEntry.catalogue, CatalogueEntry.number)
        )
    )


def compulsory_for(session: Session, instrument: Instrument, use: str, day: date) -> CatalogueEntry | None:
    """The line under which an instrument is subject to compulsory verification for a use, None where it is under none.

    Listed but not so used is free (计量法 第九条). details["catalogue"] of an instrument names its line; otherwise a line
    fits whose word stands in the instrument's description or model.
    """
    entries = [entry for entry in catalogue_on(session, day) if use in entry.uses]
    named = str(instrument.details.get("catalogue") or "")
    said = plain(" ".join((*instrument.description.values(), instrument.model)))
    for entry in entries:
        fits = entry.number == named if named else any(plain(str(word)) in said for word in entry.words)
        if fits:
            return entry
    return None


def standards_covering(session: Session, procedure: str) -> list[tuple[str, date]]:
    """(certificate, valid to) of the measurement standards whose scope names a procedure."""
    rows = session.scalars(select(MeasurementStandard).where(MeasurementStandard.state.in_(COVERING))).all()
    return [
        (row.certificate_number, row.valid_to)
        for row in rows
        if row.certificate_number and row.valid_to is not None and procedure in row.scope.get("procedures", ())
    ]


def evidence(session: Session, object_type: str, number: str, viewer: Actor) -> Sequence[GateEvidence]:
    """What the gates said about an object, in order."""
    require(viewer, "records.read")
    return session.scalars(
        select(GateEvidence)
        .where(GateEvidence.object_type == object_type, GateEvidence.object_number == number)
        .order_by(GateEvidence.id)
    ).all()
