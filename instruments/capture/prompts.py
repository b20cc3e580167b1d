"""What a person at the bench is asked: never energise without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from instruments.procedures.plan import Point
from instruments.procedures.procedure import Text

Kind = Literal["before", "energise", "continue"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question with its id, in both languages; voltage (V) where an answer energises an output."""

    id: str
    kind: Kind
    text: Text
    voltage: float | None = None
    point: int | None = None

    def facts(self) -> dict[str, Any]:
        """The prompt as facts of an event."""
        facts: dict[str, Any] = {"prompt": self.id, "id": self.id, "asks": self.kind, "text": dict(self.text)}
        if self.voltage is not None:
            facts["voltage"] = self.voltage
        if self.point is not None:
            facts["point"] = self.point
        return facts


def energise_text(point: Point, *, resumed: bool) -> Text:
    """The question before an output is switched on, with the voltage in words a person cannot overlook."""
    volts = f"{point.nominal_text} {point.display_unit}"
    if point.hazardous:
        return {
            "zh": f"危险电压！确认后将向被校仪器输出 {volts}（第 {point.no} 点）。请确认接线正确、无人接触端子，然后接通输出。",
            "en": f"Hazardous voltage! Confirming switches {volts} onto the item (point {point.no}). Make sure that the "
            "connections are right and that nobody touches the terminals.",
        }
    if resumed:
        return {
            "zh": f"继续测量。请重新检查接线；确认后将接通标准源输出 {volts}（第 {point.no} 点）。",
            "en": f"Measuring goes on. Check the connections again; confirming switches the source on with {volts} "
            f"(point {point.no}).",
        }
    return {
        "zh": f"请检查接线；确认后将接通标准源输出 {volts}（第 {point.no} 点）。",
        "en": f"Check the connections; confirming switches the source on with {volts} (point {point.no}).",
    }


def continue_text(why: Text) -> Text:
    """The question after a pause or a fault, where a program and not a page asks."""
    return {"zh": f"测量已暂停：{why['zh']} 是否继续？", "en": f"Measuring is paused: {why['en']} Go on?"}
