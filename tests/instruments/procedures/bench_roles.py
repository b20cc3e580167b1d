"""Roles of the simulated electrical bench, for tests."""

from __future__ import annotations

ROLES = {
    "source": {
        "resource": "GPIB0::4::INSTR",
        "driver": "F5522A",
        "maker": "FLUKE",
        "model": "5522A",
        "serial": "2950101",
    },
    "item": {
        "resource": "GPIB0::22::INSTR",
        "driver": "HP34401A",
        "maker": "HEWLETT-PACKARD",
        "model": "34401A",
        "serial": "MY41000001",
    },
    "ambient": {
        "resource": "ASRL3::INSTR",
        "driver": "PTU300",
        "maker": "Vaisala",
        "model": "PTU300",
        "serial": "P3110001",
    },
}
