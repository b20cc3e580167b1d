"""Results that share sources are correlated, and what a certificate does not say is bounded both ways."""

from __future__ import annotations

import math

import pytest
from sqlalchemy import select

from lims.domain.standards import correlation_between
from lims.queries import covariance
from lims.records import CalibrationVersion, Instrument, Result, ResultSource, Source
from lims.services import standards

from .conftest import Lab


def points(lab: Lab) -> dict[int, Result]:
    return {result.point: result for result in lab.session.scalars(select(Result))}


def redeclare(lab: Lab, correlation: dict[str, object]) -> None:
    """A new certificate of the calibrator, the same but for what it declares of its sources."""
    old = lab.session.scalars(
        select(CalibrationVersion)
        .join(Instrument)
        .where(Instrument.model == "5522A", CalibrationVersion.state == "current")
    ).one()
    code = lab.session.get_one(Instrument, old.instrument_id).code
    standards.add_calibration(
        lab.session,
        code,
        certificate_number="AGAIN",
        issuer=old.issuer,
        issued=old.issued,
        valid_from=old.valid_from,
        valid_to=old.valid_to,
        route_class="a",
        functions=old.functions,
        upstream=old.upstream,
        correlation=correlation,
        by=lab.who("keeper"),
        at=lab.now(),
    )


def test_two_points_share_their_drift_and_nothing_else_where_the_certificate_says_none(lab: Lab) -> None:
    """10 V and −10 V: the drift of the gain of one range is shared, with opposite sensitivities."""
    lab.submitted()
    ten, minus = points(lab)[10], points(lab)[11]
    found = covariance.of_results(lab.session, [ten.id, minus.id], lab.who("auditor"))
    shared = 0.0
    for source, a in lab.session.execute(
        select(ResultSource.source_id, ResultSource.sensitivity).where(ResultSource.result_id == ten.id)
    ):
        b = lab.session.scalar(
            select(ResultSource.sensitivity).where(ResultSource.result_id == minus.id, ResultSource.source_id == source)
        )
        if b is not None:
            u = lab.session.get_one(Source, source).u
            shared += a * b * u * u
    assert not found.bounded
    assert found.low[0, 1] == pytest.approx(shared, rel=1e-12)
    assert found.low[0, 1] < 0
    assert math.sqrt(found.low[0, 0]) == pytest.approx(ten.u, rel=1e-9)


def test_the_same_result_is_fully_correlated_with_itself(lab: Lab) -> None:
    lab.submitted()
    ten = points(lab)[10]
    found = covariance.of_results(lab.session, [ten.id, ten.id], lab.who("auditor"))
    assert found.high[0, 0] - 2 * found.high[0, 0] + found.high[0, 0] == 0


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"kind": "none"}, (0.0, 0.0)),
        ({"kind": "full"}, (1.0, 1.0)),
        ({"kind": "matrix", "pairs": [["DCV:33 V:10", "DCV:33 V:5", 0.6]]}, (0.6, 0.6)),
        ({"kind": "unknown"}, (-1.0, 1.0)),
    ],
)
def test_correlation_of_one_certificate_as_it_declares_it(
    lab: Lab, declared: dict[str, object], expected: tuple[float, float]
) -> None:
    redeclare(lab, declared)
    lab.submitted()
    five, ten = points(lab)[9], points(lab)[10]
    a, b = (next(id_ for id_ in certificate_sources(lab, result)) for result in (five, ten))
    assert correlation_between(declared, a, b) == expected
    found = covariance.of_results(lab.session, [five.id, ten.id], lab.who("auditor"))
    assert found.bounded == (declared["kind"] == "unknown")
    low, high = found.correlation(0, 1)
    assert -1 <= low <= high <= 1


def certificate_sources(lab: Lab, result: Result) -> list[str]:
    return [
        id_
        for id_ in lab.session.scalars(select(ResultSource.source_id).where(ResultSource.result_id == result.id))
        if id_.startswith("cal:")
    ]
