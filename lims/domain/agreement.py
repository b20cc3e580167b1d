"""What a customer and the laboratory agree for one item: kind of work, use, decision rule; pure checks of the words.

wanted (what the customer needs) follows from work (what is done): see wanted_of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lims.words import N_

from . import orders
from .errors import UnusableValue

RULES = (
    "none", "simple", "third", "guarded", "guarded_acceptance", "guarded_rejection", "conditional", "iso14253", "z540"
)  # fmt: skip
"""Rules that a request may agree; others want what only a laboratory knows, such as the population of items."""
WITH_r = ("guarded", "guarded_acceptance", "guarded_rejection", "conditional")
WANTED = {"verification": N_("verification"), "calibration": N_("calibration"), "test": N_("testing")}
OFFERED = (*orders.VERIFICATION, "calibration", "test")
"""The kinds of work that a customer may order; the others are the laboratory's own."""
PLACES = {
    "laboratory": N_("at the laboratory"),
    "on_site": N_("at the customer's site"),
    "mobile": N_("in the mobile laboratory"),
}
DELIVERIES = {
    "electronic": N_("electronic certificate"),
    "paper": N_("paper certificate"),
    "both": N_("electronic and paper certificate"),
}
LANGUAGES = {"zh": N_("Chinese"), "en": N_("English"), "both": N_("Chinese and English")}


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole order."""

    contact: str = ""
    place: str = "laboratory"
    site: str = ""
    urgent: bool = False
    delivery: str = "electronic"
    language: str = "zh"
    accredited: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order. instrument: an id of the ledger, or what an item not seen before is. procedure None: the
    laboratory chooses."""

    instrument: int | Mapping[str, Any]
    work: str = "calibration"
    use: str = "other"
    procedure: str | None = None
    rule: Mapping[str, Any] = field(default_factory=lambda: {"rule": "none"})
    as_left: bool = False
    note: str = ""


def wanted_of(work: str) -> str:
    """verification, calibration or test. Raises UnusableValue for work that no customer orders."""
    one_of("work", work, OFFERED)
    return "verification" if work in orders.VERIFICATION else work


def document_kind_of(work: str) -> str:
    """What kind of document the work ends in. Testing has no document kind of its own yet: results and U, no grade."""
    return "verification" if work in orders.VERIFICATION else "calibration"


def one_of(name: str, found: str, allowed: Mapping[str, Any] | tuple[str, ...]) -> str:
    """The word itself, when it is one of those allowed. Raises UnusableValue."""
    if found not in allowed:
        raise UnusableValue(field=name, found=found or "—", right=", ".join(allowed))
    return found


def check_terms(terms: Terms) -> None:
    """Raises UnusableValue for a word that is not offered, and for a site that is missing where one is needed."""
    one_of("place", terms.place, PLACES)
    one_of("delivery", terms.delivery, DELIVERIES)
    one_of("language", terms.language, LANGUAGES)
    if terms.place == "on_site" and not terms.site.strip():
        raise UnusableValue(field="site", found="—", right=N_("the address where the items are, for work on site"))


def rule_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The decision rule as it is kept: {"rule"} or {"rule", "r": guard band as a multiple of U}."""
    name = one_of("rule", str(rule.get("rule", "none")), RULES)
    if name not in WITH_r:
        return {"rule": name}
    try:
        r = float(rule.get("r", 1.0))
    except (TypeError, ValueError):
        r = -1.0
    if not 0 < r <= 2:
        raise UnusableValue(field="r", found=str(rule.get("r")), right=N_("a number above 0 and up to 2"))
    return {"rule": name, "r": r}
