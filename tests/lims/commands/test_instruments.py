"""What is connected, on the command line: the simulated bench, held against the register of a laboratory."""

from __future__ import annotations

import json

from sqlalchemy import select

from lims.records import Instrument

from .conftest import Home
from .test_doors import lims

CALIBRATOR, METER = "GPIB0::4::INSTR", "GPIB0::22::INSTR"


def test_each_is_named_with_the_days_left_of_its_certificate(home: Home) -> None:
    found = lims("--lang", "en", "instruments", "find", "--library", "@sim", cwd=home.folder)
    assert found.returncode == 0, found.stderr
    told = {line.split("  ")[0]: line for line in found.stdout.splitlines() if not line.startswith(" ")}
    assert "FLUKE 5522A 2950101  [F5522A]" in told[CALIBRATOR]
    below = found.stdout.split(CALIBRATOR)[1].splitlines()[1]
    assert "FNMI-DC-" in below and "days left" in below
    assert "not in the register of standards" in found.stdout.split(METER)[1]


def test_another_one_than_registered_and_one_out_of_date_are_said(home: Home) -> None:
    with home.session() as session:
        standard = session.scalars(select(Instrument).where(Instrument.serial == "2950101")).one()
        standard.serial, standard.resource = "2950199", CALIBRATOR
        session.commit()
    found = lims("--lang", "en", "instruments", "find", "--library", "@sim", "--resource", CALIBRATOR, cwd=home.folder)
    assert "not the one that the register has at this resource: 5522A 2950199" in found.stdout


def test_who_does_not_answer_is_said_with_a_reason_and_code_1(home: Home) -> None:
    found = lims("instruments", "find", "--library", "@sim", "--resource", "GPIB0::9::INSTR", cwd=home.folder)
    assert found.returncode == 1
    assert "GPIB0::9::INSTR" in found.stdout and "Traceback" not in found.stderr


def test_as_json_for_programs(home: Home) -> None:
    found = lims("instruments", "find", "--library", "@sim", "--json", cwd=home.folder)
    first = json.loads(found.stdout)[0]
    assert (first["driver"], first["serial"]) == ("F5522A", "2950101")
    assert first["registered"]["valid_to"] > "2026"


def test_without_a_laboratory_the_instruments_are_told_all_the_same(home: Home) -> None:
    found = lims("instruments", "find", "--library", "@sim", LIMS_DATA=str(home.folder / "nothing"), cwd=home.folder)
    assert found.returncode == 0
    assert "[HP34401A]" in found.stdout and found.stderr.strip()
