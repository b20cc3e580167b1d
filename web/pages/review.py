"""Verification and approval: exceptions first, a remark that returns, the password that signs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain.actor import Actor
from lims.domain.rights import may, require
from lims.queries import batches, exceptions, history, worklists
from lims.services import certificates, evaluation, review
from web import unit
from web.due import render_now
from web.forms import REFUSALS, Form
from web.pages.orders import number_of
from web.pages.records import MEANINGS, guard_of
from web.speech import _
from web.states import EXCEPTIONS
from web.viewer import viewer

pages = Blueprint("review", __name__, url_prefix="/review")

SHOWN = 50
WAITING = ("submitted", "verified", "returned")
SIGNS = {"submitted": "records.verify", "verified": "certificates.issue"}
"""State of a record that waits → the right of who signs it next."""


@pages.get("/")
def index() -> Any:
    return _index(Form())


def _index(form: Form) -> Any:
    """What waits, exceptions first; batches as one line each; the rest may be ticked and signed together."""
    by = viewer()
    session = unit.reading()
    waiting, links = {}, {}
    for state in WAITING:
        place = number_of(state)
        found = worklists.by_record_state(session, by, (state,), after=place, size=SHOWN + 1, alone=True)
        waiting[state], further = found[:SHOWN], found[SHOWN - 1].record if len(found) > SHOWN else None
        further_on: dict[str, Any] = {state: further.id} if further else {}
        links[state] = {
            "next": None if further is None else url_for("review.index", **further_on),
            "previous": url_for("review.index") if place else None,
        }
    lines = [line for found in waiting.values() for line in found]
    seen = exceptions.of_records(session, [line.record.id for line in lines if line.record is not None])
    for found in waiting.values():
        found.sort(key=lambda line: not seen[line.record.id].why if line.record else True)
    tickable = {
        line.record.id
        for state, right in SIGNS.items()
        for line in waiting[state]
        if line.record and may(by, right) and line.record.performer_id != by.person_id and not seen[line.record.id].why
    }
    sets = batches.to_sign(session, by, WAITING) if may(by, "bench.read") else []
    page = render_template(
        "review/index.html",
        area="review",
        waiting=waiting,
        links=links,
        seen=seen,
        reasons=EXCEPTIONS,
        batches={state: [each for each in sets if each[2] == state] for state in WAITING},
        tickable=tickable,
        ticked=set(_ticked()),
        form=form,
    )
    return page, form.status


@pages.post("/verification")
def verify_all() -> Any:
    """One password for the records ticked; each is signed on its own digest."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            done = len(review.verify_all(work, _ticked(), form.value("password"), by=viewer(), at=unit.now()))
    except REFUSALS as error:
        form.refuse_signature(error)
        return _index(form)
    flash(_("{n} records are verified.", n=done), "good")
    return redirect(url_for("review.index"))


@pages.post("/issue")
def issue_all() -> Any:
    """One password for the records ticked; each request gets its certificate."""
    form = Form.sent()
    by, at, settings = viewer(), unit.now(), unit.settings()
    try:
        with unit.writing() as work:
            done = len(certificates.issue_all(work, _ticked(), form.value("password"), by=by, at=at, settings=settings))
    except REFUSALS as error:
        form.refuse_signature(error)
        return _index(form)
    flash(_("{n} certificates are issued; their documents are being made.", n=done), "good")
    return redirect(url_for("review.index"))


def _ticked() -> list[str]:
    return request.form.getlist("record")


@pages.get("/<number>")
def card(number: str) -> Any:
    return _page(number, Form())


def _page(number: str, form: Form) -> Any:
    by = viewer()
    require(by, "records.read")
    session = unit.reading()
    found = history.record_detail(session, number, by)
    record = found.record
    shown = review.exceptions_in(session, found)
    verifying = record.state == "submitted" and may(by, "records.verify")
    approving = record.state == "verified" and may(by, "certificates.issue")
    lines = (
        review.gates_before_verifying(session, record, by=by, at=unit.now())
        if verifying
        else certificates.gates_before_issue(session, number, by=by, at=unit.now())[2]
        if approving
        else []
    )
    page = render_template(
        "review/card.html",
        area="review",
        found=found,
        record=record,
        card=shown,
        reasons=EXCEPTIONS,
        meanings=MEANINGS,
        exceptions=[_row(each) for each in shown.exceptions],
        rest=[result.reported | {"point": result.point} for result in shown.rest],
        rows=[result.reported | {"point": result.point} for result in found.results],
        guard=guard_of(found.request.rule),
        lines=lines,
        clear=not any(line.blocks for line in lines),
        verifying=verifying,
        approving=approving,
        may_return=may(by, "records.verify") and record.state in ("submitted", "verified"),
        notes=[each for each in found.remarks if each.kind == "note"] if may_read_notes(by) else None,
        may_note=may(by, "records.return") and record.performer_id != by.person_id,
        digest=evaluation.digest_in(record, found.readings, found.corrections, found.evaluation)
        if verifying or approving
        else "",
        form=form,
    )
    return page, form.status


def may_read_notes(by: Actor) -> bool:
    """Reviewers, and who audits them."""
    return may(by, "records.return") or may(by, "audit.read")


def _row(exception: dict[str, Any]) -> dict[str, Any]:
    """One exception with the printed row of its result, where it is about a result."""
    result = exception.get("result")
    return exception | {"row": None if result is None else result.reported | {"point": result.point}}


@pages.post("/<number>/verification")
def verify(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            review.verify(work, number, form.value("password"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse_signature(error)
        return _page(number, form)
    flash(_("Record {number} is verified and waits for approval.", number=number), "good")
    return redirect(url_for("review.index"))


@pages.post("/<number>/return")
def give_back(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            review.return_record(work, number, form.value("remark"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _page(number, form)
    flash(_("Record {number} went back to its performer with your remark.", number=number), "good")
    return redirect(url_for("review.index"))


@pages.post("/<number>/note")
def note(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            review.note(work, number, form.value("note"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _page(number, form)
    return redirect(url_for("review.card", number=number))


@pages.post("/<number>/issue")
def issue(number: str) -> Any:
    """Approve and issue; then make the documents, which are due from that moment whoever makes them."""
    form = Form.sent()
    by = viewer()
    try:
        with unit.writing() as work:
            issued = certificates.issue(
                work, number, form.value("password"), by=by, at=unit.now(), settings=unit.settings()
            ).number
    except REFUSALS as error:
        form.refuse_signature(error)
        return _page(number, form)
    render_now()
    flash(_("Certificate {number} is issued.", number=issued), "good")
    return redirect(url_for("certificates.detail", number=issued))
