"""What pressure controllers, balances and indicators are for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import inf
from types import MappingProxyType
from typing import Any, ClassVar

from instruments.errors import units_of
from instruments.faults import InstrumentError, LinkFault, SettingNotAllowed
from instruments.reading import Reading
from instruments.roles import Instrument, Source
from instruments.specifications.phrase import Phrase

KPA: Mapping[str, float] = MappingProxyType(
    {"Pa": 1e-3, "hPa": 0.1, "mbar": 0.1, "kPa": 1.0, "bar": 100.0, "MPa": 1000.0, "psi": 6.894757293168}
)
"""kPa in one of a unit. psi: lbf/in² from lb = 0.45359237 kg, in = 25.4 mm, g_n = 9.80665 m/s²."""


class UnusableEntry(InstrumentError, ValueError):
    """What somebody typed, or what stands in a file, is no reading; nothing was kept."""

    code: ClassVar[str] = "unusable_entry"
    sentence: ClassVar[str] = "{field} of {resource} cannot be {found}: right would be {right}."

    def __init__(self, **facts: object) -> None:
        words = {name: Phrase(fact) for name, fact in facts.items() if name in ("field", "right") and type(fact) is str}
        super().__init__(**(facts | words))


class NothingEntered(InstrumentError, LookupError):
    """A reading was asked for, and there is none left."""

    code: ClassVar[str] = "nothing_entered"
    sentence: ClassVar[str] = "There is no further reading of {resource}: enter one, or end here."


class OneAtATime(Instrument):
    """Takes one command a message: the units of a compound message are sent one after another."""

    root: ClassVar[str] = ""  # what each command but the common ones begins with

    def converse(self, message: str, queries: int = 0, timeout: float | None = None) -> tuple[str, str]:
        """As for any instrument; `accepted` is called once all units are said."""
        del queries
        values: list[str] = []
        raws: list[str] = []
        with self.link.lock:
            for unit in units_of(message):
                bare = unit.strip().lstrip(":")
                said = bare if bare.startswith("*") else self.spelled(self.root + bare)
                is_query = bare.partition(" ")[0].endswith("?")
                value, raw = super().converse(said, int(is_query), timeout)
                if is_query:
                    values.append(self.answer(said, value))
                    raws.append(raw)
            if not all(unit.strip().endswith("?") for unit in units_of(message)):
                self.accepted(message)
        return ";".join(values), "; ".join(raws)

    def spelled(self, unit: str) -> str:
        """A unit as this instrument takes it."""
        return unit

    def answer(self, said: str, reply: str) -> str:
        """The value in a reply; raises a LinkFault where the reply answers something else."""
        del said
        return reply

    def accepted(self, message: str) -> None:
        """Ask whether commands were accepted; raises Refused."""


class PressureController(Source):
    """Gives pressure. Pressures in kPa, against the atmosphere.

    safe_rate: kPa/s at which `safe` leads the pressure down. vent_below: kPa up to which opening the vent is harmless.
    near: kPa within which it is the atmosphere's pressure. most: kPa that whatever is connected bears; never exceeded.
    """

    roles = frozenset({"pressure_controller"})
    safe_rate: float = 10.0
    vent_below: float = 20.0
    near: float = 0.5
    most: float = inf

    def pressurise(self, kpa: float) -> None:
        """Control at a pressure: pressurises what is connected. Raises SettingNotAllowed, SettingChanged, Refused."""
        if not abs(kpa) <= self.most or abs(kpa) == inf:
            right = f"-{self.most:g} to {self.most:g} kPa" if self.most < inf else Phrase("a finite pressure")
            raise SettingNotAllowed(setting="pressure", model=self.model, found=f"{kpa} kPa", right=right)
        self.aim(kpa)

    def aim(self, kpa: float) -> None:
        """Set-point, and control."""
        raise NotImplementedError

    def limit_rate(self, kpa_per_s: float) -> None:
        """The fastest change of pressure under control."""
        raise NotImplementedError

    def vent(self) -> None:
        """Open to the atmosphere, at whatever rate the instrument vents."""
        raise NotImplementedError

    @property
    def is_vented(self) -> bool:
        """Whether it is open to the atmosphere, as the instrument says."""
        raise NotImplementedError

    @property
    def reading(self) -> Reading:
        """Pressure as indicated, in the unit that the instrument has now."""
        raise NotImplementedError

    def atmosphere(self, unit: str) -> float:
        """What it shows at the atmosphere, kPa: 0 for gauge pressure. unit: of the indication."""
        del unit
        return 0.0

    @property
    def gauge_pressure(self) -> float:
        """Measured pressure against the atmosphere, kPa."""
        reading = self.reading
        if reading.indication is None:
            return inf
        return reading.indication * KPA[reading.unit] - self.atmosphere(reading.unit)

    def safe(self) -> bool:
        """One step to the atmosphere; True when vent and pressure were read back. Call again as long as it is False.

        A pressure is led down at safe_rate and vented only near the atmosphere: a burst of venting can ruin a gauge.
        What cannot be led down, or does not tell its pressure, is vented at once.
        """
        try:
            if abs(self.gauge_pressure) > self.vent_below:
                self.limit_rate(self.safe_rate)
                self.aim(0.0)
                return False
        except LinkFault:
            raise
        except InstrumentError:
            self.vent()
            return False
        if not self.is_vented:
            self.vent()
        return self.is_vented and abs(self.gauge_pressure) <= self.near

    def lead_down(
        self, *, patience: float = 600.0, every: float = 1.0, pause: Callable[[float], Any] = time.sleep
    ) -> bool:
        """`safe` until it is, at most `patience` seconds; whether it is."""
        waited = 0.0
        while not (done := self.safe()) and waited < patience:
            pause(every)
            waited += every
        return done


class Balance(Instrument):
    """Weighs; a reading's set-up says whether it was stable."""

    roles = frozenset({"balance"})


class Indicator(Instrument):
    """Shows a value: a gauge, a dial that somebody reads, a file of readings."""

    roles = frozenset({"indicator"})


def no_number(instrument: Instrument, unit: str, raw: str, status: str) -> Reading:
    """A reading that has no number: overload or fault."""
    return Reading(None, unit, raw, datetime.now(UTC), MappingProxyType(dict(instrument.state)), status)
