"""Any SCPI instrument that answers one question: a driver made from data, without programming."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from instruments.declare import Choice, Measurement, Setting
from instruments.errors import ErrorStyle, ScpiErrors
from instruments.faults import SettingNotAllowed
from instruments.roles import Instrument, Source

QUESTION = re.compile(r"[:*]?[A-Za-z][\w:\[\]]*\?( [\x20-\x3a\x3c-\x7e]+)?")
HEADER = re.compile(r"[:]?[A-Za-z][\w:]*")
ENERGISES = re.compile(r"(?i)(^|;)\s*:?(OUTP|SOUR|APPL|OPER\b|OUT\b)")
HARMLESS = "what energises nothing: sources have drivers of their own"
ENDS = {"LF": "\n", "CR": "\r", "CR LF": "\r\n"}


class GenericScpi(Instrument):
    """Base of the drivers made here; `reading` and `setup_commands` come from the data."""

    maker, model = "any", "SCPI"
    unverified = ("every command: they are data that somebody wrote",)
    setup_commands: tuple[str, ...] = ()

    def configure(self) -> None:
        """Send the set-up commands in their order; each with its error check."""
        for message in self.setup_commands:
            self.converse(message)
        self.changed("set_up", "; ".join(self.setup_commands))

    def restore(self) -> None:
        """Set everything up again: the commands, then the settings."""
        if self.setup_commands:
            self.configure()
        super().restore()

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting, and the set-up commands that were sent."""
        sent = {"set_up": self.state["set_up"]} if "set_up" in self.state else {}
        return super().settings_snapshot() | sent


def scpi_driver(
    model: str,
    *,
    measurement: str,
    unit: str,
    identity: str = r".+",
    role: str = "",
    setup: Sequence[str] = (),
    settings: Mapping[str, str | Mapping[str, str]] | None = None,
    overload: float = 9.9e37,
    seconds: float = 0.0,
    ends: str = "LF",
    errors: bool = True,
) -> type[GenericScpi]:
    """A driver for an instrument that measures by one question.

    model: its name, in sentences. measurement: the question, such as "MEAS:VOLT:DC?". unit: of its answer. identity:
    a pattern that the answer to *IDN? begins with. role: what procedures call it. setup: commands sent by
    `configure`. settings: name -> header of a number, or a mapping with `header` and the codes of a choice. overload:
    magnitude from which on there is no number. seconds: a measurement takes. ends: LF, CR or CR LF. errors: whether
    it has SYST:ERR?. Raises SettingNotAllowed for data that cannot be meant, or that would energise something.
    """
    _require("measurement", model, measurement, QUESTION.fullmatch(measurement), "one question, such as MEAS:VOLT:DC?")
    _require("unit", model, unit, unit.strip(), "the unit of the answer, such as V or 1")
    _require("ends", model, ends, ends in ENDS, "one of " + ", ".join(ENDS))
    _require("overload", model, overload, overload > 0, "above 0")
    _require("seconds", model, seconds, 0 <= seconds < float("inf"), "0 or more")
    _require("identity", model, identity, _is_pattern(identity), "a regular expression")
    for message in setup:
        plain = message.isascii() and message.isprintable() and message.strip() and "?" not in message
        _require("setup", model, message, plain, "one command in ASCII, no question")
        _require("setup", model, message, not ENERGISES.search(message), HARMLESS)
    declared: dict[str, Any] = {name: _setting(model, name, data) for name, data in (settings or {}).items()}
    style: ErrorStyle = ScpiErrors() if errors else ErrorStyle()
    name = re.sub(r"\W", "_", f"Generic_{model}")
    body = {
        "__doc__": f"{model}: {measurement} in {unit}.",
        "model": model,
        "identity": identity,
        "roles": frozenset({role} if role else ()),
        "errors": style,
        "ends": {"write": ENDS[ends], "read": ENDS[ends]},
        "setup_commands": tuple(setup),
        "reading": Measurement(measurement, unit=unit, overload=overload, takes=seconds),
    }
    return type(name, (GenericScpi,), declared | body)


def _setting(model: str, name: str, data: str | Mapping[str, str]) -> Setting:
    """A number where the data is a header, a choice where it is a mapping."""
    taken = name.isidentifier() and not hasattr(Source, name) and name not in ("reading", "configure", "setup_commands")
    _require("settings", model, name, taken, "a word that the driver does not use itself")
    header = data if isinstance(data, str) else data.get("header", "")
    _require(name, model, header, HEADER.fullmatch(header), "a header, such as VOLT:RANG")
    _require(name, model, header, not ENERGISES.search(header), HARMLESS)
    if isinstance(data, str):
        return Setting(header)
    codes = {word: code for word, code in data.items() if word != "header"}
    _require(name, model, "no codes", codes, "the codes of its choices")
    return Choice(header, **codes)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _require(setting: str, model: str, found: object, holds: object, right: str) -> None:
    if not holds:
        raise SettingNotAllowed(setting=setting, model=model, found=str(found), right=right)
