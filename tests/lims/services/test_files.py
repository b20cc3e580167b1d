"""Readings from a file: the published set of JCGM 100 H.2 takes the same way as a bench."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from instruments.procedures import WrongReadings
from lims.domain.errors import StandardDoesNotCover, StandardNotValid, TraceabilityMissing, UnusableValue
from lims.records import Certificate, Record, Result, StoredFile
from lims.services import certificates, data_files, evaluation, reexecution, rendering, requests, review, standards

from .conftest import PASSWORD, Lab

READINGS = Path(__file__).parents[3] / "fixtures" / "readings"
CSV = READINGS / "impedance_gum_h2.csv"


def published() -> dict[str, dict[str, float]]:
    cases = json.loads((READINGS / "gum_annex_h.json").read_text("utf-8"))["cases"]
    return {case["id"]: case["expected"] for case in cases}


def imported(lab: Lab, **more: object) -> Record:
    request = requests.own(lab.session, "IMPEDANCE", by=lab.who("tech"), at=lab.now())
    return data_files.import_readings(
        lab.session,
        request.number,
        CSV.name,
        CSV.read_bytes(),
        provenance={"origin": "JCGM 100:2008, H.2"},
        by=lab.who("tech"),
        at=lab.now(),
        **more,  # type: ignore[arg-type]
    )


def submitted(lab: Lab, **more: object) -> Record:
    record = imported(lab, **more)
    evaluation.submit(lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings)
    return record


def test_resistance_reactance_and_impedance_of_gum_h2_with_u_and_correlations(lab: Lab) -> None:
    """JCGM 100:2008, table H.4: R, X, Z, their u and correlations, within the tolerances of the reference file."""
    submitted(lab)
    expected = published()["gum-h2-impedance-raw"]
    results = {r.measurand: r for r in lab.session.scalars(select(Result))}
    for name in ("R", "X", "Z"):
        assert results[name].value == pytest.approx(expected[name]["value"], abs=expected[name]["abs_tol"])
        u = expected[f"u_{name}"]
        assert results[name].u == pytest.approx(u["value"], abs=u["abs_tol"])
    r = results["R"].budget["answer"]["correlation"]
    place = {name: i for i, name in enumerate(r["names"])}
    for a, b, published_r in (("R", "X", -0.588), ("R", "Z", -0.485), ("X", "Z", 0.993)):
        assert r["matrix"][place[a]][place[b]] == pytest.approx(published_r, abs=0.0006)


def test_the_file_is_kept_with_digest_provenance_and_importer(lab: Lab) -> None:
    imported(lab)
    stored = lab.session.scalars(select(StoredFile)).one()
    assert stored.bytes == CSV.read_bytes()
    assert stored.sha256 == hashlib.sha256(CSV.read_bytes()).hexdigest()
    assert stored.provenance["origin"] == "JCGM 100:2008, H.2"
    assert stored.provenance["importer"].startswith("suyuan")


def test_a_report_claims_no_traceability_and_a_certificate_is_refused_with_the_missing_links(lab: Lab) -> None:
    record = submitted(lab)
    with pytest.raises(TraceabilityMissing) as refused:
        certificates.refuse_untraceable(lab.session, [record])
    for channel in ("V", "I", "phi"):
        assert channel in str(refused.value)
    report = certificates.evaluation_report(
        lab.session, record.number, by=lab.who("tech"), at=lab.now(), settings=lab.settings
    )
    content = json.loads(report.snapshot)
    assert content["kind"] == "evaluation_report"
    assert content["traceability"]["claimed"] is False
    assert len(content["traceability"]["missing"]) == 3
    assert content["result_sets"][0]["correlation"]["names"] == ["R", "X", "Z"]
    assert reexecution.execute_again(lab.session, report).ok
    lab.session.commit()
    assert rendering.render_due(lab.session, at=lab.now(), settings=lab.settings) == [report.number]


def test_declared_and_valid_standards_yield_a_certificate(lab: Lab) -> None:
    """A column is measured by an instrument of the register whose certificate is in force."""
    record = submitted(lab, standards=standards_of_h2(lab))
    review.verify(lab.session, record.number, PASSWORD, by=lab.who("verifier"), at=lab.now())
    issued = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    assert isinstance(issued, Certificate)
    assert json.loads(issued.snapshot)["traceability"]["claimed"] is True


def standards_of_h2(lab: Lab) -> dict[str, str]:
    """Column → a registered standard of its own, calibrated over what the column holds."""
    codes = {}
    for channel, unit, low, high in (("V", "V", "4", "6"), ("I", "A", "0.01", "0.03"), ("phi", "rad", "1", "1.1")):
        keeper = lab.who("keeper")
        meter = standards.register(
            lab.session,
            description={"zh": f"标准表 {channel}", "en": f"Standard meter, {channel}"},
            maker="M",
            model=f"S-{channel}",
            serial=channel,
            by=keeper,
            at=lab.now(),
        )
        points = [{"at": at, "correction": "0", "U": "0.001", "k": "2"} for at in (low, high)]
        standards.add_calibration(
            lab.session,
            meter.code,
            certificate_number=f"C-{channel}",
            issuer={"zh": "虚构国家计量院", "en": "Fictional National Metrology Institute", "demonstration": True},
            issued=date(2026, 1, 5),
            valid_from=date(2026, 1, 5),
            valid_to=date(2027, 1, 4),
            route_class="a",
            functions=[
                {"function": channel, "unit": unit, "ranges": [{"range": "1", "upper": high, "points": points}]}
            ],
            upstream=[{"si": {"zh": "SI", "en": "SI"}}],
            correlation={"kind": "none"},
            by=keeper,
            at=lab.now(),
        )
        codes[channel] = meter.code
    return codes


def test_a_standard_that_does_not_cover_the_column_is_refused(lab: Lab) -> None:
    """A calibrator of DC voltage measured no phase angle; one calibrated up to 1 V measured no 5 V."""
    with pytest.raises(StandardDoesNotCover) as refused:
        imported(lab, standards={"phi": "YQ-2026-000003"})
    assert "phi" in str(refused.value)
    with pytest.raises(UnusableValue):
        imported(lab, standards={"Q": "YQ-2026-000003"})


def test_a_standard_out_of_date_is_refused_before_anything_is_stored(lab: Lab) -> None:
    lab.at += timedelta(days=300)
    with pytest.raises(StandardNotValid):
        imported(lab, standards={"V": "YQ-2026-000003"})
    assert lab.session.scalars(select(StoredFile)).all() == []


def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_stored(lab: Lab) -> None:
    request = requests.own(lab.session, "IMPEDANCE", by=lab.who("tech"), at=lab.now())
    wrong = CSV.read_text("utf-8").replace("19.640", "19,64O").encode()
    with pytest.raises(WrongReadings) as refused:
        data_files.import_readings(
            lab.session, request.number, "x.csv", wrong, provenance={}, by=lab.who("tech"), at=lab.now()
        )
    assert refused.value.facts["row"] == 4
    assert lab.session.scalars(select(StoredFile)).all() == []
