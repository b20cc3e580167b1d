"""The scanner of the thermal bench: Fluke 1586A, with the memory of its automatic logs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from instruments.bench.device import DeviceError, command
from instruments.bench.devices.scpi import Knob, ScpiDevice
from instruments.bench.devices.thermal import BEGAN, CELSIUS_OR_F, STALE
from instruments.bench.devices.thermal_physics import Input


class F1586A(ScpiDevice):
    """A 1586A with inputs by channel number; an input that is not there is open. logs: lines by slot."""

    maker, model, firmware = "FLUKE", "1586A", "1.02"
    reply_end = b"\r"
    message_time = 0.02
    knobs = (Knob("UNIT:TEMPerature", "C", CELSIUS_OR_F),)
    SECONDS_EACH = 0.5

    def __init__(self, serial: str, seed: int, inputs: Mapping[int, Input]) -> None:
        self.inputs = dict(inputs)
        self.logs: dict[int, list[str]] = {}
        super().__init__(serial, seed)

    def reset(self) -> None:
        """Nothing to scan, slot 1."""
        super().reset()
        self.scanned: list[int] = []
        self.slot = 1

    def _shown(self, channel: int) -> float:
        t = self.inputs[channel].temperature(self.now)
        return t if self.at["UNIT:TEMPerature"] == "C" else t * 1.8 + 32.0

    @command("ROUTe:SCAN")
    def _scan(self, argument: str) -> None:
        found = re.fullmatch(r"\(@(\d{3}(?:,\d{3})*)\)", argument)
        if found is None:
            raise DeviceError(-224, "Illegal parameter value")
        self.scanned = [int(channel) for channel in found[1].split(",")]

    @command("READ?")
    def _read(self, _: str) -> str:
        if not self.scanned:
            raise DeviceError(*STALE)
        values = []
        for channel in self.scanned:
            self.now += self.SECONDS_EACH
            values.append(f"{self._shown(channel):.4f}" if channel in self.inputs else "9.9E37")
        return ",".join(values)

    @command("LOGging:AUTomatic:LABel")
    def _label(self, argument: str) -> None:
        self.slot = int(argument)

    @command("LOGging:AUTomatic:POINts?")
    def _points(self, _: str) -> str:
        return str(len(self.logs.get(self.slot, [])))

    @command("LOGging:AUTomatic:PRINt")
    def _print(self, argument: str) -> str | None:
        return "\r".join(self.logs.get(int(argument), [])) or None

    def record(self, slot: int, t: float) -> None:
        """An automatic log: one line for each input, measured at t."""
        stamp = (BEGAN + timedelta(seconds=int(t))).strftime("%H,%M,%S,%Y,%m,%d")
        plain = ",".join(str(int(part)) for part in stamp.split(","))
        for channel, entry in self.inputs.items():
            self.logs.setdefault(slot, []).append(f"DATA_{slot},{channel},{entry.temperature(t):.4f},C,{plain}")

    def fault_unit_change(self, unit: str = "F") -> None:
        """Somebody changes the unit at the front panel."""
        self.at["UNIT:TEMPerature"] = unit

    def fault_sensor_fault(self, channel: int = 101) -> None:
        """A probe breaks: its input is open."""
        self.inputs.pop(channel, None)
