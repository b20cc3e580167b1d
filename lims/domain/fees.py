"""What work costs: a tariff's entries, the price of one job, money. Amounts are Decimal in CNY, rounded half up to 0.01.

An entry: {"procedures": […], "words": […], "work": […], "per": "item" | "point", "price": "300.00", "urgent": "50" (per
cent), "on_site": "200.00"}. procedures or words name what it is for; work may be empty: any kind of work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from lims.words import N_

from . import orders
from .errors import UnusableValue
from .grams import plain

KINDS = MappingProxyType(
    {
        "tariff": N_("price of the tariff"),
        "urgent": N_("urgent surcharge"),
        "on_site": N_("work at the customer's place"),
        "statutory_free": N_("free compulsory verification"),
        "waived": N_("fee waived"),
        "adjustment": N_("adjustment"),
    }
)
"""Kinds of the rows of a job's fee."""
PER = MappingProxyType({"item": N_("per item"), "point": N_("per point")})
CENT = Decimal("0.01")
LARGEST = Decimal("99999999.99")
"""CNY; no job of a laboratory costs more, and a slip of the keyboard is caught."""
_KEYS = frozenset({"procedures", "words", "work", "per", "price", "urgent", "on_site"})


def rounded(amount: Decimal) -> Decimal:
    """To 0.01 CNY, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def text(amount: Decimal) -> str:
    """As it is stored and shown: two places, never an exponent, never −0.00."""
    return f"{rounded(amount) + 0:f}"


def money(found: object, field: str, *, negative: bool = False) -> Decimal:
    """An amount as somebody entered it, with at most two places. Raises UnusableValue."""
    right = N_("an amount in CNY such as 300.00") if not negative else N_("an amount in CNY such as -50.00, not zero")
    try:
        amount = Decimal(str(found).strip())
    except InvalidOperation:
        raise UnusableValue(field=field, found=str(found)[:40] or "—", right=right) from None
    if not amount.is_finite() or abs(amount) > LARGEST or amount != rounded(amount):
        raise UnusableValue(field=field, found=str(found)[:40], right=right)
    if (not negative and amount < 0) or (negative and amount == 0):
        raise UnusableValue(field=field, found=str(found)[:40], right=right)
    return rounded(amount)


@dataclass(frozen=True, slots=True)
class Entry:
    """One price. urgent: surcharge in per cent of the price; on_site: CNY for each job away from the laboratory."""

    procedures: tuple[str, ...]
    words: tuple[str, ...]
    work: tuple[str, ...]
    per: str
    price: Decimal
    urgent: Decimal
    on_site: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a job's fee. reason: how the amount came about, in figures and names; clause: its source."""

    kind: str
    amount: Decimal
    reason: str = ""
    clause: str = ""


def read(entries: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The entries of a tariff. Raises UnusableValue for the first that cannot be used."""
    if not entries:
        raise UnusableValue(field="entries", found="—", right=N_("at least one price"))
    return [_entry(entry, f"entries[{n}]") for n, entry in enumerate(entries)]


def _entry(entry: Mapping[str, Any], place: str) -> Entry:
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise UnusableValue(field=place, found=", ".join(unknown), right=", ".join(sorted(_KEYS)))
    listed = {key: tuple(str(each).strip() for each in entry.get(key, ()) if str(each).strip())
              for key in ("procedures", "words", "work")}  # fmt: skip
    if not listed["procedures"] and not listed["words"]:
        raise UnusableValue(field=place, found="—", right=N_("procedures or words that say what it is for"))
    strange = [each for each in listed["work"] if each not in orders.WORK]
    if strange:
        raise UnusableValue(field=f"{place}.work", found=", ".join(strange), right=", ".join(orders.WORK))
    per = str(entry.get("per", "item"))
    if per not in PER:
        raise UnusableValue(field=f"{place}.per", found=per, right=", ".join(PER))
    urgent = money(entry.get("urgent", "0"), f"{place}.urgent")
    if urgent > 1000:
        raise UnusableValue(field=f"{place}.urgent", found=str(urgent), right=N_("at most 1000 per cent"))
    price, on_site = (
        money(entry.get("price", ""), f"{place}.price"),
        money(entry.get("on_site", "0"), f"{place}.on_site"),
    )
    return Entry(**listed, per=per, price=price, urgent=urgent, on_site=on_site)


def match(entries: Iterable[Entry], procedure: str, work: str, said: str) -> Entry | None:
    """The entry for a job: one that names its procedure before one whose word stands in what is said of the instrument;
    among those, one that names the kind of work before one for all kinds. None where nothing fits.
    """
    written = plain(said)
    fits = [
        (procedure not in each.procedures, not each.work, n, each)
        for n, each in enumerate(entries)
        if (not each.work or work in each.work)
        and (procedure in each.procedures or any(plain(word) in written for word in each.words))
    ]
    return min(fits, key=lambda found: found[:3])[3] if fits else None


def price(entry: Entry, *, procedure: str, points: int, urgent: bool, place: str, clause: str) -> list[Line]:
    """The rows of one job's fee. points: in the procedure's table; place: laboratory | on_site | mobile."""
    count = points if entry.per == "point" else 1
    base = rounded(entry.price * count)
    lines = [Line("tariff", base, f"{procedure}: {count} × {text(entry.price)}", clause)]
    if urgent and entry.urgent:
        lines.append(Line("urgent", rounded(base * entry.urgent / 100), f"{text(base)} × {entry.urgent:f} %", clause))
    if place != "laboratory" and entry.on_site:
        lines.append(Line("on_site", entry.on_site, "", clause))
    return lines


def total(amounts: Iterable[Decimal | str]) -> Decimal:
    """The sum of amounts, in CNY."""
    return rounded(sum((Decimal(each) for each in amounts), Decimal(0)))
