"""The bench as the laboratory sees it: gates, a run started, people's commands, and readings delivered once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import uncertainty
from instruments import capture, procedures
from instruments.bench import server as bench_server
from lims import audit
from lims.config import Settings
from lims.domain import gates, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, RunStillGoing, UnusableValue
from lims.domain.rights import require
from lims.queries import registers, scope
from lims.queries.details import request_by_number
from lims.records import Instrument, Reading, Record, Request, RunEvent
from lims.records.series import next_number
from lims.services import gatekeeping, person_gates
from lims.words import N_, both

NONE_CHOSEN: Mapping[str, str] = MappingProxyType({})
SIMULATED = "bench:"  # a resource of the simulated bench is named by its device: bench:calibrator


def record_by_number(session: Session, number: str, *, lock: bool = False) -> Record:
    """The record; lock: nobody else may move it until this transaction ends (two people at once: the second waits)."""
    question = select(Record).where(Record.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    record = session.scalar(question)
    if record is None:
        raise NotFound(kind="record", number=number)
    return record


def gates_before(
    session: Session,
    request_number: str,
    *,
    by: Actor,
    at: datetime,
    stage: str = "as_found",
    standards: Mapping[str, str] = NONE_CHOSEN,
) -> list[gates.Reason]:
    """What must hold before a run starts, each line with its figure and clause, as the rules in force take it.

    standards: role → code of the standard that was chosen for it.
    """
    require(by, "bench.read")
    request = request_by_number(session, request_number, by=by)
    version = registers.current_procedure(session, request.procedure_name)
    procedure = registers.procedure_of(version)
    today = registers.day(session, at)
    lines = [gates.item_received(request.state), gates.procedure_current(version.name, version.state)]
    lines += person_gates.lines(session, request.id, version, "perform", by=by, day=today)
    lines += scope.gates_of(session, procedure, today)
    lines += gatekeeping.of_job(session, request, today)
    lines.append(gates.state_frozen(request.frozen, stage))
    lines += [gatekeeping.standard_line(session, role, today, standards.get(role, "")) for role in procedure.needs]
    return gatekeeping.ruled(session, lines, today, request.document_kind)


def start(
    session: Session,
    request_number: str,
    stage: str,
    *,
    by: Actor,
    at: datetime,
    settings: Settings,
    launch: bool = True,
    standards: Mapping[str, str] = NONE_CHOSEN,
) -> Record:
    """Open a record and start its run; nothing energises until a person at the bench confirms.

    standards: role → code of the standard that was chosen for it.

    The capture process is launched after the caller's commit would be too late to refuse, so it is launched here, last:
    if the transaction fails afterwards, the run waits at its first prompt and is never confirmed.
    """
    require(by, "bench.run")
    if stage not in ("as_found", "as_left"):
        raise UnusableValue(field="stage", found=stage, right="as_found, as_left")
    lines = gates_before(session, request_number, by=by, at=at, stage=stage, standards=standards)
    gatekeeping.pass_through(session, f"start {stage}", "request", request_number, lines, by=by, at=at)
    request = request_by_number(session, request_number, by=by)
    version = registers.current_procedure(session, request.procedure_name)
    procedure = registers.procedure_of(version)
    item = session.get_one(Instrument, request.instrument_id)
    number = next_number(session, "record", at)
    run_dir = settings.data / "runs" / number
    players = {role: registers.instrument_for(session, role, standards.get(role, "")) for role in procedure.needs}
    bench = simulated(settings) if _needs_bench(players.values()) else None
    cast = _cast(session, players, item, bench)
    plan = procedures.plan(
        procedure,
        stage=stage,
        item=cast["item"],
        instruments=cast,
        options={
            "clock_speed": 1.0 if bench is None else float(bench["speed"]),
            "simulated": bench is not None,
            "visa_library": settings.visa_library or "@py",
        },
    )
    record = Record(
        number=number,
        request_id=request.id,
        procedure_version_id=version.id,
        stage=stage,
        performer_id=by.person_id,
        state="open",
        run_dir=str(run_dir.relative_to(settings.data)),
        journal_head=None,
        software=registers.software(),
        setup={
            "clock": {"simulated": bench is not None, "speed": 1.0 if bench is None else bench["speed"]},
            "standards": {role: entry["asset"] for role, entry in cast.items() if role != "item"},
        },
        started_at=at,
    )
    session.add(record)
    if request.state == "received":
        states.REQUEST.move(request, "in_work")
    session.flush()
    audit.append(
        session,
        "record.opened",
        "record",
        number,
        by=by.username,
        at=at,
        payload={"request": request.number, "procedure": version.digest, "stage": stage},
    )
    capture.prepare(run_dir, plan)
    if launch:
        capture.start(run_dir)
    return record


def _needs_bench(players: Iterable[Instrument]) -> bool:
    return any((each.resource or "").startswith(SIMULATED) for each in players)


def simulated(settings: Settings) -> dict[str, Any]:
    """The simulated bench, served on this machine by a process of its own: started once, it keeps its state."""
    return dict(bench_server.ensure(settings.data / "bench", seed=settings.bench_seed, speed=settings.bench_speed))


def _cast(
    session: Session, players: Mapping[str, Instrument], item: Instrument, bench: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Who plays which role: the registered standards of the laboratory, and the item."""
    cast = {}
    for role, standard in players.items():
        calibration = registers.current_calibration(session, standard.id)
        cast[role] = _part(standard, bench) | {
            "calibration_version": None if calibration is None else calibration.id,
        }
    cast["item"] = _part(item, bench, default="bench:meter" if bench else None)
    return cast


def _part(instrument: Instrument, bench: Mapping[str, Any] | None, default: str | None = None) -> dict[str, Any]:
    resource = instrument.resource or default or ""
    if resource.startswith(SIMULATED) and bench is not None:
        resource = bench["resources"][resource.removeprefix(SIMULATED)]
    return {
        "resource": resource,
        "driver": instrument.driver or instrument.model,
        "maker": instrument.maker,
        "model": instrument.model,
        "serial": instrument.serial,
        "asset": instrument.code,
    }


def run_dir(record: Record, settings: Settings) -> Path:
    """Where the record's run is kept. Raises NotFound for a record entered by hand or read from a file."""
    if not record.run_dir:  # the folder would be the laboratory's own
        raise NotFound(kind="run", number=record.number)
    return settings.data / record.run_dir


def command(
    session: Session,
    record_number: str,
    do: str,
    *,
    by: Actor,
    at: datetime,
    settings: Settings,
    prompt: str | None = None,
    point: int | None = None,
    reason: str = "",
) -> None:
    """A person's word to a run: confirm, refuse, pause, resume, repeat, abort. Kept in the run and in the audit."""
    require(by, "bench.run")
    record = record_by_number(session, record_number)
    folder = run_dir(record, settings)
    words: dict[str, Any] = {"do": do, "by": by.username}
    if prompt is not None:
        words["prompt"] = prompt
    if point is not None:
        words["point"] = point
    if reason:
        words["reason"] = reason
    audit.append(
        session, f"run.{do}", "record", record.number, by=by.username, at=at, payload=words, reason=reason or None
    )
    if do == "resume" and capture.resumable(folder):
        capture.start(folder)
        return
    capture.send(folder, words)


def events(session: Session, record_number: str, after: int, *, by: Actor, settings: Settings) -> list[dict[str, Any]]:
    """What the run's journal says after an event number; what is shown was written before."""
    require(by, "bench.read")
    return capture.tail(run_dir(record_by_number(session, record_number), settings), after=after)


def run_state(session: Session, record_number: str, *, by: Actor, settings: Settings) -> str:
    require(by, "bench.read")
    return str(capture.state(run_dir(record_by_number(session, record_number), settings)))


def close_interrupted(session: Session, record_number: str, *, by: Actor, at: datetime, settings: Settings) -> None:
    """The technician closes a run that died: its readings stay, the record says so, and a new run may begin."""
    require(by, "bench.run")
    record = record_by_number(session, record_number)
    folder = run_dir(record, settings)
    state = capture.state(folder)
    if state not in ("interrupted", "aborted"):
        raise RunStillGoing(record=record_number, state=state)
    if capture.resumable(folder):
        capture.close(folder, by=by.username)
    deliver(session, record_number, settings=settings)
    states.RECORD.move(record, "interrupted")
    record.finished_at = at
    audit.append(session, "record.interrupted", "record", record.number, by=by.username, at=at)


def deliver(session: Session, record_number: str, *, settings: Settings) -> int:
    """Bring what the journal holds into the records, once: events already delivered are passed over. Returns how many."""
    record = record_by_number(session, record_number)
    if not record.run_dir:
        return 0
    last = max(
        session.scalar(select(Reading.seq).where(Reading.record_id == record.id).order_by(Reading.seq.desc()).limit(1))
        or 0,
        session.scalar(
            select(RunEvent.seq).where(RunEvent.record_id == record.id).order_by(RunEvent.seq.desc()).limit(1)
        )
        or 0,
    )
    fresh = capture.tail(run_dir(record, settings), after=last)
    if not fresh:
        return 0
    versions = _versions_in(session, record)
    readings = [_reading_row(record.id, event, versions) for event in fresh if event["kind"] == "reading"]
    others = [_event_row(record.id, event) for event in fresh if event["kind"] != "reading"]
    if readings:
        session.execute(insert(Reading), readings)
    if others:
        session.execute(insert(RunEvent), others)
    record.journal_head = fresh[-1]["hash"]
    finished = [event for event in fresh if event["kind"] == "finished"]
    if finished:
        record.finished_at = _instant(finished[-1]["at"])
    session.flush()
    return len(fresh)


def _versions_in(session: Session, record: Record) -> dict[str, int]:
    """Calibration version of each role, as it stood when the run was planned."""
    versions = {}
    for role, code in record.setup.get("standards", {}).items():
        standard = session.scalar(select(Instrument).where(Instrument.code == code))
        if standard is None:
            continue
        calibration = registers.calibration_on(session, standard.id, registers.day(session, record.started_at))
        if calibration is not None:
            versions[role] = calibration.id
    return versions


def _reading_row(record_id: int, event: Mapping[str, Any], versions: Mapping[str, int]) -> dict[str, Any]:
    # Readings of the item rest on the source's calibration; those of a standard on its own.
    role = {"item": "source"}.get(event["role"], event["role"])
    return {
        "record_id": record_id,
        "seq": event["seq"],
        "role": event["role"],
        "channel": event["channel"],
        "point": event.get("point"),
        "n": event.get("n"),
        "indication": event["indication"],
        "unit": event["unit"],
        "raw": event["raw"],
        "status": event["status"],
        "at": _instant(event["at"]),
        "setup": event.get("setup") or {},
        "calibration_version_id": versions.get(role),
        "flag": event.get("flag"),
    }


def _event_row(record_id: int, event: Mapping[str, Any]) -> dict[str, Any]:
    known = ("seq", "kind", "at")
    return {
        "record_id": record_id,
        "seq": event["seq"],
        "kind": event["kind"],
        "at": _instant(event["at"]),
        "payload": {key: value for key, value in event.items() if key not in known},
    }


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def enter_readings(
    session: Session,
    request_number: str,
    stage: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    ambient: Mapping[str, float] | None = None,
    standards: Mapping[str, str] = NONE_CHOSEN,
) -> Record:
    """A record of readings that a person read from a dial, each row a point and what was read.

    rows: {"point": number of the plan's point, "indications": [..]} with the figures as typed, in the unit that the
    point is shown in (display_unit). standards: role → code of the standard that was chosen for it.
    """
    require(by, "readings.enter")
    lines = gates_before(session, request_number, by=by, at=at, stage=stage, standards=standards)
    gatekeeping.pass_through(session, f"start {stage}", "request", request_number, lines, by=by, at=at)
    request = request_by_number(session, request_number, by=by)
    version = registers.current_procedure(session, request.procedure_name)
    procedure = registers.procedure_of(version)
    item = session.get_one(Instrument, request.instrument_id)
    plan = procedures.plan(procedure, stage=stage, item=_part(item, None))
    points = {point.no: point for point in plan.points}
    record = Record(
        number=next_number(session, "record", at),
        request_id=request.id,
        procedure_version_id=version.id,
        stage=stage,
        performer_id=by.person_id,
        state="open",
        run_dir="",
        journal_head=None,
        software=registers.software(),
        setup={
            "clock": {"simulated": False, "speed": 1.0},
            "by_hand": True,
            "standards": {
                role: registers.instrument_for(session, role, standards.get(role, "")).code for role in procedure.needs
            },
        },
        started_at=at,
        finished_at=at,
    )
    session.add(record)
    if request.state == "received":
        states.REQUEST.move(request, "in_work")
    session.flush()
    versions = _versions_in(session, record)
    seq = 0
    readings = []
    for row in rows:
        point = points.get(int(row["point"]))
        if point is None:
            raise UnusableValue(
                field="point", found=str(row["point"]), right=both("{low} to {high}", low=1, high=len(points))
            )
        for n, text in enumerate(row["indications"], start=1):
            seq += 1
            typed = str(text).strip()
            event = {
                "seq": seq,
                "role": "item",
                "channel": "V",
                "point": point.no,
                "n": n,
                "indication": _in_unit(number(typed, f"point {point.no}, reading {n}"), point),
                "unit": point.unit,
                "raw": typed,
                "status": "ok",
                "at": at.isoformat(),
            }
            readings.append(_reading_row(record.id, event, versions))
    for channel, unit in (("temperature", "degC"), ("humidity", "%RH")):
        if ambient and ambient.get(channel) is not None:
            if not isfinite(ambient[channel]):
                raise UnusableValue(field=channel, found=str(ambient[channel]), right=N_("a number such as 23.0"))
            seq += 1
            event = {
                "seq": seq,
                "role": "ambient",
                "channel": channel,
                "indication": float(ambient[channel]),
                "unit": unit,
                "raw": str(ambient[channel]),
                "status": "ok",
                "at": at.isoformat(),
            }
            readings.append(_reading_row(record.id, event, versions))
    session.execute(insert(Reading), readings)
    audit.append(
        session,
        "record.entered",
        "record",
        record.number,
        by=by.username,
        at=at,
        payload={"request": request.number, "readings": len(readings)},
    )
    return record


def _in_unit(value: float, point: procedures.Point) -> float:
    """A figure typed in the unit that the point is shown in, in the unit that readings are kept in."""
    return float(uncertainty.units.convert(value, point.display_unit, point.unit))


def number(text: str, field: str) -> float:
    """What a person typed, as a number: full-width digits, spaces and the true minus sign are understood."""
    try:
        value = float(unicodedata.normalize("NFKC", text).replace(" ", "").replace("\u2212", "-"))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise UnusableValue(field=field, found=text, right=N_("a number such as 10.00012 or 1e-3"))
    return value


def unfinished(session: Session, request: Request) -> list[Record]:
    """Records of a request that are not locked, newest first."""
    return list(
        session.scalars(
            select(Record)
            .where(Record.request_id == request.id, Record.state.not_in(("locked", "interrupted")))
            .order_by(Record.id.desc())
        )
    )
