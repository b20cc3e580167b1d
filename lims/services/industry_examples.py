"""Two industry chains for the demonstration, clearly fictional: figures that show each kind of gap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims.services import industry

Text = dict[str, str]


def _t(zh: str, en: str) -> Text:
    return {"zh": zh, "en": en}


BATTERY = _t("动力电池产业链（虚构）", "Traction battery chain (fictional)")
POWER = _t("清洁能源装备产业链（虚构）", "Clean energy equipment chain (fictional)")
PARAMETERS: list[tuple[Text, Text, int, Text, str, Text, str, str, float, float, float, float]] = [
    (BATTERY, _t("材料", "Materials"), 1, _t("隔膜", "separator"), "production", _t("厚度", "thickness"), "length", "µm", 5, 30, 0.1, 3),
    (BATTERY, _t("材料", "Materials"), 1, _t("电解液", "electrolyte"), "production", _t("水分含量", "water content"), "water content", "1", 1e-6, 1e-4, 1e-6, 3),
    (BATTERY, _t("电芯", "Cell"), 2, _t("电芯", "cell"), "production", _t("开路电压", "open-circuit voltage"), "DCV", "V", 2, 4.5, 1e-4, 3),
    (BATTERY, _t("电芯", "Cell"), 2, _t("电芯", "cell"), "production", _t("自放电电压降", "voltage drop of self-discharge"), "DCV", "V", 3, 4.3, 3e-5, 4),
    (BATTERY, _t("电芯", "Cell"), 2, _t("电芯", "cell"), "production", _t("交流内阻", "AC internal resistance"), "impedance", "mΩ", 0.1, 3, 0.01, 3),
    (BATTERY, _t("电池包", "Pack"), 3, _t("电池包", "pack"), "delivery", _t("总电压", "total voltage"), "DCV", "V", 200, 800, 0.05, 3),
    (BATTERY, _t("电池包", "Pack"), 3, _t("绝缘监测", "insulation monitor"), "delivery", _t("绝缘试验电压", "insulation test voltage"), "DCV", "V", 500, 1500, 1, 3),
    (BATTERY, _t("运行与回收", "Use and recycling"), 4, _t("充电桩", "charger"), "operation", _t("直流电能", "DC energy"), "energy", "kW·h", 1, 120, 0.1, 3),
    (POWER, _t("铸锻件", "Castings"), 1, _t("转轮叶片", "runner blade"), "production", _t("三维轮廓", "three-dimensional form"), "form", "mm", 0, 3000, 0.05, 4),
    (POWER, _t("控制", "Control"), 2, _t("励磁调节器", "excitation controller"), "production", _t("直流电压取样", "sampled DC voltage"), "DCV", "V", 0.1, 500, 0.05, 3),
    (POWER, _t("控制", "Control"), 2, _t("传感器", "sensor"), "operation", _t("毫伏信号", "millivolt signal"), "DCV", "mV", 1, 50, 2e-4, 4),
    (POWER, _t("并网", "Grid"), 3, _t("互感器", "transformer"), "operation", _t("工频高压", "high voltage at mains frequency"), "ACV", "kV", 10, 500, 0.5, 3),
]  # fmt: skip


def enter(session: Session, *, at: datetime) -> None:
    """Both chains, into a laboratory that has just been founded."""
    names = (
        "chain",
        "node",
        "position",
        "product",
        "stage",
        "parameter",
        "measurand",
        "unit",
        "low",
        "high",
        "required",
        "ratio",
    )
    for row in PARAMETERS:
        given: dict[str, Any] = dict(zip(names, row, strict=True))
        industry.add(session, **given, by=None, at=at)
