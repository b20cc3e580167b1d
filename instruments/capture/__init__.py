"""Capture: a run plan becomes a journal of readings, one point at a time; files only, no database.

A run directory holds plan.json, journal.jsonl (append-only, hash-chained), control.jsonl (what people commanded),
safe.jsonl (what the supervisor did) and capture.lock.
"""

from instruments.capture.journal import Journal, JournalBroken, RunBusy, check_chain, read_events, tail
from instruments.capture.process import RunClosed, close, prepare, read_plan, resumable, send, start, state
from instruments.capture.prompts import Prompt
from instruments.capture.readings import current_readings, flagged, summary
from instruments.capture.run import perform

__all__ = [
    "Journal",
    "JournalBroken",
    "Prompt",
    "RunBusy",
    "RunClosed",
    "check_chain",
    "close",
    "current_readings",
    "flagged",
    "perform",
    "prepare",
    "read_events",
    "read_plan",
    "resumable",
    "send",
    "start",
    "state",
    "summary",
    "tail",
]
