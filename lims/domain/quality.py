"""Rules of quality cases, internal audits and risks (ISO/IEC 17025:2017, 7.9, 7.10, 8.5, 8.7, 8.8).

quality.step_lines("impact", "closed", entries, affected)    # gate lines: what has to stand before the step
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lims.words import N_, both

from . import states
from .gates import Reason

ISO = "ISO/IEC 17025:2017, "
KINDS = MappingProxyType(
    {
        "nonconformity": N_("nonconforming work"),
        "impact": N_("doubt about a standard"),
        "complaint": N_("complaint"),
        "dispute": N_("objection to a result"),
        "audit_finding": N_("finding of an audit"),
        "hazard": N_("serious hazard"),
    }
)
BY_CUSTOMER = ("complaint", "dispute")
"""Kinds that a customer opens, and sees of their own."""
SEVERITIES = MappingProxyType({"minor": N_("minor case"), "major": N_("major case")})
ENTRIES = MappingProxyType(
    {
        "containment": N_("containment"),
        "cause": N_("cause"),
        "effect": N_("effect on results"),
        "action": N_("action, and who takes it"),
        "acknowledgement": N_("acknowledgement"),
        "investigation": N_("investigation"),
        "decision": N_("decision on the complaint"),
        "notification": N_("notice to the customer"),
        "resumption": N_("resumption of work"),
        "effectiveness": N_("check of effectiveness"),
        "rejection": N_("why it is rejected"),
        "reverification": N_("re-verification or arbitration"),
        "outcome": N_("outcome for one document"),
        "remark": N_("remark"),
    }
)
WRITTEN = MappingProxyType(
    {
        "nonconformity": ("containment", "cause", "effect", "action", "notification", "effectiveness", "rejection", "remark"),
        "complaint": ("acknowledgement", "investigation", "decision", "action", "notification", "reverification",
                      "rejection", "remark"),
    }
)  # fmt: skip
"""Entries that people write by hand, by machine; resumption is signed, outcome is decided on its document."""
OF_MANAGER = frozenset({"acknowledgement", "decision", "notification", "effectiveness", "rejection"})
SHOWN_TO_CUSTOMER = frozenset({"acknowledgement", "notification", "rejection"})
"""Entries that the customer of a complaint reads; their own remarks besides."""
OUTCOMES = MappingProxyType(
    {
        "no_change": N_("results stand"),
        "notice": N_("customer is warned"),
        "replacement": N_("document is replaced"),
        "withdrawal": N_("document is withdrawn"),
    }
)
NEEDS: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        ("nonconformity", "contained"): (("containment", "7.10.1 b"),),
        ("nonconformity", "evaluated"): (("cause", "8.7.1 b"), ("effect", "7.10.1 c")),
        ("nonconformity", "decided"): (("action", "7.10.1 d"),),
        ("nonconformity", "notified"): (("notification", "7.10.1 e"),),
        ("nonconformity", "closed"): (("effectiveness", "8.7.1 d"),),
        ("nonconformity", "rejected"): (("rejection", "7.10.2"),),
        ("complaint", "acknowledged"): (("acknowledgement", "7.9.5"),),
        ("complaint", "investigated"): (("investigation", "7.9.4"),),
        ("complaint", "decided"): (("decision", "7.9.6"),),
        ("complaint", "notified"): (("notification", "7.9.7"),),
        ("complaint", "closed"): (("action", "7.9.3 c"),),
        ("complaint", "rejected"): (("rejection", "7.9.3 a"),),
    }
)
"""(machine, state) → entries that must stand before it, with the clause. The clause letters are from memory (u)."""
OF_A_ROUND = frozenset({"action", "notification", "effectiveness", "resumption"})
"""Entries that an ineffective check makes void: what follows has to be decided, told and checked again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the rules look at of an entry."""

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def machine(kind: str) -> states.States:
    """The states of a kind of case."""
    return states.COMPLAINT if kind in BY_CUSTOMER else states.NONCONFORMITY


def standing(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that count: those of a round that proved ineffective do not."""
    last = max(
        (n for n, e in enumerate(entries) if e.kind == "effectiveness" and not e.payload.get("effective")), default=-1
    )
    return [each for n, each in enumerate(entries) if n > last or each.kind not in OF_A_ROUND]


def halted(entries: Iterable[Entry]) -> bool:
    """Whether work was stopped as containment, so that its resumption has to be authorised (7.10.1 f)."""
    return any(each.kind == "containment" and each.payload.get("halted") for each in entries)


def step_lines(
    kind: str, wanted: str, entries: Sequence[Entry], affected: Sequence[Mapping[str, Any]] = ()
) -> list[Reason]:
    """What must stand before a case takes a step, each line with its clause."""
    counted = standing(entries)
    has = {each.kind for each in counted}
    lines = [_entry_line(name, clause, name in has) for name, clause in NEEDS.get((machine(kind).kind, wanted), ())]
    if wanted != "closed":
        return lines
    if kind not in BY_CUSTOMER and halted(entries):
        lines.append(_entry_line("resumption", "7.10.1 f", "resumption" in has))
    if kind == "impact":
        open_ = sum(not each.get("outcome") for each in affected)
        lines.append(
            Reason(
                open_ == 0,
                "outcomes_decided",
                both(N_("Documents without an outcome: {count}"), count=open_),
                ISO + "7.10.1 c",
            )
        )
    return lines


def _entry_line(name: str, clause: str, ok: bool) -> Reason:
    said = N_("Written down: {entry}") if ok else N_("Still to be written down: {entry}")
    text = both(said, entry=both(ENTRIES[name]))
    return Reason(ok, f"entry_{name}", text, ISO + clause)


def decider_apart(username: str, person_id: int, involved: Iterable[int]) -> Reason:
    """Whoever decides a complaint did not do the work in question (7.9.6)."""
    ok = person_id not in set(involved)
    said = (
        N_("{username} did not take part in the work in question")
        if ok
        else N_("{username} took part in the work in question; another quality manager has to decide")
    )
    return Reason(ok, "decider_apart", both(said, username=username), ISO + "7.9.6")


CLAUSES = MappingProxyType(
    {
        "4.1": N_("Impartiality"),
        "4.2": N_("Confidentiality"),
        "5": N_("Structural requirements"),
        "6.2": N_("Personnel"),
        "6.3": N_("Facilities and environmental conditions"),
        "6.4": N_("Equipment of the laboratory"),
        "6.5": N_("Metrological traceability"),
        "6.6": N_("Externally provided products and services"),
        "7.1": N_("Review of requests, tenders and contracts"),
        "7.2": N_("Selection, verification and validation of methods"),
        "7.3": N_("Sampling"),
        "7.4": N_("Handling of test or calibration items"),
        "7.5": N_("Technical records"),
        "7.6": N_("Evaluation of measurement uncertainty"),
        "7.7": N_("Ensuring the validity of results"),
        "7.8": N_("Reporting of results"),
        "7.9": N_("Complaints of customers"),
        "7.10": N_("Nonconforming work"),
        "7.11": N_("Control of data and information management"),
        "8.2": N_("Management system documentation"),
        "8.3": N_("Control of management system documents"),
        "8.4": N_("Control of records"),
        "8.5": N_("Actions to address risks and opportunities"),
        "8.6": N_("Improvement"),
        "8.7": N_("Corrective actions"),
        "8.8": N_("Audits by the laboratory itself"),
        "8.9": N_("Management reviews"),
    }
)
"""Clauses of ISO/IEC 17025:2017 that an audit may take up; the titles are from memory (u)."""
FINDINGS = MappingProxyType(
    {"ok": N_("conforms"), "observation": N_("observation"), "nonconformity": N_("does not conform")}
)
SAMPLED = MappingProxyType(
    {
        "certificate": N_("issued certificates"),
        "record": N_("submitted records"),
        "authorisation": N_("granted authorisations"),
    }
)


def drawn(population: Iterable[str], seed: int, size: int) -> list[str]:
    """`size` of a population, the same for the same seed wherever it is drawn again.

    Each name is ranked by SHA-256 of "seed:name" as hexadecimal; the lowest are drawn. Anybody can repeat it by hand.
    """
    return sorted(set(population), key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest())[:size]


def population_digest(population: Iterable[str]) -> str:
    """SHA-256 of the sorted names, one a line: what the sample was drawn from."""
    return hashlib.sha256("\n".join(sorted(set(population))).encode()).hexdigest()


RATINGS = range(1, 6)


def level(likelihood: int, consequence: int) -> str:
    """low | medium | high of a cell of the 5 × 5 matrix: product up to 4, up to 12, above. The laboratory's own choice."""
    product = likelihood * consequence
    return "low" if product <= 4 else "medium" if product <= 12 else "high"


FIELDS = (
    N_("text"), N_("who"), N_("day"), N_("outcome"), N_("owner"), N_("origin_number"), N_("origin_type"), N_("concerns"),
    N_("likelihood"), N_("consequence"), N_("treatment"), N_("review_on"), N_("report"), N_("resumption"), N_("severity"),
    N_("note"), N_("certificate"), N_("record"), N_("authorisation"), N_("title"), N_("reason"), N_("from_day"), N_("to_day"),
    N_("due"), N_("quality_case"), N_("internal_audit"), N_("risk"), N_("resumed"), N_("changed"),
)  # fmt: skip
"""Fields and kinds as refusals name them."""
