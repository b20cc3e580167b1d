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


REQUEST = States(
    "request",
    "draft",
    {
        "draft": ("submitted", "accepted", "withdrawn"),
        "submitted": ("accepted", "refused", "withdrawn"),
        "accepted": ("received", "in_work", "refused", "withdrawn"),
        "received": ("in_work", "withdrawn"),
        "in_work": ("issued", "withdrawn"),
        "issued": ("in_work", "returned"),
        "returned": ("closed",),
        "closed": (),
        "refused": (),
        "withdrawn": (),
    },
)
"""accepted → in_work: readings from a file, where no item arrives. issued → in_work: an amendment."""

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
