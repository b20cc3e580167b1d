"""Where instruments are connected, who answers there, and standards registered on a page."""

from __future__ import annotations

from lims.services import connections

ROUTES = {
    "standards.manage": "standards.new standards.connect standards.ask",
    "bench.run": "bench.connect bench.ask",
}
PAGES = {"keeper": "/standards/new /standards/YQ-2026-000003"}
DOORS = {
    "services.connections.connect": lambda w, by: connections.connect(
        w.session, "YQ-2026-000003", "GPIB0::4::INSTR", "", version=1, by=by, at=w.lab.at
    ),
    "services.connections.ask": lambda w, by: connections.ask(
        w.session, "YQ-2026-000003", by=by, settings=w.lab.settings
    ),
}
INNER = {
    "services.connections.drivers": "the names of the drivers",
    "services.bench.simulated": "the simulated bench of this machine",
    "queries.registers.instruments_for": "the laboratory's own registers",
}
