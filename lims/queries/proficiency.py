"""Proficiency tests: the plan of a year with what was done, one round, and En over the years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import Person, ProficiencyTest, QualityCase

PAGE = 40
MOST_DRAWN = 400
"""Rounds whose scores are drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """A round of a list; late: planned for a day that has passed and not measured yet."""

    test: ProficiencyTest
    late: bool

    @property
    def largest_En(self) -> float | None:
        return max((abs(row["En"]) for row in self.test.results if "En" in row), default=None)


@dataclass(frozen=True, slots=True)
class Year:
    """Plan against done."""

    year: int
    planned: int
    evaluated: int
    cancelled: int
    satisfactory: int
    late: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One En of one round, for the drawing over the years."""

    number: str
    day: date
    point: str
    En: float
    scheme: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round with who planned it and the case that it opened."""

    test: ProficiencyTest
    planner: Person | None
    case: QualityCase | None
    late: bool


def by_number(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> ProficiencyTest:
    """One round. Raises NotFound."""
    require(viewer, "quality.read")
    question = select(ProficiencyTest).where(ProficiencyTest.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="proficiency_test", number=number)
    return found


def lines(
    session: Session, viewer: Actor, *, on: date, before: tuple[date, int] | None = None, size: int = PAGE
) -> list[Line]:
    """A page of rounds, the latest planned first, those before (day, id); one more than `size` where there is more."""
    require(viewer, "quality.read")
    question = select(ProficiencyTest).order_by(ProficiencyTest.planned.desc(), ProficiencyTest.id.desc())
    if before is not None:
        day, key = before
        question = question.where(
            (ProficiencyTest.planned < day) | ((ProficiencyTest.planned == day) & (ProficiencyTest.id < key))
        )
    return [Line(test, _late(test, on)) for test in session.scalars(question.limit(size + 1))]


def years(session: Session, viewer: Actor, *, on: date) -> list[Year]:
    """Plan against done, the newest year first."""
    require(viewer, "quality.read")
    rows: dict[int, list[tuple[date, str, str | None]]] = {}
    for day, state, outcome in session.execute(
        select(ProficiencyTest.planned, ProficiencyTest.state, ProficiencyTest.outcome)
    ):
        rows.setdefault(day.year, []).append((day, state, outcome))
    return [
        Year(
            year=year,
            planned=len(found),
            evaluated=sum(state == "evaluated" for _, state, _ in found),
            cancelled=sum(state == "cancelled" for _, state, _ in found),
            satisfactory=sum(outcome == "satisfactory" for _, _, outcome in found),
            late=sum(state == "planned" and day < on for day, state, _ in found),
        )
        for year, found in sorted(rows.items(), reverse=True)
    ]


def scores(session: Session, viewer: Actor) -> list[Scored]:
    """Every En of the newest evaluated rounds, oldest first."""
    require(viewer, "quality.read")
    newest = session.scalars(
        select(ProficiencyTest)
        .where(ProficiencyTest.state == "evaluated")
        .order_by(ProficiencyTest.planned.desc(), ProficiencyTest.id.desc())
        .limit(MOST_DRAWN)
    ).all()
    return [
        Scored(test.number, test.planned, str(row["point"]), float(row["En"]), test.scheme)
        for test in reversed(newest)
        for row in test.results
    ]


def detail(session: Session, number: str, viewer: Actor, *, on: date) -> Round:
    """One round, in three statements."""
    test = by_number(session, number, viewer)
    return Round(
        test=test,
        planner=None if test.entered_by_id is None else session.get(Person, test.entered_by_id),
        case=None if test.case_id is None else session.get(QualityCase, test.case_id),
        late=_late(test, on),
    )


def _late(test: ProficiencyTest, on: date) -> bool:
    return test.state == "planned" and test.planned < on
