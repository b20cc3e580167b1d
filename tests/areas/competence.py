"""Competence of people, and procedures as controlled documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lims.queries import competence as lists
from lims.queries import procedures as documents
from lims.records import Authorisation, ProcedureVersion
from lims.services import competence, people, procedures

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)
PAGES = {
    "quality": "/procedures/ /procedures/IMPEDANCE /competence/ /competence/?gaps=1 /competence/people/verifier",
    "manager": "/procedures/DMM-DCV /procedures/new?from=DMM-DCV /competence/people/verifier /competence/authorisations/1 /competence/authorisations/8",
    "keeper": "/procedures/DMM-DCV?version=1.1 /procedures/DMM-DCV/changes?to=1.1",
    "verifier": "/procedures/DMM-DCV?version=1.1",
    "tech": "/procedures/DMM-DCV /competence/ /competence/people/tech",
}
ROUTES = {
    "competence.read": "competence.index competence.person competence.authorisation",
    "procedures.read": "procedures.index procedures.detail procedures.changes procedures.download procedures.act",
    "procedures.manage": "procedures.new procedures.draft",
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
    keeper = people.by_username(session, "keeper")
    text = documents.detail(session, "DMM-DCV", keeper, DAY).shown.text
    procedures.draft(session, raised(text), "读数增至 20 次", by=keeper, at=AT)


def raised(text: str) -> str:
    """The next version of a shipped procedure, with another number of readings."""
    return text.replace('version: "1.0"', 'version: "1.1"', 1).replace("readings: 10", "readings: 20")


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
    "services.procedures.draft": lambda w, by: procedures.draft(w.session, "procedure: 1", "x", by=by, at=w.lab.at),
    "services.procedures.gates_before": lambda w, by: procedures.gates_before(w.session, w.session.get(ProcedureVersion, 1), "verify", by=by, at=w.lab.at),
    "services.procedures.verify": lambda w, by: procedures.verify(w.session, 1, "x", by=by, at=w.lab.at),
    "services.procedures.approve": lambda w, by: procedures.approve(w.session, 1, "x", by=by, at=w.lab.at),
    "services.procedures.put_in_force": lambda w, by: procedures.put_in_force(w.session, 1, by=by, at=w.lab.at),
    "queries.procedures.page": lambda w, by: documents.page(w.session, by),
    "queries.procedures.detail": lambda w, by: documents.detail(w.session, "DMM-DCV", by, DAY),
    "queries.procedures.versions_of": lambda w, by: documents.versions_of(w.session, "DMM-DCV", by),
    "queries.procedures.named": lambda w, by: documents.named(w.session, 1, by),
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
    "services.procedures.found": "founding",
    "services.office_examples.stories": "founding",
    "queries.procedures.signatures": "of a version that a door gave",
    "queries.procedures.changes": "reads values",
    "queries.procedures.chosen": "reads values",
    "services.person_gates.lines": "services that have asked for the right",
    "queries.competence.state_on": "reads a value",
}
