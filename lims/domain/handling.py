"""Rules of items in the laboratory's hands (ISO/IEC 17025:2017, 7.4): what may be noted when, and what must hold before.

Each incident leaves an event with its reason; some move the job (domain notes 3.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from lims.words import N_, both

from .gates import Reason
from .workdays import Calendar, Term

HANDLING = "ISO/IEC 17025:2017, 7.4"

ACCESSORIES = MappingProxyType(
    {
        "power_cord": N_("power cord"),
        "leads": N_("test leads"),
        "probe": N_("probe"),
        "adapter": N_("adapter"),
        "manual": N_("manual"),
        "case": N_("carrying case"),
        "weights": N_("accessory weights or blocks"),
        "certificate": N_("earlier certificate"),
    }
)
"""What usually comes with an item, to be ticked; anything else is typed."""

WAYS = MappingProxyType(
    {"pickup": N_("picked up"), "courier": N_("by courier"), "electronic": N_("electronically, no item goes back")}
)

DECISIONS = MappingProxyType(
    {
        "go_on": N_("go on with the item as it is"),
        "correct": N_("correct the item's identity and go on"),
        "send_back": N_("send the item back unmeasured"),
        "refuse": N_("refuse the item"),
    }
)
"""How a difference at receipt ends. A customer decides the first and the third; reception notes any of them."""
BY_CUSTOMER = ("go_on", "send_back")

CONCERNS_CUSTOMER = frozenset(
    {"photo", "discrepancy", "damaged_on_receipt", "damaged_in_laboratory", "identity_corrected", "sealed", "unsealed",
     "adjusted", "repaired", "uncalibratable", "partial", "subcontract_consent", "subcontracted", "subcontract_returned",
     "on_site", "withdrawn", "lost", "ready", "returned"}
)  # fmt: skip
"""Events a customer reads of their own items; notes and moves within the laboratory stay inside."""


@dataclass(frozen=True, slots=True)
class Incident:
    """When something may be noted (states of the job), and where the job goes. alters: the item's technical state."""

    within: tuple[str, ...]
    to: str | None = None
    alters: bool = False


HERE = ("discrepancy", "received", "in_work", "uncalibratable", "issued")
INCIDENTS: Mapping[str, Incident] = MappingProxyType(
    {
        "damaged_in_laboratory": Incident(HERE),
        "adjusted": Incident(("in_work",), alters=True),
        "repaired": Incident(("received", "in_work", "uncalibratable"), alters=True),
        "partial": Incident(("received", "in_work")),
        "uncalibratable": Incident(("received", "in_work"), "uncalibratable"),
        "withdrawn": Incident(("accepted", "discrepancy", "received", "in_work"), "withdrawn"),
        "lost": Incident(("received", "in_work"), "lost"),
        "moved": Incident(HERE),
        "sealed": Incident(HERE),
        "unsealed": Incident(HERE, alters=True),
        "note": Incident(("accepted", *HERE, "withdrawn", "refused", "returned", "lost")),
    }
)
"""adjusted: between as found and as left (7.8.4.1 d). lost from `issued`: the machine has no such step."""
NEEDS_A_CASE = ("damaged_in_laboratory", "lost")
"""Nonconforming work (7.10): a case follows it to its end."""
TO_BE_RETURNED = ("issued", "uncalibratable", "withdrawn", "refused")

DISPUTE = Term(
    "dispute", 15, "working", {"zh": "计量器具检定异议期限（未核对原文）", "en": "Objection to a result (m)"}
)
"""15 days from the receipt of the result (domain notes 2.4, L3 §9 (m): nobody has read the figure in its source)."""


def offered(state: str) -> list[str]:
    """The incidents that may be noted in a state, in the order of the table."""
    return [kind for kind, incident in INCIDENTS.items() if state in incident.within]


def dispute_until(received: date, calendar: Calendar) -> date:
    """The last day of an objection, counted from the day after the result was received."""
    return calendar.add(received, DISPUTE.days)


def may_go_back(number: str, state: str, *, gone: bool) -> Reason:
    """Work on an item has ended one way or another, and it has not gone back yet."""
    facts = {"number": number, "state": both(state)}
    if gone:
        return Reason(False, "may_go_back", both("{number} has been handed over already", number=number), HANDLING)
    ok = state in TO_BE_RETURNED
    text = (
        both("{number} may go back: {state}", **facts)
        if ok
        else both("{number} is {state}; nothing goes back before the work has ended", **facts)
    )
    return Reason(ok, "may_go_back", text, HANDLING)


def nobody_in_conflict(name: Mapping[str, str], reason: str | None) -> Reason:
    """A person is not marked as having an interest in a customer's item. reason: why they are, None where not."""
    clause = "ISO/IEC 17025:2017, 4.1"
    if reason is None:
        return Reason(True, "no_conflict", both("No conflict of interest is noted for {name}", name=dict(name)), clause)
    text = both("{name} has a conflict of interest here: {reason}", name=dict(name), reason=reason)
    return Reason(False, "no_conflict", text, clause)


def different_people(performer: int | None, checker: int | None) -> Reason:
    clause = "ISO/IEC 17025:2017, 7.5.1, 7.8.1.1"
    if performer is not None and performer == checker:
        return Reason(False, "separation", both("Performer and checker are the same person"), clause)
    return Reason(True, "separation", both("Performer and checker are different persons"), clause)


def found_before_altering(as_found: bool) -> Reason:
    """Before an adjustment the item has been measured as found (7.8.4.1 d)."""
    text = (
        both("The item has been measured as found")
        if as_found
        else both("The item has not been measured as found; measure it before it is altered")
    )
    return Reason(as_found, "found_first", text, "ISO/IEC 17025:2017, 7.8.4.1 d)")


def provider_suitable(
    name: Mapping[str, str], state: str, valid_to: date | None, scope: Sequence[str], wanted: str, day: date
) -> list[Reason]:
    """Another laboratory may be given this work: approved, in date, and its scope holds the measurand."""
    clause = "ISO/IEC 17025:2017, 6.6.2"
    who = dict(name)
    approved = state == "approved"
    lines = [
        Reason(
            approved,
            "provider_approved",
            both("{name} is an approved provider", name=who)
            if approved
            else both("{name} is no approved provider: {state}", name=who, state=both(state)),
            clause,
        )
    ]
    in_date = valid_to is not None and valid_to >= day
    lines.append(
        Reason(
            in_date,
            "provider_in_date",
            both("Its accreditation is valid until {until}", until=valid_to)
            if in_date
            else both("Its accreditation ended on {until}", until=valid_to or "—"),
            clause,
        )
    )
    covers = wanted.casefold() in {each.casefold() for each in scope}
    facts = {"wanted": wanted, "scope": ", ".join(scope) or "—"}
    lines.append(
        Reason(
            covers,
            "provider_scope",
            both("Its scope holds {wanted}", wanted=wanted)
            if covers
            else both("Its scope is {scope}; it does not hold {wanted}", **facts),
            clause,
        )
    )
    return lines


def consent_given(given: bool) -> Reason:
    """The customer has agreed to external work (ISO/IEC 17025:2017, 7.1.1 c)."""
    text = (
        both("The customer has agreed to subcontracting")
        if given
        else both("The customer has not agreed to subcontracting")
    )
    return Reason(given, "subcontract_consent", text, "ISO/IEC 17025:2017, 7.1.1 c)")
