"""The instruments of a run, opened by role, known to be the right ones, and used through few sentences.

Everything that knows a driver's names is in this file; the run knows roles only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from instruments.drivers import find_driver
from instruments.faults import InstrumentError, LinkFault, SettingChanged, WrongInstrument
from instruments.procedures.plan import Plan, Point, Role
from instruments.reading import Reading

Library = Any  # what PyVISA takes: "@py", the path of a vendor's library, or a VisaLibraryBase such as Bench.library

FRONT = "FRON"  # what a 34401A says of its front terminals; the rear ones have other leads
QUICK_NPLC = 10.0  # settling is watched with shorter readings than those that count


def open_instrument(role: Role, library: Library) -> Any:
    """The driver of a role on a session of its own; raises what the link raises."""
    return find_driver(role.driver).open(role.resource, library)


def make_safe(role: Role, library: Library) -> bool:
    """Open the source afresh, send it to STANDBY, read that back; True when it was read back."""
    source = open_instrument(role, library)
    try:
        try:
            return bool(source.safe())
        except LinkFault:  # an answer to a message of the dead capture: the link repairs itself before the next one
            return bool(source.safe())
    finally:
        source.close()


class Station:
    """Open instruments by role."""

    def __init__(self, plan: Plan, library: Library) -> None:
        self._plan, self._library = plan, library
        self._open: dict[str, Any] = {}

    def open(self, role: str) -> dict[str, Any]:
        """Open a role and check who answers; the facts of the `identified` event. Raises WrongInstrument."""
        expected = self._plan.instruments[role]
        instrument = open_instrument(expected, self._library)
        self._open[role] = instrument
        repaired = ""
        try:
            identity = instrument.identify()
        except LinkFault as fault:  # what an earlier capture left in the instrument's output: clear it, say so
            repaired = str(fault)
            identity = instrument.identify()
        for name in ("model", "serial"):
            wanted, found = getattr(expected, name), getattr(identity, name)
            if wanted and wanted != found:
                raise WrongInstrument(
                    resource=expected.resource,
                    found=f"{identity.maker} {identity.model}, {identity.serial}",
                    right=f"{expected.maker} {expected.model}, {expected.serial}".strip(),
                )
        terminals = getattr(instrument, "terminals", FRONT)
        if terminals != FRONT:
            raise SettingChanged(resource=expected.resource, setting="terminals", found=terminals, right=FRONT)
        return {
            "maker": identity.maker,
            "model": identity.model,
            "serial": identity.serial,
            "firmware": identity.firmware,
            "raw": identity.raw,
            "resource": expected.resource,
            "asset": expected.asset,
            "calibration_version": expected.calibration_version,
            **({"repaired": repaired} if repaired else {}),
        }

    def has(self, role: str) -> bool:
        """Whether a role is open."""
        return role in self._open

    def close(self) -> None:
        """Close every session; a link that is already gone is no reason to keep the others open."""
        for instrument in self._open.values():
            try:
                instrument.close()
            except InstrumentError:
                continue
        self._open.clear()

    # -- the source ---------------------------------------------------------------------------------------------

    def safe(self) -> bool:
        """The source in STANDBY; True when it was read back."""
        return bool(self._open["source"].safe())

    def is_operating(self) -> bool:
        """Whether the source's output is on, as it says itself."""
        return bool(self._open["source"].is_operating)

    def output(self) -> float:
        """The value the source is set to, as it says itself, in V."""
        return float(self._open["source"].output[0])

    def settled(self) -> bool:
        """The source's own settled flag."""
        return bool(self._open["source"].settled)

    def source_reading(self) -> Reading:
        """What the source says that it gives, as a Reading."""
        reading: Reading = self._open["source"].reading
        return reading

    def set_up(self, point: Point, *, on: bool) -> None:
        """Set item and source for a point. on: the output is on and stays so: then the larger range comes first."""
        item, source = self._open["item"], self._open["source"]
        if on and abs(point.nominal) < abs(self.output()):
            source.source_voltage(point.nominal)
            self._set_item(item, point)
        else:
            self._set_item(item, point)
            source.source_voltage(point.nominal)

    def operate(self, point: Point) -> None:
        """Switch the output on, unless it is on; above 33 V the source itself went to STANDBY when it was set."""
        del point
        if not self.is_operating():
            self._open["source"].operate()

    # -- the item -----------------------------------------------------------------------------------------------

    def _set_item(self, item: Any, point: Point) -> None:
        item.configure(point.function, point.range, _quick(point))

    def prepare_readings(self, point: Point) -> None:
        """From quick readings to those that count."""
        if point.nplc is not None and point.nplc != _quick(point):
            self._open["item"].nplc = point.nplc

    def reading(self) -> Reading:
        """One reading of the item."""
        reading: Reading = self._open["item"].reading
        return reading

    def verify_settings(self) -> None:
        """Raise SettingChanged where the item no longer has the function, range and integration time that were set."""
        self._open["item"].verify_settings()

    # -- the room -----------------------------------------------------------------------------------------------

    def room(self) -> Mapping[str, Reading]:
        """Every channel of the room, from one reading of the monitor."""
        readings: Mapping[str, Reading] = self._open["ambient"].readings()
        return readings


def _quick(point: Point) -> float:
    return QUICK_NPLC if point.nplc is None else min(point.nplc, QUICK_NPLC)
