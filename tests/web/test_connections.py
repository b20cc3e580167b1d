"""Standards registered and connected on their pages; the choice between two of them on the bench."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from lims.records import CalibrationVersion, Instrument
from lims.services import standards
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
VERSION = re.compile(r'name="version" value="(\d+)"')


def text(visitor: Visitor, path: str) -> str:
    return visitor.get(path).get_data(as_text=True)


def test_a_standard_is_registered_connected_and_asked_who_it_is(signed_in: As) -> None:
    keeper = signed_in("keeper")
    entered = {
        "description": "多功能校准器",
        "maker": "Fluke",
        "model": "5522A",
        "serial": "2950101",
        "kind": "standard",
        "role": "source",
    }
    refused = keeper.post("/standards/new", "/standards/new", **entered)
    assert refused.status_code == 422 and "2950101" in refused.get_data(as_text=True), "it is registered already"
    made = keeper.post("/standards/new", "/standards/new", **entered | {"serial": "𠮷-1"})
    assert made.status_code == 302
    page = made.headers["Location"]
    version = VERSION.search(text(keeper, page))
    assert version
    wrong = keeper.post(f"{page}/connection", page, resource="COM3", driver="", version=version[1])
    assert wrong.status_code == 422 and 'id="e-resource"' in wrong.get_data(as_text=True)
    given = {"resource": "bench:calibrator", "driver": "F5522A", "version": version[1]}
    assert keeper.post(f"{page}/connection", page, **given).status_code == 302
    answer = keeper.post(f"{page}/ask", page).get_data(as_text=True)
    assert "2950101" in answer and "不符" in answer, "the bench's calibrator has another serial number"
    late = keeper.post(f"{page}/connection", page, **given)
    assert late.status_code == 422


def test_only_who_keeps_standards_registers_and_connects(signed_in: As) -> None:
    tech = signed_in("tech")
    assert tech.get("/standards/new").status_code == 403
    assert tech.post("/standards/YQ-2026-000003/connection", "/verify/", resource="x", version="1").status_code == 403
    assert "VISA" not in text(tech, "/standards/YQ-2026-000003")


def test_the_bench_offers_a_choice_where_two_may_measure(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    assert "data-standards" not in text(tech, "/bench/WT-2026-000001")
    with app.extensions["lims_writers"]() as session:
        first = session.scalars(select(Instrument).where(Instrument.role == "source")).one()
        other = standards.register(
            session, description=first.description, maker=first.maker, model=first.model, serial="2950777",
            role="source", by=None, at=laboratory.AT,
        )  # fmt: skip
        code, ours = other.code, first.code
        session.commit()
    page = text(tech, "/bench/WT-2026-000001")
    assert "data-standards" in page and code in page and ours in page
    assert 'action="/bench/WT-2026-000001/start"' in page
    without = text(tech, f"/bench/WT-2026-000001?source={code}")
    assert code in without.partition('class="gates')[2] and 'action="/bench/WT-2026-000001/start"' not in without
    with app.extensions["lims_readers"]() as session:
        assert session.scalar(select(CalibrationVersion.id).where(CalibrationVersion.certificate_number == "x")) is None


def test_an_item_is_connected_by_who_measures(signed_in: As) -> None:
    tech, path = signed_in("tech"), "/bench/WT-2026-000001"
    version = VERSION.search(text(tech, path))
    assert version
    wrong = tech.post(f"{path}/connection", path, resource="GPIB0::22::INSTR", driver="none", version=version[1])
    assert wrong.status_code == 422
    given = {"resource": "GPIB0::22::INSTR", "driver": "HP34401A", "version": version[1]}
    assert tech.post(f"{path}/connection", path, **given).status_code == 302
    assert "GPIB0::22::INSTR" in text(tech, path)
    assert signed_in("customer").post(f"{path}/connection", "/verify/", **given).status_code in (403, 404)
