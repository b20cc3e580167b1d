"""`python -m instruments.capture RUN`: start or resume the capture of a run directory."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from instruments.capture.run import perform
from instruments.capture.session import Stop
from instruments.faults import InstrumentError

_ENDS = threading.Event()


def _stop(_number: int, _frame: FrameType | None) -> None:
    _ENDS.set()  # seen between two steps: an exception here could tear a message or a line of the journal


def main(arguments: list[str]) -> int:
    """Exit code 0 finished, 1 aborted or ended by a signal (the run is resumable), 2 refused."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m instruments.capture RUN\n")
        return 2
    for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(name, _stop)
    try:
        return 0 if perform(Path(arguments[0]), stop=_ENDS) == "finished" else 1
    except Stop:
        return 1
    except (InstrumentError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
