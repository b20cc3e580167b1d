"""The instruments of a run, opened by role, known to be the right ones, and used through few sentences.

Everything that knows a driver's names is in this file; the run knows roles only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from instruments.drivers import find_driver
from instruments.faults import InstrumentError, WrongInstrument
from instruments.link import Library, open_link
from instruments.procedures.plan import Plan, Point, Role
from instruments.reading import Reading

QUICK_NPLC = 10.0  # settling is watched with shorter readings than those that count


def open_instrument(role: Role, library: Library) -> Any:
    """The driver of a role on a session of its own; raises what the link raises."""
    return find_driver(role.driver)(open_link(role.resource, library=library))


def make_safe(role: Role, library: Library) -> bool:
    """Open the source afresh, send it to STANDBY, read that back; True when it was read back."""
    source = open_instrument(role, library)
    try:
        return bool(source.safe())
    finally:
        source.close()


class Station:
    """Open instruments by role."""

    def __init__(self, plan: Plan, library: Library) -> None:
        self._plan, self._library = plan, library
        self._open: dict[str, Any] = {}
        self._nplc: float | None = None

    def open(self, role: str) -> dict[str, Any]:
        """Open a role and check who answers; the facts of the `identified` event. Raises WrongInstrument."""
        expected = self._plan.instruments[role]
        instrument = open_instrument(expected, self._library)
        self._open[role] = instrument
        identity = instrument.identify()
        for name in ("model", "serial"):
            wanted, found = getattr(expected, name), getattr(identity, name)
            if wanted and wanted != found:
                raise WrongInstrument(
                    resource=expected.resource,
                    found=f"{identity.maker} {identity.model}, {identity.serial}",
                    right=f"{expected.maker} {expected.model}, {expected.serial}".strip(),
                )
        return {
            "maker": identity.maker,
            "model": identity.model,
            "serial": identity.serial,
            "firmware": identity.firmware,
            "raw": identity.raw,
            "resource": expected.resource,
            "asset": expected.asset,
            "calibration_version": expected.calibration_version,
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
        value, unit = self._open["source"].output
        return Reading(
            indication=float(value),
            unit=unit,
            raw=f"{value!r} {unit}",
            at=datetime.now(UTC),
            setup={},
            status="ok",
        )

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
        item.function = point.function
        item.range = point.range
        self._set_nplc(QUICK_NPLC if point.nplc is None else min(point.nplc, QUICK_NPLC))

    def _set_nplc(self, nplc: float | None) -> None:
        if nplc is not None and nplc != self._nplc:
            self._open["item"].nplc = nplc
            self._nplc = nplc

    def prepare_readings(self, point: Point) -> None:
        """From quick readings to those that count."""
        self._set_nplc(point.nplc)

    def quick_reading(self) -> Reading:
        """One reading for settling."""
        return self.reading()

    def reading(self) -> Reading:
        """One reading of the item."""
        reading: Reading = self._open["item"].reading
        return reading

    # -- the room -----------------------------------------------------------------------------------------------

    def channels(self) -> Mapping[str, Callable[[], Reading]]:
        """How each quantity of the room is read."""
        monitor = self._open["ambient"]
        return {name: partial(getattr, monitor, name) for name in ("temperature", "humidity")}
