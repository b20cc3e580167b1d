"""Certificates: the list, one certificate, its files, withdrawing and amending it."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from lims.domain.errors import GateClosed
from lims.domain.rights import may, require
from lims.queries import certificates as lists
from lims.queries import details, fees
from lims.services import certificates, reexecution, rendering
from web import export, unit
from web.due import render_now
from web.errors import sentence_of
from web.forms import REFUSALS, Form
from web.pages.records import guard_of
from web.speech import N_, _
from web.states import look
from web.viewer import viewer

pages = Blueprint("certificates", __name__, url_prefix="/certificates")

STATES = ("issued", "superseded", "withdrawn")
HEADS = (
    N_("Number"),
    N_("State"),
    N_("Issued"),
    N_("Customer"),
    N_("Maker"),
    N_("Model"),
    N_("Serial number"),
    N_("Item number"),
)
TYPES = {"pdf": "application/pdf", "dcc": "application/xml"}


@pages.get("/")
def index() -> Any:
    """Newest first, a page at a time; filter in the address. htmx asks for the rows alone."""
    text = request.args.get("q", "").strip()[:100]
    state = request.args.get("state", "")
    kind = export.asked()
    if kind is not None:
        return _file(kind, text, state if state in STATES else "")
    after = request.args.get("after", "")
    page = lists.page(
        unit.reading(),
        viewer(),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None,
        text=text,
        status=state if state in STATES else "",
    )
    known: dict[str, Any] = {name: value for name, value in (("q", text), ("state", state)) if value}
    links = {
        "next": None if page.after is None else url_for("certificates.index", after=page.after, **known),
        "previous": url_for("certificates.index", **known) if after else None,
    }
    return render_template(
        "certificates/index.html",
        area="certificates",
        lines=page.lines,
        links=links,
        states=STATES,
        q=text,
        state=state,
        filters=known,
    )


def _file(kind: str, text: str, state: str) -> Response:
    found = lists.page(unit.reading(), viewer(), text=text, status=state, size=export.MOST + 1)
    rows = (
        (each.number, _(look("certificate", each.status).word), each.issued_at, each.customer, each.maker, each.model,
         each.serial, each.request)
        for each in found.lines
    )  # fmt: skip
    return export.answer(kind, "certificates", HEADS, rows)


@pages.get("/<number>")
def detail(number: str) -> Any:
    return _page(number, Form())


def _page(number: str, form: Form, again: reexecution.Reexecution | None = None) -> Any:
    by = viewer()
    session = unit.reading()
    certificate = certificates.by_number(session, number, by=by)
    found = details.certificate_detail(session, certificate)
    content = json.loads(certificate.snapshot)
    state = found.statuses[-1][0].status
    withheld = None
    try:
        fees.release(session, certificate, by)
    except GateClosed as error:
        withheld = sentence_of(error)
        content |= {"result_sets": [], "conformity": None}
    return (
        render_template(
            "certificates/detail.html",
            area="certificates",
            certificate=certificate,
            found=found,
            content=content,
            state=state,
            guard=guard_of((content.get("conformity") or {}).get("rule") or {}),
            form=form,
            again=again,
            withheld=withheld,
            may_execute=may(by, "audit.verify"),
            may_withdraw=may(by, "certificates.withdraw") and state == "issued",
            may_amend=may(by, "certificates.amend") and state == "issued",
        ),
        form.status,
    )


@pages.get("/<number>/<any(pdf, dcc):kind>")
def document(number: str, kind: str) -> Response:
    """The signed file, byte for byte as it was made."""
    session = unit.reading()
    fees.release(session, certificates.by_number(session, number, by=viewer()), viewer())
    found = rendering.document(session, number, kind)
    if found is None:
        abort(404)
    answer = Response(found.bytes, mimetype=TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    answer.headers["X-Content-SHA256"] = found.sha256
    return answer


@pages.post("/<number>/execution")
def execute_again(number: str) -> Any:
    """Every printed digit computed again from the stored readings, and compared."""
    require(viewer(), "audit.verify")
    session = unit.reading()
    return _page(
        number, Form(), reexecution.execute_again(session, certificates.by_number(session, number, by=viewer()))
    )


@pages.post("/<number>/withdrawal")
def withdraw(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            certificates.withdraw(work, number, form.value("reason"), by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _page(number, form)
    flash(_("Certificate {number} is withdrawn; whoever scans its code is told so.", number=number), "good")
    return redirect(url_for("certificates.detail", number=number))


@pages.post("/<number>/amendment")
def amend(number: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            new = certificates.amend(
                work,
                number,
                form.value("reason"),
                form.value("password"),
                by=viewer(),
                at=unit.now(),
                settings=unit.settings(),
            ).number
    except REFUSALS as error:
        form.refuse_signature(error)
        return _page(number, form)
    render_now()
    flash(_("Certificate {new} replaces {old}.", new=new, old=number), "good")
    return redirect(url_for("certificates.detail", number=new))
