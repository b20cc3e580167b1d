"""The ledger of instruments: each under one code for its life, with its orders, certificates and due day."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from lims.domain import orders as words
from lims.domain import states
from lims.domain.errors import StaleEdit
from lims.domain.rights import may
from lims.queries import exchange, rows
from lims.queries import ledger as books
from lims.services import ledger
from web import export, order_form, unit
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.pages.today import local_day
from web.speech import N_, _, language, text
from web.states import look
from web.viewer import viewer

pages = Blueprint("instruments", __name__, url_prefix="/instruments")

WAYS = {
    "overdue": N_("overdue"),
    "due30": N_("due within 30 days"),
    "due60": N_("due within 60 days"),
    "in_lab": N_("in the laboratory"),
    "ready": N_("ready to be collected"),
}
ACTS = {
    "instrument.added": N_("Entered in the ledger"),
    "instrument.changed": N_("Changed"),
    "instrument.moved": N_("State changed"),
    "instrument.registered": N_("Registered"),
}
FIELDS = {
    "maker": N_("Maker"),
    "model": N_("Model"),
    "serial": N_("Serial number"),
    "description": N_("Description"),
    "due": N_("Due"),
    "class": N_("Class"),
    "range": N_("Range"),
    "resolution": N_("Resolution"),
    "mpe": N_("Maximum permissible error"),
    "location": N_("Location"),
    "custodian": N_("Custodian"),
    "interval": N_("Interval in months"),
    "asset": N_("Asset number"),
}


HEADS = (N_("Code"), N_("State"), N_("Description"), N_("Maker"), N_("Model"), N_("Serial number"), N_("Customer"),
         N_("Due"))  # fmt: skip


@pages.get("/")
def index() -> Any:
    """The ledger, filtered by customer, state, and what is due."""
    asked: dict[str, Any] = {name: request.args.get(name, "") for name in ("q", "state", "way", "customer")}
    customer = asked["customer"]
    filters: dict[str, Any] = {
        "on": local_day(),
        "text": asked["q"],
        "customer": int(customer) if customer.isascii() and customer.isdigit() and len(customer) < 16 else None,
        "state": asked["state"],
        "way": asked["way"],
    }
    kind = export.asked()
    if kind is not None:
        return _file(kind, filters)
    found = books.instruments(unit.reading(), viewer(), **filters, after=after())
    return render_template(
        "instruments/index.html",
        area="mine" if viewer().customer_id is not None else "intake",
        found=found,
        asked=asked,
        counts=books.counts(unit.reading(), viewer(), on=local_day()),
        states=tuple(states.INSTRUMENT.table),
        ways=WAYS,
        next=None if found.after is None else url_for("instruments.index", **asked, after=found.after),
    )


def _file(kind: str, filters: dict[str, Any]) -> Response:
    found = rows.instruments(unit.reading(), viewer(), **filters, size=export.MOST + 1)
    lines = ((code, _(look("instrument", now).word), *rest) for code, now, *rest in found)
    return export.answer(kind, "instruments", HEADS, lines)


@pages.get("/<code>")
def detail(code: str) -> Any:
    return _detail(code, None)


def _detail(code: str, form: Form | None, stale: bool = False) -> Any:
    by = viewer()
    found = books.life(unit.reading(), code, by)
    shown = form or Form(None)
    shown.defaults = _defaults(found)
    due, left = books.due_of(found.item, local_day())
    return (
        render_template(
            "instruments/detail.html",
            area="mine" if by.customer_id is not None else "intake",
            found=found,
            form=shown,
            stale=stale,
            due=due,
            left=left,
            editing=form is not None,
            may_edit=may(by, "requests.create"),
            offered=[each for each in ledger.BY_HAND if states.INSTRUMENT.allows(found.item.state, each)],
            fields=FIELDS,
            work_words=words.WORK,
            legacy=exchange.legacy_of(unit.reading(), code, by),
            history=[_entry(entry) for entry in found.entries] if by.customer_id is None else (),
        ),
        409 if stale else shown.status,
    )


def _defaults(found: books.Life) -> dict[str, Any]:
    item = found.item
    said = {name: getattr(item, name) for name in ("maker", "model", "serial", "due")}
    return said | {"description": text(item.description)} | dict(item.details)


def _entry(entry: Any) -> dict[str, Any]:
    """A line of the timeline: each changed field with what it said and says."""
    changed = [
        f"{_(FIELDS[name])}: {text(old) or '—'} → {text(new) or '—'}"
        for name, (old, new) in ((k, v) for k, v in entry.payload.items() if k in FIELDS and isinstance(v, list))
    ]
    why = " · ".join(part for part in (*changed, entry.reason or "") if part)
    return {"at": entry.at, "what": _(ACTS.get(entry.act, entry.act)), "who": entry.actor, "why": why, "tone": ""}


@pages.post("/<code>")
def edit(code: str) -> Any:
    form = Form.sent()
    try:
        version, due = form.whole("version"), order_form.optional_day(form, "due")
        item = books.by_code(unit.reading(), code, by=viewer())
        with unit.writing() as work:
            ledger.edit_instrument(
                work,
                code,
                version=version,
                identity=_identity(form, item.description),
                details={name: form.value(name) for name in ledger.DETAILS},
                due=due,
                reason=form.value("reason"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _detail(code, form, isinstance(error, StaleEdit))
    flash(_("The instrument is saved."), "good")
    return redirect(url_for("instruments.detail", code=code))


def _identity(form: Form, before: dict[str, str]) -> dict[str, Any]:
    """The name plate as typed; a description is changed in the language of the page, the other half stays with it."""
    said = form.value("description").strip()
    described = dict(before) if said == text(before) else {"zh": said, "en": said}
    if said and language() == "en" and before.get("zh") != before.get("en") and said != text(before):
        described = {"zh": before.get("zh", said), "en": said}
    plate = {name: form.value(name).strip() for name in ("maker", "model", "serial")}
    return plate | {"description": described if said else {}}


@pages.post("/<code>/state")
def move(code: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            ledger.move_instrument(work, code, form.value("to"), form.value("why"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(code, form)
    flash(_("The state of {code} is changed.", code=code), "good")
    return redirect(url_for("instruments.detail", code=code))
