"""Conditions and traceability: 7.8.4.1 b, c; and that what is only a demonstration says so."""

from __future__ import annotations

from lims.words import N_, both

from .looking import (
    CERTIFICATES,
    Problems,
    Rule,
    Snapshot,
    as_date,
    as_decimal,
    at,
    is_both,
    is_digest,
    is_text,
    measured_an_item,
    need_both,
    rows_at,
)


def conditions(snapshot: Snapshot) -> Problems:
    """The room while it was measured: each quantity with its extremes and unit."""
    measured = rows_at(snapshot, "environment")
    if not measured and measured_an_item(snapshot):
        yield both("{place} is missing", place="environment")
    for i, line in enumerate(measured):
        low, high = as_decimal(line.get("low")), as_decimal(line.get("high"))
        if low is None or high is None or not is_text(line.get("unit")) or not is_both(line.get("quantity")):
            yield both("{place} is missing", place=f"environment.{i}")
        elif high < low:
            yield both("{place}: the highest value is below the lowest", place=f"environment.{i}")


def traceability(snapshot: Snapshot) -> Problems:
    """How the results are traceable; where it is claimed, each standard with a certificate valid while measuring."""
    yield from need_both(snapshot, "traceability.statement")
    claimed = at(snapshot, "traceability.claimed")
    if not isinstance(claimed, bool):
        yield both("{place} is missing", place="traceability.claimed")
    missing = at(snapshot, "traceability.missing")
    if claimed and missing:
        yield both("traceability is claimed, but links are missing")
    if claimed is False and not missing:
        yield both("traceability is not claimed, and nothing says which links are missing")
    if claimed:
        yield from _standards(snapshot)


def _standards(snapshot: Snapshot) -> Problems:
    standards = rows_at(snapshot, "standards")
    if not standards:
        yield both("{place} is missing", place="standards")
    begin, end = as_date(at(snapshot, "dates.performed_from")), as_date(at(snapshot, "dates.performed_to"))
    for i, standard in enumerate(standards):
        place = f"standards.{i}"
        if not is_text(standard.get("certificate")) or not is_both(standard.get("issuer")):
            yield both("{place} is missing", place=f"{place}.certificate")
        if not is_digest(standard.get("digest")):
            yield both("{place} is missing", place=f"{place}.digest")
        if standard.get("route_class") not in ("a", "b", "c", "d"):
            yield both("{place} is missing", place=f"{place}.route_class")
        issued, valid_to = as_date(standard.get("issued")), as_date(standard.get("valid_to"))
        if issued is None or valid_to is None:
            yield both("{place} is missing", place=f"{place}.valid_to")
            continue
        facts = {"standard": standard.get("code", ""), "certificate": standard.get("certificate", "")}
        if end is not None and end > valid_to:
            yield both("certificate {certificate} of standard {standard} ended on {day}", day=valid_to, **facts)
        if begin is not None and begin < issued:
            yield both("certificate {certificate} of standard {standard} was issued on {day}", day=issued, **facts)


def certificate_claims(snapshot: Snapshot) -> Problems:
    """A certificate claims traceability; results without it go into an evaluation report."""
    if at(snapshot, "traceability.claimed") is not True:
        yield both("a certificate claims metrological traceability; without it there is the evaluation report")


def demonstration(snapshot: Snapshot) -> Problems:
    """Whatever rests on a fictional certificate, an unread specification or a simulated clock says DEMONSTRATION."""
    said = at(snapshot, "demonstration")
    reasons = rows_at(snapshot, "demonstration_reasons")
    if not isinstance(said, bool):
        yield both("{place} is missing", place="demonstration")
    if said and not any(is_both(reason) for reason in reasons):
        yield both("{place} is missing", place="demonstration_reasons")
    if said is True:
        return
    if any(standard.get("demonstration") for standard in rows_at(snapshot, "standards")):
        yield both("a standard is for demonstration only, and the certificate does not say DEMONSTRATION")
    if at(snapshot, "conformity.specification.verified") is False:
        yield both("the specification has not been read in its source, and the certificate does not say DEMONSTRATION")
    if at(snapshot, "clock.simulated"):
        yield both("the bench was simulated, and the certificate does not say DEMONSTRATION")


def chain(snapshot: Snapshot) -> Problems:
    """The head of the audit chain and the software, so that a shortened chain is found and digits can be had again."""
    head = at(snapshot, "audit_head")
    if not is_digest(at(head, "hash")) or not isinstance(at(head, "seq"), int):
        yield both("{place} is missing", place="audit_head")
    if not is_text(at(snapshot, "software.version")):
        yield both("{place} is missing", place="software.version")


RULES = (
    Rule(
        "7.8.4.1.b",
        "ISO/IEC 17025:2017, 7.8.4.1 b)",
        N_("Conditions under which it was measured"),
        conditions,
        CERTIFICATES,
    ),
    Rule(
        "7.8.4.1.c", "ISO/IEC 17025:2017, 7.8.4.1 c)", N_("How the results are metrologically traceable"), traceability
    ),
    Rule(
        "claim", "ISO/IEC 17025:2017, 6.5", N_("Metrological traceability is claimed"), certificate_claims, CERTIFICATES
    ),
    Rule("demonstration", "ISO/IEC 17025:2017, 4.1, 7.8.1.2", N_("A demonstration says so"), demonstration),
    Rule("chain", "ISO/IEC 17025:2017, 7.11.3", N_("Audit chain and software are named"), chain),
)
