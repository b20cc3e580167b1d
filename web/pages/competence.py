"""Who may do what: the matrix of people and procedures, a person's file, and an authorisation's way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import competence as rules
from lims.domain import states
from lims.domain.rights import may, require
from lims.queries import competence as lists
from lims.services import competence
from web import order_form, unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("competence", __name__, url_prefix="/competence")

KIND_WORDS = MappingProxyType(
    {
        "training": N_("training"),
        "observation": N_("observation at work"),
        "examination": N_("examination"),
        "qualification": N_("qualification"),
    }
)
OUTCOME_WORDS = MappingProxyType({"passed": N_("passed"), "failed": N_("not passed"), "attended": N_("attended")})
LETTERS = MappingProxyType({"perform": N_("P (performs)"), "verify": N_("V (verifies)"), "approve": N_("A (approves)")})
ACTS = MappingProxyType(
    {
        "authorisation.proposed": (N_("Proposed"), ""),
        "authorisation.granted": (N_("Granted"), "good"),
        "authorisation.resumed": (N_("Taken up again"), "good"),
        "authorisation.suspended": (N_("Suspended"), "attention"),
        "authorisation.withdrawn": (N_("Withdrawn"), "bad"),
    }
)
"""Act in the audit chain → its words and its tone in the timeline."""
YEAR = timedelta(days=365)


@pages.get("/")
def index() -> Any:
    by, day = viewer(), local_day()
    asked = {name: request.args.get(name, "")[:80] for name in ("q", "role", "gaps", "after")}
    role = asked["role"] if asked["role"] in rules.ROLES else ""
    work = unit.reading()
    found = lists.matrix(work, by, day, text=asked["q"], role=role, gaps=bool(asked["gaps"]), after=asked["after"])
    return render_template(
        "competence/index.html",
        area="standards",
        matrix=found,
        ending=lists.ending(work, by, day),
        waiting=lists.waiting(work, by),
        staff=lists.staff(work, by),
        state_on=lists.state_on,
        letters=LETTERS,
        asked=asked,
        today=day,
    )


@pages.get("/people/<username>")
def person(username: str) -> Any:
    return _person(username, Form(defaults={"on_day": local_day()}))


def _person(username: str, form: Form) -> Any:
    by, day, work = viewer(), local_day(), unit.reading()
    before = request.args.get("before", "")
    page = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    found = lists.file_of(work, username, by, day, before=page)
    trains, authorises = may(by, "training.manage"), may(by, "authorisations.manage")
    return (
        render_template(
            "competence/person.html",
            area="standards",
            file=found,
            form=form,
            trains=trains,
            authorises=authorises,
            names=lists.procedure_names(work, by) if trains or authorises else (),
            kinds=KIND_WORDS,
            outcomes=OUTCOME_WORDS,
            roles=rules.ROLES,
            state_on=lists.state_on,
            today=day,
        ),
        form.status,
    )


@pages.post("/people/<username>/evidence")
def note(username: str) -> Any:
    require(viewer(), "training.manage")
    form = Form.sent()
    try:
        with unit.writing() as work:
            competence.note_training(
                work,
                username,
                form.value("kind"),
                form.value("subject"),
                procedure=form.value("procedure"),
                on_day=order_form.day(form, "on_day"),
                outcome=form.value("outcome"),
                note=form.value("note"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _person(username, form)
    flash(_("Entered."), "good")
    return redirect(url_for("competence.person", username=username))


@pages.post("/people/<username>/proposals")
def propose(username: str) -> Any:
    require(viewer(), "authorisations.manage")
    form = Form.sent()
    try:
        with unit.writing() as work:
            row = competence.propose(work, username, form.value("for"), form.value("role"), by=viewer(), at=unit.now())
            key = row.id
    except REFUSALS as error:
        form.refuse(error)
        return _person(username, form)
    return redirect(url_for("competence.authorisation", key=key))


@pages.get("/authorisations/<int:key>")
def authorisation(key: int) -> Any:
    day = local_day()
    return _authorisation(key, Form(defaults={"valid_from": day, "valid_to": day + YEAR}))


def _authorisation(key: int, form: Form) -> Any:
    by, work = viewer(), unit.reading()
    held = lists.one(work, key, by)
    decides = may(by, "authorisations.manage")
    asks = decides and held.row.state in (*competence.OPEN, "suspended")
    lines = competence.gates_before_granting(work, held.row, by=by, at=unit.now()) if asks else ()
    return (
        render_template(
            "competence/authorisation.html",
            area="standards",
            held=held,
            form=form,
            lines=lines,
            story=[_told(entry) for entry in lists.story(work, held.row, by)],
            decides=decides,
            moves=states.AUTHORISATION.table[held.row.state],
            state=lists.state_on(held.row, local_day()),
        ),
        form.status,
    )


def _told(entry: Any) -> dict[str, Any]:
    facts = entry.payload
    if entry.act == "training.noted":
        what = f"{_(KIND_WORDS[facts['kind']])}: {_(OUTCOME_WORDS[facts['outcome']])}"
        tone = {"passed": "good", "failed": "bad"}.get(facts["outcome"], "")
        return {"at": entry.at, "what": what, "who": entry.actor, "why": facts["on"], "tone": tone}
    word, tone = ACTS.get(entry.act, (entry.act, ""))
    span = f"{facts.get('valid_from', '')} … {facts.get('valid_to', '')}" if facts.get("state") == "granted" else ""
    return {"at": entry.at, "what": _(word), "who": entry.actor, "why": entry.reason or span, "tone": tone}


@pages.post("/authorisations/<int:key>/grant")
def grant(key: int) -> Any:
    require(viewer(), "authorisations.manage")
    form = Form.sent()

    def act(work: Any) -> None:
        competence.grant(
            work,
            key,
            valid_from=order_form.day(form, "valid_from"),
            valid_to=order_form.day(form, "valid_to"),
            scope=rules.range_of(*(form.value(name) for name in ("measurand", "unit", "low", "high"))),
            by=viewer(),
            at=unit.now(),
        )

    return _decide(key, form, act)


DECISIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"suspend": competence.suspend, "resume": competence.resume, "withdraw": competence.withdraw}
)


@pages.post("/authorisations/<int:key>/<any(suspend, resume, withdraw):what>")
def decide(key: int, what: str) -> Any:
    require(viewer(), "authorisations.manage")
    form = Form.sent()
    return _decide(key, form, lambda work: DECISIONS[what](work, key, form.value("reason"), by=viewer(), at=unit.now()))


def _decide(key: int, form: Form, act: Callable[[Any], object]) -> Any:
    try:
        with unit.writing() as work:
            act(work)
    except REFUSALS as error:
        form.refuse(error)
        return _authorisation(key, form)
    return redirect(url_for("competence.authorisation", key=key))
