"""Competence of people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lims.queries import competence as lists
from lims.records import Authorisation
from lims.services import competence, people

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)
PAGES = {
    "quality": "/competence/ /competence/?gaps=1 /competence/people/verifier",
    "manager": "/competence/people/verifier /competence/authorisations/1 /competence/authorisations/8",
    "tech": "/competence/ /competence/people/tech",
}
ROUTES = {
    "competence.read": "competence.index competence.person competence.authorisation",
    "training.manage": "competence.note",
    "authorisations.manage": "competence.propose competence.grant competence.decide",
}


def fill(session: Session) -> None:
    """A proposal that has been trained for, and one that is ready to be granted."""
    manager, quality = people.by_username(session, "manager"), people.by_username(session, "quality")
    competence.propose(session, "approver", "DMM-DCV", "perform", by=manager, at=AT)
    competence.propose(session, "verifier", "DMM-DCV", "perform", by=manager, at=AT)
    for who, kind in (("approver", "training"), ("verifier", "training"), ("verifier", "observation")):
        _shown(session, who, kind, by=quality, at=AT)


def _shown(session: Session, who: str, kind: str, **more: Any) -> None:
    competence.note_training(
        session, who, kind, "数字多用表直流电压", procedure="DMM-DCV", on_day=DAY, outcome="passed", note="", **more
    )


DOORS: dict[str, Any] = {
    "services.competence.note_training": lambda w, by: _shown(w.session, "tech", "training", by=by, at=w.lab.at),
    "services.competence.propose": lambda w, by: competence.propose(w.session, "tech", "DMM-DCV", "verify", by=by, at=w.lab.at),
    "services.competence.grant": lambda w, by: competence.grant(w.session, 1, valid_from=DAY, valid_to=DAY, scope={}, by=by, at=w.lab.at),
    "services.competence.gates_before_granting": lambda w, by: competence.gates_before_granting(w.session, w.session.get(Authorisation, 1), by=by, at=w.lab.at),
    "services.competence.suspend": lambda w, by: competence.suspend(w.session, 1, "x", by=by, at=w.lab.at),
    "services.competence.resume": lambda w, by: competence.resume(w.session, 1, "x", by=by, at=w.lab.at),
    "services.competence.withdraw": lambda w, by: competence.withdraw(w.session, 1, "x", by=by, at=w.lab.at),
    "queries.competence.matrix": lambda w, by: lists.matrix(w.session, by, DAY),
    "queries.competence.ending": lambda w, by: lists.ending(w.session, by, DAY),
    "queries.competence.waiting": lambda w, by: lists.waiting(w.session, by),
    "queries.competence.authorised": lambda w, by: lists.authorised(w.session, "DMM-DCV", DAY, by),
    "queries.competence.staff": lambda w, by: lists.staff(w.session, by),
    "queries.competence.procedure_names": lambda w, by: lists.procedure_names(w.session, by),
    "queries.competence.one": lambda w, by: lists.one(w.session, 1, by),
    "queries.competence.story": lambda w, by: lists.story(w.session, w.session.get(Authorisation, 1), by),
    "queries.competence.file_of": lambda w, by: lists.file_of(w.session, "tech", by, DAY),
}  # fmt: skip
INNER = {
    "services.person_gates.lines": "services that have asked for the right",
    "queries.competence.state_on": "reads a value",
}
