"""Intake: requests, and the receipt of items."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain.rights import may, require
from lims.queries import clocks, details, registers, worklists
from lims.services import holds, requests
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

WAITS_FOR = {
    "customer": N_("the customer"),
    "part": N_("a part"),
    "repair": N_("a repair"),
    "subcontract": N_("another laboratory"),
    "environment": N_("the environment"),
    "other": N_("something else"),
}

pages = Blueprint("intake", __name__, url_prefix="/requests")

STATES = ("accepted", "received", "in_work", "issued", "withdrawn")


@pages.get("/")
def index() -> str:
    state = request.args.get("state", "")
    return render_template(
        "intake/index.html",
        area="intake",
        lines=worklists.requests(unit.reading(), viewer(), states=(state,) if state in STATES else (), size=200),
        states=STATES,
        state=state,
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    by = viewer()
    require(by, "requests.create")
    form = Form.sent(document_kind="calibration", rule="none", r="1", item="new")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                made = requests.create(
                    work,
                    customer_id=by.customer_id if by.customer_id is not None else form.whole("customer"),
                    instrument=_item(form),
                    procedure=form.text("procedure"),
                    document_kind=form.value("document_kind"),
                    rule={"rule": form.value("rule"), "r": str(form.decimal("r", "1"))},
                    note=form.value("note").strip(),
                    as_left=form.ticked("as_left"),
                    by=by,
                    at=unit.now(),
                )
                number = made.number
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("Request {number} is accepted; bring the item to reception.", number=number), "good")
            return redirect(url_for("intake.detail", number=number))
    choices = details.choices_for_request(unit.reading(), by)
    return render_template("intake/new.html", area="intake", form=form, **choices), form.status


def _item(form: Form) -> int | dict[str, Any]:
    if form.value("item") not in ("", "new"):
        return form.whole("item")
    described = form.text("description")  # a certificate names its item (ISO/IEC 17025:2017, 7.8.2.1 g)
    return {
        "maker": form.text("maker"),
        "model": form.text("model"),
        "serial": form.text("serial"),
        "description": {"zh": described, "en": described},
    }


@pages.get("/<number>")
def detail(number: str) -> str:
    return _detail(number, Form())[0]


def _detail(number: str, form: Form) -> tuple[str, int]:
    by = viewer()
    found = details.request_detail(unit.reading(), number, by)
    return (
        render_template(
            "intake/detail.html",
            area="intake",
            found=found,
            form=form,
            may_receive=may(by, "items.receive"),
            may_hold=may(by, "requests.hold"),
            clock=clocks.of_requests(unit.reading(), [found.request], local_day()).get(found.request.id),
            holds=clocks.holds(unit.reading(), [found.request.id]).get(found.request.id, ()),
            term=clocks.terms(registers.laboratory(unit.reading())).get(found.request.document_kind),
            reasons=WAITS_FOR,
        ),
        form.status,
    )


@pages.post("/<number>/hold")
def hold(number: str) -> Any:
    """The laboratory waits for somebody: the clock stands until it goes on."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            if form.value("do") == "end":
                holds.end(work, number, by=viewer(), at=unit.now())
            else:
                holds.begin(work, number, form.value("reason"), form.value("note"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    return redirect(url_for("intake.detail", number=number))


@pages.post("/<number>/receipt")
def receive(number: str) -> Any:
    form = Form.sent()
    condition = form.value("condition").strip()
    try:
        with unit.writing() as work:
            requests.receive(
                work,
                number,
                condition={
                    "zh": condition or "外观完好",
                    "en": form.value("condition_en").strip() or condition or "No visible damage",
                },
                accessories=form.value("accessories").strip(),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("The item has been received."), "good")
    return redirect(url_for("intake.detail", number=number))
