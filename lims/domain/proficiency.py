"""Rounds of proficiency tests: rows of results as typed, their scores, and what the worst of them asks for. Pure.

The scores are uncertainty.comparisons's (ISO 13528:2022, 9; GB/T 28043-2019, 9).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from lims.words import N_
from uncertainty import comparisons

from .errors import UnusableValue

SATISFACTORY, QUESTIONABLE, UNSATISFACTORY = "satisfactory", "questionable", "unsatisfactory"
OUTCOMES = {
    SATISFACTORY: N_("satisfactory"),
    QUESTIONABLE: N_("warning signal"),
    UNSATISFACTORY: N_("action signal"),
}
"""From good to bad."""
OWN = ("point", "x", "U", "k")
REFERENCE = ("point", "X", "U_ref", "sigma", "k_ref")
MOST_ROWS = 500
MAY_BE_ZERO = ("x", "X", "U_ref")


def figure(text: str, field: str) -> str:
    """A number as typed, folded to plain signs; its digits are kept. Raises UnusableValue."""
    folded = unicodedata.normalize("NFKC", text).replace(" ", "").replace("\u2212", "-").replace("\u2009", "")
    try:
        value = float("nan" if "_" in folded else folded)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UnusableValue(field=field, found=text.strip() or "—", right=N_("a number such as 10.00012 or 1e-3"))
    if field not in ("x", "X") and (value < 0 or (value == 0 and field not in MAY_BE_ZERO)):
        raise UnusableValue(field=field, found=text.strip(), right=N_("a number above 0"))
    return folded


def rows(text: str, columns: Sequence[str], needed: int) -> list[dict[str, str]]:
    """Lines of cells, separated by tab, semicolon or comma, as {column: text}; a line of the columns' names is skipped.

    The first `needed` columns have to be there; empty cells behind them are left out. Raises UnusableValue with the line.
    """
    found: list[dict[str, str]] = []
    lines = [line for line in unicodedata.normalize("NFKC", text).splitlines() if line.strip()]
    for line in lines[1:] if lines and _is_heading(lines[0], columns) else lines:
        mark = next((sign for sign in "\t;" if sign in line), ",")
        cells = [cell.strip() for cell in line.split(mark)]
        row = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
        if len(cells) > len(columns) or any(name not in row for name in columns[:needed]):
            raise UnusableValue(field="rows", found=line.strip(), right="; ".join(columns))
        found.append({name: cell if name == "point" else figure(cell, name) for name, cell in row.items()})
    if not 1 <= len(found) <= MOST_ROWS:
        raise UnusableValue(field="rows", found=str(len(found)), right=N_("from 1 to 500 lines"))
    points = [row["point"] for row in found]
    for point in points:
        if points.count(point) > 1:
            raise UnusableValue(field="rows", found=point, right=N_("each point once"))
    return found


def _is_heading(line: str, columns: Sequence[str]) -> bool:
    return line.replace("\t", ";").replace(",", ";").split(";")[0].strip().casefold() == columns[0]


def joined(own: Sequence[Mapping[str, Any]], reference: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Own results with the reference values of the same points. Raises UnusableValue when one has no partner."""
    given = {row["point"]: row for row in reference}
    for row in own:
        if row["point"] not in given:
            raise UnusableValue(field="rows", found=str(row["point"]), right=N_("a reference value for each own point"))
    strange = set(given) - {row["point"] for row in own}
    if strange:
        raise UnusableValue(field="rows", found=min(strange), right=N_("points that the own results have"))
    return [{**row, **given[row["point"]]} for row in own]


def scored(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with En, ζ and, where σpt is given, z (z′ where u_ref is not small beside it) and its worst verdict.

    U and U_ref are expanded with k and k_ref, 2 where nothing else is stated; En wants both for one coverage.
    """
    x, U, X, U_ref = (float(row[name]) for name in ("x", "U", "X", "U_ref"))
    u, u_ref = U / float(row.get("k", 2)), U_ref / float(row.get("k_ref", 2))
    found = [comparisons.en_scores([x], [U], X, U_ref)[0], comparisons.zeta_scores([x], [u], X, u_ref)[0]]
    if row.get("sigma"):
        sigma = float(row["sigma"])
        small = comparisons.small_enough(u_ref, sigma)
        found += comparisons.z_scores([x], X, sigma) if small else comparisons.z_prime_scores([x], X, sigma, u_ref)
    scores = {score.name: score.value for score in found}
    if not all(map(math.isfinite, scores.values())):
        raise UnusableValue(field="rows", found=str(row["point"]), right=N_("figures of a size that can be compared"))
    return {**row, **scores, "verdict": worst([score.verdict for score in found])}


def worst(verdicts: Sequence[str]) -> str:
    """The worst of verdicts; satisfactory where there is none."""
    order = list(OUTCOMES)
    return max(verdicts, key=order.index, default=SATISFACTORY)
