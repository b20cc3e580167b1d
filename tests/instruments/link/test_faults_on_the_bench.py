"""Whatever is injected, a reading is the truth of its moment or it is no reading."""

from __future__ import annotations

import pytest

from instruments.bench import Bench, MeterRange, Truth
from instruments.drivers import HP34401A, PTU300
from instruments.faults import (
    Garbled,
    InstrumentError,
    LinkFault,
    LinkLost,
    OutOfStep,
    Rebooted,
    SettingsLost,
    Timeout,
    WrongInstrument,
)

TRIES = 200
TRANSPORTS = {"GPIB": "GPIB0::22::INSTR", "SOCKET": "TCPIP0::192.0.2.7::5025::SOCKET", "ASRL": "ASRL5::INSTR"}
SEEN_AS = {
    "no_reply": Timeout,
    "late": (Timeout, OutOfStep),
    "truncated": (Garbled, Timeout, OutOfStep),
    "two_replies": (OutOfStep, Timeout),
    "garbage": Garbled,
    "corrupt": Garbled,
    "previous_reply": (Garbled, OutOfStep),
    "dropped_link": LinkLost,
    "reboot": Rebooted,
}


def a_bench(transport: str = "GPIB") -> tuple[Bench, HP34401A]:
    """A bench whose meter is perfect, and its meter set to 10 V."""
    truth = Truth(3, thermal_emf=0.0, meter={10.0: MeterRange()})
    bench = Bench(3, truth=truth, resources={"meter": TRANSPORTS[transport]})
    meter = HP34401A.open(TRANSPORTS[transport], bench.library, expect_serial="MY41000001")
    meter.identify()
    meter.configure("DCV", 10, 1)
    return bench, meter


def put(bench: Bench, volts: float) -> None:
    """Another voltage at the meter's terminals, settled, without a word over the link."""
    bench.calibrator.setting, bench.calibrator.operating = volts, True
    bench.calibrator.output.go(volts, 1e-9, bench.clock.now())
    bench.clock.sleep(1)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("fault", SEEN_AS)
def test_a_fault_gives_no_wrong_reading_and_the_link_comes_back(fault: str, transport: str) -> None:
    no_wrong_reading(fault, transport, TRIES)


@pytest.mark.slow
@pytest.mark.parametrize("fault", SEEN_AS)
def test_of_ten_thousand_of_each_fault_none_gives_a_wrong_reading(fault: str) -> None:
    no_wrong_reading(fault, "SOCKET", 10_000)


def no_wrong_reading(fault: str, transport: str, tries: int) -> None:
    """So many injections of a fault, six readings around each, every one of another voltage."""
    bench, meter = a_bench(transport)
    wrong = readings = seen = other = 0
    for n in range(tries):
        options = {} if fault == "reboot" else {"after": n % 2, "times": 1 + n % 2}
        if fault == "previous_reply":
            options["times"] = 3
        if fault == "late":
            options["seconds"] = 3.0 + n % 5
        if fault == "two_replies":
            options["seconds"] = (0.0, 0.01, 1.0, 5.0)[n % 4]
        bench.inject("meter", fault, **options)
        for k in range(6):
            volts = 1 + (7 * n + k) % 9 + n % 1000 / 1000
            put(bench, volts)
            try:
                reading = meter.reading
            except SettingsLost:
                meter.restore()
            except LinkFault as error:
                other += not isinstance(error, SEEN_AS[fault])
                seen += 1
            else:
                readings += 1
                wrong += reading.indication is None or abs(reading.indication - volts) > 1e-3
        bench.inject("meter", "healthy")
        for _ in range(12):
            try:
                assert meter.reading.indication == pytest.approx(volts, abs=1e-3)
                break
            except SettingsLost:
                meter.restore()
            except LinkFault:
                continue
        else:
            pytest.fail(f"the link did not come back after {fault}")
    assert (wrong, other) == (0, 0)
    assert seen >= tries
    assert readings >= tries


def test_another_instrument_after_a_power_cycle_is_refused_until_the_right_one_is_back() -> None:
    bench, meter = a_bench()
    bench.inject("meter", "wrong_serial", serial="MY41000002")
    bench.inject("meter", "reboot")
    for fault in (Rebooted, WrongInstrument, WrongInstrument):
        with pytest.raises(fault):
            _ = meter.reading
    bench.inject("meter", "healthy")
    with pytest.raises(SettingsLost):
        _ = meter.reading
    meter.restore()
    assert meter.reading.status == "ok"


def test_a_wrong_serial_number_is_refused_when_the_instrument_is_first_asked() -> None:
    bench, _ = a_bench()
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library, expect_serial="MY41009999")
    with pytest.raises(WrongInstrument, match=r"MY41000001.*MY41009999"):
        meter.identify()


def test_a_power_cycle_loses_the_settings_and_restore_brings_them_back() -> None:
    bench, meter = a_bench()
    bench.inject("meter", "reboot")
    with pytest.raises(Rebooted):
        _ = meter.reading
    with pytest.raises(SettingsLost):
        _ = meter.reading
    assert bench.meter.auto
    meter.restore()
    assert (bench.meter.size, bench.meter.auto, bench.meter.nplc) == (10.0, False, 1.0)
    assert meter.reading.status == "ok"


def test_an_error_queue_that_overflows_is_a_refusal_and_then_over() -> None:
    bench, meter = a_bench()
    bench.inject("meter", "error_queue_overflow")
    with pytest.raises(InstrumentError) as refusal:
        _ = meter.reading
    assert refusal.value.code == "refused"
    assert "Too many errors" in str(refusal.value)
    assert meter.reading.status == "ok"


def test_a_range_changed_behind_our_back_is_found_by_comparing_the_settings() -> None:
    bench, meter = a_bench()
    meter.verify_settings()
    bench.inject("meter", "range_change", range=1000)
    with pytest.raises(InstrumentError, match=r"range of .* is 1000.0, but was set to 10.0"):
        meter.verify_settings()


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "dropped_link"]
)
def test_the_monitor_gives_no_wrong_reading_either(fault: str) -> None:
    bench = Bench(5)
    monitor = PTU300.open("ASRL3::INSTR", bench.library)
    monitor.identify()
    for n in range(40):
        bench.inject("monitor", fault, after=n % 2)
        good = 0
        for _ in range(12):
            bench.clock.sleep(600)
            try:
                found = monitor.readings()
            except LinkFault:
                continue
            now = bench.clock.now()
            assert found["temperature"].indication == pytest.approx(bench.truth.room.temperature(now), abs=0.5)
            assert found["humidity"].unit == "%RH"
            good += 1
        assert good >= 5


def test_a_monitor_switched_to_fahrenheit_is_garbled_not_a_hot_room() -> None:
    bench = Bench(5)
    monitor = PTU300.open("ASRL3::INSTR", bench.library)
    bench.inject("monitor", "unit_change")
    with pytest.raises(Garbled):
        _ = monitor.temperature


def test_a_failed_sensor_gives_a_reading_without_a_number_and_the_other_channels_stay() -> None:
    bench = Bench(5)
    monitor = PTU300.open("ASRL3::INSTR", bench.library)
    bench.inject("monitor", "sensor_fault", flags="0001")
    found = monitor.readings()
    assert (found["humidity"].indication, found["humidity"].status) == (None, "fault")
    assert found["temperature"].status == "ok"


def test_another_monitor_at_the_line_is_seen_in_its_next_line() -> None:
    bench = Bench(5)
    monitor = PTU300.open("ASRL3::INSTR", bench.library)
    monitor.identify()
    bench.inject("monitor", "wrong_serial", serial="P9999999")
    with pytest.raises(WrongInstrument, match="P9999999"):
        _ = monitor.humidity
    with pytest.raises(WrongInstrument):
        _ = monitor.humidity
    bench.inject("monitor", "healthy")
    assert monitor.humidity.status == "ok"
