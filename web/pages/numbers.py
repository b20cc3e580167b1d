"""Numbers: every one accounted for, a missing one is an alarm; prints and copies of a certificate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain.rights import require
from lims.queries import numbers
from lims.services import certificates, copies
from web import unit
from web.forms import REFUSALS, Form
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("numbers", __name__, url_prefix="/numbers")

SERIES = {
    "certificate.calibration": N_("Calibration certificates"),
    "certificate.verification": N_("Verification certificates"),
    "certificate.result_notice": N_("Notices of verification result"),
    "certificate.evaluation_report": N_("Evaluation reports"),
    "service_request": N_("Orders"),
    "work_order": N_("Work orders"),
    "request": N_("Items"),
    "batch": N_("Batches"),
    "invoice": N_("Invoices"),
    "compulsory": N_("Compulsory verification"),
    "quality_case": N_("Quality cases"),
    "complaint": N_("Complaints"),
    "proficiency_test": N_("Proficiency tests"),
    "internal_audit": N_("Internal audits"),
    "measurement_standard": N_("Measurement standards"),
    "import": N_("Imports"),
    "record": N_("Records"),
    "instrument": N_("Instruments"),
}
OPENS = {"request": "intake.detail", "record": "records.detail", "certificate": "certificates.detail"}
PRINTS = {
    "printed": N_("printed"),
    "reprinted": N_("printed again"),
    "copy": N_("copy made"),
    "handed_over": N_("handed over"),
    "mailed": N_("sent by courier"),
    "sampled": N_("sampled by quality"),
}


@pages.get("/")
def index() -> str:
    """The certificates' series first; another one by its name, so that a page asks few questions."""
    by, session = viewer(), unit.reading()
    years = numbers.years(session, by)
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked[:5]) in years else (years or [0])[0]
    only = request.args.get("series", "")
    wanted = [only] if only in SERIES else [each for each in SERIES if each.startswith("certificate.")]
    found = numbers.accounts(session, by, year, wanted)
    return render_template(
        "numbers/index.html", area="certificates", found=found, years=years, year=year, only=only, series=SERIES
    )


@pages.get("/<name>/<int:year>")
def series(name: str, year: int) -> str:
    asked = request.args.get("after", "")
    begin = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 0
    lines, end = numbers.page(unit.reading(), viewer(), name, year, after=begin)
    return render_template(
        "numbers/series.html",
        area="certificates",
        name=name,
        year=year,
        word=SERIES[name],
        lines=lines,
        opens=OPENS.get(name.split(".")[0]),
        next=None if end is None else url_for("numbers.series", name=name, year=year, after=end),
    )


@pages.route("/prints/<number>", methods=("GET", "POST"))
def prints(number: str) -> Any:
    """Prints and copies of one certificate; a second print needs its reason."""
    by = viewer()
    require(by, "certificates.print")
    form = Form.sent(kind="printed")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                copies.note(work, number, form.value("kind"), form.value("why"), by=by, at=unit.now())
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("It is noted."), "good")
            return redirect(url_for("numbers.prints", number=number))
    certificate = certificates.by_number(unit.reading(), number, by=by)
    found = numbers.prints(unit.reading(), certificate, by)
    return (
        render_template(
            "numbers/prints.html", area="certificates", number=number, found=found, words=PRINTS, form=form
        ),
        form.status,
    )
