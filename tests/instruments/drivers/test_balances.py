"""Conversations with balances, and the balances of the bench."""

from __future__ import annotations

import pytest

from instruments.bench.mass import MassTruth, Weight
from instruments.bench.mechanical import MASS_RESOURCES, MechanicalBench, mass_bench
from instruments.drivers.mettler import MTSICS
from instruments.drivers.sartorius import SBI
from instruments.faults import Garbled, LinkFault, Refused, Timeout
from instruments.transcript import transcript
from lims.words import sentence

WHO = ("> I2", '< I2 A "XS204 220.0000 g"', "> I3", '< I3 A "4.52 11.28"', "> I4", '< I4 A "B123"')


def test_sics_reads_stable_and_immediate_weights_by_their_letters() -> None:
    """The line `S S     100.00 g` is the manual's own example (AT balances p. 87)."""
    with transcript(
        MTSICS, *WHO, "> S", "< S S     100.00 g", "> SI", "< S D      99.87 g", "> SI", "< S +"
    ) as balance:
        identity = balance.identify()
        assert (identity.model, identity.serial, identity.firmware) == ("XS204 220.0000 g", "B123", "4.52 11.28")
        stable, moving, over = balance.reading, balance.immediate, balance.immediate
    assert (stable.indication, stable.unit, stable.setup["stable"], stable.raw) == (
        100.0,
        "g",
        True,
        "S S     100.00 g",
    )
    assert (moving.indication, moving.setup["stable"]) == (99.87, False)
    assert (over.indication, over.status) == (None, "overload")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("S I", "not executable"),
        ("S L", "wrong parameter"),
        ("ES", "syntax"),
        ("ET", "transmission"),
        ("EL", "logical"),
    ],
)
def test_sics_refusals_are_errors_in_words_and_leave_the_link_sound(line: str, words: str) -> None:
    with transcript(MTSICS, "> S", f"< {line}", "> S", "< S S 1.0 g") as balance:
        with pytest.raises(Refused, match=words) as refused:
            _ = balance.reading
        assert f"{line}（" in sentence(refused.value, "zh")
        assert balance.reading.indication == 1.0
        assert balance.link.repairs == 0


def test_sics_an_unstable_answer_to_s_is_no_reading() -> None:
    """mt-sics-emulator 0.1.1 answers S with S D where a balance would wait."""
    with transcript(MTSICS, "> S", "< S D    99.9952 g") as balance, pytest.raises(Refused, match="not stable"):
        _ = balance.reading


@pytest.mark.parametrize("line", ["S S 1OO.0 g", "S X 1.0 g", "T S 1.0 g", "S S 1.0 lb", "S S 1.0", "", "S S nan g"])
def test_sics_lines_that_are_no_weight_are_none(line: str) -> None:
    with transcript(MTSICS, "> S", f"< {line}") as balance, pytest.raises(Garbled):
        _ = balance.reading


def test_sics_zero_tare_and_the_adjustment_that_answers_twice() -> None:
    talk = ("> Z", "< Z A", "> Z", "< Z +", "> T", "< T S 10.0000 g", "> C3", "< C3 B", "< C3 A", "> C3", "< C3 I",
            "> C3", "< C3 B", "< C3 I", "> C3", "< C3 B", "! timeout")  # fmt: skip
    with transcript(MTSICS, *talk) as balance:
        balance.zero()
        with pytest.raises(Refused, match="beyond the zeroing range"):
            balance.zero()
        assert balance.tare().indication == 10.0
        balance.adjust()
        for _ in range(2):
            with pytest.raises(Refused, match="not executable"):
                balance.adjust()
        with pytest.raises(Timeout):
            balance.adjust()


def a_balance(seed: int = 2) -> tuple[MechanicalBench, MTSICS]:
    bench = mass_bench(seed, truth=MassTruth(seed, gain=1e-4, eccentricity=(0.0, 0.0)))
    return bench, MTSICS.open(MASS_RESOURCES["balance"], bench.library)


def test_the_balance_waits_for_the_weight_and_its_adjustment_removes_the_gain() -> None:
    bench, balance = a_balance()
    assert balance.identify().serial == "B123456789"
    balance.zero()
    bench.devices["balance"].pan.put(bench.clock.now(), Weight(100.0))  # type: ignore[attr-defined]
    assert balance.immediate.setup["stable"] is False
    assert balance.reading.indication == pytest.approx(100.01, abs=1e-3)
    began = bench.clock.now()
    balance.adjust()
    assert bench.clock.now() - began > 59
    assert balance.reading.indication == pytest.approx(100.0, abs=1e-3)


def test_in_a_draught_nothing_is_weighed() -> None:
    bench, balance = a_balance()
    bench.inject("balance", "slow")
    with pytest.raises(Refused, match="S I"):
        _ = balance.reading
    assert balance.immediate.setup["stable"] is False


def test_too_heavy_a_weight_has_no_number() -> None:
    bench, balance = a_balance()
    bench.devices["balance"].pan.put(0.0, Weight(230.0))  # type: ignore[attr-defined]
    bench.clock.sleep(20)
    assert balance.reading.status == "overload"


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "dropped_link"]
)
def test_no_fault_of_the_line_becomes_a_weight_of_another_moment(fault: str) -> None:
    for kind, name, gain in ((MTSICS, "balance", 1e-4), (SBI, "comparator", 1e-4)):
        for after in range(3):
            bench = mass_bench(2, truth=MassTruth(2, gain=gain, eccentricity=(0.0, 0.0)))
            balance = kind.open(MASS_RESOURCES[name], bench.library)
            balance.identify()
            bench.inject(name, fault, after=after, **({"seconds": 3.0} if fault == "late" else {}))
            good = 0
            for grams in range(10, 130, 10):
                bench.devices[name].pan.put(bench.clock.now(), Weight(float(grams)))  # type: ignore[attr-defined]
                bench.clock.sleep(30)
                try:
                    assert balance.reading.indication == pytest.approx(grams * (1 + gain), abs=2e-3)
                except LinkFault:
                    continue
                good += 1
            assert good >= 8


def test_sbi_lines_of_both_lengths_with_unit_only_when_stable() -> None:
    """+ 123.56 g in positions 1 to 14, after `N     ` in the long form (LE manual p. 52)."""
    talk = ("> \x1bP", "< +   123.56 g  ", "> \x1bP", "< -  123.5[6]   ", "> \x1bP", "< N     +   123.56 g  ",
            "> \x1bP", "< Stat        High    ", "> \x1bP", "<     Low       ", "> \x1bP", "<       C       ")  # fmt: skip
    with transcript(SBI, *talk) as balance:
        found = [balance.immediate for _ in range(6)]
    shown = [(r.indication, r.unit, r.status, r.setup.get("stable")) for r in found]
    assert shown[:3] == [(123.56, "g", "ok", True), (-123.56, "g", "ok", False), (123.56, "g", "ok", True)]
    assert [(r.indication, r.status) for r in found[3:]] == [(None, "overload"), (None, "overload"), (None, "fault")]


@pytest.mark.parametrize("line", ["Err 054       ", "Stat     ERR 54     ", "Stat     DIS.ERR    "])
def test_sbi_errors_are_refusals(line: str) -> None:
    with transcript(SBI, "> \x1bP", f"< {line}") as balance, pytest.raises(Refused, match=r"(?i)err"):
        _ = balance.immediate


@pytest.mark.parametrize("line", ["+   123.56 lb ", "+   12..56 g  ", "123.56 g", "+          g  ", "HELLO WORLD 12"])
def test_sbi_lines_that_are_no_weight_are_none(line: str) -> None:
    with transcript(SBI, "> \x1bP", f"< {line}") as balance, pytest.raises(Garbled):
        _ = balance.immediate


def a_comparator() -> tuple[MechanicalBench, SBI]:
    bench = mass_bench(2)
    return bench, SBI.open(MASS_RESOURCES["comparator"], bench.library)


def test_sbi_reads_until_stable_and_a_silent_zero_is_read_back() -> None:
    bench, balance = a_comparator()
    assert (balance.identify().model, balance.identify().serial) == ("MSE225S", "26301234")
    bench.clock.sleep(5)
    balance.zero()
    device = bench.devices["comparator"]
    device.pan.put(bench.clock.now(), Weight(50.0))  # type: ignore[attr-defined]
    assert balance.immediate.setup["stable"] is False
    reading = balance.reading
    assert reading.setup["stable"] is True
    assert reading.indication == pytest.approx(50.0, abs=1e-3)
    device.long_lines = True  # type: ignore[attr-defined]
    assert balance.reading.indication == pytest.approx(50.0, abs=1e-3)


def test_sbi_a_zero_that_did_not_happen_is_refused() -> None:
    talk = ("> \x1bV", "> \x1bP", "< +  50.0000 g  ")
    with transcript(SBI, *talk) as balance, pytest.raises(Refused, match=r"it shows .*50"):
        balance.zero()


def test_sbi_gives_up_in_a_draught_and_says_so() -> None:
    bench, balance = a_comparator()
    bench.inject("comparator", "slow")
    balance.tries = 20
    with pytest.raises(Refused, match="no stable weight in 20 lines"):
        _ = balance.reading
    bench.inject("comparator", "sensor_fault")
    with pytest.raises(Refused, match="Err 54"):
        _ = balance.reading
