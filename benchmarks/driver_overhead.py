"""What a driver's reading costs over raw PyVISA, in CPU, on the bench in this process.

Raw: `float(session.query("READ?"))`. Driver: `meter.reading`, which also takes the lock, checks the instrument's
errors, checks that the answer belongs to the question, and returns value, unit, raw text, time and set-up.
Goal: at most 5 µs more. Both are measured in turns in one run; the least of nine turns counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pyvisa

from instruments.bench import Bench
from instruments.drivers import F5522A, HP34401A

GOAL = 5.0  # µs
TURNS, READINGS = 9, 4000


def cpu(work: Callable[[], object]) -> float:
    """CPU of one call, µs."""
    began = time.process_time()
    for _ in range(READINGS):
        work()
    return (time.process_time() - began) / READINGS * 1e6


def main() -> int:
    """Measure, print, and say whether the goal is met."""
    bench = Bench(1)
    source = F5522A.open("GPIB0::4::INSTR", bench.library)
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
    meter.configure("DCV", 10, 1)
    source.source_voltage(10)
    source.operate()
    session = pyvisa.ResourceManager(bench.library).open_resource(
        "GPIB0::22::INSTR", read_termination="\n", write_termination="\n"
    )

    def raw() -> float:
        return float(session.query("READ?"))

    def checked() -> float:
        value = float(session.query("READ?"))
        if not session.query("SYST:ERR?").startswith("+0"):
            raise RuntimeError
        return value

    def driver() -> object:
        return meter.reading

    for work in (raw, checked, driver):  # warm up: 255 marks are 255 messages to parse
        cpu(work)
    found: dict[str, list[float]] = {"raw": [], "checked": [], "driver": []}
    for _ in range(TURNS):
        for name, work in (("raw", raw), ("checked", checked), ("driver", driver)):
            found[name].append(cpu(work))
    least = {name: min(values) for name, values in found.items()}
    more = least["driver"] - least["raw"]
    print(f"raw query + float            {least['raw']:7.2f} µs   {1e6 / least['raw']:9,.0f} readings/s")
    print(f"raw, error asked separately  {least['checked']:7.2f} µs   ratio {least['checked'] / least['raw']:.2f}")
    print(f"driver reading               {least['driver']:7.2f} µs   ratio {least['driver'] / least['raw']:.2f}")
    print(f"driver over raw              {more:+7.2f} µs   goal {GOAL:g} µs: {'met' if more <= GOAL else 'NOT met'}")
    return 0 if more <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
