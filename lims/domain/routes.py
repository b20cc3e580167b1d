"""Route classes: by which way a standard is traceable (ILAC P10; CNAS-CL01-G002:2021, 4.5 a–d).

a  a national metrology institute under the CIPM arrangement
b  a calibration laboratory accredited under the ILAC arrangement
c  a verification certificate, only where the law requires compulsory verification
d  a statutory institution without accreditation, only where a to c are not to be had, with a justification
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lims.words import N_, both

from .gates import Reason

CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "a": N_("National metrology institute under the CIPM arrangement"),
        "b": N_("Accredited calibration laboratory (ILAC arrangement)"),
        "c": N_("Verification certificate where the law requires verification"),
        "d": N_("Statutory institution without accreditation, with a justification"),
    }
)
CLAUSE = "CNAS-CL01-G002:2021, 4.5; ILAC P10"


def text_of(route_class: str) -> dict[str, str]:
    """The class in words. Raises KeyError for a letter that is none."""
    return both(CLASSES[route_class])


def route_stated(standard: str, route_class: str | None, justification: str | None = None) -> Reason:
    """A gate: the link of a standard has a route class, and class d its justification."""
    if route_class is None or route_class not in CLASSES:
        text = both("Standard {standard} has no route class; choose a, b, c or d", standard=standard)
        return Reason(False, "route_stated", text, CLAUSE)
    if route_class == "d" and not (justification or "").strip():
        text = both("Standard {standard} is of route class d and needs a justification", standard=standard)
        return Reason(False, "route_stated", text, CLAUSE)
    text = both(
        "Standard {standard}: route class {letter}, {meaning}",
        standard=standard,
        letter=route_class,
        meaning=text_of(route_class),
    )
    return Reason(True, "route_stated", text, CLAUSE)
