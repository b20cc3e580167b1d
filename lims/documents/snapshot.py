"""The frozen snapshot of a certificate: its canonical bytes, its digest, and a light check of its shape.

PDF, DCC and web page are renderings of one snapshot and so cannot disagree. Numbers are decimal strings as printed;
`full` holds the full-precision values as repr strings, for re-execution.

Beside the fields of `suyuan.certificate/1` these may be given: `conclusion` (Text) and `dates.valid_to` (verification),
`value` and `symbol` of a row (a result that is no error of indication), `environment[].k`, `laboratory.country`
(ISO 3166-1, else CN), `place_kind` (DCC performanceLocation, else laboratory). Maker, model and serial number of an
item may be empty.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from lims.domain.canonical import canonical as canonical_json

from .errors import SnapshotNotUsable

SCHEMA = "suyuan.certificate/1"
KINDS = ("calibration", "verification", "result_notice", "evaluation_report")
STAGES = ("as_found", "as_left", "result")
ROLES = ("performer", "verifier", "approver")
VERDICTS = ("pass", "fail", "undetermined", "conditional_pass", "conditional_fail", "none")
DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
NUMBERS_OF_A_ROW = (
    "nominal", "reference", "indication", "error", "value", "U", "k", "p", "dof", "low", "high", "mpe", "tur"
)  # fmt: skip

# what every rendering needs: texts, bilingual texts, lists with the texts of their entries
_TEXTS = (
    "number", "item.code", "verification.url", "audit_head.hash", "software.name", "software.version",
    "software.python", "software.numpy", "software.platform",
)  # fmt: skip
_BOTH = (
    "title", "laboratory.name", "laboratory.address", "customer.name", "customer.address", "item.description",
    "item.condition", "place", "traceability.statement", "uncertainty_statement",
)  # fmt: skip
_LISTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "methods": (("code", "version", "digest"), ("title", "statement")),
    "environment": (("unit",), ("quantity",)),
    "standards": (("code", "certificate", "issued", "valid_to"), ("description", "issuer", "used_for")),
    "people": ((), ("name", "title")),
    "records": (("number", "digest"), ()),
    "statements": ((), ("text",)),
    "deviations": ((), ("text",)),
    "external_results": ((), ("text",)),
    "customer_data": ((), ("text",)),
    "demonstration_reasons": ((), ("text",)),
    "traceability.missing": ((), ("text",)),
}
_INFINITE = (float("inf"), float("-inf"))

Snapshot = Mapping[str, Any]


def canonical(snapshot: Snapshot) -> bytes:
    """The one byte form of a snapshot: JSON in UTF-8, keys sorted, no spaces, nothing escaped that need not be.

    Raises SnapshotNotUsable for NaN, an infinity, half of a surrogate pair, or a value JSON does not know.
    """
    try:
        made = canonical_json(snapshot)
        if json.loads(made) == snapshot:  # as written, so read back: nothing in it was bent to fit JSON
            return made
    except (TypeError, ValueError):
        pass  # the walk below finds the place
    for place, value in _leaves(snapshot, ""):
        if not isinstance(value, str | int | float | bool | None) or value != value or value in _INFINITE:
            raise SnapshotNotUsable(
                place=place, found=repr(value)[:60], right="text, a finite number, true, false or null"
            )
    try:
        return canonical_json(snapshot)
    except UnicodeEncodeError as error:
        raise SnapshotNotUsable(place="text", found="half of a surrogate pair", right="whole characters") from error


def digest(snapshot: Snapshot) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(snapshot)).hexdigest()


def reported(row: Mapping[str, Any]) -> str | None:
    """The reported value of a result row: `value` where the row has one, else the error of indication."""
    value = row.get("value")
    found = value if value is not None else row.get("error")
    return None if found is None else str(found)


def numbers(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """(place, decimal string) of every number that a certificate prints from its results and conditions."""
    for s, results in enumerate(snapshot["result_sets"]):
        for r, row in enumerate(results["rows"]):
            for name in NUMBERS_OF_A_ROW:
                if row.get(name) is not None:
                    yield f"result_sets.{s}.rows.{r}.{name}", row[name]
        correlation = results.get("correlation")
        for i, line in enumerate(correlation["matrix"] if correlation else ()):
            for j, value in enumerate(line):
                yield f"result_sets.{s}.correlation.matrix.{i}.{j}", value
    for i, condition in enumerate(snapshot["environment"]):
        for name in ("low", "high", "U"):
            if condition.get(name) is not None:
                yield f"environment.{i}.{name}", condition[name]


def check(snapshot: Snapshot) -> None:
    """Raises SnapshotNotUsable at the first field that a document needs and that is missing or of the wrong shape.

    Light: the shape that rendering relies on. What a certificate must say (ISO/IEC 17025, 7.8) is the linter's task.
    """
    if not isinstance(snapshot, Mapping):
        raise SnapshotNotUsable(place="top", found=_shown(snapshot), right="an object")
    _one_of(snapshot, "schema", (SCHEMA,))
    _one_of(snapshot, "kind", KINDS)
    _truth(snapshot, "demonstration")
    _truth(snapshot, "clock.simulated")
    _truth(snapshot, "traceability.claimed")
    for place in _TEXTS:
        _text(snapshot, place)
    for place in _BOTH:
        _both(snapshot, place)
    for place in ("dates.performed_from", "dates.performed_to", "dates.issued"):
        _date(snapshot, place)
    for place in ("dates.received", "dates.valid_to"):
        if _at(snapshot, place) is not None:
            _date(snapshot, place)
    for place, (texts_of, both_of) in _LISTS.items():
        held = _at(snapshot, place)
        if not isinstance(held, list):
            raise SnapshotNotUsable(place=place, found=_shown(held), right="a list")
        for i, entry in enumerate(held):
            if both_of == ("text",):
                if not _is_both(entry):
                    raise SnapshotNotUsable(place=f"{place}.{i}", found=_shown(entry), right="a text in zh and en")
                continue
            for name in texts_of:
                _text(entry, name, f"{place}.{i}.")
            for name in both_of:
                _both(entry, name, f"{place}.{i}.")
    _check_nullable(snapshot)
    _check_people(snapshot)
    _check_environment(snapshot)
    _check_results(snapshot)


def _check_nullable(snapshot: Snapshot) -> None:
    for place in ("sampling", "supersedes", "conformity"):
        if place not in snapshot:
            raise SnapshotNotUsable(place=place, found="nothing", right="a value or null")
    if snapshot["sampling"] is not None:
        _both(snapshot, "sampling")
    if snapshot["conformity"] is not None:
        _both(snapshot, "conformity.statement")
    if snapshot["supersedes"] is not None:
        _text(snapshot, "supersedes.number")
        _text(snapshot, "supersedes.digest")
        _both(snapshot, "supersedes.reason")


def _check_environment(snapshot: Snapshot) -> None:
    for i, condition in enumerate(snapshot["environment"]):
        for name in ("low", "high", "U", "k"):
            _decimal(condition, name, f"environment.{i}.", needed=name in ("low", "high"))


def _check_people(snapshot: Snapshot) -> None:
    if not snapshot["people"] and snapshot["kind"] != "evaluation_report":
        raise SnapshotNotUsable(place="people", found="nobody", right="at least the person who approved")
    for i, person in enumerate(snapshot["people"]):
        _one_of(person, "role", ROLES, f"people.{i}.")
        _both(person, "name", f"people.{i}.")
        found = person.get("at")
        try:
            aware = datetime.fromisoformat(found).tzinfo is not None
        except (TypeError, ValueError):
            aware = False
        if not aware:
            raise SnapshotNotUsable(place=f"people.{i}.at", found=_shown(found), right="an instant with its time zone")


def _check_results(snapshot: Snapshot) -> None:
    sets = _at(snapshot, "result_sets")
    if not isinstance(sets, list) or not sets:
        raise SnapshotNotUsable(place="result_sets", found=_shown(sets), right="at least one set of results")
    for s, results in enumerate(sets):
        place = f"result_sets.{s}."
        _one_of(results, "stage", STAGES, place)
        _both(results, "title", place)
        rows = results.get("rows")
        if not isinstance(rows, list) or not rows:
            raise SnapshotNotUsable(place=f"{place}rows", found=_shown(rows), right="at least one row")
        for r, row in enumerate(rows):
            _check_row(row, f"{place}rows.{r}.")
        _check_correlation(results.get("correlation"), f"{place}correlation")


def _check_row(row: Mapping[str, Any], place: str) -> None:
    _both(row, "quantity", place)
    _one_of(row, "verdict", VERDICTS, place)
    if not isinstance(row.get("unit"), str):
        raise SnapshotNotUsable(place=f"{place}unit", found=_shown(row.get("unit")), right="a unit as text")
    for name in NUMBERS_OF_A_ROW:
        _decimal(row, name, place)
    if reported(row) is None:
        raise SnapshotNotUsable(place=f"{place}error", found="null", right="the reported value as a decimal string")


def _check_correlation(correlation: Mapping[str, Any] | None, place: str) -> None:
    if correlation is None:
        return
    n = len(correlation["names"])
    matrix = correlation["matrix"]
    if len(matrix) != n or any(len(line) != n for line in matrix):
        raise SnapshotNotUsable(place=f"{place}.matrix", found=f"{len(matrix)} lines", right=f"a square of {n} × {n}")


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise SnapshotNotUsable(place=place or "top", found=f"the key {key!r}", right="text as key")
            yield from _leaves(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from _leaves(inner, f"{place}.{i}")
    else:
        yield place, value


def texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """(place, text) of every piece of text in a snapshot."""
    for place, value in _leaves(snapshot, ""):
        if isinstance(value, str):
            yield place, value


def _at(mapping: Mapping[str, Any], place: str) -> Any:
    value: Any = mapping
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:60]


def _text(mapping: Mapping[str, Any], place: str, prefix: str = "") -> None:
    value = _at(mapping, place)
    if not isinstance(value, str) or not value.strip():
        raise SnapshotNotUsable(place=prefix + place, found=_shown(value), right="text")


def _both(mapping: Mapping[str, Any], place: str, prefix: str = "") -> None:
    value = _at(mapping, place)
    if not _is_both(value):
        raise SnapshotNotUsable(place=prefix + place, found=_shown(value), right="a text in zh and en")


def _is_both(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(lang), str) for lang in ("zh", "en"))


def _truth(mapping: Mapping[str, Any], place: str) -> None:
    value = _at(mapping, place)
    if not isinstance(value, bool):
        raise SnapshotNotUsable(place=place, found=_shown(value), right="true or false")


def _decimal(mapping: Mapping[str, Any], name: str, prefix: str, *, needed: bool = False) -> None:
    value = mapping.get(name)
    if value is None and not needed:
        return
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        right = "a decimal string" if needed else "a decimal string or null"
        raise SnapshotNotUsable(place=prefix + name, found=_shown(value), right=right)


def _one_of(mapping: Mapping[str, Any], place: str, allowed: tuple[str, ...], prefix: str = "") -> None:
    value = _at(mapping, place)
    if value not in allowed:
        raise SnapshotNotUsable(place=prefix + place, found=_shown(value), right=" | ".join(allowed))


def _date(mapping: Mapping[str, Any], place: str) -> None:
    value = _at(mapping, place)
    try:
        if date.fromisoformat(value).isoformat() != value:
            raise ValueError(value)
    except (TypeError, ValueError):
        raise SnapshotNotUsable(place=place, found=_shown(value), right="a date YYYY-MM-DD") from None
