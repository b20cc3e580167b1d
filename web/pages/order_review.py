"""Contract review: every line of an order on one page, with its gates; accepted or refused, in one act."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from lims.domain import orders as words
from lims.queries import ledger
from lims.queries import orders as lists
from lims.services import contract_review
from web import order_form, unit
from web.forms import REFUSALS, Form
from web.speech import _, text
from web.viewer import viewer

pages = Blueprint("order_review", __name__, url_prefix="/orders")

GROUNDS = {
    "in_scope": "out_of_scope",
    "procedure_chosen": "out_of_scope",
    "authorised": "no_authorised_person",
    "somebody_authorised": "no_authorised_person",
    "standard_in_date": "no_standard",
    "standard_certificate_covers": "no_standard",
    "rule_agreed": "incomplete",
}
"""Closed gate → the ground of refusal that it suggests."""


def ground(code: str, work: str) -> str:
    """The ground that a closed gate suggests; a compulsory verification that was asked for is one not authorised."""
    if code == "compulsory_by_verification" and work in words.VERIFICATION:
        return "not_authorised"
    return GROUNDS.get(code, "other")


@pages.route("/<number>/review", methods=("GET", "POST"))
def review(number: str) -> Any:
    by, form = viewer(), Form.sent()
    if request.method == "POST" and form.value("do") != "look":
        try:
            decisions = _decisions(form)
            version, due = form.whole("version"), order_form.optional_day(form, "due")
            with unit.writing() as work:
                order = contract_review.decide(work, number, decisions, version=version, due=due, by=by, at=unit.now())
                state = order.state
        except REFUSALS as error:
            order_form.refuse(form, error)
        else:
            said = _("Order {number} is accepted.") if state == "accepted" else _("Order {number} is refused.")
            flash(said.format(number=number), "good")
            return redirect(url_for("orders.detail", number=number))
    session = unit.reading()
    found = contract_review.look(session, number, by=by, at=unit.now(), procedures=_tried(form))
    form.defaults = _defaults(found)
    return (
        render_template(
            "orders/review.html",
            area="intake",
            found=found,
            form=form,
            customer=ledger.customer(session, found.order.customer_id, by=by),
            work_words=words.WORK,
            use_words=words.USES,
            **order_form.choices(lists.procedures_in_force(session)),
        ),
        form.status,
    )


def _tried(form: Form) -> dict[int, str]:
    """Line → the method chosen on the page."""
    named = {
        key.removeprefix("procedure-"): value for key, value in (form.entered or {}).items() if "procedure-" in key
    }
    return {int(key): value for key, value in named.items() if key.isascii() and key.isdigit() and value}


def _decisions(form: Form) -> dict[int, contract_review.Decision]:
    """Line → what was decided; a line without a tick is left out, and missed by the service."""
    found = {}
    for key, value in (form.entered or {}).items():
        line = key.removeprefix("decision-")
        if key.startswith("decision-") and line.isascii() and line.isdigit() and value in ("accept", "refuse"):
            found[int(line)] = contract_review.Decision(
                accept=value == "accept",
                procedure=form.value(f"procedure-{line}"),
                reason_code=form.value(f"reason_code-{line}"),
                reason=form.value(f"reason-{line}"),
            )
    return found


def _defaults(found: contract_review.Review) -> dict[str, Any]:
    """Open lines are accepted, closed ones refused with the ground and the sentence of their first closed gate."""
    said: dict[str, Any] = {"due": found.due}
    for each in found.lines:
        closed = each.closed
        said[f"procedure-{each.line.id}"] = each.procedure or ""
        said[f"decision-{each.line.id}"] = "refuse" if closed or each.procedure is None else "accept"
        if closed:
            said[f"reason_code-{each.line.id}"] = ground(closed[0].code, each.line.work)
            said[f"reason-{each.line.id}"] = text(closed[0].text)
        elif each.procedure is None:
            said[f"reason_code-{each.line.id}"] = "out_of_scope"
            said[f"reason-{each.line.id}"] = _("The laboratory has no method for this instrument.")
    return said


@pages.post("/<number>/question")
def give_back(number: str) -> Any:
    with unit.writing() as work:
        contract_review.give_back(work, number, request.form.get("question", ""), by=viewer(), at=unit.now())
    flash(_("Order {number} is the customer's again, with your question.", number=number), "good")
    return redirect(url_for("orders.detail", number=number))
