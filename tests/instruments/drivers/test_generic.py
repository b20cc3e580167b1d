"""Drivers made from data, against transcripts and against devices of the bench."""

from __future__ import annotations

from typing import Any

import pytest

from instruments.bench.devices import keysight as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers import DRIVERS
from instruments.drivers.generic import GenericScpi, scpi_driver
from instruments.faults import Garbled, Rebooted, Refused, SettingNotAllowed, SettingsLost, WrongInstrument
from instruments.transcript import transcript

AT = "TCPIP0::192.0.2.9::5025::SOCKET"
METER = scpi_driver(
    "DMM7510",
    measurement="MEAS:VOLT:DC?",
    unit="V",
    identity=r"KEITHLEY INSTRUMENTS,MODEL DMM7510",
    role="multimeter",
    setup=["*RST", "VOLT:NPLC 10"],
    settings={"range": "VOLT:RANG", "filter": {"header": "VOLT:AVER:TCON", "moving": "MOV", "repeat": "REP"}},
    seconds=0.5,
)


def test_one_question_and_a_unit_make_a_driver() -> None:
    with transcript(
        METER,
        *("> *RST;:SYST:ERR?", '< +0,"No error"', "> VOLT:NPLC 10;:SYST:ERR?", '< +0,"No error"'),
        *("> VOLT:RANG 10;:VOLT:RANG?;:SYST:ERR?", '< 1.0E+01;+0,"No error"'),
        *("> VOLT:AVER:TCON MOV;:VOLT:AVER:TCON?;:SYST:ERR?", '< MOV;+0,"No error"'),
        *("> MEAS:VOLT:DC?;:SYST:ERR?", '< 9.99998E+00;+0,"No error"'),
        *("> MEAS:VOLT:DC?;:SYST:ERR?", '< 9.9E+37;+0,"No error"'),
        *("> MEAS:VOLT:DC?;:SYST:ERR?", '< -113,"Undefined header"', "> SYST:ERR?", '< +0,"No error"'),
        *("> MEAS:VOLT:DC?;:SYST:ERR?", '< 9.99998 V;+0,"No error"'),
    ) as meter:
        assert meter.roles == {"multimeter"}
        meter.configure()
        meter.range = 10  # type: ignore[attr-defined]
        meter.filter = "moving"  # type: ignore[attr-defined]
        reading = meter.reading  # type: ignore[attr-defined]
        assert (reading.indication, reading.unit, reading.raw) == (9.99998, "V", '9.99998E+00;+0,"No error"')
        assert dict(reading.setup) == {"set_up": "*RST; VOLT:NPLC 10", "range": 10.0, "filter": "moving"}
        assert meter.reading.status == "overload"  # type: ignore[attr-defined]
        with pytest.raises(Refused, match="Undefined header"):
            _ = meter.reading  # type: ignore[attr-defined]
        with pytest.raises(Garbled, match="a number"):
            _ = meter.reading  # type: ignore[attr-defined]


def a_meter(**data: Any) -> tuple[devices.K34461A, Any]:
    device = devices.K34461A("MY1", 1, lambda _: 2.5)
    driver = scpi_driver("any DMM", measurement="READ?", unit="V", settings={"range": "VOLT:RANG"}, **data)
    return device, driver.open(AT, alone(AT, device), expect_serial="MY1")


def test_it_reads_a_device_of_the_bench_and_sees_faults_as_every_driver_does() -> None:
    device, meter = a_meter(setup=["VOLT:NPLC 1"])
    meter.configure()
    meter.range = 10
    assert meter.identify().serial == "MY1"
    assert meter.reading.indication == 2.5
    assert meter.settings_snapshot() == {"range": 10.0, "set_up": "VOLT:NPLC 1"}
    device.value = lambda _: 15.0
    assert (meter.reading.indication, meter.reading.status) == (None, "overload")
    inject(device, "reboot")
    with pytest.raises(Rebooted):
        _ = meter.reading
    with pytest.raises(SettingsLost):
        _ = meter.reading
    meter.restore()
    assert (device.at["[SENSe:]VOLTage:NPLCycles"], device.at["[SENSe:]VOLTage:RANGe"]) == (1.0, 10.0)
    inject(device, "garbage")
    with pytest.raises(Garbled):
        _ = meter.reading
    inject(device, "wrong_serial")
    with pytest.raises(WrongInstrument):
        meter.identify()


def test_an_identity_that_is_given_must_answer() -> None:
    device = devices.K34461A("MY1", 1, lambda _: 2.5)
    with pytest.raises(WrongInstrument, match="DMM7510"):
        METER.open(AT, alone(AT, device)).identify()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"measurement": "MEAS:VOLT:DC"}, "measurement of X cannot be MEAS:VOLT:DC: right would be one question"),
        ({"measurement": "READ?;OUTP ON"}, "right would be one question"),
        ({"measurement": "READ?\nOUTP ON"}, "right would be one question"),
        ({"unit": " "}, "the unit of the answer"),
        ({"identity": "("}, "a regular expression"),
        ({"setup": ["*IDN?"]}, "one command in ASCII, no question"),
        ({"setup": ["VOLT 1\nOUTP ON"]}, "one command in ASCII, no question"),
        ({"setup": ["VOLT:NPLC 1;:OUTPut ON"]}, "energises nothing"),
        ({"settings": {"level": "SOUR:VOLT"}}, "energises nothing"),
        ({"settings": {"safe": "VOLT:RANG"}}, "a word that the driver does not use itself"),
        ({"settings": {"range": "VOLT:RANG;OUTP ON"}}, "a header"),
        ({"settings": {"filter": {"header": "AVER"}}}, "the codes of its choices"),
        ({"ends": "LFCR"}, "one of LF, CR, CR LF"),
        ({"overload": 0.0}, "above 0"),
        ({"seconds": float("nan")}, "0 or more"),
    ],
)
def test_data_that_cannot_be_meant_is_refused(data: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingNotAllowed, match=says):
        scpi_driver("X", **({"measurement": "READ?", "unit": "V"} | data))


def test_no_driver_that_takes_any_identity_is_among_those_that_are_looked_for() -> None:
    assert not any(issubclass(driver, GenericScpi) for driver in DRIVERS)
