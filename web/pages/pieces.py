"""The living page of pieces, for developers: every piece in every state, fed by sample data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from web.figures import shares
from web.forms import Form
from web.states import LOOKS

pages = Blueprint("pieces", __name__)

LINES: list[dict[str, Any]] = [
    {"ok": True, "text": {"zh": "标准器 S-E-0001 的证书有效至 2027-03-01", "en": "Standard S-E-0001 is in date until 2027-03-01"}, "clause": "ISO/IEC 17025:2017, 6.4.7"},
    {"ok": False, "text": {"zh": "室温 24.6 °C，超出 23 °C ± 1 °C：等待环境恢复", "en": "The room is at 24.6 °C, outside 23 °C ± 1 °C: wait until it is back"}, "clause": "JJF 1587, 6.1"},
]  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"point": 1, "function": "DCV", "range": "100 mV", "nominal": "10", "reference": "10.0001", "indication": "10.0010", "error": "0.0009", "U": "0.0011", "unit": "mV", "k": "2.05", "dof": "54", "low": "-0.0040", "high": "0.0040", "verdict": "pass"},
    {"point": 2, "function": "DCV", "range": "100 mV", "nominal": "100", "reference": "100.0004", "indication": "100.0076", "error": "0.0072", "U": "0.0016", "unit": "mV", "k": "2", "dof": None, "low": "-0.0085", "high": "0.0085", "verdict": "undetermined"},
    {"point": 3, "function": "DCV", "range": "1 V", "nominal": "-1", "reference": "-1.000003", "indication": "-1.000061", "error": "-0.000058", "U": "0.000009", "unit": "V", "k": "2", "dof": None, "low": "-0.000047", "high": "0.000047", "verdict": "fail"},
    {"point": 4, "function": "DCV", "range": "1000 V", "nominal": "1000", "reference": "1000.00312", "indication": "1000.01240", "error": "0.00928", "U": "0.01210", "unit": "V", "k": "2", "dof": None, "low": "-0.05500", "high": "0.05500", "verdict": "pass"},
]  # fmt: skip
CONTRIBUTIONS: list[dict[str, Any]] = [
    {"quantity": "cert", "source": "Certificate of the calibrator", "share": 0.55, "contribution": 3.4e-4, "u": 3.4e-4, "sensitivity": -1},
    {"quantity": "repeat", "source": "Repeatability of ten readings", "share": 0.31, "contribution": 2.5e-4, "u": 2.5e-4, "sensitivity": 1},
    {"quantity": "drift", "source": "Drift since calibration", "share": 0.18, "contribution": 2.0e-4, "u": 2.0e-4, "sensitivity": -1},
    {"quantity": "corr", "source": "Correlated part", "share": -0.04, "contribution": 0.5e-4, "u": 0.5e-4, "sensitivity": 1},
]  # fmt: skip
NAMES: dict[str, dict[str, Any]] = {"repeat": {"type": "A"}, "cert": {"type": "B"}, "drift": {"type": "B"}}
NODES: list[dict[str, Any]] = [
    {"title": "34401A", "sub": "MY41000001", "value": "10.0010 mV ± 0.0011 mV", "certificate": "YS-2026-000001", "issuer": "", "valid": "2026-11-21"},
    {"title": "5522A", "sub": "2950101", "value": "U = 0.0007 mV", "certificate": "DNMI-2026-E-0042", "issuer": "DNMI", "valid": "2026-03-02 … 2027-03-01"},
    {"title": "Zener 10 V", "sub": "", "value": "", "certificate": "", "issuer": "", "valid": "no certificate for that day", "gap": True},
    {"title": "SI", "sub": "V", "value": "", "certificate": "", "issuer": "", "valid": "", "top": True},
]  # fmt: skip
ENTRIES: list[dict[str, Any]] = [
    {"at": "2026-11-20T02:10:00+00:00", "what": "Reading 7 corrected", "who": "tech", "why": "Misread the last digit", "old": "10.0012", "new": "10.0021", "tone": "attention"},
    {"at": "2026-11-20T02:30:00+00:00", "what": "Verified", "who": "verifier", "tone": "good"},
]  # fmt: skip


@pages.get("/pieces")
def index() -> str:
    form = Form({"nominal": "１０mV"}, {})
    form.place, form.refusal = "nominal", "10 mA is no voltage; give a voltage such as 10 mV."
    return render_template(
        "pieces/index.html",
        looks=[key.split(".", 1) for key in LOOKS],
        lines=LINES,
        rows=ROWS,
        lines_of_budget=shares(CONTRIBUTIONS, NAMES),
        nodes=NODES,
        entries=ENTRIES,
        form=form,
        area="pieces",
    )
