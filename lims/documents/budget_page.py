"""An uncertainty budget as PDF: model, table, correlations, drawings and the result, tagged for readers (UA-1).

The same budget and evaluation give the same bytes; the time of the page comes in as an argument.
"""

from __future__ import annotations

import json
import re
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from uncertainty import Budget, Evaluation, report
from uncertainty.presentation import figures
from uncertainty.presentation.pictures import pictures
from uncertainty.presentation.table import BudgetTable, foot, shown, tables
from uncertainty.presentation.wording import WORDS, word

from .errors import CharacterNotPrintable, RenderingFailed
from .pdf import font_folders

TEMPLATE = Path(__file__).parent / "budget.typ"
LANGUAGES = ("zh", "en")
HEAD = ("quantity", "estimate", "unit", "u", "dof", "distribution", "sensitivity", "contribution", "share")
_NOT_PRINTED = re.compile(r'(?:the text|contains the codepoint) `"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_compiling = threading.Lock()


def as_pdf(budget: Budget, evaluation: Evaluation, *, at: datetime, software: str) -> bytes:
    """The pages of a budget, Chinese and English. at: when it was evaluated; software: name and version.

    Raises CharacterNotPrintable for a character that no font has, RenderingFailed otherwise.
    """
    inputs = {"view": json.dumps(view(budget, evaluation, at=at, software=software), ensure_ascii=False)}
    with _compiling:
        try:
            made = _compiler().compile(
                format="pdf", sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"], timestamp=int(at.timestamp())
            )
        except typst.TypstError as error:
            raise _why(error) from error
    assert isinstance(made, bytes)
    return made


def view(budget: Budget, evaluation: Evaluation, *, at: datetime, software: str) -> dict[str, Any]:
    """What the page shows, as text."""
    title = budget.document.data.get("title")
    drawn = pictures(budget, evaluation, "zh")
    said = pictures(budget, evaluation, "en")
    return {
        "title": str(title) if title else None,
        "words": {key: dict(text) for key, text in WORDS.items()},
        "head": HEAD,
        "tables": [_table(table) for table in tables(budget, evaluation).values()],
        "monte_carlo": _monte_carlo(evaluation),
        "warnings": [warning["text"] for warning in evaluation.warnings],
        "plots": [{"svg": zh.svg, "alt": f"{zh.about} {en.about}"} for zh, en in zip(drawn, said, strict=True)],
        "at": at.isoformat(timespec="seconds"),
        "software": software,
    }


def _table(table: BudgetTable) -> dict[str, Any]:
    rows = [{lang: shown(row, lang) for lang in LANGUAGES} for row in table.rows]
    feet = [foot(table, lang) for lang in LANGUAGES]
    return {
        "measurand": table.measurand,
        "title": table.title,
        "model": table.expression,
        "rows": rows,
        "foot": [{"zh": zh[0], "en": en[0], "figure": zh[1]} for zh, en in zip(*feet, strict=True)],
        "report": report.state_in_full(table.measurand, table.y, table.U, table.unit, table.k, table.p, table.dof),
        "correlations": [{"between": f"{a}, {b}", "r": f"{r:g}".replace("-", "−")} for a, b, r in table.correlations],
    }


def _monte_carlo(evaluation: Evaluation) -> dict[str, Any] | None:
    found = evaluation.monte_carlo
    if found is None:
        return None
    rows = [
        {
            "name": name,
            "mean": figures.estimate(summary["mean"], evaluation.results[name].u / 10),
            "u": "—" if summary["u"] is None else figures.figure(summary["u"], 3),
            **{key: figures.interval(summary[f"interval_{key}"]) for key in ("symmetric", "shortest")},
        }
        for name, summary in found["measurands"].items()
    ]
    return {"trials": found["trials"], "seed": str(found["seed"]), "p": f"{100 * found['p']:g} %", "rows": rows}


@cache
def _compiler() -> typst.Compiler:
    """One compiler for the process: fonts are read once."""
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=font_folders(), ignore_system_fonts=True)


def _why(error: typst.TypstError) -> CharacterNotPrintable | RenderingFailed:
    message = str(getattr(error, "message", error))
    found = _NOT_PRINTED.search(message)
    if found is None:
        return RenderingFailed(number=word("budget", "en"), reason=message)
    run = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), found[1])
    codepoint = " ".join(f"U+{ord(one):04X}" for one in run)
    return CharacterNotPrintable(character=run, codepoint=codepoint, text=run[:60], place="budget")
