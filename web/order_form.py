"""What a form of an order says: terms of the whole, lines with their own settings, items ticked or not seen before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import request

from lims.domain import agreement, orders
from lims.domain.agreement import Line, Terms
from lims.domain.errors import UnusableValue
from lims.queries.orders import LineDetail, OrderDetail
from web.forms import Form
from web.speech import N_, _, text
from web.states import RULES

PER_LINE = ("work", "use", "procedure", "rule", "r", "as_left", "note")
NEW_ITEM = ("maker", "model", "serial", "description")
COMMON = {"work": "calibration", "use": "other", "rule": "none", "r": "1", "procedure": ""}


def defaults(found: OrderDetail | None = None, contact: str = "") -> dict[str, Any]:
    """What a form begins with: the terms and lines of an order, or the usual ones."""
    if found is None:
        return asdict(Terms(contact=contact)) | COMMON
    said: dict[str, Any] = {name: getattr(found.order, name) for name in asdict(Terms())} | COMMON
    for each in found.lines:
        said |= {f"{name}-{each.item.id}": value for name, value in _line_defaults(each).items()}
    return {name: ("1" if value is True else "" if value is False else value) for name, value in said.items()}


def _line_defaults(each: LineDetail) -> dict[str, Any]:
    line = each.line
    return {
        "work": line.work,
        "use": line.use,
        "procedure": line.procedure_name or "",
        "rule": line.rule["rule"],
        "r": line.rule.get("r", "1"),
        "as_left": line.as_left,
        "note": line.note,
    }


def terms_of(form: Form) -> Terms:
    names = ("contact", "place", "site", "delivery", "language", "note")
    said = {name: form.value(name).strip() for name in names}
    return Terms(**said, urgent=form.ticked("urgent"), accredited=form.ticked("accredited"))


def lines_of(form: Form, known: Iterable[int] = ()) -> list[Line]:
    """Lines that are there and kept, then the ticked ones, then an item not seen before."""
    kept = [_line(form, item, f"-{item}") for item in known if not form.ticked(f"drop-{item}")]
    have = {line.instrument for line in kept}
    ticked = [_line(form, item, "") for item in ticked_items() if item not in have]
    return kept + ticked + _new_item(form)


def ticked_items() -> list[int]:
    """Ids of the ledger's items that are ticked, in a form that was sent or in the address that led here."""
    sent = request.form if request.method == "POST" else request.args
    return [int(each) for each in sent.getlist("item") if each.isascii() and each.isdigit() and len(each) < 16][:200]


def _line(form: Form, item: int | Mapping[str, Any], suffix: str) -> Line:
    rule = form.value(f"rule{suffix}")
    r = {"r": str(form.decimal(f"r{suffix}", "1"))} if rule in agreement.WITH_r else {}
    return Line(
        instrument=item,
        work=form.value(f"work{suffix}"),
        use=form.value(f"use{suffix}"),
        procedure=form.value(f"procedure{suffix}") or None,
        rule={"rule": rule} | r,
        as_left=form.ticked(f"as_left{suffix}"),
        note=form.value(f"note{suffix}").strip() if suffix else "",
    )


def _new_item(form: Form) -> list[Line]:
    if not any(form.value(name).strip() for name in NEW_ITEM):
        return []
    described = form.text("description")  # a certificate names its item (ISO/IEC 17025:2017, 7.8.2.1 g)
    item = {name: form.text(name) for name in NEW_ITEM[:3]} | {"description": {"zh": described, "en": described}}
    return [_line(form, item, "")]


def refuse(form: Form, error: Exception) -> None:
    """The sentence beside the line's own field, when the error says which line."""
    form.refuse(error)
    facts = getattr(error, "facts", {})
    place = f"{facts.get('field')}-{facts.get('line')}"
    if form.entered is not None and place in form.entered:
        form.place = place


def day(form: Form, name: str) -> date:
    """A day such as 2026-11-23. Raises UnusableValue."""
    form.text(name)
    found = optional_day(form, name)
    assert found is not None
    return found


def optional_day(form: Form, name: str) -> date | None:
    """A day such as 2026-11-23, None where nothing is typed. Raises UnusableValue."""
    typed = form.value(name).strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise UnusableValue(field=name, found=typed, right=N_("a day such as 2026-11-23")) from error


def choices(procedures: Sequence[Any]) -> dict[str, list[tuple[str, str]]]:
    """The options of every choice of an order's form, in the language of the page."""
    return {
        "works": [(each, _(orders.WORK[each])) for each in agreement.OFFERED],
        "uses": [(each, _(word)) for each, word in orders.USES.items()],
        "rules": [(each, _(RULES[each])) for each in agreement.RULES],
        "wheres": [(each, _(word)) for each, word in agreement.PLACES.items()],
        "deliveries": [(each, _(word)) for each, word in agreement.DELIVERIES.items()],
        "languages": [(each, _(word)) for each, word in agreement.LANGUAGES.items()],
        "procedures": [("", _("the laboratory chooses"))]
        + [(each.name, f"{text(each.title)} · {each.method_code}") for each in procedures],
        "refusals": [("", "—")] + [(each, _(word)) for each, word in orders.REFUSALS.items()],
    }
