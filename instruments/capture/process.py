"""A run directory seen from outside: prepare it, start a capture, command it, ask where it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

from instruments.capture.journal import Journal, Lock, is_locked, last_kind, now, read_events, tail
from instruments.faults import InstrumentError
from instruments.procedures.plan import Plan

COMMANDS = ("confirm", "refuse", "pause", "resume", "repeat", "abort")
FINAL = ("finished", "aborted", "interrupted")
TURNS = (*FINAL, "paused", "resumed", "opened", "prompt", "confirmed", "refused")
START_SECONDS = 20.0


class RunClosed(InstrumentError, RuntimeError):
    """The run has ended; nothing can be added to it."""

    code: ClassVar[str] = "run_closed"
    sentence: ClassVar[str] = "The run {run} is {state}: nothing can be added; start a new record."


class CommandRefused(InstrumentError, ValueError):
    """A command to a capture that it would not understand."""

    code: ClassVar[str] = "command_refused"
    sentence: ClassVar[str] = "The command is refused: {field} is {found}; right would be {right}."


class CaptureDidNotStart(InstrumentError, RuntimeError):
    """The capture's process ended, or said nothing, before it opened the run."""

    code: ClassVar[str] = "capture_did_not_start"
    sentence: ClassVar[str] = "The capture of {run} did not start: {why}"


def prepare(run: str | Path, plan: Plan) -> Path:
    """Make a run directory with its plan; the plan is written once. Raises FileExistsError when there is one."""
    run = Path(run)
    run.mkdir(parents=True, exist_ok=True)
    text = plan.to_json()
    with (run / "plan.json").open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return run


def read_plan(run: str | Path) -> Plan:
    """The plan of a run directory; raises PlanRefused, FileNotFoundError."""
    return Plan.from_json((Path(run) / "plan.json").read_text("utf-8"))


def start(run: str | Path) -> int:
    """Start (or resume) the capture of a run in a process of its own; its process id once it holds the run.

    Raises RunBusy, RunClosed, JournalBroken, PlanRefused, CaptureDidNotStart.
    """
    run = Path(run).resolve()
    read_plan(run)
    before = len(read_events(run))
    Lock(run).release()
    if (last := _final(run)) is not None:
        raise RunClosed(run=run.name, state=last)
    with (run / "capture.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "instruments.capture", str(run)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
    threading.Thread(target=process.wait, name="capture-reaper", daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if tail(run, before):
            return process.pid
        if process.returncode is not None:
            break
        time.sleep(0.02)
    why = (run / "capture.log").read_text("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise CaptureDidNotStart(run=run.name, why=why[0])


def send(run: str | Path, command: dict[str, Any]) -> None:
    """Append a person's command: {"do": confirm|refuse|pause|resume|repeat|abort, "by": name, …}.

    confirm and refuse name the prompt, repeat names the point, abort may give a reason. Raises CommandRefused,
    RunClosed.
    """
    run = Path(run)
    do, by = command.get("do"), command.get("by")
    if do not in COMMANDS:
        raise CommandRefused(field="do", found=str(do), right="one of " + ", ".join(COMMANDS))
    if not isinstance(by, str) or not by.strip():
        raise CommandRefused(field="by", found=str(by), right="the name of a person")
    if do in ("confirm", "refuse") and not isinstance(command.get("prompt"), str):
        raise CommandRefused(field="prompt", found=str(command.get("prompt")), right="the id of the prompt")
    if do == "repeat":
        numbers = [point.no for point in read_plan(run).points]
        if command.get("point") not in numbers:
            right = f"a point of the plan, {numbers[0]} to {numbers[-1]}"
            raise CommandRefused(field="point", found=str(command.get("point")), right=right)
    if (last := _final(run)) is not None:
        raise RunClosed(run=run.name, state=last)
    line = json.dumps({"at": now(), **command}, ensure_ascii=False) + "\n"
    fd = os.open(run / "control.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, line.encode())
        os.fsync(fd)
    finally:
        os.close(fd)


def close(run: str | Path, *, by: str) -> None:
    """Close a run that was interrupted, for good: what it holds stays, nothing is added. Raises RunBusy, RunClosed."""
    run = Path(run)
    with Journal(run) as journal:
        if (last := _final(run)) is not None:
            raise RunClosed(run=run.name, state=last)
        journal.append("interrupted", by=by)
        journal.sync()


def state(run: str | Path) -> str:
    """new, waiting (for a person), running, paused, finished, aborted or interrupted (ended without an end)."""
    run = Path(run)
    alive = is_locked(run)
    last = last_kind(run, TURNS)
    if last in FINAL:
        return last
    if not last:
        return "running" if alive else "new"
    if not alive:
        return "interrupted"
    return {"prompt": "waiting", "paused": "paused"}.get(last, "running")


def resumable(run: str | Path) -> bool:
    """Whether `start` would go on with this run."""
    return not is_locked(Path(run)) and _final(Path(run)) is None


def _final(run: Path) -> str | None:
    last = last_kind(run, TURNS)
    return last if last in FINAL else None
