"""A run of the bench that stands still in the middle, for the pages that show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from instruments import capture, procedures
from lims.config import Settings
from lims.records import Instrument, ProcedureVersion, Record, Request
from lims.records.engine import open_engine, session_factory
from lims.services import people
from tests.web import laboratory

RUN = "JL-LIVE"


@contextmanager
def a_run(settings: Settings) -> Iterator[Path]:
    """A record whose run has asked, energised, read one point and goes on."""
    engine = open_engine(settings.database)
    with session_factory(engine)() as session:
        request = session.scalars(select(Request).order_by(Request.id)).first()
        assert request is not None
        in_force = (ProcedureVersion.name == "DMM-DCV", ProcedureVersion.state == "current")
        version = session.scalars(select(ProcedureVersion).where(*in_force)).one()
        item = session.get_one(Instrument, request.instrument_id)
        plan = procedures.plan(
            procedures.read(version.text),
            item={
                "maker": item.maker,
                "model": item.model,
                "serial": item.serial,
                "driver": item.model,
                "resource": "",
            },
        )
        session.add(
            Record(
                number=RUN,
                request_id=request.id,
                procedure_version_id=version.id,
                stage="as_found",
                performer_id=people.by_username(session, "tech").person_id,
                state="open",
                run_dir=f"runs/{RUN}",
                software={},
                setup={},
                started_at=laboratory.AT,
            )
        )
        session.commit()
    engine.dispose()
    folder = settings.data / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    journal = capture.Journal(folder)
    journal.append("opened", plan=plan.digest, software={}, clock_speed=60.0, pid=1)
    say = {"zh": "请检查接线", "en": "Check the connections"}
    journal.append("prompt", prompt="P1", id="P1", asks="energise", text=say, voltage=0.01, point=2)
    journal.append("confirmed", prompt="P1", by="tech")
    journal.append("point_started", point=2, attempt=1, range=0.1, nominal=0.01)
    facts: dict[str, Any] = {"unit": "V", "status": "ok", "setup": {}}
    journal.append(
        "reading", role="ambient", channel="temperature", indication=23.04, raw="23.04", **facts | {"unit": "degC"}
    )
    for n in (1, 2):
        journal.append("reading", role="item", channel="V", point=2, n=n, indication=0.01000104, raw="+1E-2", **facts)
    rule = "more than 5 scaled MAD from the median"
    journal.append("flagged", point=2, reading=8, n=2, rule=rule)
    journal.append("mark", point=2, mean=0.01000104, error=1.04e-6, low=-4e-6, high=4e-6, inside=True)
    journal.append("point_finished", point=2, attempt=1)
    journal.append("prompt", prompt="P2", id="P2", asks="energise", text=say, voltage=500.0, point=15)
    try:
        yield folder  # the journal stays open: a capture that holds it is a run that goes on
    finally:
        journal.close()
