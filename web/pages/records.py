"""One record with all of it: readings, corrections beside what they correct, budgets, environment, events, signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from lims.domain.actor import Actor
from lims.domain.rights import may
from lims.queries import history
from lims.records import Correction, Reading, Record, Result
from lims.services import bench, certificates, evaluation, review
from web import unit
from web.due import render_now
from web.figures import Share, shares
from web.forms import REFUSALS, Form
from web.speech import N_, _, text
from web.viewer import viewer

pages = Blueprint("records", __name__, url_prefix="/records")

ACTS = {
    "record.opened": N_("Record opened"),
    "record.entered": N_("Readings entered by hand"),
    "record.imported": N_("Readings imported from a file"),
    "record.submitted": N_("Evaluated and submitted"),
    "record.verified": N_("Verified"),
    "record.returned": N_("Returned to its performer"),
    "review.noted": N_("Reviewer's note"),
    "record.interrupted": N_("Closed as interrupted"),
    "reading.corrected": N_("Reading corrected"),
    "run.confirm": N_("Confirmed at the bench"),
    "run.refuse": N_("Refused at the bench"),
    "run.pause": N_("Paused"),
    "run.resume": N_("Resumed"),
    "run.repeat": N_("Point repeated"),
    "run.abort": N_("Aborted"),
    "report.made": N_("Evaluation report made"),
    "certificate.issued": N_("Certificate issued"),
    "certificate.rendered": N_("Documents made and signed"),
    "certificate.superseded": N_("Certificate superseded"),
    "certificate.withdrawn": N_("Certificate withdrawn"),
    "certificate.looked_up": N_("Looked up by its code"),
    "request.created": N_("Request accepted"),
    "item.received": N_("Item received"),
    "instrument.added": N_("Instrument registered"),
    "calibration.added": N_("Calibration of a standard entered"),
    "person.added": N_("Account made"),
    "authorisation.granted": N_("Authorisation granted"),
    "procedure.published": N_("Procedure published"),
    "customer.added": N_("Customer registered"),
    "chain_parameter.added": N_("Parameter of a chain entered"),
    "chain_parameter.withdrawn": N_("Parameter of a chain taken off"),
    "request.held": N_("Put on hold"),
    "request.resumed": N_("Goes on"),
    "capability.proposed": N_("Line of the scope proposed"),
    "capability.recognised": N_("Line of the scope published"),
    "capability.withdrawn": N_("Line of the scope withdrawn"),
    "token.made": N_("Token made"),
    "token.revoked": N_("Token ended"),
    "laboratory.founded": N_("Laboratory founded"),
}
MEANINGS = {"perform": N_("performed"), "verify": N_("verified"), "approve": N_("approved")}
TONES = {"record.verified": "good", "record.returned": "bad", "reading.corrected": "attention", "run.abort": "bad"}


def act(name: str) -> str:
    """An audited act in words; its own name where there are none."""
    return _(ACTS[name]) if name in ACTS else name


@pages.get("/<number>")
def detail(number: str) -> Any:
    return page_of(number, Form())


def page_of(number: str, form: Form) -> Any:
    by = viewer()
    found = history.record_detail(unit.reading(), number, by)
    if brought(found.record, by):
        found = history.record_detail(unit.reading(), number, by)
    record = found.record
    mine = record.performer_id == by.person_id
    return (
        render_template(
            "records/detail.html",
            area="review" if may(by, "records.verify") or may(by, "certificates.issue") else "bench",
            found=found,
            record=record,
            form=form,
            rows=[result.reported | {"point": result.point} for result in found.results],
            budgets=[(result, lines_of(result)) for result in found.results],
            readings=by_point(found.readings, found.corrections),
            corrections=by_reading(found.corrections),
            ambient=ambient_of(found.readings),
            timeline_entries=timeline(found),
            meanings=MEANINGS,
            guard=guard_of(found.request.rule),
            may_submit=mine
            and may(by, "records.submit")
            and (record.state == "returned" or (record.state == "open" and record.finished_at is not None)),
            may_report=mine
            and may(by, "records.submit")
            and record.stage == "result"
            and record.state in ("submitted", "verified"),
            may_correct=may(by, "records.correct") and record.state in ("open", "returned") and mine,
            may_review=may(by, "records.verify") or may(by, "certificates.issue"),
        ),
        form.status,
    )


def brought(record: Record, by: Actor) -> bool:
    """What a finished run has captured comes into the record before its performer looks through it, once."""
    if not record.run_dir or record.state != "open" or record.finished_at is not None or not may(by, "bench.run"):
        return False
    if bench.run_state(unit.reading(), record.number, by=by, settings=unit.settings()) != "finished":
        return False
    with unit.writing() as work:
        return bench.deliver(work, record.number, settings=unit.settings()) > 0


def guard_of(rule: Mapping[str, Any]) -> float | None:
    """Width of the guard band as a multiple of U, where the rule has one."""
    return float(rule.get("r", 1.0)) if rule.get("rule") in ("guarded", "guarded_acceptance", "conditional") else None


BOUND = {
    "reading": N_("Readings of the item"),
    "resolution": N_("Resolution of the item"),
    "correction": N_("Correction of the standard"),
    "correction_1": N_("Correction of the standard, point below"),
    "correction_2": N_("Correction of the standard, point above"),
    "drift_of_gain": N_("Drift of the standard since its certificate, gain"),
    "drift_of_zero": N_("Drift of the standard since its certificate, zero"),
    "coefficient": N_("Temperature coefficient of the standard, gain"),
    "coefficient_of_zero": N_("Temperature coefficient of the standard, zero"),
    "spec": N_("Specification of the standard"),
}
"""The quantities that binding gives names to (lims.domain.binding)."""
CERTIFIED = re.compile(
    r"certificate (?P<number>[^,]+)(?:, (?P<function>[^,]+), range (?P<range>[^,]+)(?:, at (?P<at>.+))?)?$"
)


def said(name: str, source: str) -> str:
    """A quantity of a budget in the reader's language: what it is, and the certificate, range and point behind it."""
    if name not in BOUND:
        return source or name
    found = CERTIFIED.search(source)
    parts = [part for part in found.groups() if part] if found else [source] if source else []
    return _(BOUND[name]) + (f" ({', '.join(parts)})" if parts else "")


def lines_of(result: Result) -> list[Share]:
    """The budget of one result, greatest contribution first."""
    answer, document = result.budget.get("answer", {}), result.budget.get("document", {})
    names: dict[str, dict[str, Any]] = {}
    for name, quantity in document.get("quantities", {}).items():
        names[name] = {
            "text": text(quantity["title"]) if quantity.get("title") else said(name, str(quantity.get("source", ""))),
            "type": "A" if "readings" in quantity else "B",
        }
    return shares(answer.get("contributions", {}).get(result.measurand, ()), names)


def by_point(readings: Sequence[Reading], corrections: Sequence[Correction]) -> dict[int, list[Reading]]:
    """Readings of the item and of the source, a list a point."""
    del corrections
    points: dict[int, list[Reading]] = {}
    for reading in readings:
        if reading.point is not None and reading.role != "ambient":
            points.setdefault(reading.point, []).append(reading)
    return points


def by_reading(corrections: Sequence[Correction]) -> dict[int, Correction]:
    """The correction in force of each corrected reading: the newest."""
    return {row.reading_id: row for row in corrections if row.reading_id is not None}


def ambient_of(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """Lowest and highest of each ambient quantity during the record."""
    series: dict[tuple[str, str], list[float]] = {}
    for reading in readings:
        if reading.role == "ambient" and reading.indication is not None:
            series.setdefault((reading.channel, reading.unit), []).append(reading.indication)
    return [
        {
            "channel": channel,
            "unit": symbol,
            "low": f"{min(values):.2f}",
            "high": f"{max(values):.2f}",
            "n": len(values),
        }
        for (channel, symbol), values in series.items()
    ]


def timeline(found: history.RecordDetail) -> list[dict[str, Any]]:
    """Who did what, when, why: from the audit entries of the record, with corrections beside the old value."""
    entries = []
    for entry in found.audit:
        payload = entry.payload or {}
        line: dict[str, Any] = {
            "at": entry.at.isoformat(),
            "what": act(entry.act),
            "who": entry.actor,
            "why": entry.reason or "",
            "tone": TONES.get(entry.act, ""),
        }
        if entry.act == "reading.corrected":
            line |= {"old": payload.get("old"), "new": payload.get("new")}
        entries.append(line)
    return entries


@pages.post("/<number>/submission")
def submit(number: str) -> Any:
    """Evaluate, sign as performer, hand over for verification."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            evaluation.submit(
                work, number, form.value("password"), by=viewer(), at=unit.now(), settings=unit.settings()
            )
    except REFUSALS as error:
        form.refuse_signature(error)
        return page_of(number, form)
    flash(_("Evaluated, signed and handed over for verification."), "good")
    return redirect(url_for("records.detail", number=number))


@pages.post("/<number>/report")
def report(number: str) -> Any:
    """An evaluation report of readings that came as a file: no certificate, and it says what is missing for one."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            made = certificates.evaluation_report(
                work, number, by=viewer(), at=unit.now(), settings=unit.settings()
            ).number
    except REFUSALS as error:
        form.refuse(error)
        return page_of(number, form)
    render_now()
    flash(_("Evaluation report {number} is made.", number=made), "good")
    return redirect(url_for("certificates.detail", number=made))


@pages.post("/<number>/corrections")
def correct(number: str) -> Any:
    """A correction is a new row with its reason; the reading stays."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            review.correct(
                work,
                number,
                form.whole("reading"),
                "excluded" if form.ticked("exclude") else form.value("new"),
                form.value("reason"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return page_of(number, form)
    flash(_("The correction is kept beside the reading; the record is evaluated again when it is submitted."), "good")
    return redirect(url_for("records.detail", number=number, _anchor="readings"))
