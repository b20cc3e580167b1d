"""A run on the terminal: point, reading, error against limit, as the journal says it; prompts answered by a person."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from instruments import capture, procedures
from lims import words
from lims.services import faults

from .speech import _, console, language

Confirm = Callable[[dict[str, Any]], bool]
"""Asked at every prompt; True confirms, False refuses."""

ENDED = ("finished", "aborted", "interrupted")


def follow(run_dir: Path, confirm: Confirm, *, every: float = 0.1) -> str:
    """Show a run until it ends, or a fault has paused it; returns its state. Only what the journal holds is shown."""
    plan = procedures.Plan.from_json((run_dir / "plan.json").read_text("utf-8"))
    after, faulted = 0, False
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(),
    ) as progress:
        task = progress.add_task("", total=plan.readings)
        while True:
            state = capture.state(run_dir)
            for event in capture.tail(run_dir, after=after):
                after = event["seq"]
                _show(event, plan, progress, task)
                if event["kind"] == "fault":
                    faulted = True
                elif event["kind"] == "resumed":
                    faulted = False
                if event["kind"] == "prompt" and not _answered(run_dir, event) and not confirm(event):
                    return str(capture.state(run_dir))
            if state in ENDED or (state == "paused" and faulted):
                return str(state)
            time.sleep(every)


def _answered(run_dir: Path, prompt: dict[str, Any]) -> bool:
    later = capture.tail(run_dir, after=prompt["seq"])
    return any(event["kind"] == "confirmed" and event.get("prompt") == prompt["prompt"] for event in later)


def _show(event: dict[str, Any], plan: procedures.Plan, progress: Progress, task: Any) -> None:
    kind = event["kind"]
    if kind == "reading" and event["role"] == "item":
        progress.advance(task)
        point = plan.point(event["point"])
        progress.update(
            task,
            description=f"{point.no:>2}  {point.range_text:>7}  {point.nominal_text:>6} {point.display_unit}  {event['raw'].strip()}",
        )
    elif kind == "mark":
        point = plan.point(event["point"])
        inside = {True: "✓", False: "✗", None: "–"}[event["inside"]]
        progress.console.print(
            f"{point.no:>3}  {point.range_text:>7}  {point.nominal_text:>6} {point.display_unit:<2}"
            f"  {_('error')} {event['error']:+.3e}  {_('limit')} ±{float(point.mpe):.3e} {point.unit}  {inside} {_('provisional')}"
        )
    elif kind == "fault":
        progress.console.print(f"  ! {faults.sentence(event, language())}")
    elif kind in ("paused", "resumed", "aborted", "interrupted"):
        progress.console.print(f"  {_(kind)}")


def ask_at_the_bench(prompt: dict[str, Any]) -> bool:
    """Ask the person at the terminal; a voltage above 30 V is shown large."""
    text = words.pick(prompt["text"], language())
    if prompt.get("voltage") is not None and abs(float(prompt["voltage"])) > 30:
        click.secho(f"\n    ⚡ {float(prompt['voltage']):g} V ⚡\n", fg="red", bold=True)
    return click.confirm(text, default=False)
