"""Air density by the approximations that balances' manuals use, where the CIPM-2007 equation would be too much.

t in °C, p in Pa, h as a fraction of 1; densities in kg/m³.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..thermometry.checks import inside, plain

MMHG = 133.322  # Pa, as NIST SOP 2 takes it


def air_density_oiml(t: ArrayLike, p: ArrayLike, h: ArrayLike) -> FloatArray:
    """Within 2·10⁻⁴ of the CIPM formula for 900 hPa to 1100 hPa, 10 °C to 30 °C, up to 80 %: refused elsewhere.

    Source: OIML R 111-1:2004, E.3.1, eq. (E.3-1): (0.34848 p − 0.009 h e^{0.061 t})/(273.15 + t), p in hPa, h in %.
    """
    t, p, h = inside("t", t, 10.0, 30.0, "°C"), inside("p", p, 900e2, 1100e2, "Pa"), inside("h", h, 0.0, 0.8, "")
    return plain((0.34848 * p / 100 - 0.009 * 100 * h * np.exp(0.061 * t)) / (t + 273.15))


def air_density_exponential(t: ArrayLike, p: ArrayLike, h: ArrayLike) -> FloatArray:
    """The exponential approximation of the CIPM-2007 equation: 600 hPa to 1100 hPa, 15 °C to 27 °C, 20 % to 80 %.

    Source: Picard et al. 2008 as NIST SOP 2 (NISTIR 6969) states it:
    (0.34848 p − 0.009024 h e^{0.0612 t})/(273.15 + t), p in hPa, h in %; relative uncertainty 2.4·10⁻⁴ of the formula.
    """
    t, p, h = inside("t", t, 15.0, 27.0, "°C"), inside("p", p, 600e2, 1100e2, "Pa"), inside("h", h, 0.2, 0.8, "")
    return plain((0.34848 * p / 100 - 0.009024 * 100 * h * np.exp(0.0612 * t)) / (t + 273.15))


def air_density_jones(t: ArrayLike, p: ArrayLike, h: ArrayLike) -> FloatArray:
    """Jones 1978, 0 °C to 50 °C. Source: NIST SOP 2 (NISTIR 6969), option A:
    0.46460 (p − 0.0037960 h e_s)/T in 10⁻³ g/cm³ with p and e_s = 1.3146·10⁹ e^{−5315.56/T} in mmHg, h in %."""
    T, h = inside("t", t, 0.0, 50.0, "°C") + 273.15, inside("h", h, 0.0, 1.0, "")
    p = inside("p", p, 300e2, 1500e2, "Pa") / MMHG
    e_s = 1.3146e9 * np.exp(-5315.56 / T)
    return plain(0.46460 * (p - 0.0037960 * 100 * h * e_s) / T)
