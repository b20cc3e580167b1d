"""Can an industry's key parameter be measured? 测不了, 测不全, 测不准, or measurable, computed from the published scope.

四川省质量促进条例 §9: an industry metrology centre solves what cannot be measured, not wholly, or not well enough.
"""

from __future__ import annotations

from dataclasses import dataclass

from uncertainty import units

from . import cmc

STAGES = ("design", "production", "delivery", "operation", "service")
MEASURABLE, NO_METHOD, PARTIAL, INACCURATE = "measurable", "no_method", "partial", "inaccurate"
KINDS = (MEASURABLE, INACCURATE, PARTIAL, NO_METHOD)
"""From covered to not covered at all: 可测, 测不准, 测不全, 测不了."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """kind: the gravest gap. missing: spans outside the scope, in the parameter's unit. U: the largest that the scope
    states over what it covers. allowed: required / ratio. code: the line of the scope."""

    kind: str
    missing: tuple[cmc.Span, ...] = ()
    U: float | None = None
    allowed: float = 0.0
    code: str = ""

    @property
    def also_inaccurate(self) -> bool:
        """Not wholly covered, and too coarse where it is."""
        return self.kind == PARTIAL and self.U is not None and self.allowed < self.U


def assess(answer: cmc.Answer, unit: str, required: float, ratio: float) -> Assessment:
    """The scope's answer for a parameter held against what the industry needs. required, U and spans in `unit`."""
    allowed = required / ratio
    if answer.entry is None or answer.most is None:
        return Assessment(NO_METHOD, answer.missing, None, allowed)
    scale = units.convert(1.0, answer.entry.unit, unit)
    U = answer.most * scale
    if answer.missing:
        missing = tuple(cmc.Span(span.low * scale, span.high * scale) for span in answer.missing)
        return Assessment(PARTIAL, missing, U, allowed, answer.entry.code)
    return Assessment(MEASURABLE if allowed >= U else INACCURATE, (), U, allowed, answer.entry.code)
