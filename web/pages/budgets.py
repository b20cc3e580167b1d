"""A budget built line by line: first order and Monte Carlo beside each other, saved as a procedure's template."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

import uncertainty
from lims.domain.rights import may, require
from lims.services import budgets
from uncertainty import presentation, report
from uncertainty.presentation import pictures, plots, sheet
from web import budget_form, unit
from web.budget_form import Correlation, Measurand, Quantity, Table
from web.errors import KNOWN
from web.figures import shares
from web.forms import Form
from web.speech import N_, _, language
from web.viewer import viewer

pages = Blueprint("budgets", __name__, url_prefix="/budgets")

TRIALS = "200000"
COVERAGES = ("k=2", "k=3", "p=0.95", "p=0.9545", "p=0.99")
METHODS = ("both", "gum", "gum2")
EXAMPLE = Table(
    title="10 V",
    quantities=(
        Quantity("reading", unit="V", way="readings", amount="10.00012 10.00014 10.00011 10.00013 10.00012"),
        Quantity("resolution", "0", "V", "resolution", "10 µV"),
        Quantity("source", "10", "V", "U_k", "60 µV", "2"),
        Quantity("drift", "0", "V", "rectangular", "25 µV"),
    ),
    measurands=(Measurand("error", "reading + resolution - source - drift", "V"),),
)
"""What the page opens with: the error of an indication at 10 V, to be overwritten."""


@pages.route("/", methods=("GET", "POST"))
def index() -> Any:
    """The form; sent, its answer below it. Everything is in the form itself, nothing is kept before it is saved."""
    require(viewer(), "budgets.evaluate")
    if request.method == "GET":
        return _page(Form({}), EXAMPLE)
    form = Form.sent()
    table = budget_form.entered(form)
    match form.value("do"):
        case "more":
            return _page(form, table, more=3)
        case "read":
            return _read(form, table)
        case "yaml" | "json" | "csv" | "xlsx" as kind:
            return _answered(form, table, kind)
        case "save":
            return _save(form, table)
    return _answered(form, table)


def _answered(form: Form, table: Table, kind: str = "") -> Any:
    """The page with its answer, or the document or the answer as a file."""
    try:
        document = budget_form.document(table)
        found = budgets.evaluate(
            document,
            by=viewer(),
            method=form.value("method") if form.value("method") in METHODS else "both",
            trials=form.value("trials").strip() or TRIALS,
            seed=form.whole("seed") if form.value("seed").strip() else None,
        )
    except KNOWN as error:
        _place(form, table, error)
        return _page(form, table)
    if kind:
        return _file(kind, document, found)
    return _page(form, table, answer=_answer(found, table) | {"drawn": _drawn(document, found)})


def _drawn(document: dict[str, Any], found: uncertainty.Evaluation) -> dict[str, str]:
    """Measurand → the distribution that Monte Carlo drew, with both intervals and the first order's normal curve."""
    if found.monte_carlo is None:
        return {}
    budget = uncertainty.compile(document)
    draws, tables = pictures.samples(budget, found), presentation.tables(budget, found)
    assert draws is not None
    return {
        name: plots.histogram(
            draws[row],
            found.monte_carlo["measurands"][name],
            tables[name],
            trials=found.monte_carlo["trials"],
            lang=language(),
            identity=f"draws-{row}",
        )
        for row, name in enumerate(tables)
    }


def _place(form: Form, table: Table, error: Exception) -> None:
    """The sentence beside the field that it is about."""
    form.refuse(error)
    if form.place is None:
        place = budget_form.field_of(str(getattr(error, "facts", {}).get("place", "")), table)
        form.place = place if form.entered is not None and place in form.entered else None


def _answer(found: uncertainty.Evaluation, table: Table) -> dict[str, Any]:
    """What the page shows of an evaluation: the plain answer and the contributions as bars."""
    answer = found.to_dict()
    type_a = {line.name for line in table.quantities if line.way in ("readings", "range")}
    names = {
        line.name: {
            "text": f"{line.name} · {line.source}" if line.source else line.name,
            "type": "A" if line.name in type_a else "B",
        }
        for line in table.quantities
    }
    for name, found_one in answer["measurands"].items():
        found_one["lines"] = _ways(found_one, (answer.get("monte_carlo") or {}).get("measurands", {}).get(name))
    answer["bars"] = {name: shares(rows, names) for name, rows in answer["contributions"].items()}
    return answer


def _ways(first: dict[str, Any], drawn: dict[str, Any] | None) -> list[dict[str, str]]:
    """The first order and the two intervals of Monte Carlo as lines of one table, to the third digit of U."""
    place = math.floor(math.log10(first["U"])) - 2 if first["U"] else -9

    def shown(value: float | None) -> str:
        return "—" if value is None else report.round_to(value, place)

    def line(way: str, interval: Sequence[float], **more: str) -> dict[str, str]:
        blank = dict.fromkeys(("value", "u", "dof", "k", "U"), "")
        return blank | {"way": way, "low": shown(interval[0]), "high": shown(interval[1])} | more

    dof = "∞" if first["dof"] is None else str(math.floor(first["dof"]))
    more = {"value": shown(first["value"]), "u": shown(first["u"]), "U": shown(first["U"]), "dof": dof}
    lines = [line(N_("first order"), first["interval"], k=report.k_text(first["k"]), **more)]
    if drawn is not None:
        mean = {"value": shown(drawn["mean"]), "u": shown(drawn["u"])}
        lines.append(line(N_("Monte Carlo, symmetric"), drawn["interval_symmetric"], **mean))
        lines.append(line(N_("Monte Carlo, shortest"), drawn["interval_shortest"]))
    return lines


def _read(form: Form, table: Table) -> Any:
    """A document pasted as text becomes the lines of the table; what the table cannot hold is said."""
    try:
        found = budget_form.table(_sent(form).document.data)
    except KNOWN as error:
        form.refuse(error)
        form.place = "document"
        return _page(form, table)
    if found is None:
        form.refusal = _("This document says more than the table can show; evaluate it by the command or the API.")
        form.place = "document"
        return _page(form, table)
    return _page(Form({}), found)


def _sent(form: Form) -> uncertainty.Budget:
    """The document of the form: a workbook that was sent, or else the text."""
    book = request.files.get("workbook")
    if book is not None and book.filename:
        return sheet.compile(io.BytesIO(book.stream.read()), book.filename)
    return uncertainty.compile(form.text("document") + "\n")


def _save(form: Form, table: Table) -> Any:
    """The budget as the template of a procedure that reads files."""
    try:
        method = budgets.Method(
            name=form.text("name"),
            title={"zh": form.text("title_zh"), "en": form.value("title_en").strip() or form.text("title_zh")},
            code=form.text("code"),
            version=form.text("version"),
        )
        with unit.writing() as work:
            saved = budgets.save(work, budget_form.document(table), method, by=viewer(), at=unit.now()).name
    except KNOWN as error:
        _place(form, table, error)
        return _page(form, table)
    flash(_("Procedure {name} is a draft; two other people verify and approve it.", name=saved), "good")
    return redirect(url_for("procedures.detail", name=saved))


KINDS = {
    "yaml": "application/yaml",
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _file(kind: str, document: dict[str, Any], found: uncertainty.Evaluation) -> Response:
    """The document or its answer as a file."""
    budget = uncertainty.compile(document)
    match kind:
        case "yaml":
            content = budgets.as_yaml(document).encode()
        case "json":
            content = json.dumps(found.to_dict(), ensure_ascii=False, indent=1).encode()
        case "csv":
            content = presentation.as_csv(presentation.tables(budget, found).values(), language())
        case _:
            book = io.BytesIO()
            sheet.write(budget, found, book, language())
            content = book.getvalue()
    answer = Response(content, mimetype=KINDS[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="budget.{kind}"'
    return answer


def _page(form: Form, table: Table, *, more: int = 0, answer: dict[str, Any] | None = None) -> Any:
    shown = replace(
        table,
        quantities=[*table.quantities, *[Quantity()] * (1 + more)][: budget_form.MOST],
        measurands=[*table.measurands, *[Measurand()] * bool(more or not table.measurands)],
        correlations=[*table.correlations, *[Correlation()] * (1 + bool(more))],
    )
    page = render_template(
        "budgets/index.html",
        area="budgets",
        form=form,
        table=shown,
        ways=budget_form.WAYS,
        coverages=COVERAGES if table.coverage in COVERAGES else (*COVERAGES, table.coverage),
        methods=METHODS,
        trials=form.value("trials") or TRIALS,
        answer=answer,
        may_save=may(viewer(), "procedures.manage"),
    )
    return page, form.status
