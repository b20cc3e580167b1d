"""What a person reads from a dial, and files of readings, as instruments."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from instruments.drivers.file import FileReadings
from instruments.drivers.manual import ManualEntry
from instruments.faults import WrongInstrument
from instruments.roles_mechanical import NothingEntered, UnusableEntry
from lims import words

DIAL = "MANUAL::kPa::dial 17"


def a_dial() -> ManualEntry:
    dial = ManualEntry.open(DIAL)
    dial.low, dial.high, dial.step = 0, 1600, "2"
    return dial


def test_a_value_typed_twice_is_a_reading_with_who_typed_it_and_what() -> None:
    dial = a_dial()
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    dial.enter("102", by="Li", again="102.0", at=at, photo=b"jpeg")
    reading = dial.reading
    assert (reading.indication, reading.unit, reading.raw, reading.at) == (102.0, "kPa", "102 | 102.0", at)
    assert reading.setup["photo_sha256"] == hashlib.sha256(b"jpeg").hexdigest()
    assert (reading.setup["by"], reading.setup["confirmed"]) == ("Li", "typed twice")
    assert dial.identify().serial == "dial 17"
    with pytest.raises(NothingEntered):
        _ = dial.reading


def test_or_it_is_confirmed_by_a_second_person_and_full_width_digits_are_digits() -> None:
    dial = a_dial()
    assert dial.enter("１０４", by="李", confirmed_by="王").indication == 104.0
    assert dial.reading.setup["confirmed"] == "王"
    for other in ("", None, "李", " 李 "):
        with pytest.raises(UnusableEntry, match="another person"):
            dial.enter("104", by="李", confirmed_by=other)


@pytest.mark.parametrize(
    ("typed", "again", "right"),
    [
        ("102", "120", "102, as in the first entry"), ("1,02", "1,02", "decimal point"), ("1e2", "1e2", "plain number"),
        ("nan", "nan", "plain number"), ("", "", "plain number"), ("1700", "1700", "0 to 1600 kPa"),
        ("-2", "-2", "0 to 1600"), ("103", "103", "a multiple of 2 kPa"), ("1.2.3", "1.2.3", "plain number"),
    ],
)  # fmt: skip
def test_a_slip_of_the_finger_is_no_reading_and_nothing_is_kept(typed: str, again: str, right: str) -> None:
    dial = a_dial()
    with pytest.raises(UnusableEntry, match=right):
        dial.enter(typed, by="Li", again=again)
    assert not dial.entered


def test_who_and_when_must_be_known() -> None:
    dial = a_dial()
    with pytest.raises(UnusableEntry, match="the name of a person"):
        dial.enter("2", by=" ", again="2")
    with pytest.raises(UnusableEntry, match="a time with its zone"):
        dial.enter("2", by="Li", again="2", at=datetime(2026, 11, 23))
    for resource in ("MANUAL::kPa", "MANUAL", "ASRL1::INSTR"):
        with pytest.raises(UnusableEntry, match="MANUAL::unit::serial number"):
            ManualEntry.open(resource)


def test_a_reading_that_is_asked_for_asks_the_operator() -> None:
    dial = a_dial()
    dial.ask = lambda here: here.enter("10", by="Li", again="10")
    assert [dial.reading.indication for _ in range(3)] == [10.0] * 3


def test_another_dial_is_another_instrument() -> None:
    with pytest.raises(WrongInstrument):
        ManualEntry.open(DIAL, expect_serial="dial 18").identify()


CSV = "time,pressure [kPa],note\n2026-11-23T09:00:00+08:00,100.25,first\n2026-11-23T09:00:10+08:00,-1.5e2,\n"


def a_file(folder: Path, content: str | bytes = CSV, name: str = "run.csv") -> str:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return f"FILE::pressure::{folder / name}"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_csv_gives_a_reading_a_row_with_its_time_and_place(tmp_path: Path, mark: str) -> None:
    source = FileReadings.open(a_file(tmp_path, mark + CSV))
    digest = hashlib.sha256((mark + CSV).encode()).hexdigest()
    assert source.identify().serial == digest
    first, second = source.reading, source.reading
    assert (first.indication, first.unit, first.raw) == (100.25, "kPa", "100.25")
    assert first.at == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert dict(first.setup) == {
        "time": "2026-11-23T09:00:00+08:00", "note": "first", "file": "run.csv", "sha256": digest, "row": 2,
    }  # fmt: skip
    assert second.indication == -150.0
    with pytest.raises(NothingEntered):
        _ = source.reading
    with pytest.raises(WrongInstrument):
        FileReadings.open(a_file(tmp_path, CSV + "\n"), expect_serial=digest).identify()


def test_a_workbook_gives_numbers_as_saved_and_never_a_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("pressure [kPa]", "note"), (100.1, "a"), (7, None), ("=1+1", "b")):
        book.active.append(row)
    book.save(tmp_path / "run.xlsx")
    source = FileReadings.open(f"FILE::pressure::{tmp_path / 'run.xlsx'}")
    assert [source.reading.indication for _ in range(2)] == [100.1, 7.0]
    with pytest.raises(UnusableEntry, match=r"row 4 of .* cannot be ''"):
        _ = source.reading


@pytest.mark.parametrize(
    ("content", "right"),
    [
        ("pressure\n1\n", r"a heading pressure \[unit\], once"),
        ("pressure [kPa],pressure [bar]\n1,2\n", r"once"),
        ("", "once"),
        (b"\xff\xfep\x00", "CSV UTF-8"),
        (b"PK\x03\x04broken", "a workbook of the kind .xlsx"),
        ('pressure [kPa]\n"1\n', "CSV UTF-8"),
    ],
)
def test_files_that_cannot_be_used_say_what_would_be_right(tmp_path: Path, content: str | bytes, right: str) -> None:
    with pytest.raises(UnusableEntry, match=right):
        _ = FileReadings.open(a_file(tmp_path, content)).reading


@pytest.mark.parametrize(
    ("row", "right"),
    [("abc", "a number in kPa"), ("1,2,3", "1 cells"), ("nan", "a number"), ("1_0", "a number"), ("１", "a number")],
)
def test_a_cell_that_is_no_number_is_named_by_its_row(tmp_path: Path, row: str, right: str) -> None:
    source = FileReadings.open(a_file(tmp_path, f"pressure [kPa]\n\n{row}\n"))
    with pytest.raises(UnusableEntry, match=f"row 3 of .*{right}"):
        _ = source.reading


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableEntry, match="a file that can be read"):
        FileReadings.open(f"FILE::pressure::{tmp_path / 'none.csv'}")
    with pytest.raises(UnusableEntry, match="FILE::column::path"):
        FileReadings.open("FILE::pressure")
    with pytest.raises(UnusableEntry, match="at most 20000000 bytes"):
        FileReadings.open(a_file(tmp_path, b"0" * 20_000_001))
    with pytest.raises(UnusableEntry, match="a time with its zone"):
        _ = FileReadings.open(a_file(tmp_path, "time,pressure [kPa]\n2026-11-23T09:00,1\n")).reading


def test_a_reader_in_china_reads_what_would_be_right_in_chinese(tmp_path: Path) -> None:
    dial = a_dial()
    with pytest.raises(UnusableEntry) as refused:
        dial.enter("102", by="李", again="120")
    assert (
        words.sentence(refused.value, "zh")
        == "MANUAL::kPa::dial 17 的第二次录入不能为 120：应为 102（与第一次录入一致）。"
    )
    source = FileReadings.open(a_file(tmp_path, "pressure [kPa]\nx\n"))
    with pytest.raises(UnusableEntry) as wrong:
        _ = source.reading
    said = words.sentence(wrong.value, "zh")
    assert "的第 2 行不能为 'x'：应为以 kPa 为单位、用小数点书写的数。" in said
