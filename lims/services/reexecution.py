"""Every printed digit of an issued certificate computed again from the stored readings, and compared.

Reported strings must be equal; full-precision numbers agree within 1e-12 relative.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain import working
from lims.records import Certificate, Record
from lims.services import evaluation, snapshots

RELATIVE = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where what was printed and what is computed today are not the same."""

    record: str
    point: int
    field: str
    printed: str
    computed: str


@dataclass(frozen=True, slots=True)
class Reexecution:
    """The outcome: how many printed values were compared, and where they differ."""

    number: str
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.compared > 0 and not self.differences


def execute_again(session: Session, certificate: Certificate) -> Reexecution:
    """Compare a certificate's frozen content with what its records give today. Stores nothing."""
    content = json.loads(certificate.snapshot)
    compared = 0
    differences: list[Difference] = []
    for stated, printed in zip(content["records"], content["result_sets"], strict=True):
        compared += 1
        record = session.scalar(select(Record).where(Record.number == stated["number"]))
        if record is None:
            differences.append(Difference(stated["number"], 0, "record", stated["number"], "—"))
            continue
        digest = evaluation.record_digest(session, record)
        if stated["evaluation"] == _last_version(session, record) and digest != stated["digest"]:
            differences.append(Difference(record.number, 0, "digest", stated["digest"], digest))
        rows = [_row(point) for point in evaluation.work_out(session, record)]
        if len(rows) != len(printed["rows"]):
            differences.append(Difference(record.number, 0, "rows", str(len(printed["rows"])), str(len(rows))))
            continue
        for old, new in zip(printed["rows"], rows, strict=True):
            count, found = _compare(record.number, old, new)
            compared += count
            differences += found
    return Reexecution(certificate.number, compared, differences)


def _last_version(session: Session, record: Record) -> int | None:
    latest = evaluation.latest_evaluation(session, record)
    return None if latest is None else latest.version


def _row(point: working.WorkedPoint) -> dict[str, Any]:
    return snapshots.printed_row(
        point.point, point.measurand, point.unit, point.reported, point.value, point.U, point.u
    )


def _compare(record: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[int, list[Difference]]:
    count = 0
    found = []
    for key, printed in old.items():
        if key == "full":
            for name, text in printed.items():
                count += 1
                before, after = float(text), float(new["full"][name])
                if abs(before - after) > RELATIVE * max(abs(before), abs(after)):
                    found.append(Difference(record, old["point"], f"full.{name}", text, new["full"][name]))
        else:
            count += 1
            if printed != new.get(key):
                found.append(Difference(record, old["point"], key, str(printed), str(new.get(key))))
    return count, found
