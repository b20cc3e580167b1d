"""Headings and words of tables and drawings in both languages; a column is recognised by its key or by either word."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

Text = Mapping[str, str]

WORDS: dict[str, Text] = {
    # columns of a budget; JJF 1059.1-2012, 4.1, and JCGM 100:2008, table H.1
    "symbol": {"zh": "符号", "en": "Symbol"},
    "title": {"zh": "名称", "en": "Name"},
    "estimate": {"zh": "估计值", "en": "Estimate"},
    "unit": {"zh": "单位", "en": "Unit"},
    "u": {"zh": "标准不确定度", "en": "Standard uncertainty"},
    "dof": {"zh": "自由度", "en": "Degrees of freedom"},
    "distribution": {"zh": "分布", "en": "Distribution"},
    "sensitivity": {"zh": "灵敏系数", "en": "Sensitivity"},
    "sensitivity_unit": {"zh": "灵敏系数单位", "en": "Unit of the sensitivity"},
    "contribution": {"zh": "不确定度分量", "en": "Contribution"},
    "share": {"zh": "占比", "en": "Share"},
    "source": {"zh": "来源", "en": "Source"},
    "measurand": {"zh": "被测量", "en": "Measurand"},
    "quantity": {"zh": "量", "en": "Quantity"},
    # the foot of a budget
    "y": {"zh": "测量结果 y", "en": "Result y"},
    "u_c": {"zh": "合成标准不确定度 u_c", "en": "Combined standard uncertainty u_c"},
    "effective_dof": {"zh": "有效自由度 ν_eff", "en": "Effective degrees of freedom ν_eff"},
    "k": {"zh": "包含因子", "en": "Coverage factor"},
    "p": {"zh": "包含概率", "en": "Coverage probability"},
    "U": {"zh": "扩展不确定度", "en": "Expanded uncertainty"},
    "report": {"zh": "报告", "en": "Report"},
    "model": {"zh": "测量模型", "en": "Measurement model"},
    "correlation": {"zh": "相关系数", "en": "Correlation"},
    "budget": {"zh": "不确定度预算", "en": "Uncertainty budget"},
    "exact": {"zh": "精确值", "en": "exact"},
    # distributions; JCGM 101:2008, table 1, and its Chinese edition JJF 1059.2
    "normal": {"zh": "正态", "en": "normal"},
    "t": {"zh": "t", "en": "t"},
    "rectangular": {"zh": "矩形", "en": "rectangular"},
    "triangular": {"zh": "三角", "en": "triangular"},
    "arcsine": {"zh": "反正弦", "en": "arcsine"},
    "trapezoidal": {"zh": "梯形", "en": "trapezoidal"},
    "curvilinear_trapezoidal": {"zh": "曲线梯形", "en": "curvilinear trapezoidal"},
    "gamma": {"zh": "伽马", "en": "gamma"},
    "lognormal": {"zh": "对数正态", "en": "lognormal"},
    "beta": {"zh": "贝塔", "en": "beta"},
    "samples": {"zh": "样本", "en": "samples"},
    # drawings
    "contributions_title": {"zh": "{name} 的不确定度来源", "en": "What the uncertainty of {name} is made of"},
    "contributions_text": {
        "zh": "{count} 个输入量在方差中的占比；最大的是 {largest}，{share}。",
        "en": "Shares of {count} input quantities in the variance; the largest is {largest} with {share}.",
    },
    "histogram_title": {"zh": "{name} 的分布", "en": "Distribution of {name}"},
    "histogram_text": {
        "zh": "{trials} 次试验的直方图，概率对称区间 {symmetric}，最短区间 {shortest}，以及一阶结果的正态曲线。",
        "en": "Histogram of {trials} trials with the symmetric interval {symmetric}, the shortest interval {shortest} "
        "and the normal curve of the first order.",
    },
    "symmetric": {"zh": "概率对称区间", "en": "symmetric interval"},
    "shortest": {"zh": "最短区间", "en": "shortest interval"},
    "first_order": {"zh": "一阶（正态）", "en": "first order (normal)"},
    "density": {"zh": "概率密度", "en": "probability density"},
    "residuals_title": {"zh": "拟合残差", "en": "Residuals of the fit"},
    "residuals_text": {
        "zh": "{count} 个残差，标准差 {s}；{outside} 个与零之差超过其 2u。",
        "en": "{count} residuals with the standard deviation {s}; {outside} are further than 2u from zero.",
    },
    "residual": {"zh": "残差", "en": "residual"},
    "chart_title": {"zh": "控制图", "en": "Control chart"},
    "chart_text": {
        "zh": "{count} 个点，中心线 {centre}，控制限 {low} 至 {high}；{outside} 个点在限外。",
        "en": "{count} points about the centre {centre}, limits {low} to {high}; {outside} are outside.",
    },
    "centre": {"zh": "中心线", "en": "centre"},
    "limit": {"zh": "控制限", "en": "control limit"},
    "warning": {"zh": "警戒限", "en": "warning limit"},
    "number": {"zh": "序号", "en": "number"},
    "drift_title": {"zh": "漂移与预测", "en": "Drift and prediction"},
    "drift_text": {
        "zh": "{count} 次校准及其扩展不确定度，拟合线与预测带，至 {until}。",
        "en": "{count} calibrations with their expanded uncertainties, the fitted line and its prediction band up to {until}.",
    },
    "prediction": {"zh": "预测带", "en": "prediction band"},
    "fit": {"zh": "拟合线", "en": "fit"},
}


def word(key: str, lang: str, **facts: object) -> str:
    """A word or sentence of this package in a language; what is no word of ours comes back as it is."""
    text = WORDS[key][lang] if key in WORDS else key
    return text.format(**facts) if facts else text


def folded(text: object) -> str:
    """A heading as it is compared: NFKC, small letters, without what stands in brackets, blanks or line breaks."""
    plain = unicodedata.normalize("NFKC", str(text)).split("(")[0]
    return "".join(plain.split()).replace("_", "").casefold()
