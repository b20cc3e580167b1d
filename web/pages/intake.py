"""Items: expected, received by scanning, the page of each, labels, what goes back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from lims.documents import qr
from lims.domain import handling, workdays
from lims.domain import orders as words
from lims.domain.errors import NotFound
from lims.domain.rights import may, require
from lims.queries import clocks, details, providers, registers, rows, worklists
from lims.queries import items as lists
from lims.services import assignments, holds, items, requests, subcontracting
from web import export, item_words, labels, unit
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.pages.today import local_day
from web.speech import N_, _
from web.states import look
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

STATES = ("accepted", "discrepancy", "received", "in_work", "uncalibratable", "issued", "returned", "withdrawn",
          "refused", "lost")  # fmt: skip


SHOWN = 60
HEADS = (N_("Number"), N_("State"), N_("Date"), N_("Customer"), N_("Description"), N_("Maker"), N_("Model"),
         N_("Serial number"), N_("Code"), N_("Kind of work"))  # fmt: skip


@pages.get("/")
def index() -> Any:
    state = request.args.get("state", "")
    kind = export.asked()
    if kind is not None:
        return _file(kind, state if state in STATES else "")
    states = (state,) if state in STATES else ()
    found = worklists.requests(unit.reading(), viewer(), states=states, after=after(), size=SHOWN + 1)
    lines = found[:SHOWN]
    further = url_for("intake.index", state=state, after=lines[-1].request.id) if len(found) > SHOWN else None
    return render_template(
        "intake/index.html",
        area="intake",
        lines=lines,
        links={"next": further, "previous": url_for("intake.index", state=state) if after() else None},
        states=STATES,
        state=state,
        may_receive=may(viewer(), "items.receive"),
    )


def _file(kind: str, state: str) -> Response:
    found = rows.items(unit.reading(), viewer(), state=state, size=export.MOST + 1)
    lines = (
        (number, _(look("request", now).word), at, *rest, _(words.WORK.get(work, work)))
        for number, now, at, *rest, work in found
    )
    return export.answer(kind, "items", HEADS, lines)


@pages.get("/back")
def back() -> str:
    """What is ready to go back, and what was found outside its limits and is still here."""
    by, session = viewer(), unit.reading()
    which = "outside" if request.args.get("which") == "outside" else "ready"
    read = lists.out_of_tolerance if which == "outside" else lists.to_go_back
    found = read(session, by, after=after())
    further = None if found.after is None else url_for("intake.back", which=which, after=found.after)
    return render_template("intake/back.html", area="intake", found=found, which=which, next=further)


@pages.route("/receive", methods=("GET", "POST"))
def scan() -> Any:
    """One field for the scanner; what it finds is received on the same page, and the field is ready for the next."""
    by = viewer()
    require(by, "items.receive")
    form, code = Form.sent(), request.values.get("code", "")[:80]
    found = lists.awaited(unit.reading(), code, by)
    if request.method == "POST":
        number = form.value("number")
        try:
            _receive(number, form)
        except REFUSALS as error:
            form.refuse(error)
            found = [line for line in found if line.request.number == number] or found
        else:
            flash(_("{number} has been received.", number=number), "good")
            return redirect(url_for("intake.scan"))
    return (
        render_template(
            "intake/receive.html", area="intake", form=form, code=code, found=found, accessories=handling.ACCESSORIES
        ),
        form.status,
    )


def _receive(number: str, form: Form) -> None:
    seen = form.value("condition").strip() or form.value("damaged").strip()  # never "no damage" beside a damage
    known = [each for each in request.form.getlist("accessories") if each in handling.ACCESSORIES]
    arrival = items.Arrival(
        condition={
            "zh": seen or "外观完好",
            "en": form.value("condition_en").strip() or seen or "No visible damage",
        },
        accessories=known,
        others=form.value("others"),
        differs=form.value("differs"),
        damaged=form.value("damaged"),
    )
    with unit.writing() as work:
        items.receive(work, number, arrival, photos=item_words.photos(), by=viewer(), at=unit.now())


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
def detail(number: str) -> Any:
    return shown(number, Form())


def shown(number: str, form: Form) -> tuple[str, int]:
    """The page of an item, with what was refused in its place."""
    by, session = viewer(), unit.reading()
    found = lists.detail(session, number, by)
    job = found.request
    waits = clocks.holds(session, [job.id]).get(job.id, [])
    profile = registers.laboratory(session)
    term = clocks.terms(profile).get(job.document_kind)
    own = by.customer_id is not None
    here = bool(found.receipts) or job.state not in ("withdrawn", "refused")
    outside = _outside(found, own) if may(by, "requests.create" if own else "items.handle") else None
    assigns = may(by, "items.assign") and job.state in assignments.OPEN
    day = local_day()
    happens = [kind for kind in handling.offered(job.state) if kind != "note"] if may(by, "items.handle") else []
    return (
        render_template(
            "intake/detail.html",
            area="requests" if own else "intake",
            found=found,
            form=form,
            clock=_clock(found, waits, term, workdays.read(profile.get("calendar", {}))),
            holds=waits,
            held=any(each.end is None for each in waits),
            term=term,
            reasons=WAITS_FOR,
            next_step=(item_words.NEXT_FOR_CUSTOMER if own else item_words.NEXT).get(job.state) if here else None,
            gate=[handling.may_go_back(job.number, job.state, gone=found.gone)],
            happens=happens,
            event_words=words.ITEM_EVENTS,
            about_words=item_words.ABOUT,
            tones=item_words.TONES,
            accessory_words=handling.ACCESSORIES,
            decisions=handling.BY_CUSTOMER if own else tuple(handling.DECISIONS),
            decision_words=handling.DECISIONS,
            way_words=handling.WAYS,
            may_receive=may(by, "items.receive"),
            may_hold=may(by, "requests.hold"),
            may_handle=may(by, "items.handle"),
            may_assign=assigns,
            performers=lists.people_for(session, [job.procedure_name], "perform", day, by) if assigns else (),
            checkers=lists.people_for(session, [job.procedure_name], "verify", day, by) if assigns else (),
            interests=lists.conflicts_in([each.event for each in found.events]),
            outside=outside,
            providers=providers.usable(session, day, by) if outside == "send" else (),
            may_return=may(by, "items.return") and here and job.state in handling.TO_BE_RETURNED and not found.gone,
            may_decide=may(by, "requests.create" if own else "items.receive") and job.state == "discrepancy",
            may_object=may(by, "complaints.create") and bool(found.certificates),
        ),
        form.status,
    )


def _outside(found: lists.ItemDetail, own: bool) -> str | None:
    """The next step of giving an item to another laboratory: consent, send or back; None where there is none."""
    kinds = [each.event.kind for each in found.events if each.event.kind.startswith("subcontract")]
    if found.request.state not in subcontracting.OPEN:
        return None
    if kinds and kinds[-1] == "subcontracted":
        return None if own else "back"
    if "subcontract_consent" not in kinds:
        return "consent"
    return None if own or found.request.state == "accepted" else "send"


def _clock(
    found: lists.ItemDetail, waits: list[workdays.Hold], term: workdays.Term | None, calendar: workdays.Calendar
) -> workdays.Clock | None:
    """As clocks.of_requests, from what the page has read already."""
    if term is None or found.request.state not in clocks.RUNNING or not found.receipts:
        return None
    begin = min(each.received_at for each in found.receipts).astimezone(registers.zone(unit.reading())).date()
    return workdays.clock(term, begin, local_day(), calendar, waits)


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
        return shown(number, form)
    return redirect(url_for("intake.detail", number=number))


@pages.post("/<number>/receipt")
def receive(number: str) -> Any:
    form = Form.sent()
    try:
        _receive(number, form)
    except REFUSALS as error:
        form.refuse(error)
        return shown(number, form)
    flash(_("The item has been received."), "good")
    return redirect(url_for("intake.detail", number=number))


@pages.get("/<number>/files/<int:file_id>")
def file(number: str, file_id: int) -> Response:
    """A photograph or paper of the item, as it was brought; its type is what its bytes say, and it may run nothing."""
    found = lists.file_of(unit.reading(), number, file_id, viewer())
    answer = Response(found.bytes, mimetype=str(found.provenance.get("type", "application/octet-stream")))
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["X-Content-SHA256"] = found.sha256
    return answer


@pages.get("/<number>/label")
def label(number: str) -> str:
    """The label of one item, to be printed: the item's own, or its status after issue."""
    by, session = viewer(), unit.reading()
    require(by, "items.handle")
    found = lists.detail(session, number, by)
    if request.args.get("label") == "status":
        status = labels.status_of(found)
        if status is None:
            raise NotFound(kind="certificate", number=number)
        return render_template("intake/labels.html", area="intake", found=[], status=status, qr=qr.svg, back=number)
    due = lists.promised(session, found.request)
    line = labels.item_label(lists.ItemLine(found.request, found.item, found.customer), due)
    return render_template("intake/labels.html", area="intake", found=[line], status=None, qr=qr.svg, back=number)


@pages.get("/work/<number>/labels")
def sheet(number: str) -> str:
    """The labels of every item of a work order on one sheet."""
    by = viewer()
    require(by, "items.handle")
    work, found = lists.of_work_order(unit.reading(), number, by)
    made = [labels.item_label(line, work.due, (n, len(found))) for n, line in enumerate(found, 1)]
    return render_template(
        "intake/labels.html", area="intake", found=made, status=None, qr=qr.svg, back=None, work=work
    )
