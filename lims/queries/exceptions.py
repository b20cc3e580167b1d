"""What stands out of records, for lists that show it before anybody opens one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, literal_column, select, union_all
from sqlalchemy.orm import Session, aliased

from lims.domain import exceptional
from lims.records import Correction, Evaluation, Reading, Record, Request, Result, RunEvent

TOLD = ("fault", "paused", "interrupted", "point_restarted")
"""Events of a run that a second person is shown."""


@dataclass(slots=True)
class Seen:
    """rows: the printed results of the newest evaluation. before: by place, those of the instrument's record before.

    touched: a reading was corrected, flagged or failed, or the run did not go through.
    """

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    before: dict[tuple[Any, ...], Mapping[str, Any]] = field(default_factory=dict)
    touched: bool = False

    @property
    def why(self) -> list[str]:
        """Why the record is an exception, each reason once; empty for one like the rest."""
        found = [exceptional.reason(row) for row in self.rows]
        found += [exceptional.since(row, self.before.get(exceptional.place(row))) for row in self.rows]
        return list(dict.fromkeys([*(each for each in found if each), *(["touched"] if self.touched else [])]))


def of_records(session: Session, record_ids: Sequence[int]) -> dict[int, Seen]:
    """Record → what stands out of it: one statement whatever their number."""
    found = {record_id: Seen() for record_id in record_ids}
    if not found:
        return found
    then, job, job_then = aliased(Record), aliased(Request), aliased(Request)
    before = (
        select(func.max(then.id))
        .join(job_then, job_then.id == then.request_id)
        .where(
            job_then.instrument_id == job.instrument_id,
            job_then.procedure_name == job.procedure_name,
            then.state == "locked",
            then.id < Record.id,
        )
        .correlate(Record, job)
        .scalar_subquery()
    )
    flagged = (Reading.flag.is_not(None)) | (Reading.status != "ok")
    touched = (
        exists().where(Correction.record_id == Record.id)
        | exists().where(Reading.record_id == Record.id, flagged)
        | exists().where(RunEvent.record_id == Record.id, RunEvent.kind.in_((*TOLD, "flagged")))
    )
    wanted = Record.id.in_(found)
    pairs = union_all(
        select(Record.id.label("of"), Record.id.label("which"), touched.label("touched")).where(wanted),
        select(Record.id, before, literal_column("NULL")).join(job, job.id == Record.request_id).where(wanted),
    ).subquery()
    each = aliased(Evaluation)
    newest = select(func.max(each.id)).where(each.record_id == pairs.c.which).correlate(pairs).scalar_subquery()
    for of, which, marked, point, reported in session.execute(
        select(pairs.c.of, pairs.c.which, pairs.c.touched, Result.point, Result.reported)
        .select_from(pairs)
        .outerjoin(Evaluation, Evaluation.id == newest)
        .outerjoin(Result, Result.evaluation_id == Evaluation.id)
        .order_by(pairs.c.of, Result.point)
    ):
        seen = found[of]
        seen.touched = seen.touched or bool(marked)
        if reported is not None and which == of:
            seen.rows.append(reported | {"point": point})
        elif reported is not None and reported.get("nominal") is not None:
            seen.before[exceptional.place(reported)] = reported
    return found
