"""Gauges read by a pattern."""

from __future__ import annotations

import time

import pytest

from instruments.bench.devices.line import Line
from instruments.bench.mechanical import bench_of
from instruments.drivers.line_pattern import Digimatic, LinePattern, MahrC1202, MahrC1208, bounded, line_driver
from instruments.faults import Garbled, LinkFault, WrongInstrument
from instruments.roles_mechanical import UnusableEntry
from instruments.transcript import transcript


def test_mahr_c1208_gives_value_and_unit_in_one_word_and_its_serial_number() -> None:
    """`xxx.xxx<unit>` and `SER?` as on p. 69 of the C1208/C1216/C1240 manual."""
    with transcript(
        MahrC1208,
        "> ID?",
        "< MAHR GMBH,C1208",
        "> SER?",
        "< 1234/05",
        "> ?",
        "< -000.127mm",
        "> ?",
        "< +12.5um",
        "> ?",
        "< ERR 6",
    ) as gauge:
        assert gauge.identify().serial == "1234/05"
        found = [gauge.reading for _ in range(3)]
    assert [(r.indication, r.unit, r.status) for r in found] == [
        (-0.127, "mm", "ok"), (12.5, "um", "ok"), (None, "", "fault"),
    ]  # fmt: skip
    assert found[0].raw == "-000.127mm"


def test_mahr_c1202_says_whether_it_is_within_limits_or_switched_off() -> None:
    """`1 ±XXX.XX unit >`, `ERR6` for a feature that is off: p. 82 of the C1202 manual."""
    talk = ("> M1?", "< 1 +003.25 um =", "> M1?", "< 1 -003.25 mm > <", "> M1?", "< 1 ERR6", "> M1?", "< ERR6")
    with transcript(MahrC1202, *talk) as gauge:
        found = [gauge.reading for _ in range(4)]
    assert [(r.indication, r.unit, r.setup["status"]) for r in found[:2]] == [(3.25, "um", "="), (-3.25, "mm", "> <")]
    assert [r.status for r in found[2:]] == ["fault", "fault"]


def test_a_digimatic_adaptor_gives_a_bare_number_and_begins_errors_with_a_hash() -> None:
    with transcript(Digimatic, "> ?", "< 12.345", "> ?", "< # no data", "> ?", "< 12,345") as gauge:
        assert gauge.identify().serial == ""
        reading = gauge.reading
        assert (reading.indication, reading.unit) == (12.345, "mm")
        assert gauge.reading.status == "fault"
        with pytest.raises(Garbled, match="pattern of Digimatic USB"):
            _ = gauge.reading


@pytest.mark.parametrize(
    "line", ["12.345 furlong", "1e5mm", "12.3.4mm", "mm", "nanmm", "0x10mm", "12.3mm12.3mm", "x" * 300]
)
def test_lines_of_another_kind_are_no_readings(line: str) -> None:
    with transcript(MahrC1208, "> ?", f"< {line}") as gauge, pytest.raises(Garbled):
        _ = gauge.reading


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<value>\d+)", r"(?P<value>\d*)x", r"((?P<value>\d{1,9}){1,9}){1,9}", r"(?P<value>.{1,99}).{1,99}.{1,99}",
        r"(?=x)(?P<value>\d)", r"(?P<value>\d)\1", r"(?P<value>\d{1,})", r"(?P<value>\d", r"(?P<number>\d{1,9})", "",
        "长度(?P<value>\\d{1,9})", r"(?P<value>\d{9,1})", r"(?P<value>\d{1,9}?)", r"(?P<value>(a|a){9})",
    ],
)  # fmt: skip
def test_patterns_without_limits_are_refused(pattern: str) -> None:
    with pytest.raises(UnusableEntry, match="line pattern of X cannot be"):
        line_driver(LinePattern("X", "Y", "?", pattern, unit="mm"))


def test_the_longest_way_through_an_allowed_pattern_is_short() -> None:
    """MOST_WAYS bounds the tries of one line: 200 characters that almost match take milliseconds."""
    pattern = bounded(r"[a-z]{0,20}[a-z]{0,20}[a-z]{0,20}(?P<value>\d{1,2})", "X")
    began = time.perf_counter()
    assert pattern.fullmatch("a" * 199 + "!") is None
    assert time.perf_counter() - began < 1.0


def test_a_unit_must_be_known_from_somewhere() -> None:
    with pytest.raises(UnusableEntry, match="a group named unit"):
        line_driver(LinePattern("X", "Y", "?", r"(?P<value>\d{1,9})", units={"mm": "mm"}))
    with pytest.raises(UnusableEntry, match="spells"):
        line_driver(LinePattern("X", "Y", "?", r"(?P<value>\d{1,9})(?P<unit>mm)", unit="mm"))


def a_gauge() -> tuple[object, object]:
    gauge = Line(
        "77/01", 1, lambda t: f"{1.25 + t / 1e6:+08.4f}mm", ask="?", answers={"SER?": "77/01", "ID?": "MAHR GMBH,C1208"}
    )
    bench = bench_of({"gauge": gauge}, {"gauge": "ASRL9::INSTR"}, None, "virtual")
    return bench, MahrC1208.open("ASRL9::INSTR", bench.library, expect_serial="77/01")


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "dropped_link"]
)
def test_no_fault_of_the_line_becomes_a_length(fault: str) -> None:
    for after in range(3):
        bench, gauge = a_gauge()
        gauge.identify()  # type: ignore[attr-defined]
        options = {"seconds": 3.0} if fault == "late" else {}
        bench.inject("gauge", fault, after=after, **options)  # type: ignore[attr-defined]
        good = 0
        for _ in range(8):
            try:
                reading = gauge.reading  # type: ignore[attr-defined]
            except LinkFault:
                continue
            assert reading.indication == pytest.approx(1.25, abs=1e-3)
            good += 1
        assert good >= 5


def test_another_gauge_at_the_same_port_is_not_read_after_a_repair() -> None:
    bench, gauge = a_gauge()
    gauge.identify()  # type: ignore[attr-defined]
    bench.devices["gauge"].answers["SER?"] = "78/01"  # type: ignore[attr-defined]
    bench.inject("gauge", "no_reply")  # type: ignore[attr-defined]
    with pytest.raises(LinkFault):
        _ = gauge.reading  # type: ignore[attr-defined]
    with pytest.raises(WrongInstrument):
        _ = gauge.reading  # type: ignore[attr-defined]
