"""The file of a measurement standard as PDF (JJF 1033): technical report, tests with their charts, life history.

Made from what the laboratory has recorded on the day; nothing in it is typed for it. Tagged for readers (UA-1).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from lims import words
from lims.domain import measurement_standards as rules
from lims.words import N_, both
from uncertainty.presentation import figures, plots

from .errors import RenderingFailed
from .pdf import font_folders

TEMPLATE = Path(__file__).parent / "standard_file.typ"
WORDS = {
    "unread": N_("The figures of JJF 1033 that are used here (numbers of readings, periods, list of documents) have not been read in its text."),
    "equipment": N_("Measurement standard and main equipment"),
    "part": N_("Part"),
    "instrument": N_("Instrument"),
    "serial": N_("Serial No."),
    "certificate": N_("Certificate"),
    "until": N_("Valid until"),
    "chain": N_("Traceability and dissemination"),
    "environment": N_("Ambient conditions"),
    "people": N_("People"),
    "nothing": N_("nothing recorded yet"),
    "day": N_("Day"),
    "mean": N_("Mean"),
    "change": N_("Change of the mean"),
    "limit": N_("Criterion"),
    "verdict": N_("Verdict"),
    "readings": N_("Readings of the newest test:"),
    "uncertainty": N_("Evaluation of the uncertainty of the results"),
    "record": N_("From the newest approved record:"),
    "point": N_("Point"),
    "range": N_("Range"),
    "nominal": N_("Nominal"),
    "unit": N_("Unit"),
    "source": N_("Source"),
    "share": N_("Share"),
    "documents": N_("Documents of the file"),
    "life": N_("Life history"),
    "conclusion": N_("Conclusion"),
    "keeper": N_("Keeper of the standard"),
    "approved": N_("Technical manager"),
}  # fmt: skip
SYMBOLS = {"n": "n", "s": "s", "expanded": "U", "k": "k", "standard_uncertainty": "u(x)", "contribution": "|c|·u(x)"}
STANDING = {
    "live": N_("in order"),
    "missing": N_("missing"),
    "elsewhere": N_("kept elsewhere"),
    "none": N_("not needed"),
}
ROLES = {"perform": N_("perform"), "verify": N_("verify"), "approve": N_("approve")}
VERDICTS = {True: N_("meets the criterion"), False: N_("does not meet it"), None: N_("nothing to compare with yet")}
EVENTS = {
    "entered": N_("entered in the register"),
    "note": N_("note"),
    "tested": N_("tested"),
    "planned": N_("plan of tests changed"),
    "in_force": N_("certificate in force"),
    "changed": N_("change to be declared"),
    "re_examination": N_("re-examination"),
    "sealed": N_("sealed"),
    "revoked": N_("revoked"),
    "preparing": N_("being set up"),
    "applied": N_("applied for"),
    "examined": N_("examined"),
}
_compiling = threading.Lock()


def as_pdf(file: Any, *, at: datetime, software: str) -> bytes:
    """The pages. file: lims.queries.standard_file.File. Raises RenderingFailed."""
    inputs = {"view": json.dumps(view(file, at=at, software=software), ensure_ascii=False)}
    with _compiling:
        try:
            made = _compiler().compile(
                format="pdf", sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"], timestamp=int(at.timestamp())
            )
        except typst.TypstError as error:
            raise RenderingFailed(number=file.life.standard.code, reason=str(error)) from error
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> typst.Compiler:
    """One compiler for the process: fonts are read once."""
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=font_folders(), ignore_system_fonts=True)


def view(file: Any, *, at: datetime, software: str) -> dict[str, Any]:
    """What the pages show, as text."""
    standard = file.life.standard
    open_ = [title for _, title, standing, _ in file.documents if standing == "missing"]
    failed = [kind for kind in rules.TESTS if (tests := file.tests(kind)) and tests[-1].ok is False]
    return {
        "title": both(N_("Technical report of the measurement standard")),
        "words": {key: both(text) for key, text in WORDS.items()}
        | {key: {"zh": sign, "en": sign} for key, sign in SYMBOLS.items()},
        "name": standard.name,
        "code": standard.code,
        "laboratory": file.laboratory["name"],
        "facts": _facts(file),
        "unread": True,
        "equipment": [_part(*part) for part in file.life.parts],
        "chain": _chain(file),
        "environment": _environment(standard.environment),
        "people": [
            {"name": person.name, "roles": [both(ROLES[role]) for role in roles]} for person, roles in file.people
        ],
        "tests": [_tests(file, kind) for kind in rules.TESTS],
        "record": file.record,
        "results": [_result(row) for row in file.results],
        "budget": [_budget_line(part, file.budget) for part in file.budget.get("parts", ())],
        "budget_title": both(N_("Budget of point {n}"), n=file.budget.get("point", "")),
        "documents": [
            {"no": str(n), "title": both(title), "standing": both(STANDING[standing]), "note": note}
            for n, (_, title, standing, note) in enumerate(file.documents, 1)
        ],
        "events": [_event(event) for event in reversed(file.life.events)],
        "conclusion": _conclusion(open_, failed),
        "at": at.isoformat(timespec="seconds"),
        "software": software,
    }


def _facts(file: Any) -> list[dict[str, Any]]:
    standard, scope = file.life.standard, file.life.standard.scope
    reach = scope.get("range") or []
    span = f"{figures.short(reach[0], 6)} … {figures.short(reach[1], 6)} {scope.get('unit', '')}" if reach else "—"
    until = f"{standard.valid_from} … {standard.valid_to}" if standard.valid_to else "—"
    rows = [
        (N_("Laboratory"), file.laboratory["name"]),
        (N_("Code"), standard.code),
        (N_("Examination certificate"), standard.certificate_number or "—"),
        (N_("Valid"), until),
        (N_("Measurand"), str(scope.get("measurand", "—"))),
        (N_("Range"), span),
        (N_("Accuracy"), str(scope.get("U") or scope.get("mpe") or "—")),
        (N_("Procedures"), ", ".join(f"{v.name} {v.version}" for v in file.procedures) or "—"),
        (N_("Place"), standard.place or "—"),
    ]
    return [{"word": both(word), "said": said} for word, said in rows]


def _part(part: Any, instrument: Any, version: Any) -> dict[str, Any]:
    return {
        "part": both(N_("main standard") if part.part == "main" else N_("auxiliary equipment")),
        "instrument": f"{instrument.maker} {instrument.model}",
        "serial": instrument.serial,
        "certificate": "—" if version is None else version.certificate_number,
        "until": "—" if version is None else version.valid_to.isoformat(),
    }


def _chain(file: Any) -> list[dict[str, Any]]:
    """The levels from above to below: who calibrated, the equipment, the items that it serves."""
    versions = [version for _, _, version in file.life.parts if version is not None]
    above = [
        {"head": {lang: str(v.issuer.get(lang, "")) for lang in ("zh", "en")}, "sub": v.certificate_number}
        for v in versions
    ]
    own = [
        {"head": {"zh": f"{item.maker} {item.model}", "en": ""}, "sub": item.serial} for _, item, _ in file.life.parts
    ]
    below = [{"head": both(N_("items under {name}"), name=v.name), "sub": v.version} for v in file.procedures]
    levels = [boxes for boxes in (above, own, below) if boxes]
    return [{"boxes": boxes, "strong": boxes is own, "last": n == len(levels) - 1} for n, boxes in enumerate(levels)]


def _environment(limits: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    named = {"temperature": N_("Temperature"), "humidity": N_("Relative humidity")}
    units = {"degC": "°C", "%RH": "%RH"}
    return [
        {"word": both(named.get(name, name)), "said": f"{low:g} … {high:g} {units.get(unit, unit)}"}
        for name, (low, high, unit) in limits.items()
    ]


def _tests(file: Any, kind: str) -> dict[str, Any]:
    made = file.tests(kind)
    svg = chart(kind, made)
    return {
        "title": both(rules.TESTS[kind]),
        "rows": [_test(test) for test in made],
        "svg": svg,
        "alt": words.term(rules.TESTS[kind], "zh"),
        "readings": ", ".join(figures.short(each, 9) for each in made[-1].readings[:40]) if made else "",
    }


def chart(kind: str, tests: Sequence[Any], lang: str = "zh") -> str:
    """The means of the tests over time between their limits; readings of the newest repeatability test. "" for too few."""
    if not tests:
        return ""
    newest = tests[-1]
    unit = newest.unit
    if kind == "repeatability":
        s = newest.outcome.get("s_approved") or newest.outcome.get("s")
        mean = float(newest.outcome["mean"])
        limits = (mean - 3 * float(s), mean + 3 * float(s)) if s else None
        values = newest.readings
    else:
        limit = newest.outcome.get("limit")
        values = [float(test.outcome["mean"]) for test in tests]
        mean = float(newest.outcome.get("reference", sum(values) / len(values)))
        limits = (mean - float(limit), mean + float(limit)) if limit else None
    if limits is None or len(values) < 2 or not limits[0] < limits[1]:
        return ""
    return str(plots.control_chart(values, mean, limits, y_label=unit, lang=lang, identity=f"standard-{kind}"))


def _test(test: Any) -> dict[str, Any]:
    outcome = test.outcome
    limit = outcome.get("limit", outcome.get("s_approved"))
    return {
        "day": test.on_day.isoformat(),
        "n": str(outcome["n"]),
        "mean": figures.short(outcome["mean"], 9),
        "s": "—" if outcome.get("s") is None else figures.figure(outcome["s"], 3),
        "change": "—" if outcome.get("change") is None else figures.figure(outcome["change"], 3),
        "limit": "—" if limit is None else figures.figure(limit, 3),
        "verdict": both(VERDICTS[test.ok]),
    }


def _result(row: Mapping[str, Any]) -> dict[str, str]:
    names = ("point", "range", "nominal", "U", "unit", "k")
    return {name: str(row.get(name) or "—") for name in names}


def _budget_line(part: Mapping[str, Any], budget: Mapping[str, Any]) -> dict[str, Any]:
    title = part["title"]
    contribution = abs(float(part["contribution"]))
    return {
        "title": title if isinstance(title, Mapping) else {"zh": str(title), "en": ""},
        "u": figures.figure(abs(float(part["u"])), 3),
        "contribution": f"{figures.figure(contribution, 3)} {budget['unit']}",
        "share": f"{100 * float(part['share']):.0f} %",
    }


def _event(event: Any) -> dict[str, Any]:
    more = event.payload.get("certificate") or ""
    return {
        "day": event.at.date().isoformat(),
        "what": both(EVENTS.get(event.kind, event.kind)),
        "note": " ".join(part for part in (str(more), event.note) if part) or "—",
    }


def _conclusion(missing: Sequence[str], failed: Sequence[str]) -> dict[str, str]:
    if not missing and not failed:
        return both(N_("The file is complete and every test meets its criterion."))
    said = []
    if failed:
        named = [both(rules.TESTS[kind]) for kind in failed]
        said.append(both(N_("Criterion not met: {what}."), what=_listed(named)))
    if missing:
        said.append(both(N_("Still missing: {what}."), what=_listed([both(title) for title in missing])))
    return {lang: " ".join(each[lang] for each in said) for lang in ("zh", "en")}


def _listed(texts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {lang: sep.join(text[lang] for text in texts) for lang, sep in (("zh", "、"), ("en", ", "))}
