"""One session, many threads."""

from __future__ import annotations

import threading

from instruments.bench import Bench
from instruments.drivers import F5522A, HP34401A


def test_eight_threads_of_settings_and_readings_on_one_meter_never_cross() -> None:
    bench = Bench(2)
    source = F5522A.open("GPIB0::4::INSTR", bench.library)
    meter = HP34401A.open("GPIB0::22::INSTR", bench.library)
    meter.configure("DCV", 10, 1)
    source.source_voltage(5)
    source.operate()
    bench.clock.sleep(10)
    wrong: list[object] = []

    def read() -> None:
        for _ in range(400):
            reading = meter.reading
            if reading.indication is None or abs(reading.indication - 5) > 1e-3 or reading.unit != "V":
                wrong.append(reading)

    def look() -> None:
        for _ in range(400):
            if meter.terminals != "FRON" or meter.range != 10:
                wrong.append("terminals")

    def know() -> None:
        for _ in range(400):
            if meter.identify().serial != "MY41000001" or source.output != (5.0, "V"):
                wrong.append("identity")

    threads = [threading.Thread(target=work) for work in (read, read, read, read, look, look, know, know)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
