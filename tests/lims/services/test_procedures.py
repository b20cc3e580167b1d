"""Procedures as controlled documents (ISO/IEC 17025:2017, 8.3), on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from instruments.procedures import ProcedureError
from lims.domain.errors import GateClosed, NotAllowed, NotFound, UnusableValue, WrongPassword, WrongState
from lims.queries import procedures as lists
from lims.queries import registers
from lims.records import ProcedureVersion
from lims.services import procedures, review
from tests.areas.competence import raised

from .conftest import PASSWORD, Lab

TODAY = date(2026, 11, 23)
NAME = "DMM-DCV"


def text(lab: Lab, version: str = "") -> str:
    return lists.detail(lab.session, NAME, lab.who("tech"), TODAY, version=version).shown.text


def drafted(lab: Lab, by: str = "keeper") -> ProcedureVersion:
    return procedures.draft(lab.session, raised(text(lab)), "读数增至 20 次", by=lab.who(by), at=lab.now())


def signed(lab: Lab, version: ProcedureVersion, step: str, who: str, password: str = PASSWORD) -> None:
    sign = {"verify": procedures.verify, "approve": procedures.approve}[step]
    sign(lab.session, version.id, password, by=lab.who(who), at=lab.now())


def test_three_people_bring_a_version_into_force_and_what_runs_keeps_its_own(lab: Lab) -> None:
    """8.3.2 a), c), d): approved before use, changes told, the right version where work is done."""
    record = lab.record()
    old = registers.current_procedure(lab.session, NAME)
    new = drafted(lab)
    assert registers.current_procedure(lab.session, NAME) is old
    signed(lab, new, "verify", "verifier")
    signed(lab, new, "approve", "manager")
    assert registers.current_procedure(lab.session, NAME) is old
    procedures.put_in_force(lab.session, new.id, by=lab.who("manager"), at=lab.now())
    assert (registers.current_procedure(lab.session, NAME), old.state) == (new, "superseded")
    assert record.procedure_version_id == old.id
    found = lists.detail(lab.session, NAME, lab.who("tech"), TODAY)
    assert [each[0].number for each in found.running] == [record.number]
    assert [(each.signature.meaning, each.person.username) for each in found.signed] == [
        ("perform", "keeper"), ("verify", "verifier"), ("approve", "manager")
    ]  # fmt: skip
    assert {each.signature.object_digest for each in found.signed} == {new.digest}
    assert [each.act for each in found.story][-4:] == [
        "procedure.drafted", "procedure.verified", "procedure.approved", "procedure.published"
    ]  # fmt: skip
    measure = registers.procedure_of(registers.current_procedure(lab.session, NAME)).measure
    assert measure is not None and measure.readings == 20
    assert review.gates_before_verifying(lab.session, record, by=lab.who("verifier"), at=lab.now())


def test_author_verifier_and_approver_are_three(lab: Lab) -> None:
    mine = drafted(lab, by="manager")
    signed(lab, mine, "verify", "verifier")
    with pytest.raises(GateClosed, match="performer"):
        signed(lab, mine, "approve", "manager")
    assert mine.state == "verified"


@pytest.mark.parametrize(
    ("step", "who"), [("verify", "keeper"), ("verify", "tech"), ("approve", "verifier"), ("approve", "keeper")]
)
def test_who_may_not_sign(lab: Lab, step: str, who: str) -> None:
    new = drafted(lab)
    if step == "approve":
        signed(lab, new, "verify", "verifier")
    with pytest.raises(NotAllowed):
        signed(lab, new, step, who)


def test_no_step_is_left_out_and_a_wrong_password_signs_nothing(lab: Lab) -> None:
    new = drafted(lab)
    with pytest.raises(WrongState):
        signed(lab, new, "approve", "manager")
    with pytest.raises(UnusableValue, match="third person"):
        procedures.put_in_force(lab.session, new.id, by=lab.who("manager"), at=lab.now())
    with pytest.raises(WrongPassword):
        signed(lab, new, "verify", "verifier", "not it")
    assert [each.meaning for each in lists.signatures(lab.session, new.id)] == ["perform"]
    signed(lab, new, "verify", "verifier")
    with pytest.raises(UnusableValue, match="third person"):
        procedures.put_in_force(lab.session, new.id, by=lab.who("manager"), at=lab.now())


def test_a_wrong_text_is_told_with_its_line_and_a_version_is_entered_once(lab: Lab) -> None:
    keeper = lab.who("keeper")
    with pytest.raises(ProcedureError, match="line 22"):
        procedures.draft(
            lab.session, raised(text(lab)).replace("readings: 20", "readings: many"), "x", by=keeper, at=lab.now()
        )
    drafted(lab)
    with pytest.raises(UnusableValue, match="raise"):
        drafted(lab)
    with pytest.raises(UnusableValue) as unreasoned:
        procedures.draft(lab.session, raised(text(lab)), " ", by=keeper, at=lab.now())
    assert unreasoned.value.facts["field"] == "reason"
    with pytest.raises(NotAllowed):
        drafted(lab, by="tech")


def test_the_list_shows_what_is_in_force_and_what_is_on_its_way(lab: Lab) -> None:
    drafted(lab)
    page = lists.page(lab.session, lab.who("tech"))
    assert {each.name: each.version for each in page.versions}[NAME] == "1.0"
    assert page.open == {NAME: 1}
    first = lists.page(lab.session, lab.who("tech"), size=1)
    rest = lists.page(lab.session, lab.who("tech"), after=str(first.next))
    assert [each.name for each in (*first.versions, *rest.versions)] == [each.name for each in page.versions]
    assert [each.name for each in lists.page(lab.session, lab.who("tech"), text="dcv").versions] == [NAME]
    with pytest.raises(NotFound):
        lists.detail(lab.session, NAME, lab.who("tech"), TODAY, version="9")


def test_a_difference_names_each_line_on_its_side() -> None:
    """As diff -u prints it: the lines taken away before the ones put in their place, three lines about them."""
    old = "\n".join(f"line {n}" for n in range(1, 21))
    found = lists.changes(old, old.replace("line 10", "line ten"))
    assert [each.kind for each in found] == ["gap", *["same"] * 3, "removed", "added", *["same"] * 3]
    assert [(each.old, each.new, each.text) for each in found if each.kind in ("removed", "added")] == [
        (10, None, "line 10"), (None, 10, "line ten")
    ]  # fmt: skip
    assert lists.changes(old, old) == []
