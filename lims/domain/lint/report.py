"""ISO/IEC 17025:2017, 7.8.2.1: what every report says, letter by letter; 7.8.1.1, 7.8.8.3 beside it."""

from __future__ import annotations

from collections.abc import Mapping

from lims.words import N_, both

from .looking import (
    CERTIFICATES,
    Problems,
    Rule,
    Snapshot,
    as_date,
    as_instant,
    at,
    is_both,
    is_digest,
    is_text,
    measured_an_item,
    need_both,
    need_list,
    need_text,
    rows_at,
)

ONLY_THESE = (("zh", ("仅", "只")), ("en", ("only",)))
"""Words that the statement of letter l has in each language."""


def title(snapshot: Snapshot) -> Problems:
    """A title, and a kind that the rules know: by it they choose what applies."""
    yield from need_both(snapshot, "title")
    if at(snapshot, "kind") not in (*CERTIFICATES, "evaluation_report"):
        yield both("{place} is missing", place="kind")


def laboratory(snapshot: Snapshot) -> Problems:
    yield from need_both(snapshot, "laboratory.name", "laboratory.address")


def place(snapshot: Snapshot) -> Problems:
    yield from need_both(snapshot, "place")


def identification(snapshot: Snapshot) -> Problems:
    """One number on every page; the records it stands on; the end is marked by the renderings (page x of y)."""
    yield from need_text(snapshot, "number", "verification.url")
    number, url = at(snapshot, "number"), at(snapshot, "verification.url")
    if is_text(number) and is_text(url) and number not in url:
        yield both("verification.url does not name certificate {number}", number=number)
    records = rows_at(snapshot, "records")
    if not records:
        yield both("{place} is missing", place="records")
    for i, record in enumerate(records):
        if not is_text(record.get("number")) or not is_digest(record.get("digest")):
            yield both("{place} is missing", place=f"records.{i}.digest")


def customer(snapshot: Snapshot) -> Problems:
    yield from need_both(snapshot, "customer.name", "customer.address")


def method(snapshot: Snapshot) -> Problems:
    methods = rows_at(snapshot, "methods")
    if not methods:
        yield both("{place} is missing", place="methods")
    for i, used in enumerate(methods):
        if not is_text(used.get("code")):
            yield both("{place} is missing", place=f"methods.{i}.code")
        if not is_both(used.get("title")):
            yield both("{place} is missing in Chinese or English", place=f"methods.{i}.title")
        if not is_digest(used.get("digest")):
            yield both("{place} is missing", place=f"methods.{i}.digest")


def item(snapshot: Snapshot) -> Problems:
    yield from need_both(snapshot, "item.description", "item.condition")
    yield from need_text(snapshot, "item.code", "item.maker", "item.model", "item.serial")


def received(snapshot: Snapshot) -> Problems:
    """The day of receipt, where an item was here; null says that none was."""
    dates = at(snapshot, "dates")
    found = at(dates, "received")
    day = as_date(found)
    none_came = isinstance(dates, Mapping) and "received" in dates and found is None
    if day is None and (not none_came or measured_an_item(snapshot)):
        yield both("{place} is missing", place="dates.received")
    begin = as_date(at(snapshot, "dates.performed_from"))
    if day is not None and begin is not None and begin < day:
        yield both("performed from {begin}, before the item was received on {day}", begin=begin, day=day)


def performed(snapshot: Snapshot) -> Problems:
    begin, end = as_date(at(snapshot, "dates.performed_from")), as_date(at(snapshot, "dates.performed_to"))
    for name, day in (("performed_from", begin), ("performed_to", end)):
        if day is None:
            yield both("{place} is missing", place=f"dates.{name}")
    if begin is not None and end is not None and end < begin:
        yield both("performed until {end}, before it began on {begin}", begin=begin, end=end)


def issued(snapshot: Snapshot) -> Problems:
    day, end = as_date(at(snapshot, "dates.issued")), as_date(at(snapshot, "dates.performed_to"))
    if day is None:
        yield both("{place} is missing", place="dates.issued")
    elif end is not None and day < end:
        yield both("issued on {day}, before the measurement ended on {end}", day=day, end=end)


def sampling(snapshot: Snapshot) -> Problems:
    if "sampling" not in snapshot:
        yield both("{place} is missing; null says that nothing was sampled", place="sampling")
    elif snapshot["sampling"] is not None:
        yield from need_both(snapshot, "sampling")


def only_these_items(snapshot: Snapshot) -> Problems:
    """A statement, in each language, that the results relate only to the items."""
    statements = rows_at(snapshot, "statements")
    for lang, signs in ONLY_THESE:
        said = [str(s.get(lang, "")) for s in statements]
        if not any(sign in text and ("result" in text.lower() or "结果" in text) for text in said for sign in signs):
            yield both("the statement that the results relate only to the item is missing ({lang})", lang=lang)


def deviations(snapshot: Snapshot) -> Problems:
    yield from need_list(snapshot, "deviations")


def authorised(snapshot: Snapshot) -> Problems:
    """Whoever authorises the report, with the instant; on a certificate the approver."""
    people = rows_at(snapshot, "people")
    certificate = at(snapshot, "kind") in CERTIFICATES
    who = [p for p in people if p.get("role") == "approver"] if certificate else people
    if not who:
        yield both("the person who authorises the report is missing")
    for i, person in enumerate(people):
        if not is_both(person.get("name")):
            yield both("{place} is missing in Chinese or English", place=f"people.{i}.name")
        if as_instant(person.get("at")) is None:
            yield both("{place} is missing", place=f"people.{i}.at")


def external(snapshot: Snapshot) -> Problems:
    yield from need_list(snapshot, "external_results")
    yield from need_list(snapshot, "customer_data")


def reviewed(snapshot: Snapshot) -> Problems:
    """Performer, verifier, approver, in this order of time; nobody both performs and checks."""
    people = rows_at(snapshot, "people")
    by_role = {str(p.get("role")): p for p in people}
    for role in ("performer", "verifier"):  # the approver is letter o
        if role not in by_role:
            yield both("people has no {role}", role=both(role))
    performer = by_role.get("performer")
    for role in ("verifier", "approver"):
        if performer is not None and role in by_role and by_role[role].get("name") == performer.get("name"):
            yield both("the {role} is the performer", role=both(role))
    times = [as_instant(by_role[role].get("at")) for role in ("performer", "verifier", "approver") if role in by_role]
    known = [time for time in times if time is not None]
    if known != sorted(known):
        yield both("the signatures are not in the order performed, verified, approved")


def amendment(snapshot: Snapshot) -> Problems:
    """An amended certificate names the one it replaces, and says why."""
    old = at(snapshot, "supersedes")
    if old is None:
        return
    if not is_text(at(snapshot, "supersedes.number")) or not is_digest(at(snapshot, "supersedes.digest")):
        yield both("{place} is missing", place="supersedes.number")
    yield from need_both(snapshot, "supersedes.reason")
    if at(snapshot, "supersedes.number") == at(snapshot, "number"):
        yield both("a certificate cannot replace itself")


def _letter(letter: str, title: str, look: object) -> Rule:
    assert callable(look)
    return Rule(f"7.8.2.1.{letter}", f"ISO/IEC 17025:2017, 7.8.2.1 {letter})", title, look)


RULES = (
    _letter("a", N_("Title"), title),
    _letter("b", N_("Name and address of the laboratory"), laboratory),
    _letter("c", N_("Place of performance"), place),
    _letter("d", N_("Unique identification of the report and all its parts"), identification),
    _letter("e", N_("Name and contact of the customer"), customer),
    _letter("f", N_("Method used"), method),
    _letter("g", N_("Description, identification and condition of the item"), item),
    _letter("h", N_("Date of receipt"), received),
    _letter("i", N_("Dates of performance"), performed),
    _letter("j", N_("Date of issue"), issued),
    _letter("k", N_("Sampling"), sampling),
    _letter("l", N_("Statement that the results relate only to the item"), only_these_items),
    _letter("n", N_("Additions, deviations and exclusions"), deviations),
    _letter("o", N_("Person who authorises the report"), authorised),
    _letter("p", N_("Results of external providers and data of the customer"), external),
    Rule(
        "7.8.1.1", "ISO/IEC 17025:2017, 7.8.1.1", N_("Reviewed and authorised before release"), reviewed, CERTIFICATES
    ),
    Rule("7.8.8.3", "ISO/IEC 17025:2017, 7.8.8.3", N_("Amendment names the report it replaces"), amendment),
)
