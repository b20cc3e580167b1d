"""Uncertainty budgets that people build: evaluated, and saved as the template of a procedure for files of readings."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy.orm import Session

import uncertainty
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.records import ProcedureVersion
from lims.services import procedures
from lims.words import N_, both

MOST_TRIALS = 5_000_000


def evaluate(
    document: Mapping[str, Any] | str, *, by: Actor, method: str = "gum", trials: str = "", seed: int | None = None
) -> uncertainty.Evaluation:
    """Evaluate a budget document (a mapping, or YAML text). trials: empty, a number up to MOST_TRIALS, or adaptive."""
    require(by, "budgets.evaluate")
    options: dict[str, Any] = {"method": method}
    if trials == "adaptive":
        options["trials"] = trials
    elif trials:
        if not trials.isascii() or not trials.isdigit() or len(trials) > 9 or not 1 <= int(trials) <= MOST_TRIALS:
            raise UnusableValue(
                field="trials", found=trials[:30], right=both("1 to {most}, or adaptive", most=MOST_TRIALS)
            )
        options["trials"] = int(trials)
    if seed is not None:
        options["seed"] = seed
    return uncertainty.evaluate(document, **options)


@dataclass(frozen=True, slots=True)
class Method:
    """What a procedure says of itself beside its budget. title: {"zh": …, "en": …}."""

    name: str
    title: Mapping[str, str]
    code: str
    version: str


def template(document: Mapping[str, Any], method: Method) -> str:
    """The procedure document (YAML) of a budget: what has readings becomes a column, the rest stays in the template.

    Raises UnusableValue where no quantity has readings, or where correlations are declared: a file brings its own.
    """
    quantities = document["quantities"]
    columns = {name: str(entry.get("unit") or "1") for name, entry in quantities.items() if "readings" in entry}
    if not columns:
        raise UnusableValue(
            field="readings", found="—", right=N_("a quantity of readings: it becomes a column of the file")
        )
    if document.get("correlations"):
        raise UnusableValue(field="correlations", found="r", right=N_("quantities observed together, or none"))
    unwritten = next((name for name, entry in document["measurands"].items() if "expression" not in entry), None)
    if unwritten is not None or document.get("functions"):
        right = N_("models written as expressions, without functions of their own")
        raise UnusableValue(field="measurands", found=unwritten or "functions", right=right)
    data: dict[str, Any] = {"columns": columns}
    if document.get("observed_together"):
        data["observed_together"] = [list(group) for group in document["observed_together"]]
    budget: dict[str, Any] = {
        "measurands": {
            name: {"expression": entry["expression"], "unit": entry.get("unit") or "1"}
            for name, entry in document["measurands"].items()
        },
        "coverage": document.get("coverage", {"k": 2}),
    }
    others = {name: dict(entry) for name, entry in quantities.items() if name not in columns}
    if others:
        budget = {"quantities": others} | budget
    return _yaml(
        {
            "procedure": 1,
            "name": method.name,
            "title": dict(method.title),
            "kind": "measurement",
            "version": method.version,
            "method": {
                "code": method.code,
                "title": dict(method.title),
                "version": method.version,
                "confirmed": False,
            },
            "data": data,
            "budget": budget,
        }
    )


def save(session: Session, document: Mapping[str, Any], method: Method, *, by: Actor, at: datetime) -> ProcedureVersion:
    """The budget as a draft of a procedure. It is evaluated first: what is wrong is never saved."""
    require(by, "procedures.manage")
    uncertainty.evaluate(document)
    return procedures.draft(session, template(document, method), method.code, by=by, at=at)


def as_yaml(document: Mapping[str, Any]) -> str:
    """A budget document as the YAML that commands and files take."""
    return _yaml(document)


def _yaml(data: Any) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()
