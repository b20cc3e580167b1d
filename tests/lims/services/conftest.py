"""A demonstration laboratory and its people, founded in the test's own database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from instruments import procedures
from lims.config import Settings
from lims.domain.actor import Actor
from lims.records import Record, Request
from lims.services import bench, demonstration, evaluation, people, requests, review

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = demonstration.PASSWORD


@dataclass
class Lab:
    """The laboratory with a clock that goes on by a minute at every look."""

    session: Session
    settings: Settings
    at: datetime = NOW

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def who(self, username: str) -> Actor:
        return people.by_username(self.session, username)

    def request(self, rule: dict[str, Any] | None = None, **more: Any) -> Request:
        customer = self.who("customer")
        assert customer.customer_id is not None
        request = requests.create(
            self.session,
            customer_id=customer.customer_id,
            instrument=demonstration.ITEM,
            procedure="DMM-DCV",
            document_kind=more.pop("document_kind", "calibration"),
            rule=rule or {"rule": "guarded", "r": 1.0},
            by=customer,
            at=self.now(),
            **more,
        )
        requests.receive(
            self.session,
            request.number,
            condition=demonstration.CONDITION,
            accessories="",
            by=self.who("keeper"),
            at=self.now(),
        )
        return request

    def record(
        self, request: Request | None = None, stage: str = "as_found", error: float = 2e-6, **more: Any
    ) -> Record:
        """A record read from the dial: each point three readings about a relative error."""
        request = request or self.request()
        plan = procedures.plan(procedures.load_procedure("dmm-dcv"))
        rows = []
        for point in plan.points:
            scale = 1000.0 if point.display_unit == "mV" else 1.0
            digit = float(point.resolution)
            shown = [point.nominal * (1 + error) + n * digit for n in (-1, 0, 1)]
            rows.append({"point": point.no, "indications": [f"{x * scale:.9f}" for x in shown]})
        return bench.enter_readings(
            self.session,
            request.number,
            stage,
            rows,
            ambient={"temperature": 23.1, "humidity": 45.0},
            by=self.who("tech"),
            at=self.now(),
            **more,
        )

    def submitted(self, **more: Any) -> Record:
        record = self.record(**more)
        evaluation.submit(
            self.session, record.number, PASSWORD, by=self.who("tech"), at=self.now(), settings=self.settings
        )
        return record

    def verified(self, **more: Any) -> Record:
        record = self.submitted(**more)
        review.verify(self.session, record.number, PASSWORD, by=self.who("verifier"), at=self.now())
        return record


@pytest.fixture
def lab(session: Session, tmp_path: Path) -> Lab:
    settings = Settings(data=tmp_path / "data")
    demonstration.found(session, at=NOW - timedelta(days=1), settings=settings)
    session.commit()
    return Lab(session, settings)
