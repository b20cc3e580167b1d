"""The bench as a process of its own on 127.0.0.1: it keeps its state like hardware when its clients die.

    python -m instruments.bench.server --dir DIR --seed 1 --speed 60

Each instrument listens on a TCP port and speaks lines (`TCPIP0::127.0.0.1::PORT::SOCKET` for PyVISA); each
connection has its own queue, all share the instrument. DIR/bench.json says where; the process ends when that file is
gone. A control port takes JSON lines: status, inject, meter_error, stop.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from instruments.bench import SERIALS, Bench
from instruments.bench.device import Device, Port
from instruments.faults import InstrumentError

HOST = "127.0.0.1"
START_SECONDS = 20.0
LOOK_EVERY = 1.0  # s between two looks whether bench.json is still there


class BenchDidNotStart(InstrumentError, RuntimeError):
    """The bench's process ended, or did not answer."""

    code: ClassVar[str] = "bench_did_not_start"
    sentence: ClassVar[str] = "The simulated bench in {folder} did not start ({why})."


class Server:
    """A bench on sockets of this process, until `close`."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        ports = {
            name: self._listen(lambda here, d=device: self._talk(here, d)) for name, device in bench.devices.items()
        }
        control = self._listen(self._control)
        self.info: dict[str, Any] = {
            "pid": os.getpid(),
            "seed": bench.seed,
            "speed": bench.clock.speed,
            "resources": {name: f"TCPIP0::{HOST}::{port}::SOCKET" for name, port in ports.items()},
            "serials": dict(SERIALS),
            "control": f"{HOST}:{control}",
        }

    def close(self) -> None:
        """Close every connection and port."""
        self.stopped.set()
        with self._guard:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._open.clear()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- sockets ------------------------------------------------------------------------------------------------

    def _listen(self, serve: Any) -> int:
        listener = socket.create_server((HOST, 0))
        self._keep(listener)
        threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return int(listener.getsockname()[1])

    def _keep(self, each: socket.socket) -> None:
        with self._guard:
            self._open.add(each)

    def _accept(self, listener: socket.socket, serve: Any) -> None:
        while True:
            try:
                here, _ = listener.accept()
            except OSError:
                return
            if self.stopped.is_set():
                here.close()
                return
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._keep(here)
            threading.Thread(target=self._serve, args=(here, serve), daemon=True).start()

    def _serve(self, here: socket.socket, serve: Any) -> None:
        try:
            serve(here)
        except OSError:
            pass  # the client is gone; the instrument stays as it is
        finally:
            with self._guard:
                self._open.discard(here)
            here.close()

    def _talk(self, here: socket.socket, device: Device) -> None:
        port, bench = Port(device, stream=True), self.bench
        while data := here.recv(4096):
            with bench.guard:
                port.feed(data, bench.clock.now())
            while port.pending:
                ready, reply = port.pending.popleft()
                bench.clock.sleep(ready - bench.clock.now())
                here.sendall(reply)
            if port.lost:
                return

    # -- control ------------------------------------------------------------------------------------------------

    def _control(self, here: socket.socket) -> None:
        with here.makefile("rw", encoding="utf-8") as lines:
            for line in lines:
                try:
                    answer = self._obey(json.loads(line))
                except (KeyError, ValueError, TypeError) as error:
                    answer = {"ok": False, "why": str(error)}
                lines.write(json.dumps(answer) + "\n")
                lines.flush()

    def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        bench = self.bench
        match order.pop("do", None):
            case "status":
                return {"ok": True} | self.info | {"devices": self._devices(), "time": bench.clock.now()}
            case "inject":
                bench.inject(order.pop("device"), order.pop("fault"), **order)
                return {"ok": True}
            case "meter_error":
                return {"ok": True, "error": bench.truth.meter_error(float(order["range"]), float(order["v"]))}
            case "stop":
                self.stopped.set()
                return {"ok": True}
        raise ValueError("do is one of status, inject, meter_error, stop")

    def _devices(self) -> dict[str, dict[str, Any]]:
        """The instruments as a person in front of them sees them; no session of theirs is touched."""
        bench = self.bench
        with bench.guard:
            now = bench.clock.now()
            calibrator, meter = bench.calibrator, bench.meter
            return {
                "calibrator": {
                    "output": calibrator.setting,
                    "operating": calibrator.operating,
                    "settled": calibrator.is_settled(now),
                },
                "meter": {"function": meter.function, "range": meter.size, "nplc": meter.nplc},
                "monitor": {"temperature": round(bench.truth.room.temperature(now), 2)},
            }


# -- the process ------------------------------------------------------------------------------------------------


def ensure(folder: str | Path, seed: int = 1, speed: float = 60.0) -> dict[str, Any]:
    """The bench of a folder: the one that runs there (whatever its seed and speed), else a new one, detached.

    What bench.json says: pid, seed, speed, resources by device, serials, control. Raises BenchDidNotStart.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        found = running(folder)
        if found is not None:
            return found
        (folder / "bench.json").unlink(missing_ok=True)
        with (folder / "bench.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "instruments.bench.server", "--dir", str(folder), "--seed", str(seed), "--speed", repr(float(speed))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )  # fmt: skip
        threading.Thread(target=process.wait, name="bench-reaper", daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.returncode is None:
            found = running(folder)
            if found is not None:
                return found
            time.sleep(0.02)
        lines = (folder / "bench.log").read_text("utf-8", "replace").strip().splitlines()
        raise BenchDidNotStart(folder=str(folder), why=lines[-1] if lines else "it said nothing")


def running(folder: str | Path) -> dict[str, Any] | None:
    """What bench.json says, if that bench answers; else None."""
    try:
        info: dict[str, Any] = json.loads((Path(folder) / "bench.json").read_text("utf-8"))
        answer = ask(folder, do="status")
    except (OSError, ValueError):
        return None
    return info if answer.get("pid") == info.get("pid") else None


def ask(folder: str | Path, **order: Any) -> dict[str, Any]:
    """One order to the control port of a folder's bench; its answer. Raises OSError, ValueError (refused order)."""
    info = json.loads((Path(folder) / "bench.json").read_text("utf-8"))
    host, _, port = info["control"].rpartition(":")
    with socket.create_connection((host, int(port)), 5) as here, here.makefile("rw", encoding="utf-8") as lines:
        lines.write(json.dumps(order) + "\n")
        lines.flush()
        line = lines.readline()
    answer: dict[str, Any] = json.loads(line) if line else {}
    if answer.get("ok") is not True:
        raise ValueError(answer.get("why", "the bench did not answer"))
    return answer


def stop(folder: str | Path) -> bool:
    """End the bench of a folder; True when one was running. Waits until it has gone."""
    folder = Path(folder)
    if running(folder) is None:
        return False
    with contextlib.suppress(OSError, ValueError):
        ask(folder, do="stop")
    deadline = time.monotonic() + 5
    while (folder / "bench.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return True


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time may start a bench in a folder."""
    with (folder / "bench.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """The command line; serves until stopped, terminated, or until bench.json is gone."""
    parser = argparse.ArgumentParser(prog="instruments.bench.server", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder of bench.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=60.0, help="bench seconds in a second")
    options = parser.parse_args(arguments)
    place = options.dir / "bench.json"
    with Server(Bench(options.seed, clock="real", speed=options.speed)) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.stopped.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the application does not switch hardware off
        fresh = place.with_suffix(".new")
        fresh.write_text(json.dumps(server.info, indent=1) + "\n", "utf-8")
        fresh.replace(place)
        while not server.stopped.wait(LOOK_EVERY):
            try:
                if json.loads(place.read_text("utf-8"))["pid"] != os.getpid():
                    return 0
            except (OSError, ValueError, KeyError):
                return 0
        place.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
