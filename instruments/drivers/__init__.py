"""Drivers: one module a maker, one small class a model."""

from __future__ import annotations

import re

from instruments.drivers.druck import PACE5000
from instruments.drivers.file import FileReadings
from instruments.drivers.fluke import F5520A, F5522A
from instruments.drivers.fluke_5700 import F5700A, F5720A, F5730A
from instruments.drivers.fluke_pressure import F6270A
from instruments.drivers.fluke_reference import F8508A, F8558A, F8588A
from instruments.drivers.fluke_thermal import F1529, F1586A, F1594A, F1595A, F1620A
from instruments.drivers.generic import scpi_driver
from instruments.drivers.hart import F917X, F7109A, F9142, F9143, F9144, HartBath
from instruments.drivers.hp import HP34401A
from instruments.drivers.hp3458a import HP3458A
from instruments.drivers.keysight import K34461A, K34465A, K34470A, K53230A, N1913A
from instruments.drivers.keysight_lcr import E4980A
from instruments.drivers.line_pattern import Digimatic, MahrC1202, MahrC1208
from instruments.drivers.manual import ManualEntry
from instruments.drivers.mensor import CPC6000
from instruments.drivers.mettler import MTSICS
from instruments.drivers.sartorius import SBI
from instruments.drivers.vaisala import PTU300
from instruments.faults import NoDriver
from instruments.roles import Instrument

DRIVERS: tuple[type[Instrument], ...] = (
    F5520A, F5522A, HP34401A, PTU300,
    K34461A, K34465A, K34470A, K53230A, N1913A, E4980A,
    F5700A, F5720A, F5730A, F8508A, F8588A, F8558A, HP3458A,
    F1620A, F1594A, F1595A, F1586A, F1529, F9142, F9143, F9144, F917X, F7109A, HartBath,
    PACE5000, CPC6000, F6270A, MTSICS, SBI, MahrC1208, MahrC1202, Digimatic, ManualEntry, FileReadings,
)  # fmt: skip

__all__ = [
    "CPC6000",
    "DRIVERS",
    "E4980A",
    "F917X",
    "F1529",
    "F1586A",
    "F1594A",
    "F1595A",
    "F1620A",
    "F5520A",
    "F5522A",
    "F5700A",
    "F5720A",
    "F5730A",
    "F6270A",
    "F7109A",
    "F8508A",
    "F8558A",
    "F8588A",
    "F9142",
    "F9143",
    "F9144",
    "HP3458A",
    "HP34401A",
    "K34461A",
    "K34465A",
    "K34470A",
    "K53230A",
    "MTSICS",
    "N1913A",
    "PACE5000",
    "PTU300",
    "SBI",
    "Digimatic",
    "FileReadings",
    "HartBath",
    "MahrC1202",
    "MahrC1208",
    "ManualEntry",
    "find_driver",
    "scpi_driver",
]  # fmt: skip


def find_driver(name: str) -> type[Instrument]:
    """The driver of a class name ("HP34401A"), a model ("34401A") or an identity ("HEWLETT-PACKARD,34401A,…").

    Raises NoDriver.
    """
    for driver in DRIVERS:
        if name.upper() in (driver.__name__.upper(), driver.model.upper()):
            return driver
    for driver in DRIVERS:
        if re.match(driver.identity, name):
            return driver
    raise NoDriver(found=name, right=", ".join(f"{driver.__name__} ({driver.model})" for driver in DRIVERS))
