"""May this step be taken? Pure functions, each one line of an answer: what holds or not, the figure, and the clause.

The same gates colour the technician's screen, refuse the request and fill the auditor's evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from lims.words import N_, both

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a gate. ok: whether it stands open. text: {"zh", "en"}. clause: what demands it.

    warn: where the rule in force only warns; the line is shown and kept, and blocks nothing.
    """

    ok: bool
    code: str
    text: Text
    clause: str
    warn: bool = False

    @property
    def blocks(self) -> bool:
        return not self.ok and not self.warn


class Granted(Protocol):
    """An authorisation as the register keeps it."""

    @property
    def procedure_name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...


def closed(lines: Iterable[Reason]) -> list[Reason]:
    """The lines that refuse."""
    return [line for line in lines if line.blocks]


def item_received(state: str) -> Reason:
    """The item is in the laboratory: received, or already in work."""
    ok = state in ("received", "in_work")
    text = (
        both("The item has been received")
        if ok
        else both("The item has not been received; the request is {state}", state=state)
    )
    return Reason(ok, "item_received", text, "ISO/IEC 17025:2017, 7.4.3")


def procedure_current(name: str, state: str) -> Reason:
    ok = state == "current"
    text = (
        both("Procedure {name} is current", name=name)
        if ok
        else both("Procedure {name} is {state}; use the current version", name=name, state=state)
    )
    return Reason(ok, "procedure_current", text, "ISO/IEC 17025:2017, 7.2.1.2")


def authorised(granted: Iterable[Granted], procedure: str, role: str, day: date) -> Reason:
    """A person's authorisations contain one for this procedure and role (perform, verify, approve) on this day."""
    clause = "ISO/IEC 17025:2017, 6.2.6"
    mine = [g for g in granted if g.procedure_name == procedure and g.role == role and g.state == "granted"]
    valid = [g for g in mine if g.valid_from <= day <= g.valid_to]
    facts: dict[str, object] = {"procedure": procedure, "role": both(role)}
    if valid:
        until = max(g.valid_to for g in valid)
        return Reason(
            True, "authorised", both("Authorised for {procedure}, {role}, until {until}", until=until, **facts), clause
        )
    ended = [g.valid_to for g in mine if g.valid_to < day]
    if ended:
        text = both("The authorisation for {procedure}, {role}, ended on {ended}", ended=max(ended), **facts)
    else:
        text = both("Not authorised for {procedure}, {role}, on {day}", day=day, **facts)
    return Reason(False, "authorised", text, clause)


def standard_in_date(
    standard: str, certificate: str | None, valid_to: date | None, day: date, valid_from: date | None = None
) -> Reason:
    """A standard has a calibration in force on the day. valid_to None: a certificate without an end is refused."""
    clause = "ISO/IEC 17025:2017, 6.4.7, 6.5.1"
    code = "standard_in_date"
    if certificate is None or valid_to is None:
        return Reason(False, code, both("Standard {standard} has no calibration in force", standard=standard), clause)
    facts: dict[str, object] = {"standard": standard, "certificate": certificate, "valid_to": valid_to}
    if valid_from is not None and day < valid_from:
        text = both("Certificate {certificate} of standard {standard} begins on {begin}", begin=valid_from, **facts)
        return Reason(False, code, text, clause)
    if day > valid_to:
        text = both("Certificate {certificate} of standard {standard} ended on {valid_to}: recalibrate it", **facts)
        return Reason(False, code, text, clause)
    text = both(
        "Standard {standard}: certificate {certificate} is valid until {valid_to} ({days} days left)",
        days=(valid_to - day).days,
        **facts,
    )
    return Reason(True, code, text, clause)


def environment_inside(
    quantity: Text, found: Decimal | float | None, low: Decimal | float, high: Decimal | float, unit: str
) -> Reason:
    """The room is inside the procedure's limits. found None: nothing has been measured, which is not inside."""
    clause = "ISO/IEC 17025:2017, 6.3.3"
    facts: dict[str, object] = {"quantity": quantity, "low": low, "high": high, "unit": unit}
    if found is None:
        text = both("{quantity} has not been measured; the limits are {low} to {high} {unit}", **facts)
        return Reason(False, "environment_inside", text, clause)
    ok = low <= found <= high
    text = (
        both("{quantity} {found} {unit} is inside {low} to {high} {unit}", found=found, **facts)
        if ok
        else both("{quantity} {found} {unit} is outside {low} to {high} {unit}", found=found, **facts)
    )
    return Reason(ok, "environment_inside", text, clause)


def separation(
    step: str, person_id: int, *, performer: int, verifier: int | None = None, verifier_apart: bool = True
) -> Reason:
    """Performer, verifier and approver apart. step: "verify" or "approve".

    verifier_apart: the verifier may not approve; always for 检定, for 校准 a setting of the laboratory, on by default.
    """
    code = "separation"
    clause = "ISO/IEC 17025:2017, 7.5.1, 7.8.1.1"
    if person_id == performer:
        if step == "verify":
            return Reason(False, code, both("The performer may not verify; another person has to"), clause)
        return Reason(False, code, both("The performer may not approve; another person has to"), clause)
    if step == "approve" and verifier_apart and person_id == verifier:
        return Reason(False, code, both("The verifier may not approve as well; another person has to"), clause)
    return Reason(True, code, both("Performer, verifier and approver are different persons"), clause)


def record_verified(number: str, state: str) -> Reason:
    ok = state in ("verified", "approved")
    text = (
        both("Record {number} is verified", number=number)
        if ok
        else both("Record {number} is {state}, not verified", number=number, state=both(state))
    )
    return Reason(ok, "record_verified", text, "ISO/IEC 17025:2017, 7.8.1.1")


def digest_holds(number: str, signed: str | None, today: str) -> Reason:
    """What was verified is what is approved: the digest that the verifier signed is the record's digest today."""
    ok = signed == today
    text = (
        both("Record {number} is unchanged since it was verified", number=number)
        if ok
        else both("Record {number} has changed since it was verified; verify it again", number=number)
    )
    return Reason(ok, "digest_holds", text, "ISO/IEC 17025:2017, 7.5.2, 7.11.3")


def stages_complete(missing: Sequence[str]) -> Reason:
    """Every agreed stage has its record. missing: as_found, as_left."""
    text = (
        both("Every agreed stage has been measured")
        if not missing
        else both("Still to be measured: {stages}", stages=", ".join(missing))
    )
    return Reason(not missing, "stages_complete", text, "ISO/IEC 17025:2017, 7.8.4.1 d)")


def in_scope(
    measurand: str, low: float, high: float, unit: str, capability: str | None, missing: Sequence[str]
) -> Reason:
    """What a procedure measures lies inside the laboratory's scope. missing: the spans outside, as texts."""
    clause = "ISO/IEC 17025:2017, 7.1.1 c)"
    facts: dict[str, object] = {"measurand": measurand, "low": f"{low:g}", "high": f"{high:g}", "unit": unit}
    if capability is not None and not missing:
        text = both("{measurand}, {low} to {high} {unit}: in the scope, {capability}", capability=capability, **facts)
        return Reason(True, "in_scope", text, clause)
    if capability is None:
        text = both("{measurand}, {low} to {high} {unit}: the laboratory's scope has no such line", **facts)
    else:
        text = both(
            "{measurand}, {low} to {high} {unit}: {missing} is outside the scope", missing="; ".join(missing), **facts
        )
    return Reason(False, "in_scope", text, clause)


def not_below_capability(point: int, printed: str, capability: str, unit: str, code: str, *, ok: bool) -> Reason:
    """A printed U is not smaller than the capability published for it."""
    clause = "ILAC P14:09/2020, 5.4"
    facts: dict[str, object] = {"point": point, "U": printed, "capability": capability, "unit": unit, "code": code}
    text = (
        both("No printed U is below the capability published, {code}", **facts)
        if ok
        else both("Point {point}: U = {U} {unit} is below the {capability} {unit} published, {code}", **facts)
    )
    return Reason(ok, "not_below_capability", text, clause)


def procedure_chosen(name: str) -> Reason:
    """There is a method to measure by."""
    text = (
        both("Procedure {name} is chosen", name=name)
        if name
        else both("No procedure in force fits this item; choose one")
    )
    return Reason(bool(name), "procedure_chosen", text, "ISO/IEC 17025:2017, 7.1.1 d)")


def somebody_authorised(procedure: str, performers: int, wanted: int = 1) -> Reason:
    """Enough people are authorised to perform with a procedure on the day."""
    facts: dict[str, object] = {"procedure": procedure, "count": performers}
    ok = performers >= wanted
    text = (
        both("{count} persons are authorised to perform {procedure}", **facts)
        if ok
        else both("{count} persons are authorised to perform {procedure}; {wanted} are needed", wanted=wanted, **facts)
    )
    return Reason(ok, "somebody_authorised", text, "ISO/IEC 17025:2017, 6.2.6, 7.1.1 b)")


def compulsory_by_verification(entry: str | None, name: Text, *, verification: bool, authorised: bool) -> Reason:
    """An instrument under compulsory verification is verified, and only by a body authorised for it.

    entry: its number in the catalogue, None where it is under none for this use.
    """
    code = "compulsory_by_verification"
    clause = "计量法（2018）第九条"
    if entry is None:
        return Reason(True, code, both("Not under compulsory verification for this use"), clause)
    facts: dict[str, object] = {"entry": entry, "name": name}
    if not verification:
        text = both(
            "{name} (catalogue {entry}) is under compulsory verification for this use: it is verified, not calibrated",
            **facts,
        )
        return Reason(False, code, text, clause)
    if not authorised:
        text = both(
            "{name} (catalogue {entry}): the laboratory is not authorised for its compulsory verification", **facts
        )
        return Reason(False, code, text, clause)
    return Reason(True, code, both("{name} (catalogue {entry}): verification, and authorised for it", **facts), clause)


def standard_certificate_covers(procedure: str, certificates: Sequence[tuple[str, date]], day: date) -> Reason:
    """A measurement standard with a certificate in force covers the procedure. certificates: (number, valid to)."""
    code = "standard_certificate_covers"
    clause = "计量标准考核办法；JJF 1033"
    good = [(number, until) for number, until in certificates if day <= until]
    if good:
        number, until = max(good, key=lambda each: each[1])
        text = both("Procedure {procedure} is covered by certificate {number}, valid until {until}",
                    procedure=procedure, number=number, until=until)  # fmt: skip
        return Reason(True, code, text, clause)
    if certificates:
        number, until = max(certificates, key=lambda each: each[1])
        text = both("Certificate {number} of the measurement standard for {procedure} ended on {until}",
                    procedure=procedure, number=number, until=until)  # fmt: skip
    else:
        text = both("No measurement standard in force covers procedure {procedure}", procedure=procedure)
    return Reason(False, code, text, clause)


def rule_agreed(wanted: str, rule: str) -> Reason:
    """Verification states conformity by its regulation; for calibration results alone may be agreed."""
    clause = "ISO/IEC 17025:2017, 7.1.3"
    if wanted == "verification" and rule == "none":
        text = both("Verification states conformity: agree the decision rule")
        return Reason(False, "rule_agreed", text, clause)
    return Reason(True, "rule_agreed", both("The decision rule is agreed: {rule}", rule=rule), clause)


def state_frozen(frozen: bool, stage: str) -> Reason:
    """In an arbitration nobody alters the item's technical state, so that nothing is adjusted and measured again."""
    clause = "计量法（2018）第二十一条；实施细则第三十六条"
    if frozen and stage == "as_left":
        return Reason(False, "state_frozen", both("The item is in arbitration: its state must not be altered"), clause)
    text = both("The item's state is frozen") if frozen else both("The item may be adjusted where it was agreed")
    return Reason(True, "state_frozen", text, clause)


def may_sign(roles: Iterable[str]) -> Reason:
    """An administrator keeps accounts and signs nothing."""
    ok = "administrator" not in set(roles)
    text = both("Not an administrator") if ok else both("An administrator cannot sign; sign in with another account")
    return Reason(ok, "may_sign", text, "ISO/IEC 17025:2017, 4.1, 7.11.3")


def energise(highest: Decimal | float, most: Decimal | float, unit: str, *, confirmed_by: str | None) -> Reason:
    """An output may be switched on: the point is within what the item may receive, and a person has confirmed."""
    clause = N_("Laboratory safety rule")
    facts: dict[str, object] = {"highest": highest, "most": most, "unit": unit}
    if abs(highest) > most:  # type: ignore[operator]
        return Reason(
            False,
            "energise",
            both("{highest} {unit} is more than the item may receive ({most} {unit})", **facts),
            clause,
        )
    if not confirmed_by:
        return Reason(
            False, "energise", both("Nobody has confirmed the connections for {highest} {unit}", **facts), clause
        )
    text = both("{person} has confirmed the connections for {highest} {unit}", person=confirmed_by, **facts)
    return Reason(True, "energise", text, clause)
