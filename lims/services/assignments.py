"""Who is to measure an item and who is to verify it: authorised on the day, two people, neither with an interest in it.

assignments.assign(session, ["WT-2026-000001"], performer_id=3, checker_id=4, by=by, at=at)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lims.domain import gates, handling
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import items as lists
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import Person, Request
from lims.services import gatekeeping
from lims.services.item_events import leave
from lims.words import N_, both

OPEN = ("accepted", "discrepancy", "received", "in_work")


def assign(
    session: Session,
    numbers: Sequence[str],
    *,
    performer_id: int | None,
    checker_id: int | None,
    by: Actor,
    at: datetime,
) -> list[Request]:
    """Set the people of one job or of several, all or none; None takes the assignment away.

    Raises GateClosed where a gate refuses (ISO/IEC 17025:2017, 4.1, 6.2.6), UnusableValue, WrongState.
    """
    require(by, "items.assign")
    people = {"perform": _person(session, "performer", performer_id), "verify": _person(session, "checker", checker_id)}
    found = [request_by_number(session, number, by=by, lock=True) for number in dict.fromkeys(numbers)]
    for request in found:
        if request.state not in OPEN:
            raise WrongState(
                kind="request",
                number=request.number,
                state=request.state,
                wanted=N_("assigned"),
                allowed=", ".join(OPEN),
            )
        lines = _gates(session, request, people, at)
        gatekeeping.pass_through(session, "assign", "request", request.number, lines, by=by, at=at)
        request.assigned_to_id, request.checker_id = performer_id, checker_id
        names = {role: person.name for role, person in people.items() if person is not None}
        leave(session, request, "assigned", who=by, at=at, payload=names)
    return found


def _person(session: Session, field: str, person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    found = session.get(Person, person_id)
    if found is None or not found.active or found.customer_id is not None:
        raise UnusableValue(field=field, found=str(person_id), right=N_("a person of the laboratory"))
    return found


def _gates(session: Session, request: Request, people: dict[str, Person | None], at: datetime) -> list[gates.Reason]:
    day = registers.day(session, at)
    interests = lists.conflicts_in(lists.events_of(session, request.id, "note"))
    ids = {role: None if person is None else person.id for role, person in people.items()}
    lines = [handling.different_people(ids["perform"], ids["verify"])]
    for role, person in people.items():
        if person is None:
            continue
        granted = registers.authorisations(session, person.id)
        line = gates.authorised(granted, request.procedure_name, role, day)
        named = both("{name}: {line}", name=dict(person.name), line=dict(line.text))
        lines.append(gates.Reason(line.ok, line.code, named, line.clause))
        lines.append(handling.nobody_in_conflict(person.name, interests.get(person.id)))
    return lines
