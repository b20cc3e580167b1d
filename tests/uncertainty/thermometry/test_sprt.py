"""Calibrated SPRTs: coefficients from fixed points, t90 with its uncertainty, against published certificates,
synthetic thermometers and finite differences."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from lims import words
from uncertainty.errors import DocumentError
from uncertainty.thermometry import FixedPoint, OutOfRange, Sprt, calibrate, its90
from uncertainty.thermometry.subranges import SUBRANGES, deviation, deviation_slope, subrange, terms

TRUE = {
    1: [-1.2e-4, -1e-4, 1e-8, -1e-9, 2e-10, -1e-11, 2e-12], 2: [-1.2e-4, 2e-5, 3e-6, -2e-7, 1e-7], 3: [-1.3e-4, 1e-5, 2e-6],
    4: [-1.2579994e-4, 1.0678395e-5], 5: [-1.2e-4, -1e-5], 6: [-1.2e-4, -1e-5, 2e-6, 4e-6, 3.3759],
    7: [-1.2e-4, -1e-5, 2e-6], 8: [-1.2134e-4, -9.919e-6], 9: [-1.2e-4, -9e-6], 10: [-1.2e-4], 11: [-1.2e-4],
}  # fmt: skip
OTHER = {"17K": 17.035, "20K": 20.27}


def thermometer(number: int) -> Sprt:
    kind = subrange(number)
    limits = (kind.low - 273.15, kind.high - 273.15)
    c = np.array([25.5, *TRUE[number]])
    return Sprt(identifier="S", coefficients=c, covariance=np.zeros((len(c),) * 2), limits=limits, subranges=(number,))


def readings(number: int) -> list[FixedPoint]:
    """What a thermometer of the true coefficients shows at the fixed points."""
    true = thermometer(number)
    if number == 2:  # its own fixed point of hydrogen lies below the range that it serves
        true = replace(true, limits=(13.8033 - 273.15, 0.01))
    found = []
    for name in subrange(number).points:
        T = OTHER.get(name) or its90.FIXED_POINTS[name]
        R = float(true.resistance(T - 273.15))
        found.append(FixedPoint(name, R, 1e-5 + 1e-6 * len(found), 2e-4, OTHER.get(name)))
    return found


@pytest.mark.parametrize("number", [n for n in SUBRANGES if n != 6])
def test_calibration_finds_the_coefficients_of_a_thermometer(number: int) -> None:
    found = calibrate("S", (number,), readings(number), 25.5)
    np.testing.assert_allclose(found.coefficients, [25.5, *TRUE[number]], rtol=2e-7, atol=1e-13)


def test_calibration_to_silver_takes_w_of_aluminium_from_the_reading() -> None:
    true = thermometer(6)
    R_Al = float(replace(true, coefficients=np.array([25.5, *TRUE[6][:3], 0.0, 9.0])).resistance(660.323))
    w_Al = R_Al / 25.5
    true = replace(true, coefficients=np.array([25.5, *TRUE[6][:4], w_Al]))
    points = [
        FixedPoint(p, float(true.resistance(its90.FIXED_POINTS[p] - 273.15)), 1e-5, 1e-3) for p in SUBRANGES[6].points
    ]
    found = calibrate("S", (6,), points, 25.5, 2e-6)
    np.testing.assert_allclose(found.coefficients, true.coefficients, rtol=1e-7)
    check_covariance((6,), points, 25.5, 2e-6)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7, 8, 9, 10, 11])
def test_covariance_of_the_coefficients_is_that_of_finite_differences(number: int) -> None:
    check_covariance((number,), readings(number), 25.5, 3e-6)


def test_two_sub_ranges_share_the_resistance_at_the_triple_point() -> None:
    points = [*readings(4), *readings(8)]
    found = calibrate("S", (4, 8), points, 25.5, 1e-5)
    assert found.names == ("R_tpw", "a4", "b4", "a8", "b8")
    np.testing.assert_allclose(found.coefficients, [25.5, *TRUE[4], *TRUE[8]], rtol=1e-7)
    # too large an R_tpw lowers every W: a = ΔW/(W − 1) rises below 1 and falls above
    assert found.covariance[0, 1] > 0 > found.covariance[0, 3]
    check_covariance((4, 8), points, 25.5, 1e-5)


def check_covariance(subranges: tuple[int, ...], points: list[FixedPoint], R0: float, u0: float) -> None:
    """J U Jᵀ with J by central differences of the whole calibration: another way to the same matrix."""

    def solved(changes: np.ndarray) -> np.ndarray:
        at = [
            replace(p, R=p.R + dR, T90=p.temperature + dT)
            for p, dR, dT in zip(points, changes[1 : len(points) + 1], changes[len(points) + 1 :], strict=True)
        ]
        return calibrate("S", subranges, at, R0 + changes[0]).coefficients

    u = np.array([u0, *(p.u_R for p in points), *(p.u_t for p in points)])
    steps = np.array([1e-4, *[1e-4] * len(points), *[1e-3] * len(points)])
    if "H2" in subrange(subranges[0]).points:  # where R is some milliohm the functions bend more
        steps[1:3], steps[len(points) + 1 :] = 1e-7, 1e-5
    columns = [(solved(s * e) - solved(-s * e)) / (2 * s) for s, e in zip(steps, np.eye(len(u)), strict=True)]
    J = np.array(columns).T
    expected = J @ np.diag(u**2) @ J.T
    found = calibrate("S", subranges, points, R0, u0).covariance
    d = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(found / np.outer(d, d), expected / np.outer(d, d), atol=2e-4)


@pytest.mark.parametrize("number", SUBRANGES)
def test_slope_and_terms_of_each_deviation_function_are_its_derivatives(number: int) -> None:
    kind, c = subrange(number), np.array(TRUE[number])
    W = np.linspace(its90.reference_ratio(kind.low), its90.reference_ratio(kind.high), 7)
    h = 1e-7 * W
    slope = (deviation(kind, W + h, c) - deviation(kind, W - h, c)) / (2 * h)
    np.testing.assert_allclose(deviation_slope(kind, W, c), slope, rtol=1e-5, atol=2e-9)
    for k, row in enumerate(terms(kind, W, c)):
        e = np.eye(len(c))[k] * 1e-3
        by_c = (deviation(kind, W, c + e) - deviation(kind, W, c - e)) / 2e-3
        np.testing.assert_allclose(row, by_c, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("number", SUBRANGES)
def test_temperature_and_resistance_are_inverse(number: int) -> None:
    sprt = thermometer(number)
    t = np.linspace(*sprt.limits, 23)
    np.testing.assert_allclose(sprt.temperature(sprt.resistance(t)).value, t, atol=3e-6 if number == 5 else 2e-6)


def test_uncertainty_of_t90_is_that_of_finite_differences_with_every_covariance() -> None:
    sprt = calibrate("S", (4, 8), [*readings(4), *readings(8)], 25.5, 1e-5)
    R, u_R = np.array([10.0, 22.0, 40.0, 60.0]), np.array([1e-5, 2e-5, 3e-5, 4e-5])

    def t(c: np.ndarray, r: np.ndarray) -> np.ndarray:
        return np.asarray(replace(sprt, coefficients=c).temperature(r).value)

    c, columns = np.array(sprt.coefficients), []
    for k, step in enumerate([1e-4, 1e-6, 1e-6, 1e-6, 1e-6]):
        e = np.eye(5)[k] * step
        columns.append((t(c + e, R) - t(c - e, R)) / (2 * step))
    J = np.array(columns).T
    own = (t(c, R + 1e-4) - t(c, R - 1e-4)) / 2e-4 * u_R
    expected = J @ sprt.covariance @ J.T + np.diag(own**2)
    found = sprt.temperature(R, u_R)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-4)
    np.testing.assert_allclose(found.u, np.sqrt(np.diag(expected)), rtol=1e-5)
    np.testing.assert_allclose(found.contributions["R"] ** 2 + found.contributions["calibration"] ** 2, found.u**2)


def test_a_fresh_triple_point_replaces_that_of_the_calibration() -> None:
    sprt = calibrate("S", (8,), readings(8), 25.5, 1e-5)
    drifted = sprt.resistance(300.0) * 25.501 / 25.5  # the thermometer drifts, its ratios do not
    found = sprt.temperature(drifted, 0.0, 25.501, 2e-6)
    assert found.value == pytest.approx(300.0, abs=1e-7)
    # the same by hand: the coefficients keep their covariance, the fresh R_tpw has its own u and none with them

    def t(R_tpw: float, c: np.ndarray) -> float:
        return float(replace(sprt, coefficients=np.array([R_tpw, *c])).temperature(drifted).value)

    c = np.array(sprt.coefficients[1:])
    J = np.array([(t(25.501, c + e) - t(25.501, c - e)) / 2e-6 for e in 1e-6 * np.eye(2)])
    by_R = (t(25.5011, c) - t(25.5009, c)) / 2e-4
    assert found.u == pytest.approx(np.sqrt(J @ sprt.covariance[1:, 1:] @ J + (by_R * 2e-6) ** 2), rel=1e-5)
    assert sprt.temperature(drifted).value > 300.009


def test_at_the_triple_point_only_its_own_resistance_counts() -> None:
    sprt = calibrate("S", (8,), readings(8), 25.5, 1e-5)
    # u(t) = u(R)/(R dW/dT); dW_r/dT = 0.003988/K at 273.16 K
    found = sprt.temperature(25.5 * (1 + 1e-12))
    assert found.u == pytest.approx(1e-5 / 25.5 / 0.0039884, rel=1e-3)


def test_an_archive_gives_the_same_thermometer_and_its_days() -> None:
    sprt = calibrate("SN 1", (4, 8), [*readings(4), *readings(8)], 25.5, 1e-5, date(2026, 1, 1), date(2026, 12, 31))
    again = Sprt.from_dict(sprt.to_dict())
    assert again.to_dict() == sprt.to_dict()
    assert again.temperature(40.0).u == sprt.temperature(40.0).u
    assert again.is_valid_on(date(2026, 12, 31)) and not again.is_valid_on(date(2027, 1, 1))


def test_a_hundred_thousand_resistances_at_once() -> None:
    sprt = calibrate("S", (8,), readings(8), 25.5, 1e-5)
    found = sprt.temperature(np.linspace(25.6, 65.0, 100_000).reshape(100, 1000), 1e-5)
    assert found.u.shape == (100, 1000)
    assert found.u[0, 0] == pytest.approx(float(sprt.temperature(25.6, 1e-5).u), rel=1e-12)


def test_a_refusal_can_be_said_in_chinese() -> None:
    with pytest.raises(OutOfRange) as refused:
        thermometer(8).temperature(80.0)
    said = words.sentence(refused.value, "zh")
    assert said.startswith("t90：") and said.endswith(" °C 超出 0 °C 至 419.527 °C 的范围。")
    again = pickle.loads(pickle.dumps(refused.value))
    assert str(again) == str(refused.value)


def test_what_is_wrong_is_refused() -> None:
    points = readings(8)
    for call in (
        lambda: calibrate("S", (12,), points, 25.5),
        lambda: calibrate("S", (8, 9), points, 25.5),
        lambda: calibrate("S", (), points, 25.5),
        lambda: calibrate("S", (8,), points[:1], 25.5),
        lambda: calibrate("S", (8,), [*points, points[0]], 25.5),
        lambda: calibrate("S", (8,), [*points, *readings(11)], 25.5),
        lambda: calibrate("S", (8,), points, -25.5),
        lambda: calibrate("S", (8,), [replace(points[0], R=float("nan")), points[1]], 25.5),
        lambda: calibrate("S", (1,), [replace(p, T90=None) for p in readings(1)], 25.5),
        lambda: Sprt.from_dict({"schema": "another"}),
        lambda: Sprt.from_dict(thermometer(8).to_dict() | {"names": ["R_tpw", "b8", "a8"]}),
        lambda: Sprt.from_dict(thermometer(8).to_dict() | {"limits": "wide"}),
        lambda: Sprt.from_dict({"schema": Sprt.schema, "subranges": [8]}),
        lambda: replace(thermometer(8), covariance=-np.eye(3)),
        lambda: thermometer(8).temperature(-1.0),
    ):
        with pytest.raises(DocumentError):
            call()
    for outside in (
        lambda: thermometer(8).temperature(80.0),
        lambda: thermometer(8).resistance(-5.0),
        lambda: calibrate("S", (8,), [replace(points[0], T90=500.0), points[1]], 25.5),
    ):
        with pytest.raises(OutOfRange):
            outside()
