"""Import and export: a laboratory's past from spreadsheets, and everything set out again in open formats."""

from __future__ import annotations

import csv
import io
import tempfile
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for

from lims.domain import sheets
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import exchange as lists
from lims.services import exports, imports
from web import unit
from web.forms import REFUSALS, Form
from web.speech import N_, _, text
from web.viewer import viewer

pages = Blueprint("exchange", __name__, url_prefix="/exchange")

KINDS = {
    "customers": N_("Customers"),
    "instruments": N_("Instruments of customers"),
    "standards": N_("Equipment and standards"),
    "certificates": N_("Certificates of before"),
}
SHOWN = 200
"""Faults on the page; the file has all that are kept."""


@pages.get("/")
def index() -> Any:
    require(viewer(), "exchange.export")
    return _index(Form({}))


def _index(form: Form) -> Any:
    by = viewer()
    brings = may(by, "exchange.import")
    return (
        render_template(
            "exchange/index.html",
            area="account",
            form=form,
            kinds=KINDS,
            brings=brings,
            found=lists.batches(unit.reading(), by) if brings else (),
        ),
        form.status,
    )


@pages.get("/template/<any(customers, instruments, standards, certificates):kind>.csv")
def template(kind: str) -> Response:
    """Headings and one example line, to be filled in a spreadsheet."""
    require(viewer(), "exchange.import")
    columns = sheets.SHEETS[kind]
    english = request.accept_languages.best_match(("zh", "en")) == "en"
    heads = [next((h for h in c.heads if h.isascii()), c.heads[0]) if english else c.heads[0] for c in columns]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([heads, [c.example for c in columns]])
    named = {"Content-Disposition": f"attachment; filename={kind}.csv"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=named)


@pages.post("/imports")
def bring() -> Any:
    """Look at a sheet; nothing of it is taken over yet."""
    by = viewer()
    require(by, "exchange.import")
    form = Form.sent()
    sent = request.files.get("file")
    content = b"" if sent is None else sent.read()
    try:
        if sent is None or not content:
            raise UnusableValue(field="file", found="—", right=N_("a CSV or XLSX file"))
        with unit.writing() as work:
            number = imports.look_at(
                work, form.value("kind"), sent.filename or "sheet", content, by=by, at=unit.now()
            ).number
    except REFUSALS as error:
        form.refuse(error)
        form.place = form.place or ("file" if getattr(error, "facts", {}).get("field") == "file" else None)
        return _index(form)
    return redirect(url_for("exchange.detail", number=number))


@pages.get("/imports/<number>")
def detail(number: str) -> Any:
    return _detail(number, Form({}))


def _detail(number: str, form: Form) -> Any:
    batch = lists.batch(unit.reading(), number, viewer())
    return (
        render_template(
            "exchange/detail.html",
            area="account",
            batch=batch,
            found=batch.findings,
            kinds=KINDS,
            shown=SHOWN,
            form=form,
        ),
        form.status,
    )


@pages.get("/imports/<number>/faults.csv")
def faults(number: str) -> Response:
    batch = lists.batch(unit.reading(), number, viewer())
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow([_("Row"), _("Column"), _("Heading"), _("Found"), _("Right would be")])
    for fault in batch.findings["faults"]:
        found = fault["found"]
        safe = "'" + found if found[:1] in ("=", "+", "-", "@") else found
        lines.writerow([fault["row"], fault["column"], fault["heading"], safe, text(fault["right"])])
    named = {"Content-Disposition": f"attachment; filename={number}.csv"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=named)


@pages.post("/imports/<number>/<any(applied, discarded):step>")
def move(number: str, step: str) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            act = imports.apply if step == "applied" else imports.discard
            act(work, number, by=viewer(), at=unit.now())
    except REFUSALS as error:
        form.refuse(error)
        return _detail(number, form)
    flash(_("The sheet is taken over.") if step == "applied" else _("The sheet is discarded."), "good")
    return redirect(url_for("exchange.detail", number=number))


@pages.post("/export")
def export() -> Any:
    """The whole data set as one archive."""
    by = viewer()
    require(by, "exchange.export")
    out = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when the answer has been sent
    try:
        manifest = exports.export(unit.reading(), out, by=by, at=unit.now())
        with unit.writing() as work:
            exports.note(work, manifest, by=by, at=unit.now())
    except BaseException:
        out.close()
        raise
    out.seek(0)
    name = f"suyuan-{unit.now():%Y-%m-%d}.zip"
    answer = send_file(out, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.call_on_close(out.close)
    return answer
