"""Every factory makes a row that the migrated database takes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.domain import standards
from lims.records import Base, CertificateStatus
from tests import factories as make


def test_a_certificate_brings_all_it_stands_on(session: Session) -> None:
    certificate = make.a_certificate(session, status="withdrawn")
    make.a_laboratory(session)
    session.commit()
    assert [s.status for s in session.scalars(sa.select(CertificateStatus).order_by(CertificateStatus.id))] == [
        "issued",
        "withdrawn",
    ]
    assert certificate.record_ids


def test_a_record_with_readings_and_a_result(session: Session) -> None:
    record = make.a_record(session, state="verified")
    make.a_receipt(session, session.get_one(make.Request, record.request_id))
    calibration = make.a_calibration(session)
    make.a_reading(session, record, calibration_version_id=calibration.id)
    overload = make.a_reading(session, record, None)
    result = make.a_result(session, make.an_evaluation(session, record), dof=54.0)
    make.a_signature(session, "record", record.id, "perform", make.a_person(session))
    make.an_authorisation(session, record.performer_id)
    session.commit()
    session.expire_all()
    assert overload.indication is None
    assert (result.value, result.u, result.U, result.dof) == (2e-5, 4e-6, 8e-6, 54.0)


def test_a_calibration_is_one_that_the_rules_can_read(session: Session) -> None:
    version = make.a_calibration(session)
    found = standards.at_point(
        {
            "id": version.id,
            "certificate_number": version.certificate_number,
            "issued": version.issued,
            "functions": version.functions,
            "correlation": version.correlation,
        },
        "DCV",
        1.5,
        on=make.TODAY,
    )
    assert found.correction == pytest.approx(6e-6)


def test_an_actor_has_the_roles_named(session: Session) -> None:
    actor = make.an_actor(session, "verifier", "approver", username="lin")
    assert (actor.username, actor.roles) == ("lin", {"verifier", "approver"})


def test_a_result_keeps_u_and_expanded_uncertainty_apart() -> None:
    assert {"u", "expanded_uncertainty"} <= set(Base.metadata.tables["result"].columns.keys())
