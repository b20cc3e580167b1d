"""Orders: asked for by a customer or at the counter, reviewed by the laboratory, and the work orders that come of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import orders as words
from lims.domain import states
from lims.domain.errors import StaleEdit
from lims.domain.rights import may, require
from lims.queries import items as item_lists
from lims.queries import ledger
from lims.queries import orders as lists
from lims.services import assignments, orders, work_orders
from web import item_words, order_form, unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import _
from web.viewer import viewer

pages = Blueprint("orders", __name__, url_prefix="/orders")


def number_of(name: str) -> int | None:
    """A number of the address, such as the place in a list; None for anything else."""
    found = request.args.get(name, "")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 16 else None


def after() -> int | None:
    return number_of("after")


def area() -> str:
    return "requests" if viewer().customer_id is not None else "intake"


@pages.get("/")
def index() -> str:
    state, text = request.args.get("state", ""), request.args.get("q", "")
    known = tuple(states.SERVICE_REQUEST.table)
    found = lists.page(unit.reading(), viewer(), state=state if state in known else "", text=text, after=after())
    return render_template(
        "orders/index.html",
        area=area(),
        found=found,
        states=known,
        state=state,
        q=text,
        next=None if found.after is None else url_for("orders.index", state=state, q=text, after=found.after),
        may_create=may(viewer(), "requests.create"),
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """Items of one customer in one form; at the counter the customer is chosen first."""
    by = viewer()
    require(by, "requests.create")
    owner = by.customer_id if by.customer_id is not None else _chosen()
    if owner is None:
        found = ledger.customers(unit.reading(), by, text=request.args.get("q", ""))
        return render_template("orders/whose.html", area=area(), found=found, q=request.args.get("q", ""))
    form = Form.sent(**order_form.defaults(contact=by.name.get("zh", "") if by.customer_id is not None else ""))
    if request.method == "POST":
        try:
            with unit.writing() as work:
                lines = order_form.lines_of(form)
                terms = order_form.terms_of(form)
                order = orders.draft(work, customer_id=owner, terms=terms, lines=lines, by=by, at=unit.now())
                number = order.number
                if form.value("do") == "send":
                    orders.submit(work, number, by=by, at=unit.now())
        except REFUSALS as error:
            order_form.refuse(form, error)
        else:
            return _saved(form, number)
    return _form(form, owner)


def _chosen() -> int | None:
    found = request.values.get("customer", "")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 16 else None


def _saved(form: Form, number: str) -> Any:
    if form.value("do") == "send":
        flash(_("Order {number} is sent; the laboratory reviews it.", number=number), "good")
        return redirect(url_for("orders.detail", number=number))
    flash(_("The draft is kept: what holds for a single item can be changed below."), "good")
    return redirect(url_for("orders.edit", number=number))


def _form(form: Form, owner: int, found: lists.OrderDetail | None = None, stale: bool = False) -> Any:
    by, session = viewer(), unit.reading()
    text = request.args.get("q", "")
    page = ledger.instruments(session, by, on=local_day(), customer=owner, text=text, size=200)
    have = {each.item.id for each in found.lines} if found else set()
    known = lists.procedures_in_force(session)
    return (
        render_template(
            "orders/form.html",
            area=area(),
            form=form,
            found=found,
            stale=stale,
            customer=found.customer if found else ledger.customer(session, owner, by=by),
            items=[line for line in page.lines if line.item.id not in have and line.item.state != "scrapped"],
            more=page.after is not None,
            ticked=set(order_form.ticked_items()),
            q=text,
            **order_form.choices(known),
        ),
        409 if stale else form.status,
    )


@pages.route("/<number>/edit", methods=("GET", "POST"))
def edit(number: str) -> Any:
    by = viewer()
    require(by, "requests.create")
    found = lists.detail(unit.reading(), number, by)
    form, stale = Form.sent(**order_form.defaults(found)), False
    if request.method == "POST":
        items = [each.item.id for each in found.lines]
        try:
            version, terms = form.whole("version"), order_form.terms_of(form)
            lines = order_form.lines_of(form, items)
            with unit.writing() as work:
                orders.edit(work, number, version=version, terms=terms, lines=lines, by=by, at=unit.now())
                if form.value("do") == "send":
                    orders.submit(work, number, by=by, at=unit.now())
        except REFUSALS as error:
            order_form.refuse(form, error)
            stale = isinstance(error, StaleEdit)
            found = lists.detail(unit.reading(), number, by)
        else:
            return _saved(form, number)
    return _form(form, found.order.customer_id, found, stale)


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _detail(number, Form())


def _detail(number: str, form: Form) -> Any:
    by = viewer()
    return (
        render_template(
            "orders/detail.html",
            area=area(),
            found=lists.detail(unit.reading(), number, by),
            form=form,
            may_create=may(by, "requests.create"),
            may_review=may(by, "requests.review"),
            **order_form.choices(()),
            work_words=words.WORK,
            use_words=words.USES,
            refusal_words=words.REFUSALS,
        ),
        form.status,
    )


@pages.post("/<number>/submission")
def submit(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            orders.submit(work, number, by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("Order {number} is sent; the laboratory reviews it.", number=number), "good")
    return redirect(url_for("orders.detail", number=number))


@pages.post("/<number>/withdrawal")
def withdraw(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            orders.withdraw(work, number, form.value("reason"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("Order {number} is withdrawn.", number=number), "good")
    return redirect(url_for("orders.detail", number=number))


@pages.get("/work/")
def work_index() -> str:
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    known = tuple(states.WORK_ORDER.table)
    found = lists.work_page(
        unit.reading(),
        viewer(),
        state=state if state in known else "",
        kind=kind if kind in words.WORK else "",
        after=after(),
    )
    further = None if found.after is None else url_for("orders.work_index", state=state, kind=kind, after=found.after)
    return render_template(
        "orders/work_index.html",
        area=area(),
        found=found,
        states=known,
        state=state,
        kind=kind,
        work_words=words.WORK,
        next=further,
        today=local_day(),
        may_create=may(viewer(), "requests.create") and viewer().customer_id is None,
    )


@pages.route("/work/new", methods=("GET", "POST"))
def work_new() -> Any:
    """The laboratory's own work on a standard of its own."""
    by = viewer()
    require(by, "requests.create")
    require(by, "standards.read")
    form = Form.sent(kind="intermediate_check")
    if request.method == "POST":
        try:
            due = order_form.optional_day(form, "due")
            said = {name: form.value(name) for name in ("kind", "standard", "procedure", "note")}
            with unit.writing() as work:
                opened = work_orders.open_internal(work, **said, due=due, by=by, at=unit.now())
                number = opened.number
        except REFUSALS as error:
            form.refuse(error)
        else:
            return redirect(url_for("orders.work", number=number))
    return (
        render_template(
            "orders/work_new.html",
            area="intake",
            form=form,
            standards=lists.own_standards(unit.reading(), by),
            known=lists.procedures_in_force(unit.reading()),
            kinds=[(each, _(words.WORK[each])) for each in words.INTERNAL],
        ),
        form.status,
    )


@pages.get("/work/<number>")
def work(number: str) -> Any:
    return _work(number, Form())


def _work(number: str, form: Form) -> Any:
    by = viewer()
    found = lists.work_detail(unit.reading(), number, by)
    offered = [each for each in work_orders.BY_HAND if states.WORK_ORDER.allows(found.work.state, each)]
    left = [request for request, _item in found.items if request.state in assignments.OPEN]
    assigns = may(by, "items.assign") and bool(left)
    names = sorted({request.procedure_name for request in left})
    return (
        render_template(
            "orders/work.html",
            area=area(),
            found=found,
            form=form,
            offered=offered if may(by, "requests.review") else (),
            performers=item_lists.people_for(unit.reading(), names, "perform", local_day(), by) if assigns else (),
            checkers=item_lists.people_for(unit.reading(), names, "verify", local_day(), by) if assigns else (),
            may_assign=assigns,
            may_see_fees=may(by, "fees.read"),
            may_label=may(by, "items.handle"),
            work_words=words.WORK,
            today=local_day(),
        ),
        form.status,
    )


@pages.post("/work/<number>/state")
def work_move(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as session:
            work_orders.move(session, number, form.value("to"), form.value("reason"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _work(number, form)
    return redirect(url_for("orders.work", number=number))


@pages.post("/work/<number>/people")
def work_assign(number: str) -> Any:
    """The same performer and checker for every item of the order that is not finished."""
    form = Form.sent()
    try:
        by = viewer()
        require(by, "items.assign")
        found = lists.work_detail(unit.reading(), number, by)
        numbers = [request.number for request, _item in found.items if request.state in assignments.OPEN]
        with unit.writing() as session:
            assignments.assign(session, numbers, **item_words.chosen_people(form), by=by, at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _work(number, form)
    flash(_("The people are assigned."), "good")
    return redirect(url_for("orders.work", number=number))
