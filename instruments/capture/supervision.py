"""A capture's hold on its supervisor (see supervisor.py): started first, dismissed when the bench is safe."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar

from instruments.faults import InstrumentError

CLEAN = b"clean\n"
READY = b"ready\n"
READY_SECONDS = 20.0


class SupervisorMissing(InstrumentError, RuntimeError):
    """The supervisor process did not come up."""

    code: ClassVar[str] = "supervisor_missing"
    sentence: ClassVar[str] = "The supervisor did not start: nothing is energised without it; see capture.log."


class Supervisor:
    """The supervisor of this process: made before the first instrument is opened, told when all is over."""

    def __init__(self, run: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "instruments.capture.supervisor", str(run), str(os.getpid())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        with self._process.stdout as ready:
            readable, _, _ = select.select([ready], [], [], READY_SECONDS)
            if not readable or ready.readline() != READY:
                self._process.kill()
                self._process.wait()
                self._stdin.close()
                raise SupervisorMissing

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it is still watching."""
        return self._process.poll() is None

    def dismiss(self) -> None:
        """Say that the source was read back in STANDBY; the supervisor ends without touching it."""
        if not self._stdin.closed:
            try:
                self._stdin.write(CLEAN)
                self._stdin.close()
            except BrokenPipeError:
                pass
        self._process.wait(timeout=10)

    def leave(self) -> None:
        """End without the clean word: the supervisor makes the source safe itself; wait for it a moment."""
        if not self._stdin.closed:
            self._stdin.close()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            return

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
