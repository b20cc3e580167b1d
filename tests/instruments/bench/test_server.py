"""The bench as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from instruments.bench import Bench, server
from instruments.drivers import F5522A, HP34401A, PTU300
from instruments.faults import LinkFault, LinkLost, SettingsLost, Timeout


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("bench")
    info = server.ensure(folder, seed=7, speed=500)
    yield folder, info
    server.stop(folder)


Served = tuple[Path, dict[str, Any]]


def test_it_is_found_again_and_not_started_twice(bench: Served) -> None:
    folder, info = bench
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: server.ensure(folder, seed=9, speed=1), range(4)))
    assert found == [info] * 4
    assert (info["seed"], info["speed"]) == (7, 500)
    assert set(info["resources"]) == {"calibrator", "meter", "monitor"}
    assert all("::127.0.0.1::" in name for name in info["resources"].values())


def test_a_point_is_measured_through_pyvisa_py(bench: Served) -> None:
    _, info = bench
    where = info["resources"]
    with (
        F5522A.open(where["calibrator"]) as source,
        HP34401A.open(where["meter"]) as meter,
        PTU300.open(where["monitor"]) as room,
    ):
        assert (source.identify().serial, meter.identify().serial, room.identify().serial) == (
            "2950101", "MY41000001", "P3110001",
        )  # fmt: skip
        source.source_voltage(10)
        meter.configure("DCV", 10, 10)
        source.operate()
        while not source.settled:
            time.sleep(0.001)
        readings = [meter.reading.indication for _ in range(10)]
        assert source.safe()
        truth = Bench(7).truth
        output = truth.calibrator_output("33 V", 10)
        assert sum(readings) / 10 == pytest.approx(output + truth.meter_error(10, output), abs=5e-5)
        assert 20 < room.temperature.indication < 26


def test_it_keeps_its_state_when_a_client_is_killed(bench: Served) -> None:
    _, info = bench
    resource = info["resources"]["calibrator"]
    work = (
        "import sys, time\nfrom instruments.drivers import F5522A\n"
        f"s = F5522A.open({resource!r})\ns.source_voltage(7)\ns.operate()\nprint('on', flush=True)\ntime.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE, env=environment) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"on\n"
        client.send_signal(signal.SIGKILL)
        client.wait()
    with F5522A.open(resource) as source:
        assert source.output == (7.0, "V")
        assert source.is_operating
        assert source.safe()
        assert not source.is_operating


@pytest.mark.parametrize(
    "fault", ["no_reply", "late", "truncated", "two_replies", "garbage", "corrupt", "dropped_link", "reboot"]
)
def test_injected_faults_give_no_wrong_reading_on_real_sockets(bench: Served, fault: str) -> None:
    folder, info = bench
    where = info["resources"]
    with F5522A.open(where["calibrator"]) as source, HP34401A.open(where["meter"], timeout=0.1) as meter:
        meter.identify()
        meter.configure("DCV", 10, 0.2)
        wrong = seen = 0
        for n in range(8):
            volts = float(1 + n)
            source.source_voltage(volts)
            source.operate()
            while not source.settled:
                time.sleep(0.001)
            options: dict[str, Any] = {} if fault == "reboot" else {"after": n % 2}
            if fault in ("late", "two_replies"):
                options["seconds"] = (0.3 + 0.02 * n) * info["speed"] if fault == "late" else 5.0 * (n % 3)
            server.ask(folder, do="inject", device="meter", fault=fault, **options)
            for _ in range(4):
                try:
                    wrong += abs(meter.reading.indication - volts) > 5e-3
                except SettingsLost:
                    meter.restore()
                except LinkFault:
                    seen += 1
        server.ask(folder, do="inject", device="meter", fault="healthy")
        assert wrong == 0
        assert seen >= 6
        source.safe()


def test_status_shows_the_front_panels_without_touching_a_session(bench: Served) -> None:
    folder, info = bench
    with F5522A.open(info["resources"]["calibrator"]) as source:
        source.source_voltage(3)
        devices = server.ask(folder, do="status")["devices"]
        assert devices["calibrator"] == {"output": 3.0, "operating": False, "settled": False}
        assert source.output == (3.0, "V")
    with pytest.raises(ValueError, match="one of status"):
        server.ask(folder, do="dance")
    with pytest.raises(ValueError, match="cannot have the fault"):
        server.ask(folder, do="inject", device="meter", fault="trip")
    assert server.ask(folder, do="meter_error", range=10, v=10)["error"] == Bench(7).truth.meter_error(10, 10)


def test_stopping_it_is_link_lost_for_its_clients_and_it_can_start_again(tmp_path: Path) -> None:
    info = server.ensure(tmp_path, seed=2, speed=100)
    with HP34401A.open(info["resources"]["meter"]) as meter:
        meter.identify()
        assert server.stop(tmp_path)
        assert not server.stop(tmp_path)
        began = time.monotonic()
        with pytest.raises(LinkLost):
            _ = meter.reading
        assert time.monotonic() - began < 0.1
    again = server.ensure(tmp_path, seed=2, speed=100)
    assert again["pid"] != info["pid"]
    assert server.stop(tmp_path)


def test_it_ends_when_its_folder_is_gone(tmp_path: Path) -> None:
    info = server.ensure(tmp_path / "b", seed=2, speed=100)
    (tmp_path / "b" / "bench.json").unlink()
    host, _, port = info["control"].rpartition(":")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("the bench is still there")


def test_a_slow_answer_is_waited_for_as_long_as_the_measurement_takes(tmp_path: Path) -> None:
    """100 power line cycles with autozero take 4 s: the timeout follows, without being told."""
    with (
        server.Server(Bench(1, clock="real", speed=8)) as here,
        HP34401A.open(here.info["resources"]["meter"], timeout=0.05) as meter,
    ):
        meter.configure("DCV", 10, 100)
        assert meter.reading.status == "ok"
        here.bench.inject("meter", "slow", times=200)
        meter.state["nplc"] = 0.02
        meter.prepared.clear()
        with pytest.raises(Timeout):
            _ = meter.reading
