"""A year of tests of the demonstration laboratory's measurement standard: fictional readings, the same every time."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.records import MeasurementStandard
from lims.services import measurement_standards

S, MPE = 1.2e-6, 2.0e-5
"""Of the approved evaluation of 10 V, and of the calibrator at 10 V, in V; both fictional."""
PLAN = {"repeatability": {"s": S, "months": 12}, "stability": {"mpe": MPE, "months": 12}}
TESTS = (("repeatability", 410), ("stability", 400), ("repeatability", 45), ("stability", 40))
"""Kind and how many days ago."""


def a_year(session: Session, at: datetime) -> None:
    """The plan of the laboratory's first standard, and its tests of two years."""
    row = session.scalars(select(MeasurementStandard).order_by(MeasurementStandard.id)).first()
    assert row is not None
    row.plan = dict(PLAN)
    session.flush()
    noise = np.random.default_rng(1033)
    for kind, ago in TESTS:
        readings = 10 + (2.1e-6 if ago < 100 else 0.0) + noise.normal(0.0, 0.7e-6, 10)
        measurement_standards.add_test(
            session,
            row.code,
            kind,
            (at - timedelta(days=ago)).date(),
            [round(float(each), 8) for each in readings],
            conditions={"text": "10 V，核查标准：固态电压标准（虚构）"},
            by=None,
            at=at,
        )
