"""The blocking check of a certificate's snapshot: ISO/IEC 17025:2017, 7.8.2.1 a–p, 7.8.4.1 and what goes with them.

One function a letter; each finds what is missing. A letter with nothing missing gives one good line, else one line for
each missing thing. A snapshot of any shape gets an answer: what cannot be read is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lims.domain.gates import Reason
from lims.words import both

from . import calibration, report, results
from .looking import Rule

RULES: tuple[Rule, ...] = (*report.RULES, *results.RULES, *calibration.RULES)


def check(snapshot: Mapping[str, Any]) -> list[Reason]:
    """Every line of the check, good ones too; the certificate may be issued when all are ok."""
    lines = []
    for rule in RULES:
        if rule.kinds and snapshot.get("kind") not in rule.kinds:
            continue
        problems = list(rule.look(snapshot))
        if not problems:
            lines.append(Reason(True, rule.code, both(rule.title), rule.clause))
        lines += [Reason(False, rule.code, problem, rule.clause) for problem in problems]
    return lines


__all__ = ["RULES", "Rule", "check"]
