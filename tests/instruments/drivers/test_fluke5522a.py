"""Conversations with a 5522A, and the 5522A of the bench."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.bench import Bench
from instruments.drivers import F5522A
from instruments.faults import Garbled, LinkFault, Refused, SettingChanged, SettingNotAllowed, Timeout
from instruments.transcript import transcript

TALKS = Path(__file__).parents[3] / "fixtures" / "instruments"


def test_sources_ten_volts_on_request_only() -> None:
    with transcript(F5522A, TALKS / "fluke5522a_dcv.talk") as source:
        assert source.identify().serial == "2950101"
        source.source_voltage(10)
        assert not source.is_operating
        source.operate()
        assert not source.settled
        assert source.settled
        assert source.output == (10.0, "V")
        assert source.safe()


def test_what_it_refused_or_did_not_take_is_an_error_and_safe_is_only_what_was_read_back() -> None:
    with transcript(F5522A, TALKS / "fluke5522a_faults.talk") as source:
        with pytest.raises(Refused, match="Output value is out of range"):
            source.source_voltage(1000)
        with pytest.raises(SettingChanged, match="5 A, but was set to 5 V"):
            source.source_voltage(5)
        assert not source.safe()
        with pytest.raises(Timeout):
            source.safe()
        with pytest.raises(Garbled):
            source.safe()


def test_more_than_it_has_is_refused_before_anything_is_sent() -> None:
    with transcript(F5522A) as source:
        for volts in (1020.1, -1021, float("nan"), float("inf")):
            with pytest.raises(SettingNotAllowed, match="-1020 to 1020 V"):
                source.source_voltage(volts)


def a_source() -> tuple[Bench, F5522A]:
    bench = Bench(4)
    return bench, F5522A.open("GPIB0::4::INSTR", bench.library)


def test_above_33_volts_a_new_output_drops_to_standby() -> None:
    _, source = a_source()
    source.source_voltage(30)
    source.operate()
    source.source_voltage(20)
    assert source.is_operating
    source.source_voltage(100)
    assert not source.is_operating


def test_settled_follows_the_output_and_falls_with_it() -> None:
    bench, source = a_source()
    assert not source.settled
    source.source_voltage(10)
    source.operate()
    assert not source.settled
    bench.clock.sleep(5)
    assert source.settled
    bench.inject("calibrator", "trip")
    with pytest.raises(Refused, match="tripped"):
        _ = source.settled
    assert not source.settled
    assert not source.is_operating


@pytest.mark.parametrize("fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "dropped_link"])
def test_safe_after_a_fault_is_true_only_with_the_output_off(fault: str) -> None:
    """The first try may raise; the one after it repairs the link and reads STANDBY back."""
    for after in range(4):
        bench, source = a_source()
        source.source_voltage(30)
        source.operate()
        bench.inject("calibrator", fault, after=after)
        for _ in range(4):
            try:
                if source.safe():
                    break
            except LinkFault:
                continue
        else:
            pytest.fail("never safe")
        assert not bench.calibrator.operating


def test_a_reading_of_the_source_says_whether_it_was_on_and_settled() -> None:
    bench, source = a_source()
    source.source_voltage(0.1)
    source.operate()
    bench.clock.sleep(5)
    reading = source.reading
    assert (reading.indication, reading.unit) == (0.1, "V")
    assert dict(reading.setup) == {"operating": True, "settled": True, "range": "DC330MV,0"}
