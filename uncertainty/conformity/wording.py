"""What a certificate says of the rule applied, in Chinese and English (ISO/IEC 17025:2017, 7.8.6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .rules import Rule, checked

SENTENCES: dict[str, tuple[str, str]] = {
    "none": ("未作符合性判定。", "No statement of conformity is made."),
    "simple": (
        "判定规则：简单接受（ILAC-G8:09/2019，4.2.1）。示值误差不超出最大允许误差即判为合格；结果恰在限值处时误判概率可达 50 %。",
        "Decision rule: simple acceptance (ILAC-G8:09/2019, 4.2.1). A result within its limits passes; at a limit "
        "the probability of a wrong verdict is up to 50 %.",
    ),
    "third": (
        "判定规则：U ≤ MPE/3 时直接与最大允许误差比较（JJF 1094-2002，5.3.1.4）；否则区间跨越限值的结果为待定。",
        "Decision rule: where U ≤ MPE/3 the result is compared with its limits directly (JJF 1094-2002, 5.3.1.4); "
        "otherwise a result whose interval straddles a limit is undetermined.",
    ),
    "guarded": (
        "判定规则：保护带 w = {r} U（ILAC-G8:09/2019，4.2.2；JCGM 106:2012，8.3）。限值内缩 w 为合格，外扩 w 之外为不合格，其间为待定。",
        "Decision rule: guard band w = {r} U (ILAC-G8:09/2019, 4.2.2; JCGM 106:2012, 8.3). Inside the limits by w "
        "passes, outside by w fails, between is undetermined.",
    ),
    "guarded_acceptance": (
        "判定规则：保护接受，保护带 w = {r} U（ILAC-G8:09/2019，4.2.2；JCGM 106:2012，8.3.2）。限值内缩 w 之内为合格，否则为不合格。",
        "Decision rule: guarded acceptance, guard band w = {r} U (ILAC-G8:09/2019, 4.2.2; JCGM 106:2012, 8.3.2). "
        "Inside the limits by w passes, otherwise fails.",
    ),
    "guarded_rejection": (
        "判定规则：保护拒绝，保护带 w = {r} U（JCGM 106:2012，8.3.3）。超出限值外扩 w 之外方为不合格，否则为合格。",
        "Decision rule: guarded rejection, guard band w = {r} U (JCGM 106:2012, 8.3.3). Outside the limits by more than "
        "w fails, otherwise passes.",
    ),
    "conditional": (
        "判定规则：非二元判定，保护带 w = {r} U（ILAC-G8:09/2019，4.2.3）。限值内缩 w 之内为合格；在限值内而距限值不足 w 为有条件合格；"
        "在限值外而不超过 w 为有条件不合格；更远为不合格。",
        "Decision rule: non-binary, guard band w = {r} U (ILAC-G8:09/2019, 4.2.3). Inside the limits by w passes; inside "
        "but nearer than w is a conditional pass; outside by no more than w is a conditional fail; farther outside fails.",
    ),
    "iso14253.probability": (
        "判定规则：ISO 14253-1:2017，合格概率限 {p} %（正态分布，u = U/{k}）。合格概率不低于 {p} % 为合格，"
        "不合格概率不低于 {p} % 为不合格，其间既不能证明合格也不能证明不合格，为待定。",
        "Decision rule: ISO 14253-1:2017, conformance probability limit {p} % (normal distribution, u = U/{k}). Conforming "
        "with at least {p} % passes, not conforming with at least {p} % fails; between, neither is proved: undetermined.",
    ),
    "iso14253.width": (
        "判定规则：ISO 14253-1:2017，合格概率 {p} %，单侧保护带 w = z·U/{k}（z 为正态分布单侧 {p} % 分位数）。"
        "限值内缩 w 为合格，外扩 w 之外为不合格，其间为待定。",
        "Decision rule: ISO 14253-1:2017, {p} %, guard band w = z·U/{k}, z the one-sided {p} % point of the normal "
        "distribution. Inside the limits by w passes, outside by w fails, between is undetermined.",
    ),
    "probability": (
        "判定规则：合格概率不低于 {p} % 为合格，否则为不合格（JCGM 106:2012，7.2、8.3；正态分布，u = U/{k}）。",
        "Decision rule: a conformance probability of at least {p} % passes, otherwise fails (JCGM 106:2012, 7.2, 8.3; "
        "normal distribution, u = U/{k}).",
    ),
    "z540.1": (
        "判定规则：ANSI/NCSL Z540.3-2006 手册方法 1，按该测量点总体的数据取保护带，使误接受概率不超过 {pfa} %。保护带之内为合格，否则为不合格。",
        "Decision rule: ANSI/NCSL Z540.3-2006 Handbook, method 1: the guard band keeps the probability of false acceptance "
        "at or below {pfa} % for the population of this test point. Within it passes, otherwise fails.",
    ),
    "z540.2": (
        "判定规则：ANSI/NCSL Z540.3-2006 手册方法 2，按在允差内概率 {itp} % 取保护带，使误接受概率不超过 {pfa} %。保护带之内为合格，否则为不合格。",
        "Decision rule: ANSI/NCSL Z540.3-2006 Handbook, method 2: the guard band keeps the probability of false acceptance "
        "at or below {pfa} % for an in-tolerance probability of {itp} %. Within it passes, otherwise fails.",
    ),
    "z540.3": (
        "判定规则：ANSI/NCSL Z540.3-2006 手册方法 3（贝叶斯）。计及总体分布后，本结果超出限值的概率不超过 {pfa} % 为合格，否则为不合格。",
        "Decision rule: ANSI/NCSL Z540.3-2006 Handbook, method 3 (Bayesian). Passes where, given the population, this "
        "result is outside its limits with a probability of at most {pfa} %, otherwise fails.",
    ),
    "z540.4": (
        "判定规则：ANSI/NCSL Z540.3-2006 手册方法 4。本结果超出限值的概率不超过 {pfa} %（正态分布，u = U/{k}）为合格，否则为不合格。",
        "Decision rule: ANSI/NCSL Z540.3-2006 Handbook, method 4. Passes where this result is outside its limits with a "
        "probability of at most {pfa} % (normal distribution, u = U/{k}), otherwise fails.",
    ),
    "z540.5": (
        "判定规则：ANSI/NCSL Z540.3-2006 手册方法 5，保护带 w = U。限值内缩 w 之内为合格，否则为不合格。",
        "Decision rule: ANSI/NCSL Z540.3-2006 Handbook, method 5, guard band w = U. Inside the limits by w passes, "
        "otherwise fails.",
    ),
    "z540.6": (
        "判定规则：ANSI/NCSL Z540.3-2006 手册方法 6，保护带 w = M·U，M = 1.04 − exp(0.38 ln TUR − 0.54)，不小于 0；"
        "误接受概率不超过 2 %。限值内缩 w 之内为合格，否则为不合格。",
        "Decision rule: ANSI/NCSL Z540.3-2006 Handbook, method 6, guard band w = M·U with M = 1.04 − exp(0.38 ln TUR − "
        "0.54), not below 0; the probability of false acceptance is at most 2 %. Inside the limits by w passes, "
        "otherwise fails.",
    ),
    "z540.4:1": (
        "判定规则：ANSI/NCSL Z540.3-2006，5.3 b。测量不确定度比（TUR）不低于 4 时直接与限值比较；低于 4 时为待定。",
        "Decision rule: ANSI/NCSL Z540.3-2006, 5.3 b. With a test uncertainty ratio of 4 or more the result is compared "
        "with its limits directly; below 4 it is undetermined.",
    ),
    "z540.rss": (
        "判定规则：保护带按平方差根法，接受区间为允差的 √(1 − 1/TUR²) 倍（D. Deaver，1994）。接受区间之内为合格，否则为不合格。",
        "Decision rule: guard band by root difference of squares, the acceptance interval being √(1 − 1/TUR²) of the "
        "tolerance (D. Deaver, 1994). Inside it passes, otherwise fails.",
    ),
    "z540.rp10": (
        "判定规则：保护带按 NCSL RP-10，接受区间为允差的 1.25 − 1/TUR 倍，不超过 1。接受区间之内为合格，否则为不合格。",
        "Decision rule: guard band of NCSL RP-10, the acceptance interval being 1.25 − 1/TUR of the tolerance, at most 1. "
        "Inside it passes, otherwise fails.",
    ),
}
"""Rule, or rule.form, or rule.method → (Chinese, English)."""


def statement(rule: Mapping[str, Any]) -> dict[str, str]:
    """The sentence of the rule in both languages. Raises DocumentError for a rule that is wrong."""
    agreed = checked(rule)
    zh, en = SENTENCES[_key(agreed)]
    facts = {
        "r": f"{agreed.r:g}",
        "k": f"{agreed.k:g}",
        "p": f"{100 * agreed.p:.6g}",
        "pfa": f"{100 * agreed.pfa:.6g}",
        "itp": "" if agreed.itp is None else f"{100 * agreed.itp:.6g}",
    }
    return {"zh": zh.format(**facts), "en": en.format(**facts)}


def _key(rule: Rule) -> str:
    if rule.name == "iso14253":
        return f"iso14253.{rule.form}"
    return f"z540.{rule.method}" if rule.name == "z540" else rule.name
