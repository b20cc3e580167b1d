"""What the (fictional) certificates of the bench's standards say: the shape that a laboratory registers.

These are the calibrations of the demonstration's 5522A, serial 2950101, and PTU300, serial P3110001. The truth of a
bench is drawn about them, so that a laboratory that uses them is right as often as their U says.
"""

from __future__ import annotations

from typing import Any

# Range of the 5522A, its upper end, and per calibrated setting: correction and U (k = 2), all in V.
# A correction is what is added to the setting to get the output (VIM 2.53).
CALIBRATOR_DCV: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "330 mV",
        "0.3299999",
        (
            ("-0.3", "-0.0000011", "0.0000015"),
            ("-0.1", "-0.0000004", "0.0000009"),
            ("-0.01", "0.0000001", "0.0000006"),
            ("0", "0.0000002", "0.0000006"),
            ("0.01", "0.0000002", "0.0000006"),
            ("0.1", "0.0000007", "0.0000009"),
            ("0.3", "0.0000014", "0.0000015"),
        ),
    ),
    (
        "3.3 V",
        "3.299999",
        (
            ("-3", "0.0000052", "0.0000090"),
            ("-1", "0.0000021", "0.0000040"),
            ("-0.33", "0.0000004", "0.0000025"),
            ("0.33", "-0.0000009", "0.0000025"),
            ("1", "-0.0000026", "0.0000040"),
            ("3", "-0.0000061", "0.0000090"),
        ),
    ),
    (
        "33 V",
        "32.99999",
        (
            ("-30", "-0.000072", "0.000090"),
            ("-10", "-0.000021", "0.000035"),
            ("-3.3", "-0.000004", "0.000020"),
            ("3.3", "0.000009", "0.000020"),
            ("5", "0.000013", "0.000022"),
            ("10", "0.000026", "0.000035"),
            ("20", "0.000051", "0.000065"),
            ("30", "0.000079", "0.000090"),
        ),
    ),
    (
        "330 V",
        "329.9999",
        (
            ("-300", "0.00084", "0.00130"),
            ("-100", "0.00025", "0.00050"),
            ("-33", "0.00006", "0.00030"),
            ("33", "-0.00012", "0.00030"),
            ("100", "-0.00032", "0.00050"),
            ("300", "-0.00091", "0.00130"),
        ),
    ),
    (
        "1000 V",
        "1020",
        (
            ("-1000", "-0.0034", "0.0055"),
            ("-500", "-0.0016", "0.0030"),
            ("-334", "-0.0010", "0.0025"),
            ("334", "0.0013", "0.0025"),
            ("500", "0.0019", "0.0030"),
            ("1000", "0.0041", "0.0055"),
        ),
    ),
)
DRIFT = {"relative": "0.000004", "absolute": "0.0000005"}
DRIFT_BASIS = {
    "zh": "虚构校准器三次校准之间的变化（演示数据）",
    "en": "Changes between three calibrations of the fictional calibrator (demonstration data)",
}
# Quantity, unit, name of the range, its upper end, and per point: correction and U (k = 2).
MONITOR: tuple[tuple[str, str, str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("temperature", "degC", "15..30 degC", "30", (("15", "0.03", "0.10"), ("23", "0.02", "0.10"), ("30", "0.00", "0.10"))),
    ("humidity", "%RH", "20..80 %RH", "80", (("20", "0.4", "1.2"), ("50", "0.2", "1.2"), ("80", "-0.3", "1.5"))),
    ("pressure", "hPa", "900..1060 hPa", "1060", (("900", "0.05", "0.15"), ("1000", "0.04", "0.15"), ("1060", "0.02", "0.15"))),
)  # fmt: skip
DAYS_SINCE = 90.0  # age of the certificates on the day of use


def demonstration_certificates() -> dict[str, list[dict[str, Any]]]:
    """The functions of the two certificates: {"calibrator": […], "monitor": […]}; numbers as decimal strings."""
    calibrator = {
        "function": "DCV",
        "unit": "V",
        "drift_per_year": DRIFT | {"basis": dict(DRIFT_BASIS)},
        "ranges": [
            {"range": name, "upper": upper, "points": _points(points)} for name, upper, points in CALIBRATOR_DCV
        ],
    }
    monitor = [
        {"function": function, "unit": unit, "ranges": [{"range": name, "upper": upper, "points": _points(points)}]}
        for function, unit, name, upper, points in MONITOR
    ]
    return {"calibrator": [calibrator], "monitor": monitor}


def _points(points: tuple[tuple[str, str, str], ...]) -> list[dict[str, str | None]]:
    return [{"at": at, "correction": correction, "U": U, "k": "2", "dof": None} for at, correction, U in points]
