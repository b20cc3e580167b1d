"""A plan as a table that a person reads before anything is energised."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from instruments.procedures.plan import Plan
from instruments.specifications.units import plain
from instruments.specifications.units import unit as unit_of

_WORDS = {
    "en": {
        "head": "No.|Function|Range|Nominal|Limit of error|Readings|Time|Note",
        "plan": "Run plan", "stage": "stage", "item": "item", "limits": "limits",
        "unverified": "a figure nobody has read in its source", "verified": "read in its source",
        "time": "measuring time", "minutes": "min", "simulated": "simulated bench, clock ×{speed}",
        "hazard": "confirm", "most": "the item receives at most", "environment": "environment",
    },
    "zh": {
        "head": "序号|功能|量程|标称值|最大允许误差|读数个数|时间|备注",
        "plan": "测量计划", "stage": "阶段", "item": "被校仪器", "limits": "限值依据",
        "unverified": "数值尚未有人对照原文核实", "verified": "已对照原文",
        "time": "测量时间", "minutes": "min", "simulated": "模拟工作台，时钟 ×{speed}",
        "hazard": "须确认", "most": "被校仪器最大输入", "environment": "环境条件",
    },
}  # fmt: skip
_STAGES = {"as_found": {"en": "as found", "zh": "调整前"}, "as_left": {"en": "as left", "zh": "调整后"},
           "result": {"en": "result", "zh": "结果"}}  # fmt: skip
_QUANTITIES = {"temperature": ({"en": "temperature", "zh": "温度"}, "°C"), "humidity": ({"en": "humidity", "zh": "湿度"}, "%RH"),
               "pressure": ({"en": "pressure", "zh": "气压"}, "Pa")}  # fmt: skip


def in_unit(value: Decimal | float, unit: str) -> str:
    """A value of a base unit written in `unit`: in_unit(0.0000035, "mV") is "0.0035 mV"."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return f"{plain((number / unit_of(unit)[1]).normalize())} {unit}"


def describe(plan: Plan, lang: str = "en") -> str:
    """The plan as text with one line a point; lang: zh or en."""
    words = _WORDS["zh" if lang.startswith("zh") else "en"]
    lang = "zh" if lang.startswith("zh") else "en"
    minutes = plan.seconds / 60
    lines = [
        f"{words['plan']}: {plan.procedure['title'][lang]} ({plan.procedure['name']} {plan.procedure['version']})",
        f"{words['stage']}: {_STAGES[plan.stage][lang]} · {words['item']}: "
        + " ".join(str(plan.item[key]) for key in ("maker", "model", "serial") if plan.item.get(key)),
        f"{words['limits']}: {plan.specification['maker']}, {plan.specification['document']}, "
        f"{plan.specification['edition']}, p. {plan.specification['page']}, {plan.specification['interval']} "
        f"({words['verified' if plan.specification['verified'] else 'unverified']})",
        f"{words['environment']}: "
        + " · ".join(
            f"{_QUANTITIES[name][0][lang]} {low:g} … {high:g} {_QUANTITIES[name][1]}" for name, (low, high) in plan.environment.items()
        )
        + f" · {words['most']}: {plan.most:g} V",
        f"{words['time']}: {minutes:.1f} {words['minutes']}"
        + (f" · {words['simulated'].format(speed=f'{plan.clock_speed:g}')}" if plan.simulated else ""),
        "",
    ]  # fmt: skip
    rows = [words["head"].split("|")]
    for point in plan.points:
        rows.append(
            [
                str(point.no),
                point.function,
                point.range_text,
                f"{point.nominal_text} {point.display_unit}",
                f"± {in_unit(point.mpe, point.display_unit)}",
                str(point.readings),
                f"{point.seconds:.0f} s",
                f"> 30 V: {words['hazard']}" if point.hazardous else "",
            ]
        )
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
