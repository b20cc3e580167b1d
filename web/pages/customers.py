"""Customers: who orders, with whom to speak, and where the invoice goes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from lims.domain.errors import StaleEdit
from lims.domain.rights import may, require
from lims.queries import ledger as books
from lims.queries import orders as lists
from lims.services import ledger
from web import unit
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.pages.today import local_day
from web.speech import _
from web.viewer import viewer

pages = Blueprint("customers", __name__, url_prefix="/customers")


@pages.get("/")
def index() -> str:
    if viewer().customer_id is not None:
        abort(403)
    text = request.args.get("q", "")
    found = books.customers(unit.reading(), viewer(), text=text, after=after())
    return render_template(
        "customers/index.html",
        area="intake",
        found=found,
        q=text,
        next=None if found.after is None else url_for("customers.index", q=text, after=found.after),
        manage=may(viewer(), "customers.manage"),
    )


@pages.get("/<int:customer_id>")
def detail(customer_id: int) -> str:
    by, session = viewer(), unit.reading()
    if by.customer_id is not None:
        abort(403)
    return render_template(
        "customers/detail.html",
        area="intake",
        customer=books.customer(session, customer_id, by=by),
        items=books.instruments(session, by, on=local_day(), customer=customer_id) if may(by, "items.read") else None,
        orders=lists.page(session, by, customer=customer_id, size=20),
        manage=may(by, "customers.manage"),
        may_order=may(by, "requests.create"),
        own=ledger.OWN,
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    by = viewer()
    require(by, "customers.manage")
    form = Form.sent()
    if request.method == "POST":
        try:
            with unit.writing() as work:
                made = ledger.add_customer(work, **_entered(form), by=by, at=unit.now()).id
        except REFUSALS as error:
            form.refuse(error)
        else:
            return redirect(url_for("customers.detail", customer_id=made))
    return render_template("customers/form.html", area="intake", form=form, customer=None, stale=False), form.status


@pages.route("/<int:customer_id>/edit", methods=("GET", "POST"))
def edit(customer_id: int) -> Any:
    by, stale = viewer(), False
    require(by, "customers.manage")
    customer = books.customer(unit.reading(), customer_id, by=by)
    names = {"name": customer.name, "address": customer.address}
    said = {f"{k}_{lang}" if lang == "en" else k: v.get(lang, "") for k, v in names.items() for lang in ("zh", "en")}
    form = Form.sent(**said | {"contact": customer.contact} | customer.details)
    if request.method == "POST":
        try:
            version = form.whole("version")
            with unit.writing() as work:
                ledger.edit_customer(work, customer_id, version=version, **_entered(form), by=by, at=unit.now())
        except REFUSALS as error:
            form.refuse(error)
            stale = isinstance(error, StaleEdit)
            customer = books.customer(unit.reading(), customer_id, by=by)
        else:
            flash(_("The customer is saved."), "good")
            return redirect(url_for("customers.detail", customer_id=customer_id))
    page = render_template("customers/form.html", area="intake", form=form, customer=customer, stale=stale)
    return page, 409 if stale else form.status


def _entered(form: Form) -> dict[str, Any]:
    name, address = form.value("name").strip(), form.value("address").strip()
    return {
        "name": {"zh": name, "en": form.value("name_en").strip() or name},
        "address": {"zh": address, "en": form.value("address_en").strip() or address},
        "contact": form.value("contact").strip(),
        "details": {each: form.value(each) for each in ledger.CUSTOMER_DETAILS},
    }
