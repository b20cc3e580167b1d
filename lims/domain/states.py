"""Transition tables of the things that have a state (domain notes, section 4).

states.RECORD.move(record, "submitted")     # sets record.state, or raises WrongState
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lims.words import N_

from .errors import WrongState


@dataclass(frozen=True, slots=True)
class States:
    """The states of one kind of object and where each may go. A state with no way out is final."""

    kind: str
    initial: str
    table: Mapping[str, tuple[str, ...]]

    def allows(self, state: str, wanted: str) -> bool:
        return wanted in self.table.get(state, ())

    def require(self, number: str, state: str, wanted: str) -> None:
        """Nothing, when the step is in the table. Raises WrongState otherwise."""
        if not self.allows(state, wanted):
            raise WrongState(
                kind=self.kind,
                number=number,
                state=state,
                wanted=wanted,
                allowed=", ".join(self.table.get(state, ())) or N_("no other state"),
            )

    def move(self, thing: Any, wanted: str) -> None:
        """Set thing.state to the wanted state. Raises WrongState, and changes nothing, when the table refuses."""
        self.require(str(getattr(thing, "number", "")), thing.state, wanted)
        thing.state = wanted


SERVICE_REQUEST = States(
    "service_request",
    "draft",
    {
        "draft": ("submitted", "withdrawn"),
        "submitted": ("draft", "accepted", "refused", "withdrawn"),
        "accepted": ("closed", "withdrawn"),
        "refused": (),
        "withdrawn": (),
        "closed": (),
    },
)
"""submitted → draft: given back to the customer with a question."""

WORK_ORDER = States(
    "work_order",
    "accepted",
    {
        "accepted": ("in_progress", "cancelled"),
        "in_progress": ("on_hold", "done", "cancelled"),
        "on_hold": ("in_progress", "cancelled"),
        "done": ("in_progress", "closed"),
        "closed": (),
        "cancelled": (),
    },
)
"""done → in_progress: an item comes back to be measured again."""

REQUEST = States(
    "request",
    "draft",
    {
        "draft": ("submitted", "accepted", "withdrawn"),
        "submitted": ("accepted", "refused", "withdrawn"),
        "accepted": ("received", "discrepancy", "in_work", "refused", "withdrawn"),
        "discrepancy": ("received", "refused", "withdrawn"),
        "received": ("in_work", "uncalibratable", "lost", "withdrawn"),
        "in_work": ("issued", "uncalibratable", "lost", "withdrawn"),
        "uncalibratable": ("in_work", "returned"),
        "issued": ("in_work", "returned"),
        "returned": ("closed", "in_work"),
        "withdrawn": ("returned",),
        "lost": ("closed",),
        "closed": (),
        "refused": (),
    },
)
"""One item's job. Measured and verified are states of its record, waiting is an open hold (request_hold): one truth each.

accepted → in_work: readings from a file, where no item arrives. issued → in_work: an amendment. returned → in_work: a
second look at what the record holds. withdrawn → returned: the item goes back unmeasured.
"""

BATCH = States("batch", "open", {"open": ("measured", "dissolved"), "measured": ("verified", "open"),
                                "verified": ("issued", "open"), "issued": (), "dissolved": ()})  # fmt: skip

SITE_VISIT = States(
    "site_visit",
    "planned",
    {"planned": ("under_way", "cancelled"), "under_way": ("done",), "done": (), "cancelled": ()},
)

BOOKING = States(
    "booking",
    "requested",
    {
        "requested": ("confirmed", "cancelled"),
        "confirmed": ("in_use", "no_show", "cancelled"),
        "in_use": ("returned",),
        "returned": (),
        "no_show": (),
        "cancelled": (),
    },
)

INVOICE = States("invoice", "issued", {"issued": ("paid", "cancelled"), "paid": (), "cancelled": ()})

VERSIONED = States(
    "rule",
    "proposed",
    {
        "proposed": ("current", "withdrawn"),
        "current": ("superseded", "withdrawn"),
        "superseded": (),
        "withdrawn": (),
    },
)
"""Gate rules, tariffs, catalogue entries: data with versions, put in force by a second person."""

PROVIDER = States(
    "provider",
    "proposed",
    {
        "proposed": ("approved", "refused"),
        "approved": ("suspended",),
        "suspended": ("approved", "refused"),
        "refused": (),
    },
)

MEASUREMENT_STANDARD = States(
    "measurement_standard",
    "preparing",
    {
        "preparing": ("applied", "revoked"),
        "applied": ("examined", "preparing"),
        "examined": ("in_force", "preparing"),
        "in_force": ("changed", "re_examination", "sealed", "revoked"),
        "changed": ("in_force", "re_examination", "sealed", "revoked"),
        "re_examination": ("in_force", "sealed", "revoked"),
        "sealed": ("re_examination", "revoked"),
        "revoked": (),
    },
)
"""计量标准考核办法: changed means a change that has still to be declared."""

COMPULSORY = States(
    "compulsory",
    "filed",
    {
        "filed": ("applied", "deregistered"),
        "applied": ("verified", "failed", "filed"),
        "verified": ("applied", "deregistered"),
        "failed": ("applied", "deregistered"),
        "deregistered": (),
    },
)
"""Due and overdue are computed from the day, not states. failed: must not be used."""

AUTHORISATION = States(
    "authorisation",
    "proposed",
    {
        "proposed": ("trained", "withdrawn"),
        "trained": ("assessed", "withdrawn"),
        "assessed": ("granted", "withdrawn"),
        "granted": ("suspended", "withdrawn"),
        "suspended": ("granted", "withdrawn"),
        "withdrawn": (),
    },
)
"""Expiry is computed from the day."""

NONCONFORMITY = States(
    "nonconformity",
    "opened",
    {
        "opened": ("contained", "rejected"),
        "contained": ("evaluated",),
        "evaluated": ("decided",),
        "decided": ("notified", "evaluated"),
        "notified": ("closed", "evaluated"),
        "closed": (),
        "rejected": (),
    },
)
"""ISO/IEC 17025:2017, 7.10: also impact cases, findings of audits and hazards. closed: found effective."""

COMPLAINT = States(
    "complaint",
    "received",
    {
        "received": ("acknowledged", "rejected"),
        "acknowledged": ("investigated",),
        "investigated": ("decided",),
        "decided": ("notified", "investigated"),
        "notified": ("closed", "investigated"),
        "closed": (),
        "rejected": (),
    },
)
"""7.9: complaints and disputes; the decision is made by people who did not do the work in question."""

PROFICIENCY = States(
    "proficiency_test",
    "planned",
    {
        "planned": ("measured", "cancelled"),
        "measured": ("reported",),
        "reported": ("evaluated",),
        "evaluated": (),
        "cancelled": (),
    },
)

INTERNAL_AUDIT = States(
    "internal_audit",
    "planned",
    {
        "planned": ("under_way", "cancelled"),
        "under_way": ("reported",),
        "reported": ("closed",),
        "closed": (),
        "cancelled": (),
    },
)

RISK = States("risk", "open", {"open": ("treated", "accepted"), "treated": ("open", "closed"),
                              "accepted": ("open", "closed"), "closed": ()})  # fmt: skip

CONTROL_CHART = States(
    "control_chart", "collecting", {"collecting": ("watched", "ended"), "watched": ("collecting", "ended"), "ended": ()}
)
"""collecting: the baseline is not fixed yet."""

IMPORT = States("import", "looked_at", {"looked_at": ("applied", "discarded"), "applied": (), "discarded": ()})

RECORD = States(
    "record",
    "open",
    {
        "open": ("submitted", "interrupted"),
        "submitted": ("returned", "verified"),
        "returned": ("submitted", "interrupted"),
        "verified": ("approved", "returned"),
        "approved": ("locked",),
        "locked": (),
        "interrupted": (),
    },
)
"""Locked is final: a re-measurement is a new record, an amendment stands on the locked one. interrupted: a run that died
and was closed by its technician."""

CERTIFICATE = States(
    "certificate", "issued", {"issued": ("superseded", "withdrawn"), "superseded": (), "withdrawn": ()}
)
"""Kept as rows of certificate_status, never as a changed row; expiry is computed, not a state."""

CALIBRATION = States(
    "calibration",
    "received",
    {
        "received": ("confirmed", "current", "disproved"),
        "confirmed": ("current", "superseded", "disproved"),
        "current": ("superseded", "disproved"),
        "superseded": ("disproved",),
        "disproved": (),
    },
)

CAPABILITY = States(
    "capability",
    "proposed",
    {
        "proposed": ("recognised", "withdrawn"),
        "recognised": ("changed", "withdrawn"),
        "changed": (),
        "withdrawn": (),
    },
)
"""changed: a newer version of the same line has been recognised."""

CHAIN_PARAMETER = States("chain_parameter", "identified", {"identified": ("withdrawn",), "withdrawn": ()})
"""Whether it can be measured is computed, not a state."""

PROCEDURE = States(
    "procedure",
    "draft",
    {
        "draft": ("verified", "current"),
        "verified": ("approved", "current"),
        "approved": ("current",),
        "current": ("superseded",),
        "superseded": (),
    },
)

INSTRUMENT = States(
    "instrument",
    "in_service",
    {
        "in_service": ("in_lab", "suspect", "stopped", "sealed", "scrapped"),
        "in_lab": ("in_service", "suspect", "stopped"),
        "suspect": ("in_service", "stopped", "scrapped"),
        "stopped": ("in_service", "sealed", "scrapped"),
        "sealed": ("in_service", "scrapped"),
        "scrapped": (),
    },
)

ALL: tuple[States, ...] = (
    SERVICE_REQUEST, WORK_ORDER, REQUEST, RECORD, CERTIFICATE, INSTRUMENT, MEASUREMENT_STANDARD, CALIBRATION, PROCEDURE,
    AUTHORISATION, NONCONFORMITY, COMPLAINT, CAPABILITY, COMPULSORY, CHAIN_PARAMETER, BOOKING, BATCH, SITE_VISIT, INVOICE,
    VERSIONED, PROVIDER, PROFICIENCY, INTERNAL_AUDIT, RISK, CONTROL_CHART, IMPORT,
)  # fmt: skip
"""Every machine, in the order in which docs/states.md draws them."""
