"""What can go wrong between a question and a reading; each fault has a code, one sentence, and its facts.

InstrumentError
├── LinkFault             after one of these nothing is accepted until the link is repaired
│   ├── Timeout           no complete answer in time; it may still come
│   ├── Garbled           an answer that cannot be read
│   ├── OutOfStep         an answer that belongs to another question, or to nobody
│   ├── Rebooted          the instrument was switched off and on; its settings are gone
│   └── LinkLost          the connection is gone
│       └── Unreachable   it could not be opened
├── Refused               the instrument understood the link and refused the command
├── Overload              the input is beyond the range
├── WrongInstrument       another instrument answers at the address
├── SettingChanged        somebody changed a setting behind our back
├── SettingsLost          set up again first: the instrument was switched off and on
├── SettingNotAllowed     a value that the instrument does not have
├── CommandsUnconfirmed   (in roles) a source on hardware whose commands no person has confirmed there
└── NoDriver              no driver of that name
"""

from __future__ import annotations

from typing import ClassVar


class InstrumentError(Exception):
    """Root of what `instruments` raises. facts: plain values, also attributes; the message is `sentence` with them."""

    code: ClassVar[str] = "instrument"
    sentence: ClassVar[str] = "The instrument work failed."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.__dict__.update(facts)
        super().__init__(self.sentence.format(**facts))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.facts)


def _rebuilt(kind: type[InstrumentError], facts: dict[str, object]) -> InstrumentError:
    return kind(**facts)


class LinkFault(InstrumentError):
    """A fault of the link: what comes next cannot be trusted until the link is repaired."""

    code: ClassVar[str] = "link_fault"
    sentence: ClassVar[str] = "The link to {resource} failed."
    resource: str


class Timeout(LinkFault, TimeoutError):
    """No complete answer in time. raw: the fragment that came, if any."""

    code: ClassVar[str] = "timeout"
    sentence: ClassVar[str] = (
        "{resource} did not answer {sent} within {seconds} s (received: {raw}): "
        "check that it is on, in remote, and that the address is right."
    )


class Garbled(LinkFault, ValueError):
    """An answer came that is not what the question asks for."""

    code: ClassVar[str] = "garbled"
    sentence: ClassVar[str] = (
        "{resource} answered {sent} with {raw}, which is not {right}: check cable, terminators and speed of the line."
    )


class OutOfStep(LinkFault):
    """An answer is there that belongs to no question, or to another one."""

    code: ClassVar[str] = "out_of_step"
    sentence: ClassVar[str] = (
        "{resource} is out of step: {raw} belongs to another question than {sent}; nothing is read before a repair."
    )


class Rebooted(LinkFault):
    """The instrument's own mark of our last message is gone: it was switched off and on, or reset."""

    code: ClassVar[str] = "rebooted"
    sentence: ClassVar[str] = (
        "{resource} was switched off and on since the last message: its settings are gone; set it up again."
    )


class LinkLost(LinkFault, ConnectionError):
    """The other end is gone."""

    code: ClassVar[str] = "link_lost"
    sentence: ClassVar[str] = "The connection to {resource} is lost ({why}): check power and cable, then open it again."


class Unreachable(LinkLost):
    """The connection could not be opened."""

    code: ClassVar[str] = "unreachable"
    sentence: ClassVar[str] = "Nothing can be opened at {resource} ({why}): check address, power and cable."


class Refused(InstrumentError, RuntimeError):
    """The instrument reported an error for a message; the link itself is sound."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "{resource} refused {sent}: it reports {error}."


class Overload(InstrumentError, ValueError):
    """The input is beyond the range."""

    code: ClassVar[str] = "overload"
    sentence: ClassVar[str] = (
        "{resource} is overloaded in its range {range} {unit}: lower the input or use a higher range."
    )


class WrongInstrument(InstrumentError, LookupError):
    """What answers is not what should be there."""

    code: ClassVar[str] = "wrong_instrument"
    sentence: ClassVar[str] = "At {resource} there is {found}: right would be {right}."


class SettingChanged(InstrumentError, RuntimeError):
    """A setting is not what we set: someone touched the front panel, or another program is at work."""

    code: ClassVar[str] = "setting_changed"
    sentence: ClassVar[str] = "{setting} of {resource} is {found}, but was set to {right}: set it up again."


class SettingsLost(InstrumentError, RuntimeError):
    """The instrument forgot its settings; they must be set (or restored) before anything is measured."""

    code: ClassVar[str] = "settings_lost"
    sentence: ClassVar[str] = "{resource} has lost its settings: set it up again before measuring."


class SettingNotAllowed(InstrumentError, ValueError):
    """A value outside what the instrument has; nothing was sent."""

    code: ClassVar[str] = "setting_not_allowed"
    sentence: ClassVar[str] = "{setting} of {model} cannot be {found}: right would be {right}."


class NoDriver(InstrumentError, LookupError):
    """No driver of that name, or for that identity."""

    code: ClassVar[str] = "no_driver"
    sentence: ClassVar[str] = "There is no driver for {found}: the drivers are {right}."
