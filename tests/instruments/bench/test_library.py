"""The bench as a VISA library, without any of our drivers."""

from __future__ import annotations

import pytest
import pyvisa
from pyvisa.constants import EventMechanism, EventType, StatusCode

from instruments.bench import Bench

NAMES = ["GPIB0::22::INSTR", "USB0::2391::1543::MY1::0::INSTR", "TCPIP0::192.0.2.7::inst0::INSTR"]


def a_meter(name: str = NAMES[0]) -> tuple[Bench, pyvisa.resources.MessageBasedResource]:
    bench = Bench(1, resources={"meter": name})
    meter = pyvisa.ResourceManager(bench.library).open_resource(name, read_termination="\n", write_termination="\n")
    assert isinstance(meter, pyvisa.resources.MessageBasedResource)
    return bench, meter


@pytest.mark.parametrize("name", [*NAMES, "TCPIP0::192.0.2.7::5025::SOCKET", "ASRL1::INSTR"])
def test_every_kind_of_name_speaks(name: str) -> None:
    _, meter = a_meter(name)
    assert meter.query("*IDN?") == "HEWLETT-PACKARD,34401A,MY41000001,10-5-2"
    assert meter.query("SYSTem:ERRor?;:FUNC?") == '+0,"No error";"VOLT"'


@pytest.mark.parametrize("name", NAMES)
def test_status_byte_clear_and_trigger_on_a_bus(name: str) -> None:
    _, meter = a_meter(name)
    meter.write("*IDN?")
    assert meter.read_stb() & 16 == 0  # the reply is a millisecond of bench time away
    assert meter.query("*OPC?").startswith("HEWLETT")
    meter.clear()
    assert meter.query("*OPC?") == "1"
    meter.write("TRIG:SOUR BUS")
    meter.assert_trigger()
    assert abs(float(meter.query("FETC?"))) < 1e-3


def test_nothing_to_read_is_a_timeout_in_bench_time() -> None:
    bench, meter = a_meter()
    meter.timeout = 5000
    before = bench.clock.now()
    with pytest.raises(pyvisa.VisaIOError) as fault:
        meter.read()
    assert fault.value.error_code == StatusCode.error_timeout
    assert bench.clock.now() - before == pytest.approx(5)


def test_a_service_request_comes_when_enabled_and_can_be_lost() -> None:
    bench, meter = a_meter()
    meter.write("*CLS;*ESE 1;*SRE 32")
    meter.enable_event(EventType.service_request, EventMechanism.queue)
    meter.write("*OPC")
    meter.wait_on_event(EventType.service_request, 1000)
    bench.inject("meter", "srq_lost")
    with pytest.raises(pyvisa.VisaIOError):
        meter.wait_on_event(EventType.service_request, 1000)


def test_wrong_commands_land_in_the_error_queue_as_scpi_has_them() -> None:
    _, meter = a_meter()
    meter.write("VOLT:RANG 1E6")
    meter.write("NONSENSE")
    meter.write("VOLT:NPLC ten")
    found = [meter.query("SYST:ERR?") for _ in range(4)]
    assert found == ['-222,"Data out of range"', '-113,"Undefined header"', '-104,"Data type error"', '+0,"No error"']
    assert int(meter.query("*ESR?")) & (16 | 32) == 48


def test_two_sessions_of_a_bus_name_share_the_instrument_and_an_unknown_name_is_none() -> None:
    bench, meter = a_meter()
    other = pyvisa.ResourceManager(bench.library).open_resource(NAMES[0], read_termination="\n")
    meter.write("VOLT:NPLC 0.2")
    assert float(other.query("VOLT:NPLC?")) == 0.2
    with pytest.raises(pyvisa.VisaIOError):
        pyvisa.ResourceManager(bench.library).open_resource("GPIB0::30::INSTR")


def test_small_reads_give_the_reply_in_pieces() -> None:
    _, meter = a_meter()
    meter.chunk_size = 7
    assert meter.query("*IDN?") == "HEWLETT-PACKARD,34401A,MY41000001,10-5-2"
