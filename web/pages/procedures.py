"""Procedures: what is in force, drafts on their way through three people, what changed, what a run would do."""

from __future__ import annotations

import io
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from instruments import procedures as documents
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import may, require
from lims.queries import procedures as lists
from lims.services import procedures
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _, language
from web.viewer import viewer

pages = Blueprint("procedures", __name__, url_prefix="/procedures")

ACTS = MappingProxyType(
    {
        "procedure.drafted": (N_("Entered as a draft"), ""),
        "procedure.verified": (N_("Verified"), "good"),
        "procedure.approved": (N_("Approved"), "good"),
        "procedure.published": (N_("Put in force"), "good"),
    }
)
"""Act in the audit chain → its words and its tone in the timeline."""
MEANINGS = MappingProxyType({"perform": N_("Written by"), "verify": N_("Verified by"), "approve": N_("Approved by")})
NEXT_STEP = MappingProxyType({"draft": "verify", "verified": "approve", "approved": "put-in-force"})


@pages.get("/")
def index() -> Any:
    by = viewer()
    asked, after = request.args.get("q", "")[:80], request.args.get("after", "")[:200]
    return render_template(
        "procedures/index.html",
        area="standards",
        page=lists.page(unit.reading(), by, text=asked, after=after),
        asked=asked,
        after=after,
        writes=may(by, "procedures.manage"),
    )


@pages.get("/new")
def new() -> Any:
    """The form of a draft, with the text of a version to start from where one is named."""
    by = viewer()
    require(by, "procedures.manage")
    name = request.args.get("from", "")
    text = lists.detail(unit.reading(), name, by, local_day()).shown.text if name else ""
    return _new(Form(defaults={"text": text}))


def _new(form: Form) -> Any:
    return render_template("procedures/new.html", area="standards", form=form), form.status


@pages.post("/new")
def draft() -> Any:
    require(viewer(), "procedures.manage")
    form = Form.sent()
    try:
        text = _sent(form)
        with unit.writing() as work:
            made = procedures.draft(work, text, form.value("reason"), by=viewer(), at=unit.now())
            name, version = made.name, made.version
    except REFUSALS as error:
        form.refuse(error)
        if isinstance(error, documents.ProcedureError) and form.place is None:
            form.place = "text"
        return _new(form)
    flash(_("A draft; two other people verify and approve it."), "good")
    return redirect(url_for("procedures.detail", name=name, version=version))


def _sent(form: Form) -> str:
    """The text of the form, or of the file that was sent, which then stands in the form."""
    file = request.files.get("file")
    if file is None or not file.filename:
        # A form's lines end with CR LF; the digest is of what stands in the file.
        return str((form.entered or {}).get("text", "")).replace("\r\n", "\n")
    try:
        text = file.stream.read(procedures.LONGEST + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableValue(field="file", found=file.filename[:80], right=N_("a text file in UTF-8")) from error
    form.entered = dict(form.entered or {}) | {"text": text}
    return text


@pages.get("/<name>")
def detail(name: str) -> Any:
    return _detail(name, request.args.get("version", ""), Form())


def _detail(name: str, version: str, form: Form) -> Any:
    by, work = viewer(), unit.reading()
    found = lists.detail(work, name, by, local_day(), version=version)
    step = NEXT_STEP.get(found.shown.state)
    asks = step is not None and may(by, {"verify": "records.verify"}.get(step, "procedures.approve"))
    signs = step in ("verify", "approve") and asks
    lines = procedures.gates_before(work, found.shown, str(step), by=by, at=unit.now()) if signs else ()
    return (
        render_template(
            "procedures/detail.html",
            area="standards",
            found=found,
            document=documents.read(found.shown.text, file=name),
            plan=_plan(found.shown.text, name),
            form=form,
            lines=lines,
            step=step if asks else None,
            meanings=MEANINGS,
            story=[_told(entry) for entry in found.story],
            writes=may(by, "procedures.manage"),
        ),
        form.status,
    )


def _plan(text: str, name: str) -> str | None:
    """What a run would do, as text; None where a file is read or where the plan needs an instrument."""
    document = documents.read(text, file=name)
    if not document.points:
        return None
    try:
        return documents.describe(documents.plan(document), language())
    except documents.PlanRefused:
        return None


def _told(entry: Any) -> dict[str, Any]:
    word, tone = ACTS.get(entry.act, (entry.act, ""))
    what = f"{entry.payload.get('version', '')} · {_(word)}"
    return {"at": entry.at, "what": what, "who": entry.actor, "why": entry.reason or "", "tone": tone}


@pages.post("/versions/<int:key>/<step>")
def act(key: int, step: str) -> Any:
    by = viewer()
    require(by, "procedures.read")
    if step not in NEXT_STEP.values():
        raise NotFound(kind="step", number=step)
    form = Form.sent()
    place = lists.named(unit.reading(), key, by)
    try:
        with unit.writing() as work:
            if step == "put-in-force":
                procedures.put_in_force(work, key, by=by, at=unit.now())
            else:
                sign = procedures.verify if step == "verify" else procedures.approve
                sign(work, key, form.value("password"), by=by, at=unit.now())
    except REFUSALS as error:
        form.refuse_signature(error)
        return _detail(*place, form)
    return redirect(url_for("procedures.detail", name=place[0], version=place[1]))


@pages.get("/<name>/changes")
def changes(name: str) -> Any:
    """What changed between two versions; by default from the one before."""
    known = lists.versions_of(unit.reading(), name, viewer())
    new = lists.chosen(known, name, request.args.get("to", ""))
    earlier = next((each.version for each in known if each.id < new.id), new.version)
    old = lists.chosen(known, name, request.args.get("from", "") or earlier)
    return render_template(
        "procedures/changes.html",
        area="standards",
        name=name,
        old=old,
        new=new,
        versions=known,
        lines=lists.changes(old.text, new.text),
    )


@pages.get("/<name>/<version>.yaml")
def download(name: str, version: str) -> Response:
    found = lists.chosen(lists.versions_of(unit.reading(), name, viewer()), name, version)
    answer = Response(io.BytesIO(found.text.encode()), mimetype="application/yaml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-{version}.yaml")
    return answer
