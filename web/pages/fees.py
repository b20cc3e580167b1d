"""Fees: invoices, what the jobs of a work order cost, and the price list; a customer sees their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from lims import __version__
from lims.documents import invoice as bills
from lims.domain import fees as rules
from lims.domain import orders
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import fees as lists
from lims.queries import registers
from lims.records import Customer, WorkOrder
from lims.services import fees
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("fees", __name__, url_prefix="/fees")

STATES = ("issued", "paid", "cancelled")


@pages.get("/")
def index() -> str:
    by, session = viewer(), unit.reading()
    state, after = request.args.get("state", ""), request.args.get("after", "")
    state = state if state in STATES else ""
    found = lists.page(
        session, by, state=state, after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    )
    known: dict[str, Any] = {"state": state} if state else {}
    return render_template(
        "fees/index.html",
        area="intake",
        lines=found.lines,
        waiting=lists.to_invoice(session, by),
        state=state,
        states=STATES,
        links={
            "next": None if found.after is None else url_for("fees.index", after=found.after, **known),
            "previous": url_for("fees.index", **known) if after else None,
        },
    )


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _invoice(number, Form({}))


def _invoice(number: str, form: Form) -> Any:
    session, by = unit.reading(), viewer()
    invoice = lists.invoice(session, number, by)
    work = None if invoice.work_order_id is None else session.get(WorkOrder, invoice.work_order_id)
    manage = may(by, "fees.manage") and invoice.state == "issued"
    return (
        render_template(
            "fees/invoice.html", area="intake", invoice=invoice, work=work, form=form, manage=manage,
            customer=session.get_one(Customer, invoice.customer_id), kinds=rules.KINDS,
        ),
        form.status,
    )  # fmt: skip


@pages.get("/<number>/pdf")
def document(number: str) -> Response:
    """The bill for printing."""
    session = unit.reading()
    invoice = lists.invoice(session, number, viewer())
    work = None if invoice.work_order_id is None else session.get(WorkOrder, invoice.work_order_id)
    made = bills.as_pdf(
        invoice,
        session.get_one(Customer, invoice.customer_id),
        registers.laboratory(session),
        work="—" if work is None else work.number,
        zone=registers.zone(session),
        software=f"Suyuan {__version__}",
    )
    head = {"Content-Disposition": f'inline; filename="{invoice.number}.pdf"'}
    return Response(made, mimetype="application/pdf", headers=head)


@pages.post("/<number>/payment")
def pay(number: str) -> Any:
    return _moved(number, lambda work, _form: fees.pay(work, number, by=viewer(), at=unit.now()))


@pages.post("/<number>/cancellation")
def cancel(number: str) -> Any:
    return _moved(
        number, lambda work, form: fees.cancel(work, number, form.value("reason"), by=viewer(), at=unit.now())
    )


def _moved(number: str, act: Callable[[Session, Form], object]) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            act(work, form)
    except REFUSALS as error:
        form.refuse(error)
        return _invoice(number, form)
    flash(_("Invoice {number} has been changed.", number=number), "good")
    return redirect(url_for("fees.detail", number=number))


@pages.get("/work/<number>")
def work(number: str) -> Any:
    return _work(number, Form({}))


def _work(number: str, form: Form) -> Any:
    by = viewer()
    found = lists.of_work(unit.reading(), number, by)
    open_ = found.open is None and found.customer is not None
    return (
        render_template(
            "fees/work.html",
            area="intake",
            found=found,
            form=form,
            kinds=rules.KINDS,
            manage=open_ and may(by, "fees.manage"),
            waive=open_ and may(by, "fees.waive"),
            money=rules.text,
        ),
        form.status,
    )


@pages.post("/work/<number>/<any(adjustment, waiver, invoice):act>")
def change(number: str, act: str) -> Any:
    """An adjustment or a waiver of one job's fee, or the invoice of all."""
    require(viewer(), "fees.waive" if act == "waiver" else "fees.manage")
    form = Form.sent()
    made = None
    try:
        with unit.writing() as session:
            if act == "adjustment":
                fees.adjust(
                    session, form.value("job"), form.value("amount"), form.value("reason"), by=viewer(), at=unit.now()
                )
            elif act == "waiver":
                fees.waive(session, form.value("job"), form.value("reason"), by=viewer(), at=unit.now())
            else:
                invoice = fees.invoice(session, number, by=viewer(), at=unit.now())
                made = None if invoice is None else invoice.number
    except REFUSALS as error:
        form.refuse(error)
        return _work(number, form)
    if made is not None:
        flash(_("Invoice {number} is issued; the customer is told.", number=made), "good")
        return redirect(url_for("fees.detail", number=made))
    flash(_("The fee has been changed."), "good")
    return redirect(url_for("fees.work", number=number))


@pages.get("/tariffs/")
def tariffs() -> Any:
    return _tariffs(Form({}))


def _tariffs(form: Form) -> Any:
    by = viewer()
    return (
        render_template(
            "fees/tariffs.html",
            area="intake",
            tariffs=lists.tariffs(unit.reading(), by),
            form=form,
            per=rules.PER,
            work_words=orders.WORK,
            manage=may(by, "fees.manage"),
        ),
        form.status,
    )


@pages.route("/tariffs/new", methods=("GET", "POST"))
def new_tariff() -> Any:
    """A new version of a price list, a line for each price."""
    require(viewer(), "fees.manage")
    form = Form.sent(code="SF", valid_from=local_day().isoformat())
    if request.method == "POST":
        try:
            with unit.writing() as session:
                fees.propose_tariff(
                    session,
                    code=form.text("code"),
                    entries=[_entry(line) for line in form.text("entries").splitlines() if line.strip()],
                    source={"title": form.text("title"), "verified": form.ticked("verified")},
                    valid_from=_day(form),
                    by=viewer(),
                    at=unit.now(),
                )
        except REFUSALS as error:
            form.refuse(error)
            if str(getattr(error, "facts", {}).get("field", "")).startswith("entries"):
                form.place = "entries"
        else:
            flash(_("Proposed. Another person puts it in force."), "good")
            return redirect(url_for("fees.tariffs"))
    return render_template("fees/new_tariff.html", area="intake", form=form), form.status


def _entry(line: str) -> dict[str, Any]:
    """`for; work; per; price; urgent; on site`: DMM-DCV is a procedure, "压力表" in quotation marks a word."""
    cells = [cell.strip() for cell in line.replace("；", ";").split(";")]
    if len(cells) != 6:
        raise UnusableValue(field="entries", found=line.strip()[:80], right=N_("six parts with semicolons between"))
    named = [each.strip() for each in cells[0].replace("，", ",").split(",") if each.strip()]
    quoted = [each for each in named if each[0] in '"“”']
    return {
        "procedures": [each for each in named if each not in quoted],
        "words": [each.strip('"“”') for each in quoted],
        "work": [each.strip() for each in cells[1].replace("，", ",").split(",") if each.strip()],
        "per": cells[2] or "item",
        "price": cells[3],
        "urgent": cells[4] or "0",
        "on_site": cells[5] or "0",
    }


def _day(form: Form) -> date:
    try:
        return date.fromisoformat(form.text("valid_from"))
    except ValueError:
        right = N_("a day such as 2026-11-23")
        raise UnusableValue(field="valid_from", found=form.value("valid_from"), right=right) from None


@pages.post("/tariffs/<int:tariff_id>/<any(force, withdrawal):step>")
def move_tariff(tariff_id: int, step: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as session:
            if step == "force":
                fees.put_tariff_in_force(session, tariff_id, by=viewer(), at=unit.now())
            else:
                reason = form.value("reason")
                fees.withdraw_tariff(session, tariff_id, reason, by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _tariffs(form)
    flash(_("The price list has been changed."), "good")
    return redirect(url_for("fees.tariffs"))
