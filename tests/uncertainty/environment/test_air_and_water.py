"""Air against the CIPM-2007 paper and published examples; water and humidity against IAPWS-95."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncertainty import environment as env
from uncertainty.environment import humidity
from uncertainty.environment.air import saturation_pressure
from uncertainty.environment.water import expansion
from uncertainty.errors import DocumentError
from uncertainty.thermometry import OutOfRange

MMHG = 133.322


def test_published_examples_of_air_density() -> None:
    """Mass Metrology, appendix: 40 °C, 760 mmHg, 40 %: 1.11497 kg/m³; NIST SOP 2, example 3: 0.95632 kg/m³."""
    assert env.air_density(40, 760 * MMHG, 0.4).density.value == pytest.approx(1.11497, abs=1e-4)
    assert env.air_density_jones(23.4, 612.3 * MMHG, 0.23) == pytest.approx(0.95632, abs=1e-5)


def test_sensitivities_are_those_the_cipm_2007_paper_prints() -> None:
    """Picard et al. 2008, table 2, relative to ρ at 20 °C, 101 325 Pa, 50 %: 1e-5 /Pa, −4e-3 /K, −9e-3, 0.4."""
    found = env.air_density(20, 101325, 0.5)
    rho = found.density.value
    assert [f"{found.sensitivities[name] / rho:.0e}" for name in ("p", "t", "h", "x_CO2")] == [
        "1e-05", "-4e-03", "-9e-03", "4e-01",
    ]  # fmt: skip
    dew = env.air_density(20, 101325, dew=9.27).sensitivities["dew"]
    assert f"{dew / rho:.0e}" == "-3e-04"


@settings(deadline=None)
@given(st.floats(5, 45), st.floats(4e4, 1.4e5), st.floats(0, 1), st.floats(0, 1e-3))
def test_sensitivities_are_finite_differences(t: float, p: float, h: float, x: float) -> None:
    h = min(max(h, 1e-3), 1 - 1e-3)

    def rho(*at: float) -> float:
        return float(env.air_density(at[0], at[1], at[2], x_CO2=at[3]).density.value)

    found, at = env.air_density(t, p, h, x_CO2=x + 1e-4), np.array([t, p, h, x + 1e-4])
    for k, (name, step) in enumerate({"t": 1e-3, "p": 1.0, "h": 1e-4, "x_CO2": 1e-5}.items()):
        e = np.eye(4)[k] * step
        assert found.sensitivities[name] == pytest.approx(
            (rho(*at + e) - rho(*at - e)) / (2 * step), rel=1e-5, abs=1e-9
        )


def test_uncertainty_of_air_density_and_what_two_of_them_share() -> None:
    found = env.air_density([20, 21], 1e5, 0.5, u_t=0.1, u_p=20, u_h=0.02)
    c, rho = found.sensitivities, found.density.value
    expected = (c["t"] * 0.1) ** 2 + (c["p"] * 20) ** 2 + (c["h"] * 0.02) ** 2 + (22e-6 * rho) ** 2
    np.testing.assert_allclose(found.density.u**2, expected, rtol=1e-12)
    assert found.density.covariance[0, 1] == pytest.approx((22e-6) ** 2 * rho[0] * rho[1])
    assert env.air_density([10.0, 20.0], 1e5, 0.5).is_recommended.tolist() == [False, True]


def test_dew_point_and_relative_humidity_say_the_same_air() -> None:
    p, t, dew = 101325.0, 22.0, 11.0
    f = {at: 1.00062 + 3.14e-8 * p + 5.6e-7 * at**2 for at in (t, dew)}
    h = f[dew] * saturation_pressure(dew) / (f[t] * saturation_pressure(t))
    by_dew, by_h = env.air_density(t, p, dew=dew).density.value, env.air_density(t, p, h).density.value
    assert by_dew == pytest.approx(by_h, rel=1e-14)


@settings(deadline=None)
@given(st.floats(15, 27), st.floats(900e2, 1100e2), st.floats(0.2, 0.8))
def test_approximations_keep_what_they_state_against_the_equation(t: float, p: float, h: float) -> None:
    rho = env.air_density(t, p, h).density.value
    assert env.air_density_oiml(t, p, h) == pytest.approx(rho, rel=2.1e-4)
    assert env.air_density_exponential(t, p, h) == pytest.approx(rho, rel=2.4e-4)


@pytest.mark.parametrize(
    ("t", "p", "rho"),
    # IAPWS-95, computed with the package iapws 1.5.5
    [(4, 101325, 999.97487), (10, 101325, 999.70247), (20, 101325, 998.20715), (30, 101325, 995.64945),
     (40, 101325, 992.21635), (10, 2e5, 999.74963), (20, 2e5, 998.25235), (20, 9e4, 998.20196), (40, 9e4, 992.21138)],
)  # fmt: skip
def test_water_density_is_that_of_iapws_95_within_both_uncertainties(t: float, p: float, rho: float) -> None:
    """IAPWS-95 is good for 1e-6, Tanaka for 0.9e-6 of the density."""
    assert env.water_density(t, p) == pytest.approx(rho, abs=1.3e-3)
    change = env.water_density(t, p) - env.water_density(t)
    normal = {4: 999.97487, 10: 999.70247, 20: 998.20715, 40: 992.21635}
    assert p == 101325 or change == pytest.approx(rho - normal[int(t)], rel=3e-3)


def test_water_with_air_its_expansion_and_its_uncertainty() -> None:
    # Bignell's correction at 20 °C: −4.612 + 0.106·20 = −2.492 g/m³
    assert env.water_density(20, air_saturated=True) - env.water_density(20) == pytest.approx(-2.492e-3, abs=1e-9)
    t = np.array([1.0, 4.0, 20.0, 39.0])
    difference = -(env.water_density(t + 1e-3) - env.water_density(t - 1e-3)) / 2e-3 / env.water_density(t)
    np.testing.assert_allclose(expansion(t), difference, atol=1e-9)
    found = env.water_density_with_u(t, u_t=0.01)
    by_t = (env.water_density(t + 1e-3) - env.water_density(t - 1e-3)) / 2e-3 * 0.01
    np.testing.assert_allclose(found.u**2, by_t**2 + found.contributions["formula"] ** 2, rtol=1e-5)
    # the paper: expanded uncertainty (k = 2) between 0.83e-3 and 0.87e-3 kg/m³
    assert np.all((found.contributions["formula"] > 0.41e-3) & (found.contributions["formula"] < 0.44e-3))


@pytest.mark.parametrize(("t", "e"), [(0.02, 612.0994), (20, 2339.318), (50, 12351.946), (100, 101417.997)])
def test_saturation_pressure_is_that_of_iapws_95(t: float, e: float) -> None:
    assert env.saturation_vapour_pressure(t) == pytest.approx(e, rel=1e-4)
    assert env.saturation_vapour_pressure(t, formulation="hyland_wexler") == pytest.approx(e, rel=3e-4)


def test_ice_and_water_meet_at_the_triple_point() -> None:
    """611.657 Pa at 0.01 °C (Guildner, Johnson, Jones 1976)."""
    for over in ("water", "ice"):
        assert env.saturation_vapour_pressure(0.01, over) == pytest.approx(611.657, abs=0.01)  # type: ignore[arg-type]
    assert env.saturation_vapour_pressure(-20, "ice") < env.saturation_vapour_pressure(-20, "water")


@settings(deadline=None)
@given(st.floats(-99, 99), st.sampled_from(["water", "ice"]))
def test_dew_and_frost_point_are_inverse(t: float, over: str) -> None:
    t = min(t, 0.0) if over == "ice" else t
    e = env.saturation_vapour_pressure(t, over)  # type: ignore[arg-type]
    assert env.dew_point(e, over) == pytest.approx(t, abs=1e-8)  # type: ignore[arg-type]


def test_enhancement_factor_is_near_that_of_the_air_density_equation() -> None:
    t = np.array([15.0, 20.0, 25.0])
    np.testing.assert_allclose(env.enhancement_factor(t, 1e5), 1.00062 + 3.14e-8 * 1e5 + 5.6e-7 * t**2, atol=1.5e-4)


def test_relative_humidity_from_dew_point_with_u() -> None:
    found = env.relative_humidity([20.0, 25.0], [10.0, 25.0], 1e5, u_t=0.1, u_dew=0.2)
    assert found.value[1] == 1
    # e(10 °C)/e(20 °C) of IAPWS is 1228.2/2339.3; f adds less than 1e-3
    assert found.value[0] == pytest.approx(1228.2 / 2339.3, rel=1e-3)
    by_t = (env.relative_humidity(20.001, 10, 1e5).value - env.relative_humidity(19.999, 10, 1e5).value) / 0.002
    by_dew = (env.relative_humidity(20, 10.001, 1e5).value - env.relative_humidity(20, 9.999, 1e5).value) / 0.002
    assert found.u[0] == pytest.approx(np.hypot(by_t * 0.1, by_dew * 0.2), rel=1e-6)


WRONG: list[Callable[[], object]] = [
    lambda: env.air_density(20, 1e5),
    lambda: env.air_density(20, 1e5, 0.5, dew=10),
    lambda: env.air_density(20, 1e5, dew=21),
    lambda: env.air_density(20, 1e5, float("nan")),
    lambda: env.air_density(20, 1e5, 0.5, u_t=-1),
    lambda: env.relative_humidity(20, 21),
    lambda: env.humidity_ratio(1e5, 1e5),
    lambda: env.humidity_ratio(-1, 1e5),
    lambda: env.saturation_vapour_pressure(20, "steam"),  # type: ignore[arg-type]
    lambda: env.saturation_vapour_pressure(20, None, "magnus"),  # type: ignore[arg-type]
    lambda: env.dew_point(0.0),
]
OUTSIDE: list[Callable[[], object]] = [
    lambda: env.air_density(20, 1013.25, 0.5),  # hPa for Pa
    lambda: env.air_density(20, 1e5, 50),  # % for a fraction
    lambda: env.air_density(293.15, 1e5, 0.5),  # K for °C
    lambda: env.water_density(41),
    lambda: env.water_density(30, air_saturated=True),
    lambda: env.saturation_vapour_pressure(5, "ice"),
    lambda: env.dew_point(1e6),
    lambda: env.air_density_oiml(5, 1e5, 0.5),
    lambda: humidity.enhancement_factor(-5, 1e5),
]


@pytest.mark.parametrize("call", WRONG)
def test_what_is_wrong_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(DocumentError):
        call()


@pytest.mark.parametrize("call", OUTSIDE)
def test_what_lies_outside_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(OutOfRange):
        call()
