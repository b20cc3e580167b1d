"""People's competence: from a proposal to a withdrawal, and the gates that ask for it, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lims.domain import competence as rules
from lims.domain import gates
from lims.domain.errors import GateClosed, NotAllowed, UnusableValue, WrongState
from lims.queries import competence as lists
from lims.records import AuditEntry, Authorisation, Training
from lims.services import bench, certificates, competence, evaluation, incidents, review

from .conftest import PASSWORD, Lab

TODAY = date(2026, 11, 23)
NEXT_YEAR = date(2027, 11, 22)
NAME = "DMM-DCV"


def shown(
    lab: Lab, kind: str, who: str = "verifier", outcome: str = "passed", on: date = TODAY, by: str = "quality"
) -> Training:
    return competence.note_training(
        lab.session, who, kind, "直流电压", procedure=NAME, on_day=on, outcome=outcome, note="", by=lab.who(by), at=lab.now()
    )  # fmt: skip


def proposed(lab: Lab, who: str = "verifier", role: str = "perform") -> Authorisation:
    return competence.propose(lab.session, who, NAME, role, by=lab.who("manager"), at=lab.now())


def grant(
    lab: Lab, row: Authorisation, to: date = NEXT_YEAR, scope: dict[str, object] | None = None, by: str = "manager"
) -> Authorisation:
    return competence.grant(
        lab.session, row.id, valid_from=TODAY, valid_to=to, scope=scope or {}, by=lab.who(by), at=lab.now()
    )  # fmt: skip


def able(lab: Lab, who: str = "verifier", role: str = "perform", **more: object) -> Authorisation:
    row = proposed(lab, who, role)
    shown(lab, "training", who)
    shown(lab, "observation", who)
    return grant(lab, row, **more)  # type: ignore[arg-type]


def may_start(lab: Lab, who: str) -> list[gates.Reason]:
    return bench.gates_before(lab.session, lab.request().number, stage="as_found", by=lab.who(who), at=lab.now())


def closed(lines: list[gates.Reason]) -> set[str]:
    return {line.code for line in gates.closed(lines)}


def test_a_proposal_becomes_a_grant_by_what_is_shown(lab: Lab) -> None:
    """6.2.5 c), f), 6.2.6: trained, observed, granted; each step follows from evidence, and the gate opens with the last."""
    lab.session.query(Authorisation).filter_by(person_id=lab.who("verifier").person_id).delete()
    row = proposed(lab)
    assert row.state == "proposed"
    shown(lab, "observation", outcome="failed")
    shown(lab, "training")
    assert row.state == "trained"
    with pytest.raises(GateClosed, match="Observation"):
        grant(lab, row)
    shown(lab, "examination")
    assert row.state == "assessed"
    assert "authorised" in closed(may_start(lab, "verifier"))
    grant(lab, row)
    assert "authorised" not in closed(may_start(lab, "verifier"))
    acts = lab.session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("authorisation.%"))).all()
    assert acts[-2:] == ["authorisation.proposed", "authorisation.granted"]


def test_suspended_stops_at_once_and_resuming_asks_again(lab: Lab) -> None:
    row = able(lab)
    competence.suspend(lab.session, row.id, "读数反复错误", by=lab.who("manager"), at=lab.now())
    assert "authorised" in closed(may_start(lab, "verifier"))
    with pytest.raises(UnusableValue, match="suspended"):
        grant(lab, row)
    with pytest.raises(GateClosed, match="resume"):
        grant(lab, proposed(lab))
    shown(lab, "observation", outcome="failed")
    with pytest.raises(GateClosed, match="not passed"):
        competence.resume(lab.session, row.id, "复训", by=lab.who("manager"), at=lab.now())
    shown(lab, "observation")
    competence.resume(lab.session, row.id, "复训合格", by=lab.who("manager"), at=lab.now())
    assert "authorised" not in closed(may_start(lab, "verifier"))
    competence.withdraw(lab.session, row.id, "调岗", by=lab.who("manager"), at=lab.now())
    with pytest.raises(WrongState):
        competence.suspend(lab.session, row.id, "x", by=lab.who("manager"), at=lab.now())


def test_a_renewal_beside_it_does_not_let_a_suspended_person_go_on(lab: Lab) -> None:
    first = able(lab)
    second = grant(lab, proposed(lab), to=date(2028, 1, 1))
    competence.suspend(lab.session, first.id, "投诉", by=lab.who("manager"), at=lab.now())
    assert (first.state, second.state) == ("suspended", "suspended")


def test_nobody_assesses_or_authorises_themselves(lab: Lab) -> None:
    """4.1, 6.2.6."""
    with pytest.raises(GateClosed, match="own competence"):
        shown(lab, "observation", "quality", by="quality")
    row = proposed(lab, "manager")
    shown(lab, "training", "manager")
    shown(lab, "observation", "manager")
    with pytest.raises(GateClosed, match="own competence"):
        grant(lab, row)


@pytest.mark.parametrize("who", ["tech", "customer", "finance", "auditor"])
def test_who_may_not(lab: Lab, who: str) -> None:
    with pytest.raises(NotAllowed):
        shown(lab, "training", by=who)
    row = proposed(lab)
    with pytest.raises(NotAllowed):
        grant(lab, row, by=who)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"subject": " "}, "subject"),
        ({"username": "customer"}, "person"),
        ({"username": "nobody𠮷"}, "person"),
        ({"procedure": "NO-SUCH"}, "procedure"),
        ({"on_day": TODAY + timedelta(days=1)}, "on_day"),
    ],
)
def test_evidence_entered_wrongly_says_where(lab: Lab, change: dict[str, object], field: str) -> None:
    entered: dict[str, object] = {
        "username": "tech", "kind": "training", "subject": "x", "procedure": NAME, "on_day": TODAY, "outcome": "passed", "note": ""
    }  # fmt: skip
    with pytest.raises(UnusableValue) as wrong:
        competence.note_training(lab.session, **entered | change, by=lab.who("quality"), at=lab.now())  # type: ignore[arg-type]
    assert wrong.value.facts["field"] == field


def test_an_authorisation_for_a_part_of_the_range_does_not_open_the_rest(lab: Lab) -> None:
    """6.2.6: authorised for specific activities; DMM-DCV goes to 1000 V."""
    lab.session.query(Authorisation).filter_by(person_id=lab.who("verifier").person_id, role="perform").delete()
    row = able(lab, scope=rules.range_of("DCV", "V", "-10", "10"))
    assert "authorised_range" in closed(may_start(lab, "verifier"))
    competence.withdraw(lab.session, row.id, "扩项", by=lab.who("manager"), at=lab.now())
    grant(lab, proposed(lab), scope=rules.range_of("DCV", "V", "-1000", "1000"))
    assert not closed(may_start(lab, "verifier")) & {"authorised", "authorised_range"}


def test_an_interest_noted_closes_bench_verification_and_approval(lab: Lab) -> None:
    """4.1.4."""
    request = lab.request()
    note = lambda who: incidents.mark_conflict(  # noqa: E731
        lab.session, request.number, lab.who(who).person_id, "亲属", by=lab.who("keeper"), at=lab.now()
    )
    for who in ("verifier", "approver"):
        note(who)
    record = lab.record(request)
    evaluation.submit(
        lab.session, record.number, password=PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings
    )
    verifying = review.gates_before_verifying(lab.session, record, by=lab.who("verifier"), at=lab.now())
    assert "no_conflict" in closed(verifying)
    _request, _records, approving = certificates.gates_before_issue(
        lab.session, record.number, by=lab.who("approver"), at=lab.now()
    )
    assert "no_conflict" in closed(approving)
    note("tech")
    starting = bench.gates_before(lab.session, request.number, stage="as_left", by=lab.who("tech"), at=lab.now())
    assert "no_conflict" in closed(starting)


def test_the_matrix_shows_states_and_gaps(lab: Lab) -> None:
    """计量标准考核: two people with ability for each work (m)."""
    reader = lab.who("quality")
    page = lists.matrix(lab.session, reader, TODAY)
    line = next(each for each in page.lines if each.name == NAME)
    before = line.performers
    row = able(lab)
    line = next(each for each in lists.matrix(lab.session, reader, TODAY).lines if each.name == NAME)
    assert line.performers >= before
    (mark,) = [each for each in line.marks[row.person_id] if each.role == "perform"]
    assert (mark.state, mark.limited) == ("granted", False)
    later = lists.matrix(lab.session, reader, date(2040, 1, 1)).lines
    assert all(each.gap for each in later)
    assert {m.state for each in later for marks in each.marks.values() for m in marks} == {"expired"}
    assert [each.name for each in lists.matrix(lab.session, reader, TODAY, text="dmm-dcv").lines] == [NAME]
    first = lists.matrix(lab.session, reader, TODAY, size=1)
    assert first.next == first.lines[0].name
    assert first.lines[0].name not in {
        each.name for each in lists.matrix(lab.session, reader, TODAY, after=first.next).lines
    }


def test_what_ends_soon_comes_first_and_not_where_it_is_renewed(lab: Lab) -> None:
    row = able(lab, to=date(2026, 12, 24))
    reader = lab.who("quality")
    mine = lambda: [e.row.id for e in lists.ending(lab.session, reader, TODAY) if e.person.id == row.person_id]  # noqa: E731
    assert row.id in mine()
    grant(lab, proposed(lab), to=NEXT_YEAR)
    assert row.id not in mine()


def test_a_persons_file_counts_their_work_and_tells_when_supervision_is_due(lab: Lab) -> None:
    record = lab.record()
    reader = lab.who("quality")
    found = lists.file_of(lab.session, "tech", reader, TODAY)
    (work,) = [each for each in found.work if each.name == NAME]
    assert work.done["perform"][0] == 1
    assert work.done["perform"][1] == record.started_at
    able(lab, "tech", to=date(2029, 1, 1))
    (later,) = [e for e in lists.file_of(lab.session, "tech", reader, date(2028, 6, 1)).work if e.name == NAME]
    assert later.supervision
    for n in range(lists.TRAININGS):
        shown(lab, "training", "tech", on=TODAY - timedelta(days=n))
    page = lists.file_of(lab.session, "tech", reader, TODAY)
    assert len(page.trainings) == lists.TRAININGS
    rest = lists.file_of(lab.session, "tech", reader, TODAY, before=page.more)
    assert len(rest.trainings) == 2
