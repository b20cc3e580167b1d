"""Where instruments are connected, who answers there, and which of two standards measures; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from instruments.bench import Bench
from lims.config import Settings
from lims.domain.errors import GateClosed, NotAllowed, NotFound, StaleEdit, UnusableValue
from lims.records import AuditEntry, CalibrationVersion, Instrument, Reading, Request
from lims.services import bench, connections, standards

from .conftest import Lab


def calibrator(lab: Lab) -> Instrument:
    return lab.session.scalars(select(Instrument).where(Instrument.role == "source").order_by(Instrument.id)).first()  # type: ignore[return-value]


def connect(lab: Lab, code: str, resource: str, driver: str = "", *, version: int, who: str = "keeper") -> Instrument:
    return connections.connect(lab.session, code, resource, driver, version=version, by=lab.who(who), at=lab.now())


def test_a_standard_is_connected_once_and_the_chain_of_audit_says_where(lab: Lab) -> None:
    row = calibrator(lab)
    before = row.version
    connect(lab, row.code, " GPIB0::4::INSTR ", "F5522A", version=before)
    assert (row.resource, row.driver) == ("GPIB0::4::INSTR", "F5522A")
    entry = lab.session.scalars(select(AuditEntry).where(AuditEntry.act == "instrument.connected")).one()
    assert entry.payload == {"resource": "GPIB0::4::INSTR", "driver": "F5522A"}
    with pytest.raises(StaleEdit):
        connect(lab, row.code, "GPIB0::5::INSTR", version=before)


@pytest.mark.parametrize(
    ("resource", "driver", "field"),
    [("GPIB", "", "resource"), ("/etc/passwd", "", "resource"), ("GPIB0::4::INSTR", "no such", "driver")],
)
def test_a_wrong_name_is_refused_with_its_field(lab: Lab, resource: str, driver: str, field: str) -> None:
    row = calibrator(lab)
    with pytest.raises(UnusableValue) as refused:
        connect(lab, row.code, resource, driver, version=row.version)
    assert refused.value.facts["field"] == field


def test_who_may_connect_what(lab: Lab) -> None:
    row, item = calibrator(lab), lab.session.get_one(Instrument, lab.request().instrument_id)
    for who, code in (("tech", row.code), ("customer", row.code), ("customer", item.code), ("keeper", item.code)):
        with pytest.raises(NotAllowed):
            connect(lab, code, "GPIB0::4::INSTR", version=1, who=who)
    connect(lab, item.code, "GPIB0::22::INSTR", "HP34401A", version=item.version, who="tech")
    with pytest.raises(NotFound):
        connect(lab, "YQ-0", "GPIB0::4::INSTR", version=1)


def test_who_answers_is_held_against_the_register(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench in this process stands in for the laboratory's VISA library."""
    row = calibrator(lab)
    found = connections.discover
    library = Bench(seed=1).library
    monkeypatch.setattr(connections, "discover", lambda _library, names, drivers: found(library, names, drivers))
    by, settings = lab.who("keeper"), Settings(data=lab.settings.data)
    connect(lab, row.code, "GPIB0::4::INSTR", version=row.version)
    same = connections.ask(lab.session, row.code, by=by, settings=settings)
    assert same.same is True and same.found.identity is not None and same.found.identity.serial == "2950101"
    row.serial = "2950199"
    assert connections.ask(lab.session, row.code, by=by, settings=settings).same is False
    connect(lab, row.code, "GPIB0::9::INSTR", version=row.version)
    nobody = connections.ask(lab.session, row.code, by=by, settings=settings)
    assert nobody.same is None and "GPIB0::9::INSTR" in nobody.found.why
    connect(lab, row.code, "", version=row.version)
    with pytest.raises(UnusableValue):
        connections.ask(lab.session, row.code, by=by, settings=settings)


def second(lab: Lab) -> Instrument:
    """Another calibrator of the same kind, with the certificate of the first under another number."""
    first = calibrator(lab)
    row = standards.register(
        lab.session, description=first.description, maker=first.maker, model=first.model, serial="2950777",
        role="source", by=lab.who("keeper"), at=lab.now(),
    )  # fmt: skip
    held = lab.session.scalars(
        select(CalibrationVersion).where(
            CalibrationVersion.instrument_id == first.id, CalibrationVersion.state == "current"
        )
    ).one()
    standards.add_calibration(
        lab.session, row.code, certificate_number="FNMI-DC-2026-0777", issuer=held.issuer, issued=held.issued,
        valid_from=held.valid_from, valid_to=held.valid_to, route_class=held.route_class, functions=held.functions,
        upstream=held.upstream, correlation=held.correlation, by=lab.who("keeper"), at=lab.now(),
    )  # fmt: skip
    return row


def test_of_two_calibrators_the_chosen_one_is_what_the_result_rests_on(lab: Lab) -> None:
    other = second(lab)
    record = lab.submitted(standards={"source": other.code})
    assert record.setup["standards"]["source"] == other.code
    used = lab.session.scalars(
        select(Instrument.code)
        .join(CalibrationVersion, CalibrationVersion.instrument_id == Instrument.id)
        .join(Reading, Reading.calibration_version_id == CalibrationVersion.id)
        .where(Reading.record_id == record.id)
    ).all()
    assert other.code in used and calibrator(lab).code not in used


def test_a_chosen_standard_out_of_service_or_of_another_role_closes_the_start(lab: Lab) -> None:
    other, request = second(lab), lab.request()
    other.state = "stopped"
    lab.session.flush()
    monitor = lab.session.scalars(select(Instrument.code).where(Instrument.role == "ambient")).one()
    for code in (other.code, monitor, "YQ-0"):
        lines = bench.gates_before(
            lab.session, request.number, by=lab.who("tech"), at=lab.now(), standards={"source": code}
        )
        assert [line for line in lines if line.blocks and code in str(line.text)], code
        with pytest.raises(GateClosed):
            bench.start(
                lab.session, request.number, "as_found", by=lab.who("tech"), at=lab.now(), settings=lab.settings,
                launch=False, standards={"source": code},
            )  # fmt: skip
    assert lab.session.get_one(Request, request.id).state == "received"


def test_a_standard_is_registered_once(lab: Lab) -> None:
    by, first = lab.who("keeper"), calibrator(lab)
    same = {"description": first.description, "maker": first.maker, "model": first.model, "serial": first.serial}
    with pytest.raises(UnusableValue, match=first.code):
        standards.register(lab.session, **same, by=by, at=lab.now())
    for wrong in ({"serial": " "}, {"role": "captain"}, {"kind": "item"}, {"model": "x" * 300}):
        with pytest.raises(UnusableValue):
            standards.register(lab.session, **(same | {"serial": "new"} | wrong), by=by, at=lab.now())
