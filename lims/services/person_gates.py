"""Whether this person may do this step of this job: authorised, for its whole range, and without an interest in it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from lims.domain import competence, gates, handling
from lims.domain.actor import Actor
from lims.queries import items, registers, scope
from lims.records import ProcedureVersion


def lines(
    session: Session, request_id: int, version: ProcedureVersion, role: str, *, by: Actor, day: date
) -> list[gates.Reason]:
    """Gate lines about a person before a start, a verification or an approval. role: perform, verify or approve."""
    granted = registers.authorisations(session, by.person_id)
    found = [gates.authorised(granted, version.name, role, day)]
    valid = [
        each
        for each in granted
        if (each.procedure_name, each.role, each.state) == (version.name, role, "granted")
        and each.valid_from <= day <= each.valid_to
    ]
    if any(each.scope for each in valid):
        ranged = competence.in_range(valid, version.name, scope.wanted(registers.procedure_of(version)))
        found += [] if ranged is None else [ranged]
    noted = items.conflicts_in(items.events_of(session, request_id, "note"))
    return [*found, handling.nobody_in_conflict(by.name, noted.get(by.person_id))]
