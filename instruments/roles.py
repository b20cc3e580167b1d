"""What every instrument can do, and what each kind of instrument is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from instruments.declare import Choice, Declaration, Setting
from instruments.errors import ErrorStyle, ScpiErrors, units_of
from instruments.faults import (
    Garbled,
    InstrumentError,
    LinkFault,
    OutOfStep,
    Rebooted,
    Refused,
    SettingChanged,
    SettingNotAllowed,
    WrongInstrument,
)
from instruments.link import Link
from instruments.reading import Identity, Reading

ATTEMPTS = 3


class Instrument:
    """One instrument on one link. Safe to share between threads.

    Each message carries the error check, and a mark: the number that the message before left in the instrument
    (in *ESE, which nothing else uses here). An answer with another mark is an answer to another question; no mark
    at all means that the instrument was switched off and on.

    expect_serial: the serial number that must answer, now and after each repair; marked: see above.
    """

    maker: ClassVar[str] = ""
    model: ClassVar[str] = ""
    identity: ClassVar[str] = r".+"
    who: ClassVar[str] = "*IDN?"  # the question that `identity` matches the answer of
    roles: ClassVar[frozenset[str]] = frozenset()
    units: ClassVar[Mapping[str, str]] = {}
    errors: ClassVar[ErrorStyle] = ScpiErrors()
    hazard_voltage: ClassVar[float] = 30.0  # V
    unverified: ClassVar[tuple[str, ...]] = ()  # facts in the driver that nobody has seen in a manual or on hardware
    ends: ClassVar[Mapping[str, str]] = {"write": "\n", "read": "\n"}
    serial_line: ClassVar[Mapping[str, Any]] = {}
    linger: ClassVar[float] = 0.0  # s
    echoes: ClassVar[bool] = False  # repeats what it hears until `begin` has asked it not to

    def __init_subclass__(cls) -> None:
        """What a model inherits is its own: declarations are looked for in the class itself."""
        for base in reversed(cls.__mro__[1:]):
            for name, entry in vars(base).items():
                if isinstance(entry, Declaration) and name not in vars(cls) and getattr(cls, name) is entry:
                    setattr(cls, name, entry)

    def __init__(self, link: Link, *, expect_serial: str | None = None, marked: bool = True) -> None:
        self.link, self.expect_serial = link, expect_serial
        self.state: dict[str, Any] = {}
        self.prepared: dict[str, Any] = {}
        self.lost: set[str] = set()
        self.known: Identity | None = None
        self._marked = marked and self.errors.marks
        self._mark: int | None = None
        self._check, self._good = f";{self.errors.query}", f";{self.errors.good}"
        self._began = False
        link.know_again = self._know_again
        link.speak(
            write_end=self.ends["write"], read_end=self.ends["read"], linger=self.linger, serial=dict(self.serial_line)
        )

    @classmethod
    def open(cls, resource: str, library: Any = "@py", *, expect_serial: str | None = None, **options: Any) -> Self:
        """The instrument at a resource; options as for Link. Raises Unreachable."""
        instrument = cls(Link(resource, library, **options), expect_serial=expect_serial)
        instrument.link.open()
        return instrument

    @property
    def resource(self) -> str:
        """Where it is."""
        return self.link.resource

    def close(self) -> None:
        """Close the link."""
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- conversation -------------------------------------------------------------------------------------------

    def converse(self, message: str, queries: int = 0, timeout: float | None = None) -> tuple[str, str]:
        """Send a message with its error check; (the replies of its own queries, the whole raw reply).

        Raises Refused for what the instrument refused, or a LinkFault.
        """
        link = self.link
        with link.lock:
            link.ready()
            if not self._began:
                self._begin()
            if self.errors.query is None:
                return self._plain(message, queries, timeout)
            if not self._marked:
                raw = link.query(message + self._check, timeout)
                tail = self._good
            else:
                mark = self._mark
                if mark is None:
                    mark = self._synchronise()
                after = mark % 255 + 1
                raw = link.query(f"{message}{self._check};*ESE?;*ESE {after}", timeout)
                tail = f"{self._good};{mark}"
                self._mark = after
            if queries == 1:
                if raw.endswith(tail):
                    return raw[: -len(tail)], raw
            elif not queries and raw == tail[1:]:
                return "", raw
            return self._examined(message, queries, raw)

    def _plain(self, message: str, queries: int, timeout: float | None) -> tuple[str, str]:
        value = raw = ""
        wrong: str | None = None
        if queries:
            raw = self.link.query(message, timeout)
            value, wrong = self.errors.unwrap(raw)
        else:
            self.link.send(message)
        if self.errors.after is not None:
            wrong = self._asked_after(self.errors.after, message)
        if wrong is not None:
            raise Refused(resource=self.resource, sent=message, error=wrong)
        return value, raw

    def _asked_after(self, question: str, message: str) -> str | None:
        """The errors that a question of its own reports, or None; what is no report is out of step or garbled."""
        found: list[str] = []
        for _ in range(20):
            report = self.link.query(question)
            if not re.match(self.errors.shape, report):
                raise self.garbled(question, report, f"the error report after {message}")
            if self.errors.wrong(report) is None:
                break
            found.append(report)
        return "; ".join(found) or None

    def _examined(self, message: str, queries: int, raw: str) -> tuple[str, str]:
        """A reply that is not the plain good one: an error, or a fault."""
        units = units_of(raw)
        if self._marked:
            expected = ((self._mark or 1) - 2) % 255 + 1
            last = units.pop()
            if not last.isdigit():
                raise self.garbled(message, raw, f"an answer that ends with {expected}")
            if int(last) != expected:
                kind = Rebooted if last == "0" else OutOfStep
                if int(last) != (expected - 2) % 255 + 1:  # not our own answer before: switched off, or another client
                    self.lost = set(self.state)
                    self.prepared.clear()
                raise self._failed(kind(resource=self.resource, sent=message, raw=raw))
        report = units.pop() if units else ""
        wrong = self.errors.wrong(report)
        if wrong is None and len(units) == queries:
            return ";".join(units), raw
        if wrong is None or not re.match(self.errors.shape, report):
            raise self.garbled(message, raw, f"{queries} answers and an error report")
        found = [self._explained(error) for error in (wrong, *self._further_errors())]
        raise Refused(resource=self.resource, sent=message, error="; ".join(found))

    def _explained(self, error: str) -> str:
        if not self.errors.explain:
            return error
        return f"{error} {self.link.query(self.errors.explain.format(code=error)).strip()}"

    def _further_errors(self) -> list[str]:
        found: list[str] = []
        query = (self.errors.query or "").removeprefix(":")
        for _ in range(20):
            report = self.link.query(query)
            if self.errors.wrong(report) is None:
                break
            found.append(report)
        return found

    def garbled(self, sent: str, raw: str, right: str) -> Garbled:
        """The fault of an answer that cannot be read; the link is out of order from now on."""
        fault = Garbled(resource=self.resource, sent=sent, raw=raw, right=right)
        self.link.fail(fault)
        return fault

    def _failed(self, fault: LinkFault) -> LinkFault:
        self.link.fail(fault)
        return fault

    # -- beginning, and beginning again -------------------------------------------------------------------------

    def begin(self) -> None:
        """What a driver sends before its first message."""

    def _begin(self) -> None:
        self._began = True
        try:
            self.begin()
        except BaseException:
            self._began = False
            raise

    def _synchronise(self) -> int:
        """Leave a new mark and see it come back; the mark. Raises OutOfStep when old answers keep coming."""
        for _ in range(ATTEMPTS):
            mark = self.link.new_mark()
            first = self.link.query(f"{self.errors.sync};*ESE?;*ESE {mark}")
            second = self.link.query("*ESE?")
            if first.isdigit() and second == str(mark):
                self._found_mark, self._mark = int(first), mark
                return mark
            self.link.drain()
        fault = OutOfStep(resource=self.resource, sent="*ESE?", raw=f"{first}, {second}")
        self.link.fail(fault)
        raise fault

    def _know_again(self) -> None:
        """After a repair: the same instrument, in the state we left it in? Raises WrongInstrument, LinkFault."""
        before, known = self._mark, self.known
        self._mark, self._began = None, False
        self.prepared.clear()
        if self._marked:
            self._synchronise()
            if before is not None and self._found_mark not in (before, before % 255 + 1):
                self.lost = set(self.state)
        found = self.identify()
        if known is not None and (found.model, found.serial) != (known.model, known.serial):
            self.known = known
            raise WrongInstrument(resource=self.resource, found=str(found), right=str(known))

    # -- identity, settings, safety -----------------------------------------------------------------------------

    def identify(self) -> Identity:
        """Who answers; raises WrongInstrument when it is not of this driver, or not the serial expected."""
        found = self.ask_identity()
        if not re.match(self.identity, found.raw):
            raise WrongInstrument(resource=self.resource, found=found.raw, right=f"{self.maker} {self.model}")
        if self.expect_serial is not None and found.serial != self.expect_serial:
            right = f"{self.maker} {self.model}, serial {self.expect_serial}"
            raise WrongInstrument(resource=self.resource, found=str(found), right=right)
        self.known = found
        return found

    def ask_identity(self) -> Identity:
        """The identity as the instrument gives it; raises Garbled."""
        raw = self.converse("*IDN?", 1)[0]
        fields = [field.strip() for field in raw.split(",")]
        if len(fields) < 4:
            raise self.garbled("*IDN?", raw, "maker, model, serial number, firmware")
        return Identity(fields[0], fields[1], fields[2], ",".join(fields[3:]), raw)

    def changed(self, name: str, value: Any) -> None:
        """Note that a setting has a new value; a choice makes the settings that hang on it unknown."""
        if isinstance(vars(type(self)).get(name), Choice):
            for other, setting in self._settings().items():
                if f"{{{name}}}" in setting.command:
                    self.state.pop(other, None)
        self.state[name] = value
        self.lost.discard(name)
        self.prepared.clear()

    @classmethod
    def _settings(cls) -> dict[str, Setting]:
        return {name: entry for name, entry in vars(cls).items() if isinstance(entry, Setting)}

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting as the instrument has it now."""
        with self.link.lock:
            return {name: getattr(self, name) for name in self._settings() if self._is_known(name)}

    def _is_known(self, name: str) -> bool:
        hangs_on = re.findall(r"\{(\w+)\}", self._settings()[name].command)
        return all(other in self.state for other in hangs_on)

    def verify_settings(self) -> None:
        """Raise SettingChanged where the instrument no longer has what we set."""
        for name, value in list(self.state.items()):
            setting = self._settings().get(name)
            if setting is not None and not setting.same(found := getattr(self, name), value):
                raise SettingChanged(resource=self.resource, setting=name, found=str(found), right=str(value))

    def restore(self) -> None:
        """Set everything again that was set before, in the same order: after SettingsLost."""
        for name, value in list(self.state.items()):
            if name in self._settings():
                setattr(self, name, value)
        self.lost.clear()

    def safe(self) -> bool:
        """Make it safe; True when that was read back. What cannot energise anything is safe."""
        return True


class Multimeter(Instrument):
    """Measures; `reading` with the function, range and integration time that were set."""

    roles = frozenset({"multimeter"})


class CommandsUnconfirmed(InstrumentError, PermissionError):
    """A source was to be energised with commands that nobody has confirmed on the hardware; nothing was sent."""

    code: ClassVar[str] = "commands_unconfirmed"
    sentence: ClassVar[str] = (
        "{resource} is real hardware, and {commands} of the {model} has not been confirmed there: nothing was sent; "
        "watch the output while trying it, then confirm it with your name."
    )


class Source(Instrument):
    """Gives something. What energises with commands that nobody has seen to work is sent to the bench only.

    unverified_output: headers of the commands that energise, where neither a manual nor hardware has shown them to
    us. They are refused on hardware until `confirm_commands`; what takes the output off is never refused.
    """

    unverified_output: ClassVar[tuple[str, ...]] = ()
    confirmed_by = ""

    def confirm_commands(self, person: str) -> None:
        """A named person has seen on this hardware that the commands do what the driver says; kept in the snapshot."""
        if not person.strip():
            right = "the name of the person who watched the output"
            raise SettingNotAllowed(setting="confirmation", model=self.model, found=repr(person), right=right)
        self.confirmed_by = person.strip()

    def converse(self, message: str, queries: int = 0, timeout: float | None = None) -> tuple[str, str]:
        """As for any instrument; raises CommandsUnconfirmed before anything is sent."""
        self.must_be_confirmed(message)
        return super().converse(message, queries, timeout)

    def must_be_confirmed(self, message: str) -> None:
        """Raise CommandsUnconfirmed where the message would energise hardware with a command nobody has confirmed."""
        if not self.unverified_output or self.confirmed_by or is_simulated(self.link):
            return
        heads = [unit.split()[0].upper().lstrip(":") for unit in re.split(r"[;\r\n]", message) if unit.strip()]
        held = [head for head in heads if head in self.unverified_output]
        if held:
            raise CommandsUnconfirmed(resource=self.resource, commands=", ".join(held), model=self.model)

    def confirmation(self) -> dict[str, Any]:
        """For the snapshot: who confirmed the commands that needed it."""
        return {"commands_confirmed_by": self.confirmed_by} if self.unverified_output else {}

    def settings_snapshot(self) -> dict[str, Any]:
        """Every setting, and who confirmed the commands."""
        return super().settings_snapshot() | self.confirmation()


class Calibrator(Source):
    """Sources; in STANDBY until `operate()`."""

    roles = frozenset({"calibrator"})


class Counter(Instrument):
    """Counts: frequency in Hz or period in s, against a time base that is recorded."""

    roles = frozenset({"counter"})


class LCRMeter(Instrument):
    """Measures two parameters of an impedance at once."""

    roles = frozenset({"lcr_meter"})

    def readings(self) -> dict[str, Reading]:
        """Both parameters from one measurement: primary and secondary."""
        raise NotImplementedError


class PowerMeter(Instrument):
    """Measures radio-frequency power with a sensor; zeroed and calibrated before."""

    roles = frozenset({"power_meter"})


class EnvironmentMonitor(Instrument):
    """Watches the room."""

    roles = frozenset({"environment"})

    def readings(self) -> dict[str, Reading]:
        """All channels, by name: temperature (degC), humidity (%RH), pressure (hPa)."""
        raise NotImplementedError


def is_simulated(link: Link) -> bool:
    """Whether nothing real can be at the other end: a bench in this process, this machine itself, a transcript."""
    from instruments.bench.library import BenchLibrary

    if link.library == "@sim" or isinstance(link.library, BenchLibrary) or link.resource == "transcript":
        return True
    return re.match(r"(?i)TCPIP\d*::(127\.\d+\.\d+\.\d+|localhost)::", link.resource) is not None
