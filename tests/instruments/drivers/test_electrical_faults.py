"""Whatever goes wrong on the link: a reading is of its own trigger, or there is none."""

from __future__ import annotations

from typing import Any

import pytest

from instruments.bench.device import Device
from instruments.bench.devices import keysight as devices
from instruments.bench.devices.scpi import alone
from instruments.bench.faults import inject
from instruments.drivers import E4980A, K34470A, K53230A, N1913A
from instruments.faults import LinkFault, SettingsLost

NAMES = ("GPIB0::9::INSTR", "TCPIP0::192.0.2.7::5025::SOCKET")


def value(t: float) -> float:
    """Rises with time, by more than a reading resolves."""
    return 1e-3 + t * 1e-7


def an_instrument(model: str, name: str) -> tuple[Device, Any]:
    """A device that sees `value`, and its driver, set up."""
    if model == "34470A":
        meter = devices.K34470A("MY1", 1, value)
        driver: Any = K34470A.open(name, alone(name, meter))
        driver.configure("DCV", 1, 1)
        return meter, driver
    if model == "53230A":
        counter = devices.K53230A("MY1", 1, lambda t: value(t) * 1e9)
        driver = K53230A.open(name, alone(name, counter))
        driver.configure("FREQ", 0.1, "INT")
        return counter, driver
    if model == "E4980A":
        lcr = devices.E4980A("MY1", 1, lambda t: (value(t) * 1e-6, 0.1))
        driver = E4980A.open(name, alone(name, lcr))
        driver.configure("CPD", 1e3, 1)
        return lcr, driver
    power = devices.N1913A("MY1", 1, value)
    power.calibrated = True
    driver = N1913A.open(name, alone(name, power))
    driver.configure(50e6)
    return power, driver


SCALE = {"34470A": 1.0, "53230A": 1e9, "E4980A": 1e-6, "N1913A": 1.0}
STEP = {"34470A": 1e-11, "53230A": 1e-6, "E4980A": 6e-15, "N1913A": 1e-11}  # half a digit of the answer


@pytest.mark.parametrize("model", list(SCALE))
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "previous_reply", "dropped_link"]
)
def test_no_fault_makes_a_wrong_reading(model: str, name: str, fault: str) -> None:
    device, driver = an_instrument(model, name)
    inject(device, fault, after=3, times=3)
    good = 0
    for _ in range(15):
        try:
            found = driver.reading.indication
        except LinkFault:
            continue
        except SettingsLost:
            driver.restore()
            continue
        measured_at = [t for t in (device.now, device.now - device.message_time) if t > 0]
        assert any(abs(found - value(t) * SCALE[model]) <= STEP[model] + 2e-10 * SCALE[model] for t in measured_at)
        good += 1
    assert good >= 5
