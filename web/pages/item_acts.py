"""What people do with an item on its page: decide, note, photograph, print labels, hand over, object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import items as lists
from lims.services import assignments, hand_overs, incidents, items, subcontracting
from web import item_words, unit
from web.forms import REFUSALS, Form
from web.pages.intake import shown
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("item_acts", __name__, url_prefix="/requests")

Act = Callable[[Session, Form, Actor, datetime], object]


def done(number: str, act: Act, said: str, anchor: str | None = None) -> Any:
    """Run one act in one transaction: back to the item's page, or the page again with the refusal in its place."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            act(work, form, viewer(), unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return shown(number, form)
    flash(said, "good")
    return redirect(url_for("intake.detail", number=number, _anchor=anchor))


@pages.post("/<number>/decision")
def decide(number: str) -> Any:
    """What happens to an item that arrived differing."""

    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        identity = {name: form.value(name) for name in ("maker", "model", "serial")}
        items.resolve(work, number, form.value("decision"), form.value("reason"), identity=identity, by=by, at=at)

    return done(number, act, _("It is decided; the work goes on accordingly."))


@pages.post("/<number>/incidents")
def incident(number: str) -> Any:
    """Something happened to the item."""

    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        sent = item_words.photos()
        incidents.note(
            work,
            number,
            form.value("kind"),
            form.value("reason"),
            left_out=form.value("left_out"),
            photo=sent[0] if sent else None,
            by=by,
            at=at,
        )

    return done(number, act, _("It is noted."), "events")


@pages.post("/<number>/photos")
def photograph(number: str) -> Any:
    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        require(by, "items.handle")
        sent = item_words.photos()
        if not sent:
            raise UnusableValue(field="photo", found="—", right=N_("a PNG or JPEG picture"))
        for each in sent[: items.PHOTOS]:
            items.photograph(work, number, each, form.value("caption"), by=by, at=at)

    return done(number, act, _("The photograph is kept."), "events")


@pages.post("/<number>/label")
def print_label(number: str) -> Any:
    """That a label is printed is noted; then the page to print opens."""
    form = Form.sent()
    kind = form.value("label") or "item"
    with unit.writing() as work:
        items.print_labels(work, [number], kind, by=viewer(), at=unit.now())
    return redirect(url_for("intake.label", number=number, label=kind))


@pages.post("/work/<number>/labels")
def print_sheet(number: str) -> Any:
    require(viewer(), "items.handle")
    _work, found = lists.of_work_order(unit.reading(), number, viewer())
    numbers = [line.request.number for line in found]
    with unit.writing() as work:
        items.print_labels(work, numbers, "item", by=viewer(), at=unit.now())
    return redirect(url_for("intake.sheet", number=number))


@pages.post("/<number>/ready")
def ready(number: str) -> Any:
    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        hand_overs.ready(work, number, form.value("note"), by=by, at=at)

    return done(number, act, _("The customer reads that the item is ready."))


@pages.post("/<number>/hand-over")
def hand_over(number: str) -> Any:
    """The item goes back, its paper with it; or the paper alone."""

    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        given = {"way": form.value("way"), "to_name": form.value("to_name"), "note": form.value("note")}
        if form.value("what") == "paper":
            hand_overs.hand_over_paper(work, number, **given, by=by, at=at)
        else:
            drawn = request.form.get("signature", "")[:400_000]  # longer than what Form keeps of a text
            hand_overs.hand_over(work, number, **given, drawn=drawn, paper=form.ticked("paper"), by=by, at=at)

    return done(number, act, _("The hand-over is noted."))


@pages.post("/<number>/objection")
def dispute(number: str) -> Any:
    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        incidents.dispute(work, number, form.value("dispute"), by=by, at=at)

    return done(number, act, _("The objection is noted; the laboratory answers it."), "events")


@pages.post("/<number>/out-of-tolerance")
def tell(number: str) -> Any:
    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        incidents.tell_out_of_tolerance(work, number, form.value("text"), by=by, at=at)

    return done(number, act, _("The customer reads it with the item."), "events")


@pages.post("/<number>/people")
def assign(number: str) -> Any:
    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        assignments.assign(work, [number], **item_words.chosen_people(form), by=by, at=at)

    return done(number, act, _("The people are assigned."))


@pages.post("/<number>/conflict")
def conflict(number: str) -> Any:
    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        require(by, "items.assign")
        incidents.mark_conflict(work, number, form.whole("person"), form.value("conflict_reason"), by=by, at=at)

    return done(number, act, _("It is noted."))


@pages.post("/<number>/subcontract")
def subcontract(number: str) -> Any:
    """The customer agrees, the item goes to another laboratory, or it is back with that laboratory's certificate."""

    def act(work: Session, form: Form, by: Actor, at: datetime) -> None:
        require(by, "requests.create")
        do = form.value("do")
        if do == "consent":
            subcontracting.consent(work, number, form.value("consent"), by=by, at=at)
        elif do == "send":
            said = (form.text("measurand"), form.value("note"))
            subcontracting.send(work, number, form.whole("provider"), *said, by=by, at=at)
        else:
            paper = item_words.photos("file")
            if not paper:
                raise UnusableValue(field="file", found="—", right=N_("the provider's certificate as a PDF"))
            whole = form.ticked("whole")
            subcontracting.come_back(work, number, form.value("certificate"), paper[0], whole=whole, by=by, at=at)

    return done(number, act, _("It is noted."), "subcontract")
