"""Measurement standards with their tests and file, on both databases."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from lims.documents import standard_file as documents
from lims.domain.errors import NotAllowed, StaleEdit, UnusableValue
from lims.queries import standard_file
from lims.records import MeasurementStandard
from lims.services import measurement_standards

from .conftest import Lab

CODE = "JB-2026-000001"
TEN = [10.000001, 10.000003, 10.000002, 10.0, 10.000002, 10.000001, 10.000002, 10.000003, 10.000001, 10.000002]


def standard(lab: Lab) -> MeasurementStandard:
    return measurement_standards.lists.by_code(lab.session, CODE, lab.who("keeper"))


def test_a_test_is_judged_at_once_and_written_into_the_life(lab: Lab) -> None:
    day = lab.at.date()
    bad = measurement_standards.add_test(
        lab.session, CODE, "stability", day, [x + 1e-3 for x in TEN], by=lab.who("keeper"), at=lab.now()
    )
    assert bad.ok is False, "a millivolt away from the group before, 20 µV allowed"
    found = standard_file.file(lab.session, CODE, lab.who("auditor"), on=day)
    assert found.life.events[0].kind == "tested"
    assert found.due["stability"].year == day.year + 1
    assert documents.view(found, at=lab.at, software="x")["conclusion"]["en"].startswith("Criterion not met: stability")


def test_a_plan_is_changed_by_one_at_a_time(lab: Lab) -> None:
    version = standard(lab).version
    by = lab.who("keeper")
    measurement_standards.plan(lab.session, CODE, "repeatability", {"s": 1e-9}, version=version, by=by, at=lab.now())
    lab.session.commit()
    with pytest.raises(StaleEdit):
        measurement_standards.plan(lab.session, CODE, "stability", {"U": 1e-5}, version=version, by=by, at=lab.now())
    failing = measurement_standards.add_test(
        lab.session, CODE, "repeatability", lab.at.date(), TEN, by=by, at=lab.now()
    )
    assert failing.ok is False


def test_who_may_not_and_what_cannot_be(lab: Lab) -> None:
    with pytest.raises(NotAllowed):
        measurement_standards.add_test(
            lab.session, CODE, "repeatability", lab.at.date(), TEN, by=lab.who("verifier"), at=lab.now()
        )
    with pytest.raises(UnusableValue, match="day"):
        measurement_standards.add_test(
            lab.session, CODE, "repeatability", lab.at.date().replace(year=2099), TEN, by=lab.who("tech"), at=lab.now()
        )
    with pytest.raises(UnusableValue, match="zero"):
        measurement_standards.plan(
            lab.session, CODE, "stability", {"U": -1.0}, version=standard(lab).version, by=lab.who("keeper"),
            at=lab.now(),
        )  # fmt: skip


def test_the_file_is_a_pdf_that_outside_tools_read(lab: Lab, tmp_path: Path) -> None:
    found = standard_file.file(lab.session, CODE, lab.who("keeper"), on=lab.at.date())
    standings = {key: standing for key, _, standing, _ in found.documents}
    assert len(standings) == 18
    assert standings["people"] == "missing", "one performer alone, two are needed (计量标准考核办法)"
    assert standings["repeatability"] == standings["stability"] == standings["calibrations"] == "live"
    pdf = tmp_path / "file.pdf"
    pdf.write_bytes(documents.as_pdf(found, at=lab.at, software="Suyuan"))
    if which("pdftotext") is None:
        pytest.skip("no pdftotext: install poppler-utils")
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True).stdout.decode()
    for said in ("计量标准技术报告", "直流电压标准装置", "FNMI-DC-2026-0117", "稳定性考核", "履历书", "2029-"):
        assert said in text, said
