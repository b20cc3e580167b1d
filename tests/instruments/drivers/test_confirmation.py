"""A source whose output commands nobody has seen to work is energised on the bench only, until a person confirms."""

from __future__ import annotations

import pickle
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from instruments.bench import Bench
from instruments.drivers import F5522A
from instruments.faults import SettingNotAllowed, Unreachable
from instruments.roles import CommandsUnconfirmed, is_simulated
from instruments.transcript import ScriptedLink, transcript

PO = Path(__file__).parents[3] / "lims" / "words" / "zh" / "instruments_electrical.po"


class Unseen(F5522A):
    """A source as a driver's author has it who never saw one."""

    unverified_output = ("OUT", "OPER")


def on_hardware(*lines: str) -> Unseen:
    """The source at an address that is no bench; what it says is compared with the lines."""
    link = ScriptedLink(*lines)
    link.resource = "GPIB0::4::INSTR"
    source = Unseen(link, marked=False)
    source._began = True
    return source


def test_nothing_that_energises_is_sent_to_hardware_and_standby_always_is() -> None:
    source = on_hardware("> STBY;ERR?", '< 0,"No Error"', "> ISR?;ERR?", '< 2048;0,"No Error"')
    with pytest.raises(CommandsUnconfirmed, match="GPIB0::4::INSTR is real hardware, and OUT of the 5522A"):
        source.source_voltage(1)
    with pytest.raises(CommandsUnconfirmed, match="OPER"):
        source.operate()
    with pytest.raises(CommandsUnconfirmed, match="OUT, OPER"):
        source.converse("*CLS;out 1 V;:OPER")
    for hidden in ("*CLS\nOUT 1 V", "OUT\t1 V", "*CLS; :oper", "*CLS\rOPER"):
        with pytest.raises(CommandsUnconfirmed):
            source.converse(hidden)
    assert source.safe()


def test_a_named_person_confirms_and_the_snapshot_keeps_the_name() -> None:
    with pytest.raises(SettingNotAllowed, match="name of the person"):
        on_hardware().confirm_commands("  ")
    source = on_hardware("> OPER;ERR?", '< 0,"No Error"')
    assert source.confirmation() == {"commands_confirmed_by": ""}
    source.confirm_commands("Zhang Wei 张伟")
    source.operate()
    assert source.confirmation() == {"commands_confirmed_by": "Zhang Wei 张伟"}
    assert source.link.left == []  # type: ignore[attr-defined]


def test_the_snapshot_of_a_source_on_the_bench_says_that_nobody_confirmed() -> None:
    source = Unseen.open("GPIB0::4::INSTR", Bench(1).library)
    source.source_voltage(1)
    source.operate()
    assert source.settings_snapshot()["commands_confirmed_by"] == ""
    assert "commands_confirmed_by" not in F5522A.open("GPIB0::4::INSTR", Bench(1).library).settings_snapshot()


@pytest.mark.parametrize(
    ("resource", "simulated"),
    [
        ("TCPIP0::127.0.0.1::5025::SOCKET", True),
        ("tcpip::localhost::inst0::INSTR", True),
        ("TCPIP0::127.0.0.1.example.org::5025::SOCKET", False),
        ("TCPIP0::192.168.1.20::5025::SOCKET", False),
        ("GPIB0::4::INSTR", False),
        ("ASRL1::INSTR", False),
    ],
)
def test_only_this_machine_itself_counts_as_simulated(resource: str, simulated: bool) -> None:
    link = ScriptedLink()
    link.resource = resource
    assert is_simulated(link) is simulated


def test_the_transcript_and_the_bench_are_simulated_and_the_library_of_a_vendor_is_not() -> None:
    with transcript(Unseen) as source:
        assert is_simulated(source.link)
    source = Unseen.open("GPIB0::4::INSTR", Bench(1).library)
    assert is_simulated(source.link)
    with pytest.raises((CommandsUnconfirmed, Unreachable)):
        Unseen.open("GPIB0::4::INSTR", "/nowhere/libvisa.so").source_voltage(1)


def test_the_refusal_keeps_its_facts_and_has_its_chinese() -> None:
    error = CommandsUnconfirmed(resource="GPIB0::4::INSTR", commands="OUT", model="5730A")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.facts) == (CommandsUnconfirmed, error.facts)
    with PO.open("rb") as file:
        message = read_po(file, locale="zh").get(CommandsUnconfirmed.sentence)
    assert message is not None
    names = {name for _, name, _, _ in Formatter().parse(str(message.string)) if name}
    assert names == {"resource", "commands", "model"}
