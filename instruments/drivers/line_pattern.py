"""Gauges that answer with one line of text: a driver made from a pattern, given as data.

A pattern is a regular expression of a small kind, so that no line can keep it busy: named groups value, unit and
status, characters, classes, groups and alternatives; every repetition has an upper limit, and the ways in which a line
can be tried are counted and limited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar

from instruments.errors import ErrorStyle
from instruments.reading import Identity, Reading
from instruments.roles_mechanical import Indicator, UnusableEntry
from instruments.specifications.phrase import Phrase

LONGEST_PATTERN, LONGEST_LINE, MOST_WAYS = 300, 200, 20_000
TOKEN = re.compile(
    r"(?P<group>\((?:\?P<[a-z]+>|\?:|(?!\?)))|(?P<close>\)\??(?![{*+?]))|(?P<or>\|)"
    r"|(?P<item>\[(?:\\.|[^\\\[\]])+\]|\\[dswDSW.+*?()\[\]{}|/\\^$ -]|[^\\()\[\]{}*+?|^$])(?P<times>\?|\{\d{1,2}(?:,\d{1,2})?\})?"
    r"(?![*+?{])"
)
NUMBER = re.compile(r"[+-]? {0,9}\d{1,15}(?:\.\d{0,15})?")


@dataclass(frozen=True, slots=True)
class LinePattern:
    """How a gauge answers. ask: what is sent for a reading; line: the pattern of the answer, matched whole.

    unit: where the line has no group unit; units: as spelled → unit of the Reading. bad: status words or whole lines
    of a reading without a number. who: the question for the serial number and its pattern with a group serial.
    hello: the question by which the gauge is known among others, and the beginning of its answer.
    """

    model: str
    maker: str
    ask: str
    line: str
    unit: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    bad: str = ""
    who: tuple[str, str] | None = None
    hello: tuple[str, str] | None = None
    ends: tuple[str, str] = ("\r\n", "\r\n")
    serial_line: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


class LineIndicator(Indicator):
    """Base of the drivers made here."""

    errors = ErrorStyle()
    linger = 0.02
    pattern: ClassVar[LinePattern]
    line: ClassVar[re.Pattern[str]]
    bad: ClassVar[re.Pattern[str] | None]
    named: ClassVar[re.Pattern[str] | None]

    def ask_identity(self) -> Identity:
        """The serial number where the gauge tells one; else a name that says that it tells nothing."""
        pattern = self.pattern
        told = self._line(pattern.hello[0]).strip() if pattern.hello else pattern.model
        if pattern.who is None or self.named is None:
            return Identity(pattern.maker, pattern.model, "", "", f"{told} (no serial number)")
        raw = self._line(pattern.who[0])
        found = self.named.fullmatch(raw.strip())
        if found is None:
            raise self.garbled(pattern.who[0], raw, "a serial number")
        return Identity(pattern.maker, pattern.model, found["serial"].strip(), "", f"{told} (serial {raw.strip()})")

    def _line(self, question: str) -> str:
        raw = self.converse(question, 1)[1]
        if len(raw) > LONGEST_LINE:
            raise self.garbled(question, raw[:LONGEST_LINE], f"a line of at most {LONGEST_LINE} characters")
        return raw

    @property
    def reading(self) -> Reading:
        """What it shows; raises Garbled for a line that is not of the pattern."""
        pattern, raw = self.pattern, self._line(self.pattern.ask)
        found = self.line.fullmatch(raw.strip())
        groups = found.groupdict() if found else {}
        setup = MappingProxyType({key: text for key, text in groups.items() if key == "status" and text})
        status = (groups.get("status") or "") if found else raw.strip()
        if self.bad is not None and self.bad.fullmatch(status):
            return Reading(None, pattern.unit, raw, datetime.now(UTC), MappingProxyType({"status": status}), "fault")
        spelled = groups.get("unit")
        unit = pattern.unit if spelled is None else pattern.units.get(spelled.strip())
        if found is None or unit is None or not NUMBER.fullmatch(groups["value"].strip()):
            raise self.garbled(pattern.ask, raw, f"a line of the pattern of {pattern.model}")
        return Reading(float(groups["value"].replace(" ", "")), unit, raw, datetime.now(UTC), setup)


def line_driver(pattern: LinePattern) -> type[LineIndicator]:
    """The driver of a pattern. Raises UnusableEntry, which names what is wrong with it."""
    line = bounded(pattern.line, pattern.model)
    if "value" not in line.groupindex:
        _refuse(pattern.model, pattern.line, Phrase("a group named value"))
    if "unit" in line.groupindex and not pattern.units:
        _refuse(pattern.model, pattern.line, Phrase("the units as the gauge spells them"))
    if "unit" not in line.groupindex and not pattern.unit:
        _refuse(pattern.model, pattern.line, Phrase("a group named unit, or the unit itself"))
    named = bounded(pattern.who[1], pattern.model) if pattern.who else None
    if named is not None and "serial" not in named.groupindex:
        _refuse(pattern.model, pattern.who[1] if pattern.who else "", Phrase("a group named serial"))
    attributes = {
        "__doc__": f"{pattern.maker} {pattern.model}, read by a pattern. {pattern.source}",
        "__module__": __name__,
        "maker": pattern.maker,
        "model": pattern.model,
        "identity": pattern.hello[1] if pattern.hello else re.escape(pattern.model) + r" \((no serial|serial )",
        "who": pattern.hello[0] if pattern.hello else "*IDN?",
        "ends": {"write": pattern.ends[0], "read": pattern.ends[1]},
        "serial_line": dict(pattern.serial_line),
        "unverified": () if "manual" in pattern.source else (pattern.source or "every part of the pattern",),
        "pattern": pattern,
        "line": line,
        "bad": bounded(pattern.bad, pattern.model) if pattern.bad else None,
        "named": named,
    }
    return type(re.sub(r"\W", "", pattern.model), (LineIndicator,), attributes)


def bounded(text: str, model: str) -> re.Pattern[str]:
    """A pattern of the small kind, compiled. Raises UnusableEntry."""
    if not 0 < len(text) <= LONGEST_PATTERN or not text.isascii():
        _refuse(model, text[:40], Phrase("1 to {most} ASCII characters", most=LONGEST_PATTERN))
    place, ways = 0, 1
    while place < len(text):
        token = TOKEN.match(text, place)
        if token is None:
            _refuse(model, text[place : place + 20], Phrase("a repetition with an upper limit of at most two digits"))
            break
        times = token["times"] or ("?" if token["close"] == ")?" else "")
        low, _, high = times.strip("{}").partition(",")
        ways *= 2 if times == "?" or token["or"] else int(high or low or 1) - int(low or 1) + 1
        place = token.end()
        if not 0 < ways <= MOST_WAYS:
            _refuse(model, text, Phrase("a pattern that a line can match in fewer ways"))
    try:
        return re.compile(text)
    except re.error as error:
        raise UnusableEntry(field="line pattern", resource=model, found=str(error), right=PATTERN) from None


PATTERN = Phrase("a pattern of characters, classes, groups and alternatives")


def _refuse(model: str, found: str, right: Phrase) -> None:
    raise UnusableEntry(field="line pattern", resource=model, found=found, right=right)


METRIC = {"mm": "mm", "um": "um", "in": "in", "inch": "in"}
VALUE = r"(?P<value>[+-]?\d{1,8}(\.\d{1,8})?)"

MahrC1208 = line_driver(
    LinePattern(
        "Millimar C1208", "Mahr", "?", VALUE + " ?(?P<unit>mm|um|in)", units=METRIC, bad="ERR ?[0-9]{0,2}",
        who=("SER?", r"(?P<serial>[0-9A-Za-z]{1,12}(/[0-9]{1,4})?)"), hello=("ID?", r"MAHR GMBH,C12(08|16|40)"), ends=("\r", "\r\n"),
        source="OPTO RS D protocol, manual C1208/C1216/C1240 p. 69; its error lines are not in the manual",
    )
)  # fmt: skip
MahrC1202 = line_driver(
    LinePattern(
        "Millimar C1202", "Mahr", "M1?",
        "1 " + VALUE + r" (?P<unit>mm|um|inch)( (?P<status>[<=>]( [<=>])?))?( )?", units=METRIC, bad="(1 )?ERR[0-9]",
        ends=("\r", "\r"), serial_line={"baud_rate": 9600, "data_bits": 7, "parity": 2, "stop_bits": 20},
        source="Duplex interface, manual C1202 p. 82",
    )
)  # fmt: skip
Digimatic = line_driver(
    LinePattern(
        "Digimatic USB", "Mitutoyo", "?", VALUE, unit="mm", bad="#.{0,80}", ends=("\n", "\n"),
        source="README of apirek/digimatic: any byte asks, # begins an error; the unit is the gauge's own, here mm",
    )
)  # fmt: skip
