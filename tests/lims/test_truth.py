"""The truth test: calibrations of a simulated bench whose every true value is known.

Each seed draws every source of the budget from its stated distribution: the standard's certificate point by point, its
drift, its temperature coefficients, the room's sensor. Coverage is counted by calibration (the share of its points
whose interval holds the true error), since the points of one calibration share their sources. The budget is
conservative by declaration where it takes the larger of repeatability and resolution and widens the room's distance by
the sensor's U; so coverage may be more than stated, never less. It is never adjusted to reach the figure.
"""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from instruments import capture, procedures
from instruments.bench import SERIALS, Bench, Truth, demonstration_certificates
from instruments.bench.certificates import CALIBRATOR_DCV
from instruments.capture.clock import GivenClock
from lims.domain import working

CERTIFIED = demonstration_certificates()
STATED = 0.9545


def versions() -> dict[int, dict[str, Any]]:
    issued = datetime.now(UTC).date() - timedelta(days=90)
    common = {
        "issued": issued,
        "valid_from": issued,
        "valid_to": issued + timedelta(days=365),
        "correlation": {"kind": "none"},
    }
    return {
        1: common | {"id": 1, "certificate_number": "CAL", "functions": CERTIFIED["calibrator"]},
        2: common | {"id": 2, "certificate_number": "MON", "functions": CERTIFIED["monitor"]},
    }


def calibrate(seed: int, run: Path, shift: float = 0.0) -> float:
    """The share of points whose U covers the true error; shift: the standard off by this many of its U."""
    truth = Truth(seed)
    if shift:
        honest, off = truth.calibrator_error, certified_U()
        truth.calibrator_error = lambda name, setting: honest(name, setting) + shift * off(name, setting)
    bench = Bench(seed, truth=truth)
    procedure = procedures.load_procedure("dmm-dcv")
    plan = procedures.plan(
        procedure,
        item=part(bench, "meter", "34401A", "Keysight"),
        instruments={
            "item": part(bench, "meter", "34401A", "Keysight"),
            "source": part(bench, "calibrator", "5522A", "Fluke") | {"calibration_version": 1},
            "ambient": part(bench, "monitor", "PTU300", "Vaisala") | {"calibration_version": 2},
        },
        options={"simulated": True},
    )
    capture.prepare(run, plan)
    clock = GivenClock(bench.clock.now, bench.clock.sleep)
    assert capture.perform(run, library=bench.library, confirm=lambda _prompt: True, clock=clock) == "finished"
    events = [event for event in capture.read_events(run) if event["kind"] == "reading"]
    observed = working.Observed(
        record=f"seed {seed}",
        procedure=procedure,
        stage="as_found",
        item={"code": "ITEM", "maker": "Keysight", "model": "34401A", "serial": SERIALS["meter"]},
        rule={"rule": "none"},
        observations=[observation(event) for event in events],
        versions=versions(),
    )
    worked = working.work_out(observed)
    temperature = bench.truth.room.temperature(bench.clock.now())
    covered = [
        abs(w.value - true_error(bench, p, temperature) * scale(p)) <= w.U
        for w, p in zip(worked, plan.points, strict=True)
    ]
    return statistics.fmean(covered)


def part(bench: Bench, device: str, model: str, maker: str) -> dict[str, str]:
    return {
        "resource": bench.resources[device],
        "driver": model,
        "maker": maker,
        "model": model,
        "serial": SERIALS[device],
        "asset": device,
    }


def observation(event: dict[str, Any]) -> working.Observation:
    return working.Observation(
        role=event["role"],
        channel=event["channel"],
        point=event.get("point"),
        value=event["indication"],
        unit=event["unit"],
        status=event["status"],
        at=datetime.fromisoformat(event["at"].replace("Z", "+00:00")),
        calibration_version=2 if event["role"] == "ambient" else 1,
    )


def certified_U() -> Any:
    table = {name: {float(at): float(U) for at, _, U in points} for name, _, points in CALIBRATOR_DCV}

    def of(name: str, setting: float) -> float:
        points = table[name]
        return points[min(points, key=lambda at: abs(at - setting))]

    return of


def scale(point: procedures.Point) -> float:
    return {"mV": 1e3, "V": 1.0}[point.display_unit]


def true_error(bench: Bench, point: procedures.Point, temperature: float) -> float:
    """The meter's true error of indication at what the calibrator truly gives, V."""
    name = next(name for name, upper, _ in CALIBRATOR_DCV if abs(point.nominal) <= float(upper))
    v = bench.truth.calibrator_output(name, point.nominal, temperature)
    return bench.truth.meter_error(point.range, v, temperature)


def coverage(seeds: range, folder: Path, shift: float = 0.0) -> tuple[float, float]:
    """(mean share over calibrations, its standard error)."""
    shares = [calibrate(seed, folder / f"{shift}-{seed}", shift) for seed in seeds]
    return statistics.fmean(shares), statistics.stdev(shares) / len(shares) ** 0.5


def test_two_hundred_calibrations_cover_the_truth_as_often_as_they_state(tmp_path: Path) -> None:
    share, error = coverage(range(200), tmp_path)
    print(f"coverage by calibration: {100 * share:.2f} % ± {100 * error:.2f} % (stated {100 * STATED:.2f} %)")
    assert share >= STATED - 0.05, "U covers less than it states"
    assert share <= 1.0


@pytest.mark.slow
def test_a_thousand_calibrations_cover_the_truth_at_least_as_often_as_stated(tmp_path: Path) -> None:
    share, error = coverage(range(1000, 2000), tmp_path)
    print(f"coverage by calibration: {100 * share:.2f} % ± {100 * error:.2f} % (stated {100 * STATED:.2f} %)")
    assert share >= 0.93


def test_a_standard_shifted_by_three_U_makes_coverage_collapse(tmp_path: Path) -> None:
    share, _error = coverage(range(20), tmp_path, shift=3.0)
    assert share < 0.5
