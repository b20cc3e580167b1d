"""A worker that dies at any moment of rendering: nothing is lost, nothing is made twice, once its lease is out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lims import audit
from lims.queries.certificates import audit_heads
from lims.records import AuditEntry, Document
from lims.services import certificates, rendering
from tests.lims.services.conftest import PASSWORD, Lab, lab

__all__ = ["lab"]

WORKER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from lims.config import Settings
from lims.records.engine import open_engine, session_factory
from lims.services import rendering

url, data, at, where = sys.argv[1:]
def die(*_args, **_more):
    os.kill(os.getpid(), signal.SIGKILL)
settings = Settings(data=Path(data), database_url=url)
with session_factory(open_engine(url))() as session:
    if where == "before making":
        rendering.make = die
    if where == "before storing":
        rendering.store = die
    if where == "before the commit":
        rendering.leases.release = die
    rendering.render_due(session, at=datetime.fromisoformat(at), settings=settings, holder="the one that dies")
"""


@pytest.mark.parametrize("where", ["before making", "before storing", "before the commit"])
def test_a_worker_killed_while_rendering_leaves_the_work_to_the_next(
    lab: Lab,
    database_url: str,
    where: str,
) -> None:
    record = lab.verified()
    certificate = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    number, at = certificate.number, lab.now()
    lab.session.commit()
    died = subprocess.run(
        [sys.executable, "-c", WORKER, database_url, str(lab.settings.data), at.isoformat(), where],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL
    assert lab.session.scalars(select(Document)).all() == []
    lab.session.rollback()
    soon = at + timedelta(seconds=1)
    assert rendering.render_due(lab.session, at=soon, settings=lab.settings) == []  # its lease still holds
    late = at + rendering.LEASE + timedelta(seconds=1)
    assert rendering.render_due(lab.session, at=late, settings=lab.settings) == [number]
    kinds = lab.session.scalars(select(Document.kind).order_by(Document.kind)).all()
    assert kinds == ["dcc", "pdf"]
    made = lab.session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate.rendered")).all()
    assert len(made) == 1
    assert audit.verify(lab.session, audit_heads(lab.session)).ok


def test_two_workers_at_once_make_each_document_once(lab: Lab, sessions: sessionmaker[Session]) -> None:
    numbers = []
    for _ in range(3):
        record = lab.verified()
        issued = certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
        )
        numbers.append(issued.number)
    lab.session.commit()
    with sessions() as one, sessions() as two:
        first = rendering.render_due(one, at=lab.now(), settings=lab.settings, holder="one")
        second = rendering.render_due(two, at=lab.now(), settings=lab.settings, holder="two")
    assert sorted(first + second) == sorted(numbers)
    assert len(lab.session.scalars(select(Document)).all()) == 2 * len(numbers)
