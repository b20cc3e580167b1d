"""The supervisor: a process of its own that waits for the end of a capture and then makes the bench safe.

`python -m instruments.capture.supervisor RUN PID`, started by the capture before it opens an instrument. The
capture holds the other end of its standard input; a clean end says so there. An end without that word, however
the process died, opens the source afresh, sends it to STANDBY and reads that back, within 2 s. What was done is a
line in RUN/safe.jsonl.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from pathlib import Path

from instruments.capture.control import append_line
from instruments.capture.journal import now
from instruments.capture.process import read_plan
from instruments.capture.station import make_safe
from instruments.capture.supervision import CLEAN, READY
from instruments.faults import InstrumentError

TRY_EVERY = 0.25
TRY_FOR = 300.0


def watch(run: Path, pid: int) -> int:
    """Wait for the capture's end; 0 when it ended clean or the source was read back in STANDBY, 1 otherwise."""
    record = run / "safe.jsonl"
    plan = read_plan(run)
    role = plan.instruments["source"]
    append_line(record, {"at": now(), "kind": "watching", "pid": os.getpid(), "capture": pid})
    with contextlib.suppress(BrokenPipeError):  # the capture died already: then it is watched in vain, and made safe
        os.write(1, READY)
    if _ended(pid) == CLEAN:
        append_line(record, {"at": now(), "kind": "ended", "capture": pid})
        return 0
    died = time.monotonic()
    append_line(record, {"at": now(), "kind": "died", "capture": pid})
    attempt, verified = 0, False
    while not verified and time.monotonic() - died < TRY_FOR:
        attempt += 1
        try:
            verified = make_safe(role, plan.visa_library)
            why = "" if verified else "the source did not read back STANDBY"
        except (InstrumentError, OSError) as error:
            why = str(error)
        seconds = round(time.monotonic() - died, 3)
        entry = {
            "at": now(),
            "kind": "safe",
            "role": "source",
            "verified": verified,
            "attempt": attempt,
            "seconds": seconds,
        }
        append_line(record, entry | ({"why": why} if why else {}))
        if not verified:
            time.sleep(TRY_EVERY)
    return 0 if verified else 1


def _ended(pid: int) -> bytes:
    """Wait for the end of the capture: by its pipe, and by its process handle; what the pipe said."""
    said = b""
    poller = select.poll()
    poller.register(0, select.POLLIN | select.POLLHUP)
    handle = -1
    if hasattr(os, "pidfd_open"):
        try:
            handle = os.pidfd_open(pid)
            poller.register(handle, select.POLLIN)
        except OSError:
            handle = -1
    while True:
        for fd, _ in poller.poll():
            if fd == handle and not select.select([0], [], [], 0)[0]:
                return said
            if fd == 0:
                chunk = os.read(0, 64)
                if not chunk:
                    return said
                said += chunk


def main(arguments: list[str]) -> int:
    """Command line: RUN PID."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # it ends when the capture ends, not before
    return watch(Path(arguments[0]), int(arguments[1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
