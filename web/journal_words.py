"""Journal lines of a run in words: for the live page and its log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from lims.services import faults
from web.speech import N_, _, language, text

KINDS = {
    "opened": N_("The run is open"),
    "identified": N_("Instrument identified"),
    "confirmed": N_("Confirmed"),
    "refused": N_("Refused"),
    "fault": N_("Fault"),
    "paused": N_("Paused"),
    "resumed": N_("Resumed"),
    "point_restarted": N_("Point measured anew"),
    "repeat_asked": N_("Repeat asked"),
    "flagged": N_("Reading stands apart"),
    "finished": N_("Finished"),
    "aborted": N_("Aborted"),
    "interrupted": N_("Closed as interrupted"),
}


RULES = (N_("more than 5 scaled MAD from the median"),)
"""Why the capture marks a reading; written in the journal in English."""


def fault(event: Mapping[str, Any]) -> str:
    """The sentence of a fault in the language of the page; as it was written where it is not known."""
    return faults.sentence(event, language())


def logged(event: Mapping[str, Any]) -> str:
    """One line of the log: what happened, and who or what it was about."""
    kind = str(event["kind"])
    said = _(KINDS[kind]) if kind in KINDS else kind
    more = ""
    if kind == "identified":
        more = " ".join(str(event.get(name) or "") for name in ("maker", "model", "serial")).strip()
    elif kind == "fault":
        more = fault(event)
    elif kind == "flagged":
        more = _("reading {n}: {rule}", n=event.get("n"), rule=_(str(event.get("rule") or "")))
    elif kind in ("paused", "point_restarted", "aborted"):
        more = text(event.get("reason"))
    point = event.get("point")
    parts = [said, _("point {n}", n=point) if point is not None else "", more, str(event.get("by") or "")]
    return " · ".join(part for part in parts if part)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(fault=fault, logged=logged)
