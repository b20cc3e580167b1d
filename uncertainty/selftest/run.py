"""The cases of uncertainty/cases, each run by the function registered for its kind.

A runner takes the case as it stands in its file and returns name → figure for every name under `expected`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from .compare import DIFF, Found, Outcome, compare

Runner = Callable[[Mapping[str, Any]], Mapping[str, Any]]
AREAS = (
    "propagation",
    "calibration",
    "temperature",
    "environment",
    "comparisons",
    "statistics",
    "standards",
    "conformity",
    "rounding",
)
"""Modules beside this one; each has RUNNERS: kind of case → runner."""


def cases(family: str | None = None) -> Iterator[dict[str, Any]]:
    """The cases as they stand in their files, in the order of the files' names; `family` is a file's stem."""
    for file in sorted(files("uncertainty.cases").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json") and family in (None, file.name.removesuffix(".json")):
            for case in json.loads(file.read_text("utf-8"))["cases"]:
                yield case | {"family": file.name.removesuffix(".json")}


@cache
def runners() -> dict[str, Runner]:
    """Kind of case → function."""
    found: dict[str, Runner] = {}
    for area in AREAS:
        found |= import_module(f"{__package__}.{area}").RUNNERS
    return found


def run(case: Mapping[str, Any]) -> list[Outcome]:
    """One outcome for each expected figure; what raises is a DIFF with the reason, never an end of the run."""
    runner = runners().get(case["kind"])
    if runner is None:
        answers, reason = {}, "no method for this kind of case"
    else:
        try:
            answers, reason = dict(runner(case)), "the method gives no such figure"
        except Exception as error:
            # A self-test says what failed and goes on to the next case.
            answers, reason = {}, f"{type(error).__name__}: {error}"
    outcomes = []
    for name in case["expected"]:
        outcomes.append(compare(case, name, answers.get(name, Found(None, note=reason))))
    return outcomes


def is_good(outcomes: list[Outcome]) -> bool:
    return all(outcome.status != DIFF for outcome in outcomes)
