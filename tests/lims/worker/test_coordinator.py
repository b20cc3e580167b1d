"""What waits is done once, after a crash too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lims.queries import leases
from lims.records import Document
from lims.services import certificates, rendering
from lims.worker import Coordinator
from tests.lims.services.conftest import PASSWORD, Lab, lab

__all__ = ["lab"]


@pytest.fixture
def due(lab: Lab) -> str:
    record = lab.verified()
    issued = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    lab.session.commit()
    return issued.number


def test_an_issued_certificate_is_rendered_by_a_process_of_its_own_and_only_once(
    lab: Lab, due: str, sessions: sessionmaker[Session]
) -> None:
    coordinator = Coordinator(sessions, lab.settings, processes=1)
    try:
        assert coordinator.look() == [due]
        assert coordinator.look() == []
    finally:
        coordinator.stop()
    assert lab.session.scalar(select(func.count()).select_from(Document)) == 2


def test_a_lease_keeps_others_away_until_it_runs_out(lab: Lab, due: str) -> None:
    now = datetime.now(UTC)
    assert rendering.claim(lab.session, due, holder="one", at=now)
    assert not rendering.claim(lab.session, due, holder="two", at=now + timedelta(seconds=1))
    lab.session.commit()
    # The first worker died: its lease is not renewed, and the work is taken up again.
    assert rendering.claim(lab.session, due, holder="two", at=now + rendering.LEASE + timedelta(seconds=1))
    leases.release(lab.session, f"render:{due}")
    lab.session.commit()
    assert rendering.due(lab.session) == [due]
