"""Results, their uncertainty and their verdicts: 7.8.2.1 m, 7.8.4.1 a, d, e, f, 7.8.6.2, and ILAC P14."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lims.words import N_, both
from uncertainty import conformity as conformity_rules

from .looking import (
    CERTIFICATES,
    Problems,
    Rule,
    Snapshot,
    as_decimal,
    at,
    is_both,
    is_text,
    need_both,
    reported,
    rows,
    rows_at,
    sets,
)

STAGES = ("as_found", "as_left", "result")
VERDICTS = ("pass", "fail", "undetermined", "conditional_pass", "conditional_fail", "none")


def results(snapshot: Snapshot) -> Problems:
    """Every row has a value with its unit; a pure number has the unit "1" or an empty one."""
    if not sets(snapshot):
        yield both("{place} is missing", place="result_sets")
    for s, found in enumerate(sets(snapshot)):
        if not rows_at(found, "rows"):
            yield both("{place} is missing", place=f"result_sets.{s}.rows")
        if found.get("stage") not in STAGES:
            yield both("{place} is missing", place=f"result_sets.{s}.stage")
    for place, row in rows(snapshot):
        if as_decimal(reported(row)) is None:
            yield both("{place} is missing", place=f"{place}.value")
        if not isinstance(row.get("unit"), str):
            yield both("{place} is missing", place=f"{place}.unit")
        if not is_both(row.get("quantity")):
            yield both("{place} is missing in Chinese or English", place=f"{place}.quantity")


def uncertainty(snapshot: Snapshot) -> Problems:
    """Each result has its U above zero, in the row's unit, with k or p; the certificate says what U means."""
    for place, row in rows(snapshot):
        U, k = as_decimal(row.get("U")), as_decimal(row.get("k"))
        if U is None or U <= 0:
            yield both("{place} is missing", place=f"{place}.U")
        if k is None or k <= 0:
            yield both("{place} is missing", place=f"{place}.k")
    yield from need_both(snapshot, "uncertainty_statement")


def significant_digits(number: Decimal) -> int:
    """Significant digits of a printed number; zeros at the end of a whole number do not count.

    0.0011: 2. 0.010: 2. 120: 2. 1200: 2. 123: 3.
    """
    _, digits, exponent = number.as_tuple()
    shown = list(digits)
    assert isinstance(exponent, int)
    if exponent >= 0:
        while len(shown) > 1 and shown[-1] == 0:
            shown.pop()
    return len(shown)


def rounding(snapshot: Snapshot) -> Problems:
    """U has one or two significant digits, and the result ends at the same decimal place."""
    for place, row in rows(snapshot):
        U, value = as_decimal(row.get("U")), as_decimal(reported(row))
        if U is None or value is None or U <= 0:
            continue
        if significant_digits(U) > 2:
            yield both("{place}: U = {U} has more than two significant digits", place=place, U=row["U"])
        if U.as_tuple().exponent != value.as_tuple().exponent:
            yield both(
                "{place}: {value} and U = {U} end at different places", place=place, value=reported(row), U=row["U"]
            )


def before_and_after(snapshot: Snapshot) -> Problems:
    """Results after an adjustment stand beside those before it, for the same points."""
    stages = {found.get("stage"): found for found in sets(snapshot)}
    if "as_left" in stages and "as_found" not in stages and not rows_at(snapshot, "deviations"):
        yield both("results as left are given without those as found, and no deviation says why")


def conformity(snapshot: Snapshot) -> Problems:
    """A verdict has its limits; with any verdict the statement, the specification and the rule are given."""
    judged = []
    for place, row in rows(snapshot):
        verdict = row.get("verdict")
        if verdict not in VERDICTS:
            yield both("{place} is missing", place=f"{place}.verdict")
        elif verdict != "none":
            judged.append(place)
            if as_decimal(row.get("low")) is None and as_decimal(row.get("high")) is None:
                yield both("{place} has a verdict without limits", place=place)
    stated = at(snapshot, "conformity")
    if judged and stated is None:
        yield both("{place} has a verdict, but no decision rule is stated", place=judged[0])
    if stated is not None:
        if at(snapshot, "conformity.rule.rule") not in conformity_rules.RULES[1:]:
            yield both("{place} is missing", place="conformity.rule")
        yield from need_both(snapshot, "conformity.statement")
        for name in ("maker", "document"):
            if not is_text(at(snapshot, f"conformity.specification.{name}")):
                yield both("{place} is missing", place=f"conformity.specification.{name}")


def opinions(snapshot: Snapshot) -> Problems:
    """An opinion or interpretation names who gives it."""
    for i, opinion in enumerate(rows_at(snapshot, "opinions")):
        text: Any = opinion.get("text")
        if not is_both(text) or not is_both(opinion.get("by")):
            yield both("{place} is missing in Chinese or English", place=f"opinions.{i}")


RULES = (
    Rule("7.8.2.1.m", "ISO/IEC 17025:2017, 7.8.2.1 m)", N_("Results with their units"), results),
    Rule("7.8.4.1.a", "ISO/IEC 17025:2017, 7.8.4.1 a)", N_("Measurement uncertainty of each result"), uncertainty),
    Rule("p14", "ILAC P14", N_("U with at most two significant digits, the result rounded to it"), rounding),
    Rule(
        "7.8.4.1.d",
        "ISO/IEC 17025:2017, 7.8.4.1 d)",
        N_("Results before and after adjustment"),
        before_and_after,
        CERTIFICATES,
    ),
    Rule(
        "7.8.4.1.e", "ISO/IEC 17025:2017, 7.8.4.1 e), 7.8.6.2", N_("Statement of conformity with its rule"), conformity
    ),
    Rule("7.8.4.1.f", "ISO/IEC 17025:2017, 7.8.4.1 f), 7.8.7", N_("Opinions with who gives them"), opinions),
)
