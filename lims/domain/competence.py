"""Who has shown what, and what has to be shown before somebody is authorised (ISO/IEC 17025:2017, 6.2).

Plain values: the rows come from lims.queries.competence, the steps are taken by lims.services.competence.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Protocol

from lims.domain.errors import UnusableValue
from lims.domain.gates import Reason
from lims.words import N_, both
from uncertainty import units
from uncertainty.errors import UncertaintyError

TRAINING = ("training",)
ASSESSMENT = ("observation", "examination")
KINDS = (*TRAINING, *ASSESSMENT, "qualification")
OUTCOMES = ("passed", "failed", "attended")
ROLES = ("perform", "verify", "approve")
PERFORMERS = 2
"""People with ability for each work: 计量标准考核办法 asks for two at least (m)."""
GRANTER = "technical_manager"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long evidence counts, and when somebody is looked after again. The figures are the laboratory's own (m).

    evidence_months: how old a training or an assessment may be at a grant. longest_years: of an authorisation.
    supervise_months: without work for so long, supervision is due. expiring_days: the warning before the last day.
    """

    evidence_months: int = 24
    longest_years: int = 5
    supervise_months: int = 12
    expiring_days: int = 60


def terms(profile: Mapping[str, Any]) -> Terms:
    """The laboratory's terms, from `competence` in its profile. Raises UnusableValue."""
    said = profile.get("competence") or {}
    for each in fields(Terms):
        value = said.get(each.name, 1)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 600:
            raise UnusableValue(field=f"competence.{each.name}", found=str(value), right=N_("a whole number, 1 to 600"))
    return Terms(**{each.name: said[each.name] for each in fields(Terms) if each.name in said})


def months_before(day: date, months: int) -> date:
    """The same day so many months ago, the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Shown(Protocol):
    """A row of training, observation, examination or qualification."""

    @property
    def kind(self) -> str: ...
    @property
    def procedure_name(self) -> str | None: ...
    @property
    def on_day(self) -> date: ...
    @property
    def outcome(self) -> str: ...


class Ranged(Protocol):
    """An authorisation with what of the range it reaches."""

    @property
    def scope(self) -> dict[str, Any]: ...


class Span(Protocol):
    """A span of values of a measurand in its unit (lims.queries.scope.Wanted)."""

    @property
    def measurand(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def newest(rows: Iterable[Shown], kinds: Sequence[str], procedure: str, day: date) -> Shown | None:
    """The last row of these kinds for a procedure up to a day, the first given of one day; only attended says nothing."""
    found = [
        row
        for row in rows
        if row.kind in kinds and row.procedure_name == procedure and row.on_day <= day and row.outcome != "attended"
    ]
    return max(found, key=lambda row: row.on_day, default=None)


def trained(rows: Iterable[Shown], procedure: str, day: date, months: int) -> Reason:
    """The last training for the procedure was passed, and not longer ago than so many months."""
    return _shown("trained", newest(rows, TRAINING, procedure, day), procedure, day, months)


def assessed(rows: Iterable[Shown], procedure: str, day: date, months: int) -> Reason:
    """The last observation at work or examination was passed, and not longer ago than so many months."""
    return _shown("assessed", newest(rows, ASSESSMENT, procedure, day), procedure, day, months)


def _shown(code: str, row: Shown | None, procedure: str, day: date, months: int) -> Reason:
    training = code == "trained"
    clause = "ISO/IEC 17025:2017, " + ("6.2.5 c)" if training else "6.2.3, 6.2.5 f)")
    what = both("Training") if training else both("Observation or examination")
    facts: dict[str, object] = {"what": what, "procedure": procedure, "months": months}
    if row is None:
        return Reason(False, code, both("{what} for {procedure}: none passed yet", **facts), clause)
    facts["on"] = row.on_day
    if row.outcome != "passed":
        text = both("{what} for {procedure}: the last one, on {on}, was not passed", **facts)
        return Reason(False, code, text, clause)
    if row.on_day < months_before(day, months):
        text = both("{what} for {procedure}: passed on {on}, more than {months} months ago", **facts)
        return Reason(False, code, text, clause)
    return Reason(True, code, both("{what} for {procedure}: passed on {on}", **facts), clause)


def granted_by(roles: Iterable[str]) -> Reason:
    """The technical manager grants."""
    ok = GRANTER in set(roles)
    text = both("Granted by the technical manager") if ok else both("Only the technical manager grants authorisations")
    return Reason(ok, "granted_by", text, "ISO/IEC 17025:2017, 6.2.6")


def not_oneself(by: int, person: int) -> Reason:
    """Nobody assesses or authorises themselves."""
    ok = by != person
    text = both("Decided by another person") if ok else both("Nobody decides on their own competence")
    return Reason(ok, "not_oneself", text, "ISO/IEC 17025:2017, 4.1, 6.2.6")


def none_suspended(suspended: int) -> Reason:
    """A suspended authorisation is taken up again or withdrawn, never gone round by a new one."""
    ok = suspended == 0
    text = both("None is suspended") if ok else both("One for the same work is suspended: resume or withdraw that one")
    return Reason(ok, "none_suspended", text, "ISO/IEC 17025:2017, 6.2.6")


def validity(valid_from: date, valid_to: date, day: date, longest_years: int) -> None:
    """Nothing, for a span that ends today or later and is not too long. Raises UnusableValue."""
    if valid_to < max(valid_from, day):
        right = N_("a day from today on, not before its beginning")
        raise UnusableValue(field="valid_to", found=str(valid_to), right=right)
    if valid_from.year > 9000 or valid_to > months_before(valid_from, -12 * longest_years):
        right_span = both("at most {years} years from its beginning", years=longest_years)
        raise UnusableValue(field="valid_to", found=str(valid_to), right=right_span)


def range_of(measurand: str, unit: str, low: str, high: str) -> dict[str, Any]:
    """What of a range an authorisation reaches; {} where nothing is entered: the whole. Raises UnusableValue."""
    entered = {"measurand": measurand.strip(), "unit": unit.strip(), "low": low.strip(), "high": high.strip()}
    if not any(entered.values()):
        return {}
    for name, said in entered.items():
        if not said:
            raise UnusableValue(field=name, found="—", right=N_("filled in, or all four empty for the whole range"))
    ends = {name: _finite(name, entered[name]) for name in ("low", "high")}
    if ends["high"] < ends["low"]:
        raise UnusableValue(field="high", found=entered["high"], right=N_("not below the lower end"))
    try:
        units.convert(1.0, entered["unit"], entered["unit"])
    except UncertaintyError as error:
        raise UnusableValue(field="unit", found=entered["unit"], right=N_("a unit such as V or mV")) from error
    return {"measurand": entered["measurand"], "unit": entered["unit"]} | ends


def _finite(field: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UnusableValue(field=field, found=text[:40], right=N_("a number such as 10.00012 or 1e-3"))
    return value


def reaches(scope: Mapping[str, Any], spans: Iterable[Span]) -> bool:
    """Whether a range covers every span; an empty one covers all."""
    return not scope or all(_covers(scope, span) for span in spans)


def _covers(scope: Mapping[str, Any], span: Span) -> bool:
    if scope["measurand"] != span.measurand:
        return False
    try:
        factor = units.convert(1.0, span.unit, scope["unit"])
    except UncertaintyError:
        return False
    slack = 1e-9 * max(abs(scope["low"]), abs(scope["high"]))  # 1000 mV are 1 V, whatever binary fractions say
    return bool(scope["low"] - slack <= span.low * factor and span.high * factor <= scope["high"] + slack)


def in_range(valid: Sequence[Ranged], procedure: str, spans: Sequence[Span]) -> Reason | None:
    """Whether one of the valid authorisations reaches all that a procedure measures; None where one is unlimited."""
    if not valid or any(not each.scope for each in valid):
        return None
    facts: dict[str, object] = {"procedure": procedure} | dict(valid[0].scope)
    ok = any(reaches(each.scope, spans) for each in valid)
    text = (
        both("The authorisation reaches all points of {procedure}", procedure=procedure)
        if ok
        else both("The authorisation for {procedure} reaches {measurand} {low} … {high} {unit} only", **facts)
    )
    return Reason(ok, "authorised_range", text, "ISO/IEC 17025:2017, 6.2.6")
