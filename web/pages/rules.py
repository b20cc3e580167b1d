"""Rules: what applies today, each with its source; proposed by one person, put in force by another."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import gate_rules, orders
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import registers
from lims.queries import rules as lists
from lims.services import rules
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("rules", __name__, url_prefix="/rules")


@pages.get("/")
def index() -> Any:
    return _page(Form({}))


def _page(form: Form) -> Any:
    session, by = unit.reading(), viewer()
    every = lists.history(session, by)
    places = lists.jurisdictions(registers.laboratory(session))
    applies = gate_rules.prevailing([r for r in every if r.state in lists.IN_FORCE], places, local_day())
    return (
        render_template(
            "rules/index.html",
            area="account",
            applies=[applies[code] for code in gate_rules.CODES if code in applies],
            proposed=[rule for rule in every if rule.state == "proposed"],
            past=[rule for rule in every if rule.state in ("superseded", "withdrawn")],
            catalogue=lists.catalogue_on(session, local_day()),
            codes=gate_rules.CODES,
            effects=gate_rules.EFFECTS,
            uses=orders.USES,
            jurisdictions=places,
            form=form,
            manage=may(by, "rules.manage"),
        ),
        form.status,
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A new version of a rule, with the text it comes from."""
    by = viewer()
    require(by, "rules.manage")
    form = Form.sent(
        code=request.args.get("code", ""), jurisdiction="laboratory", effect="block", parameters="{}",
        valid_from=local_day().isoformat(),
    )  # fmt: skip
    if request.method == "POST":
        try:
            with unit.writing() as work:
                rules.propose(
                    work,
                    code=form.value("code"),
                    jurisdiction=form.text("jurisdiction"),
                    effect=form.value("effect"),
                    parameters=_parameters(form),
                    source={
                        "title": form.text("title"),
                        "clause": form.value("clause").strip(),
                        "verified": form.ticked("verified"),
                        "note": form.value("note").strip(),
                    },
                    valid_from=_day(form, "valid_from"),
                    by=by,
                    at=unit.now(),
                )
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("Proposed. Another person puts it in force."), "good")
            return redirect(url_for("rules.index"))
    return (
        render_template(
            "rules/new.html", area="account", form=form, codes=gate_rules.CODES, effects=gate_rules.EFFECTS
        ),
        form.status,
    )


def _parameters(form: Form) -> dict[str, Any]:
    try:
        found = json.loads(form.value("parameters") or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        right = N_("a JSON object of names and figures")
        raise UnusableValue(field="parameters", found=form.value("parameters")[:80], right=right)
    return found


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.text(name))
    except ValueError:
        raise UnusableValue(field=name, found=form.value(name), right=N_("a day such as 2026-11-23")) from None


@pages.post("/<int:rule_id>/force")
def force(rule_id: int) -> Any:
    return _moved(lambda work: rules.put_in_force(work, rule_id, by=viewer(), at=unit.now()))


@pages.post("/<int:rule_id>/withdrawal")
def withdraw(rule_id: int) -> Any:
    reason = request.form.get("reason", "")[:1000]
    return _moved(lambda work: rules.withdraw(work, rule_id, reason, by=viewer(), at=unit.now()))


def _moved(act: Any) -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            act(work)
    except REFUSALS as error:
        form.refuse(error)
        return _page(form)
    flash(_("The rules have been changed."), "good")
    return redirect(url_for("rules.index"))
