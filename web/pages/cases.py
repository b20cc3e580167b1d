"""Quality cases, complaints and disputes; a customer finds their own complaints here alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import quality, states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, UnusableValue
from lims.domain.rights import may, require
from lims.queries import cases as lists
from lims.records import QualityCase
from lims.services import cases
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("cases", __name__, url_prefix="/cases")
WAYS = {
    "nonconformity": ("opened", "contained", "evaluated", "decided", "notified", "closed"),
    "complaint": ("received", "acknowledged", "investigated", "decided", "notified", "closed"),
}
"""The way of a case in order, for its stepper."""
ORIGINS = {
    "certificate": ("certificates.detail", "number"),
    "request": ("intake.detail", "number"),
    "record": ("records.detail", "number"),
    "standard": ("standards.detail", "code"),
    "control_chart": ("charts.detail", "code"),
    "proficiency_test": ("proficiency.detail", "number"),
}
"""What opened a case → the page of it."""


def day_of(form: Form, name: str) -> date | None:
    """A day that was typed, None where none was. Raises UnusableValue."""
    typed = form.value(name).strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise UnusableValue(field=name, found=typed, right=N_("a day such as 2026-11-23")) from None


def needed_day(form: Form, name: str) -> date:
    found = day_of(form, name)
    if found is None:
        raise UnusableValue(field=name, found="—", right=N_("a day such as 2026-11-23"))
    return found


def place(text: str) -> tuple[date, int] | None:
    """Where a page of a list goes on (day_id); from the beginning for what is no place."""
    day, _sep, key = text.partition("_")
    try:
        return (date.fromisoformat(day), int(key)) if key.isascii() and key.isdigit() and len(key) < 18 else None
    except ValueError:
        return None


@pages.get("/")
def index() -> str:
    by, kind, ended = viewer(), request.args.get("kind", ""), request.args.get("ended") == "1"
    kind = kind if kind in quality.KINDS else ""
    after = place(request.args.get("after", ""))
    found = lists.page(unit.reading(), by, kind=kind, ended=ended, after=after)
    shown = found[: lists.PAGE]
    keep: dict[str, Any] = {"kind": kind or None, "ended": 1 if ended else None}
    here = f"{shown[-1].due or lists.NO_DAY}_{shown[-1].id}" if shown else None
    return render_template(
        "cases/index.html",
        area="requests" if by.customer_id else "quality",
        lines=shown,
        kinds=_kinds(),
        kind=kind,
        ended=ended,
        words=quality,
        today=local_day(),
        machine=_machine,
        page={
            "next": url_for("cases.index", after=here, **keep) if len(found) > lists.PAGE else None,
            "previous": url_for("cases.index", **keep) if after else None,
        },
        may_open=bool(_kinds(opening=True)),
        may_doubt=may(by, "quality.report"),
    )


def _kinds(*, opening: bool = False) -> list[str]:
    """Kinds that the viewer meets in the list, or may open with the short form."""
    by = viewer()
    if by.customer_id is not None:
        return list(quality.BY_CUSTOMER)
    if not opening:
        return list(quality.KINDS)
    inside = ["nonconformity", "hazard"] if may(by, "quality.report") else []
    return inside + (list(quality.BY_CUSTOMER) if may(by, "complaints.create") else [])


def _machine(case: QualityCase) -> str:
    return quality.machine(case.kind).kind


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A case is opened: a complaint or an objection, nonconforming work, a hazard."""
    by, offered = viewer(), _kinds(opening=True)
    if not offered:
        raise NotAllowed(username=by.username, right="quality.report")
    form = Form.sent(
        kind=request.args.get("kind", offered[0]),
        origin_type=request.args.get("origin", "other"),
        origin_number=request.args.get("number", ""),
    )
    if request.method == "POST":
        try:
            origin = {"type": form.value("origin_type") or "other", "number": form.value("origin_number").strip()}
            if origin["type"] not in ("other", "certificate", "request", "record"):
                raise UnusableValue(
                    field="origin_type", found=origin["type"], right="other, certificate, request, record"
                )
            with unit.writing() as work:
                number = cases.open_case(
                    work,
                    form.value("kind"),
                    form.text("title"),
                    origin=origin,
                    severity=form.value("severity") or "minor",
                    due=None if by.customer_id else day_of(form, "due"),
                    by=by,
                    at=unit.now(),
                ).number
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("{number} is opened.", number=number), "good")
            return redirect(url_for("cases.detail", number=number))
    return render_template("cases/new.html", area="quality", form=form, offered=offered, words=quality), form.status


@pages.route("/impact", methods=("GET", "POST"))
def impact() -> Any:
    """A standard was found wrong: everything that rests on it in an interval is listed."""
    by = viewer()
    require(by, "quality.report")
    form = Form.sent(code=request.args.get("code", ""), to_day=local_day().isoformat())
    if request.method == "POST":
        try:
            days = {"from_day": needed_day(form, "from_day"), "to_day": needed_day(form, "to_day")}
            with unit.writing() as work:
                case = cases.open_impact(work, form.text("code"), form.text("title"), **days, by=by, at=unit.now())
                number, count = case.number, len(case.affected)
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(
                _(
                    "{number} is opened; documents and records that rest on the standard: {count}.",
                    number=number,
                    count=count,
                ),
                "good",
            )
            return redirect(url_for("cases.detail", number=number))
    return render_template("cases/impact.html", area="quality", form=form), form.status


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _page(number, Form({}))


def _page(number: str, form: Form) -> Any:
    by, session = viewer(), unit.reading()
    found = lists.detail(session, number, by)
    case, machine = found.case, quality.machine(found.case.kind)
    manage, open_ = may(by, "quality.manage"), found.case.state not in lists.ENDED
    next_ = (
        [(state, cases.lines_before(session, case, state, by=by)) for state in machine.table[case.state]]
        if manage
        else []
    )
    writes = [
        kind
        for kind in quality.WRITTEN[machine.kind]
        if (by.customer_id is None and may(by, "quality.manage" if kind in quality.OF_MANAGER else "quality.report"))
        or (by.customer_id is not None and kind == "remark")
    ]
    arbitration = next((each.payload["request"] for each, _who in found.entries if "request" in each.payload), None)
    target = ORIGINS.get(str(case.origin.get("type")))
    link = None
    if target and case.origin.get("number"):
        link = url_for(target[0], **{target[1]: case.origin["number"]})
    return (
        render_template(
            "cases/detail.html",
            area="requests" if by.customer_id else "quality",
            found=found,
            case=case,
            form=form,
            words=quality,
            machine=machine.kind,
            way=WAYS[machine.kind],
            next_steps=next_,
            writes=writes if open_ else [],
            staff=lists.staff(session, by) if manage and open_ else [],
            manage=manage and open_,
            may_resume=manage and case.kind not in quality.BY_CUSTOMER and case.state in ("decided", "notified"),
            link=link,
            arbitration=arbitration,
            may_arbitrate=open_ and case.kind == "dispute" and arbitration is None and _may_arbitrate(by),
            today=local_day(),
            undecided=sum(not each["outcome"] for each in case.affected),
        ),
        form.status,
    )


def _may_arbitrate(by: Actor) -> bool:
    return by.customer_id is None and may(by, "requests.create")


@pages.post("/<number>/arbitration")
def arbitrate(number: str) -> Any:
    """The disputed item is to be measured again, its state frozen."""
    require(viewer(), "requests.create")

    def act(_form: Form) -> None:
        with unit.writing() as work:
            cases.order_arbitration(work, number, by=viewer(), at=unit.now())

    return _done(number, act, _("The arbitration is ordered; the item's state is frozen."))


@pages.post("/<number>/entries")
def entry(number: str) -> Any:
    """Something was done or found."""

    def act(form: Form) -> None:
        with unit.writing() as work:
            cases.add_entry(
                work,
                number,
                form.value("kind"),
                form.value("text"),
                who=form.value("who"),
                day=day_of(form, "day"),
                flag=form.ticked("flag"),
                by=viewer(),
                at=unit.now(),
            )

    return _done(number, act, _("It is written down."))


@pages.post("/<number>/state")
def move(number: str) -> Any:
    """The case takes a step."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            wanted = form.value("state")
            if not any(wanted in machine.table for machine in (states.NONCONFORMITY, states.COMPLAINT)):
                raise UnusableValue(field="state", found=wanted or "—", right=N_("one of the steps offered"))
            cases.move(work, number, wanted, by=viewer(), at=unit.now())

    return _done(number, act, _("The case has taken the step."))


@pages.post("/<number>/owner")
def assign(number: str) -> Any:
    """Who follows it, until when."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            named = (form.value("owner"), day_of(form, "due"))
            cases.assign(work, number, *named, version=form.whole("version"), by=viewer(), at=unit.now())

    return _done(number, act, _("Owner and day are kept."))


@pages.post("/<number>/resumption")
def resume(number: str) -> Any:
    """Work goes on, signed."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            cases.resume(work, number, form.value("resumption"), form.value("password"), by=viewer(), at=unit.now())

    return _done(number, act, _("The resumption of work is signed."))


@pages.post("/<number>/outcomes")
def outcome(number: str) -> Any:
    """What becomes of one affected document."""
    require(viewer(), "quality.manage")

    def act(form: Form) -> None:
        with unit.writing() as work:
            cases.decide_outcome(
                work,
                number,
                form.value("document"),
                form.value("outcome"),
                form.value("reason"),
                by=viewer(),
                at=unit.now(),
            )

    return _done(number, act, _("The outcome is kept."))


def _done(number: str, act: Callable[[Form], None], said: str) -> Any:
    form = Form.sent()
    try:
        act(form)
    except REFUSALS as error:
        form.refuse_signature(error)
        return _page(number, form)
    flash(said, "good")
    return redirect(url_for("cases.detail", number=number))
