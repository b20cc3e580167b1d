"""The measurementResults of a DCC: methods, equipment, conditions, and a list of quantities for each range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from .elements import (
    Element,
    dcc,
    identification,
    maker,
    plain,
    real,
    real_list,
    reference,
    si,
    statement,
    text,
)
from .texts import label

ADJUSTMENT = {"as_found": "basic_beforeAdjustment", "as_left": "basic_afterAdjustment", "result": None}
# DCC 3.3.0 knows no "undetermined": neither pass nor fail is shown, of which noPass (not shown to conform) is the careful one
CONFORMITY = {"pass": "pass", "fail": "fail", "undetermined": "noPass"} | {
    "conditional_pass": "conditionalPass",
    "conditional_fail": "conditionalFail",
}
CONDITIONS = {"%RH": "basic_humidityRelative", "degC": "basic_temperature", "°C": "basic_temperature"}

Row = Mapping[str, Any]


def measurement_results(root: Element, snapshot: Mapping[str, Any]) -> None:
    """One measurementResult for each set of results (as found, as left), complete in itself."""
    results = dcc(root, "measurementResults")
    for held in snapshot["result_sets"]:
        kind = ADJUSTMENT[held["stage"]]
        element = dcc(results, "measurementResult", **({"refType": kind} if kind else {}))
        text(element, "name", held["title"])
        _methods(dcc(element, "usedMethods"), snapshot)
        software(dcc(element, "usedSoftware"), snapshot)
        if snapshot["standards"]:
            equipment = dcc(element, "measuringEquipments")
            for standard in snapshot["standards"]:
                _equipment(equipment, standard, snapshot["dates"])
        _conditions(dcc(element, "influenceConditions"), snapshot["environment"])
        listed = dcc(element, "results")
        for group in groups(held["rows"]):
            _result(listed, group, snapshot.get("conformity"))
        if held.get("correlation"):
            _correlation(listed, held["correlation"])


def groups(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Consecutive rows of one quantity, function, range and unit."""

    def key(row: Row) -> tuple[Any, ...]:
        return row["quantity"]["en"], row.get("function"), row.get("range"), row["unit"]

    for _, group in groupby(rows, key):
        yield list(group)


def _methods(parent: Element, snapshot: Mapping[str, Any]) -> None:
    for method in snapshot["methods"]:
        element = dcc(parent, "usedMethod", refType="basic_calibrationMethod")
        text(element, "name", method["title"])
        text(element, "description", method["statement"])
        dcc(element, "norm", method["code"])
        dcc(element, "reference", f"{method['version']} sha256:{method['digest']}")
    element = dcc(parent, "usedMethod", refType="basic_methodMeasurementUncertainty")
    text(element, "name", label("uncertainty"))
    text(element, "description", snapshot["uncertainty_statement"])


def software(parent: Element, snapshot: Mapping[str, Any]) -> None:
    """The software that evaluated the readings and wrote the document."""
    element = dcc(parent, "software")
    plain(element, "name", snapshot["software"]["name"])
    dcc(element, "release", release(snapshot["software"]["version"]))
    dcc(element, "type", "application")


def source_of(specification: Mapping[str, Any]) -> str:
    """Where a specification is written: maker, document, edition, page, as far as they are known."""
    known = [str(specification[name]) for name in ("maker", "document", "edition") if specification.get(name)]
    page = specification.get("page")
    return ", ".join([*known, f"p. {page}"] if page else known)


def release(version: str) -> str:
    """A version in the form PTB's rules ask for: `0.1.0` → `v0.1.0`."""
    return "v" + ".".join(re.findall(r"\d{1,3}", version)[:4] or ["0"])


def _equipment(parent: Element, standard: Mapping[str, Any], dates: Mapping[str, Any]) -> None:
    element = dcc(parent, "measuringEquipment", refType="basic_measurementStandard")
    text(element, "name", standard["description"])
    text(element, "description", standard["used_for"])
    issuer, valid_to = standard["issuer"], standard["valid_to"]
    if standard.get("digest"):
        in_date = standard["issued"] <= dates["performed_from"] and dates["performed_to"] <= valid_to
        reference(
            element,
            "certificate",
            referral=label("certificate"),
            number=standard["certificate"],
            digest=standard["digest"],
            description={lang: f"{issuer[lang]}; {standard['issued']} – {valid_to}" for lang in ("zh", "en")},
            valid=in_date,
            traceable=not standard.get("demonstration", False),
        )
    maker(element, standard.get("maker"))
    if standard.get("model"):
        dcc(element, "model", standard["model"])
    held = dcc(element, "identifications")
    identification(held, "manufacturer", standard.get("serial"), label("serial"), "basic_serialNumber")
    identification(held, "calibrationLaboratory", standard["code"], label("standard"))


def _conditions(parent: Element, environment: Sequence[Mapping[str, Any]]) -> None:
    if not environment:
        element = dcc(parent, "influenceCondition")
        text(element, "name", label("environment"))
        text(dcc(element, "data"), "text", label("not_recorded"))
    for condition in environment:
        kind = CONDITIONS.get(condition["unit"])
        element = dcc(parent, "influenceCondition", **({"refType": kind} if kind else {}))
        text(element, "name", condition["quantity"])
        plain(element, "description", condition["sensor"])
        data = dcc(element, "data")
        for name, suffix in (("low", "minimum"), ("high", "maximum")):
            real(
                data,
                label(suffix),
                condition[name],
                condition["unit"],
                U=condition.get("U"),
                k=condition.get("k"),
                ref_type=f"{kind}{suffix[:3].title()}" if kind else None,
            )


def _result(parent: Element, rows: Sequence[Row], conformity: Mapping[str, Any] | None) -> None:
    first = rows[0]
    quantity, span = first["quantity"], first.get("range")
    element = dcc(parent, "result")
    text(element, "name", {lang: f"{quantity[lang]}, {label('range')[lang]} {span}" if span else quantity[lang]
                           for lang in ("zh", "en")})  # fmt: skip
    held = dcc(
        dcc(element, "data"), "list", refType="basic_measurementError" if _has(rows, "error") else "basic_result"
    )
    unit = first["unit"]
    for name, key, ref_type in (
        ("nominal", "nominal", "basic_nominalValue"),
        ("reference", "reference", "basic_referenceValue"),
        ("indication", "indication", "basic_measuredValue"),
    ):
        if _has(rows, name):
            real_list(held, label(key), _column(rows, name), unit, ref_type=ref_type)
    for name, ref_type in (("error", "basic_measurementError"), ("value", "basic_measuredValue")):
        if _has(rows, name):
            reported = real_list(
                held,
                quantity,
                _column(rows, name),
                unit,
                ref_type=ref_type,
                U=_column(rows, "U"),
                k=_column(rows, "k"),
                p=_column(rows, "p"),
            )
            _verdicts(reported, rows, conformity)
    for name, key, ref_type, of in (
        ("low", "lower_limit", "basic_acceptanceLimitLower", unit),
        ("high", "upper_limit", "basic_acceptanceLimitUpper", unit),
        ("mpe", "mpe", "suyuan_mpe", unit),
        ("dof", "effective_dof", "suyuan_effectiveDof", "1"),
        ("tur", "tur_long", "suyuan_tur", "1"),
    ):
        if _has(rows, name):
            real_list(held, label(key), _column(rows, name), of, ref_type=ref_type)
    if any(row["verdict"] != "none" for row in rows):
        verdicts = dcc(held, "quantity", refType="basic_conformity")
        text(verdicts, "name", label("verdict"))
        dcc(verdicts, "charsXMLList", " ".join(row["verdict"] for row in rows))


def _verdicts(quantity: Element, rows: Sequence[Row], conformity: Mapping[str, Any] | None) -> None:
    """The conformity of each value, where every one has a verdict."""
    if conformity is None or any(row["verdict"] == "none" for row in rows):
        return
    meta = statement(
        dcc(quantity, "measurementMetaData"), label("conformity"), conformity["statement"], tag="metaData",
        ref_type="basic_conformity",
    )  # fmt: skip
    dcc(meta, "conformityXMLList", " ".join(CONFORMITY[row["verdict"]] for row in rows))


def _correlation(parent: Element, correlation: Mapping[str, Any]) -> None:
    element = dcc(parent, "result", refType="suyuan_correlation")
    text(element, "name", label("correlation"))
    held = dcc(dcc(element, "data"), "list")
    for name, line in zip(correlation["names"], correlation["matrix"], strict=True):
        quantity = real_list(held, {"zh": name, "en": name}, line, "1", ref_type="suyuan_correlation")
        labels = si(quantity[1], "labelXMLList", " ".join(correlation["names"]))
        quantity[1].insert(0, labels)


def _has(rows: Sequence[Row], name: str) -> bool:
    return any(row.get(name) is not None for row in rows)


def _column(rows: Sequence[Row], name: str) -> list[str | None]:
    return [row.get(name) for row in rows]
