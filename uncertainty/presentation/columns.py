"""The sheets of a budget workbook: their columns, their headings in both languages, and what each cell means.

A list in one cell (readings, limits added as specifications do, values of a sample) is separated by semicolons.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from .wording import Text, folded


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field of the budget document, its headings, and the kind of its cells: text, number, list or yes."""

    field: str
    zh: str
    en: str
    kind: str = "number"

    def heading(self, lang: str) -> str:
        word = self.zh if lang == "zh" else self.en
        return word if folded(word) == folded(self.field) else f"{word} ({self.field})"


SHEETS: dict[str, Text] = {
    "budget": {"zh": "预算", "en": "budget"},
    "quantities": {"zh": "输入量", "en": "quantities"},
    "correlations": {"zh": "相关", "en": "correlations"},
    "measurands": {"zh": "被测量", "en": "measurands"},
    "contributions": {"zh": "不确定度分量", "en": "contributions"},
    "results": {"zh": "结果", "en": "results"},
    "notes": {"zh": "填写说明", "en": "notes"},
}
READ = ("budget", "quantities", "correlations", "measurands")
"""What is read; the other sheets are written for people."""

COLUMNS: dict[str, tuple[Column, ...]] = {
    "budget": (
        Column("title", "标题", "title", "text"),
        Column("k", "包含因子", "coverage factor"),
        Column("p", "包含概率", "coverage probability"),
    ),
    "quantities": (
        Column("symbol", "符号", "symbol", "text"),
        Column("title", "名称", "name", "text"),
        Column("value", "估计值", "value"),
        Column("unit", "单位", "unit", "text"),
        Column("u", "标准不确定度", "standard uncertainty"),
        Column("U", "扩展不确定度", "expanded uncertainty"),
        Column("k", "包含因子", "coverage factor"),
        Column("p", "包含概率", "coverage probability"),
        Column("dof", "自由度", "degrees of freedom"),
        Column("readings", "读数", "readings", "list"),
        Column("resolution", "分辨力", "resolution"),
        Column("distribution", "分布", "distribution", "text"),
        Column("half_width", "半宽", "half-width", "list"),
        Column("lower", "下限", "lower limit"),
        Column("upper", "上限", "upper limit"),
        Column("exact", "精确值", "exact", "yes"),
        Column("source", "来源", "source", "text"),
        Column("id", "来源标识", "id", "text"),
        Column("together", "同时观测组", "observed together", "text"),
        Column("type_a", "A类方法", "type A method", "text"),
        Column("pooled_s", "合并标准差", "pooled s"),
        Column("pooled_dof", "合并自由度", "pooled degrees of freedom"),
        Column("top", "顶底比", "top to base"),
        Column("d", "限的不准", "inexactness of limits"),
        Column("mean", "均值", "mean"),
        Column("shape", "形状参数", "shape"),
        Column("scale", "尺度参数", "scale"),
        Column("median", "中位数", "median"),
        Column("gsd", "几何标准差", "geometric standard deviation"),
        Column("a", "参数a", "parameter a"),
        Column("b", "参数b", "parameter b"),
        Column("counts", "计数", "counts"),
        Column("successes", "成功次数", "successes"),
        Column("trials", "试验次数", "trials"),
        Column("values", "样本值", "values", "list"),
    ),
    "correlations": (
        Column("first", "量1", "first quantity", "text"),
        Column("second", "量2", "second quantity", "text"),
        Column("r", "相关系数", "correlation coefficient"),
    ),
    "measurands": (
        Column("symbol", "符号", "symbol", "text"),
        Column("title", "名称", "name", "text"),
        Column("expression", "测量模型", "model", "text"),
        Column("unit", "单位", "unit", "text"),
    ),
}
NEEDED = {
    "budget": (),
    "quantities": ("symbol",),
    "correlations": ("first", "second", "r"),
    "measurands": ("symbol", "expression"),
}
SHAPES = {
    "正态": "normal", "t分布": "t", "矩形": "rectangular", "均匀": "rectangular", "三角": "triangular",
    "反正弦": "arcsine", "梯形": "trapezoidal", "曲线梯形": "curvilinear_trapezoidal", "指数": "exponential",
    "伽马": "gamma", "对数正态": "lognormal", "贝塔": "beta", "泊松": "poisson", "二项": "binomial", "样本": "samples",
    "uniform": "rectangular",
}  # fmt: skip
"""What people write in the column of distributions beside the names of the document."""
YES = frozenset({"true", "yes", "是", "精确", "exact", "1"})
NO = frozenset({"false", "no", "否", "0"})


@cache
def named(sheet: str) -> dict[str, str]:
    """Folded heading → field, of either language and of the field itself; case counts where u and U differ by it."""
    found: dict[str, str] = {}
    for column in COLUMNS[sheet]:
        for word in (column.zh, column.en, column.field):
            found.setdefault(folded(word), column.field)
    return found


def field_of(sheet: str, heading: str) -> str | None:
    """The field that a heading means; u and U are told apart by their case."""
    text = unicodedata.normalize("NFKC", heading).split("(")[0].strip()
    return text if text in ("u", "U") and sheet == "quantities" else named(sheet).get(folded(heading))


def sheet_of(title: str) -> str | None:
    """The sheet that a title means, in either language."""
    return next((name for name, words in SHEETS.items() if folded(title) in map(folded, (name, *words.values()))), None)
