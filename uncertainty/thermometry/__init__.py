"""Thermometry: the ITS-90, platinum resistance thermometers, thermocouples, each calibrated sensor with its covariance.

its90           W_r(T90) and T90(W_r), fixed points
sprt            a calibrated standard platinum resistance thermometer; calibrate() from fixed points
callendar       Callendar–Van Dusen equation and tolerances of IEC 60751; industrial.fit() from points
thermocouple    reference functions of IEC 60584-1; calibrated.fit() from points
zero_current    self-heating, extrapolated to no current
"""

from . import callendar, its90, thermocouple
from .calibrated import CalibratedThermocouple
from .calibrated import fit as fit_thermocouple
from .checks import OutOfRange
from .estimate import Estimate
from .industrial import CurveFit, IndustrialThermometer
from .industrial import fit as fit_industrial
from .self_heating import ZeroCurrent, zero_current
from .sensor import Sensor
from .sprt import Sprt
from .sprt_calibration import FixedPoint, calibrate

__all__ = [
    "CalibratedThermocouple",
    "CurveFit",
    "Estimate",
    "FixedPoint",
    "IndustrialThermometer",
    "OutOfRange",
    "Sensor",
    "Sprt",
    "ZeroCurrent",
    "calibrate",
    "callendar",
    "fit_industrial",
    "fit_thermocouple",
    "its90",
    "thermocouple",
    "zero_current",
]
