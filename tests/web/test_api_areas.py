"""Everything the pages do, calls do: each area of pages has calls, or a reason why it has none."""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, seed, settings

from tests.web.machines import Machine, machine_of

CALLS = {
    "orders": "api-orders", "order_review": "api-orders", "intake": "api-items", "item_acts": "api-items",
    "instruments": "api-registers", "customers": "api-registers", "bench": "api-measuring", "live": "api-work",
    "records": "api-work", "review": "api-measuring", "certificates": "api-documents", "traceability": "api-documents",
    "authentic": "api-public", "standards": "api-standards", "measurement_standards": "api-standards",
    "compulsory": "api-legal", "rules": "api-legal", "scope": "api-legal", "industry": "api-legal",
    "charts": "api-control", "proficiency": "api-control", "batches": "api-batches", "notices": "api-office",
    "numbers": "api-office", "people": "api-office", "exchange": "api-office", "providers": "api-office",
    "visits": "api-office", "cases": "api-quality", "audits": "api-quality", "risks": "api-quality",
    "fees": "api-money", "statistics": "api-money", "budgets": "api-budgets", "competence": "api-competence",
    "procedures": "api-procedures", "bookings": "api-bookings",
}  # fmt: skip
"""Area of pages → the calls that do the same."""
NONE = {
    "account": "a password, and who may use tokens, are a person's own affair at a browser",
    "second_factor": "codes are for people at a browser; a token needs none",
    "today": "a front page; its lists are calls of their own",
    "mine": "a front page of a customer; its lists are calls of their own",
    "pieces": "parts of pages",
    "quality": "a front page; the chain of audit is verified by `lims verify`",
}
"""Area of pages without calls → why."""
LACKING = {
    "exchange.export": "the whole data set as one archive: `lims export`, or the page",
    "exchange.template": "an empty sheet to be filled by people",
    "intake.file": "photographs and papers, not sent to machines yet",
    "measurement_standards.file": "a PDF for people",
    "fees.document": "a PDF for people",
    "batches.sheet": "an empty table to be filled by people; machines send readings",
    "charts.data": "the points are in the chart's call",
    "bookings.calendar": "a calendar file for people's own calendars",
}
"""Single pages without a call → why."""


def test_each_area_of_pages_has_calls_or_a_reason_for_none(app: Flask) -> None:
    pages = {name for name in app.blueprints if not name.startswith(("api-", "static"))} - {"api-docs"}
    areas = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules() if "." in rule.endpoint}
    known = {name for name in pages if name in areas}
    assert sorted(known - set(CALLS) - set(NONE)) == []
    assert sorted((set(CALLS) | set(NONE)) - known) == [], "these areas are gone"
    assert sorted(set(CALLS.values()) - set(app.blueprints)) == []


def test_what_is_said_to_lack_a_call_is_a_page(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(set(LACKING) - endpoints) == []


REAL_ONES = {
    "/items": "WT-2026-000001 WT-2026-000002 WT-2026-000003 WT-2026-000004",
    "/requests": "WT-2026-000001 WT-2026-000002",
    "/records": "R-WT-2026-000002",
    "/certificates": "YS-2026-000001",
    "/evidence": "YS-2026-000001 WT-2026-000001",
    "/people": "tech customer admin",
    "/numbers": "request record certificate.calibration",
}
"""Things that are there, by the beginning of a path; the numbers of others are asked from their lists."""
ASKED = {
    "/orders": ("orders", "number"), "/work-orders": ("work_orders", "number"), "/batches": ("batches", "number"),
    "/instruments": ("instruments", "code"), "/standards": ("standards", "code"), "/charts": ("charts", "code"),
    "/measurement-standards": ("measurement_standards", "code"), "/compulsory": ("entries", "number"),
    "/proficiency": ("rounds", "number"), "/cases": ("cases", "number"), "/invoices": ("invoices", "number"),
    "/internal-audits": ("internal_audits", "number"), "/imports": ("imports", "number"),
}  # fmt: skip
WRITES = ("post", "put")
ODD = st.sampled_from(
    [
        "",
        "x",
        "x",
        "DMM-DCV",
        "YQ-2026-000001",
        "suyuan-demo",
        "V",
        "1.5",
        "-1",
        "0",
        "WT-2026-000001",
        "𠮷",
        "a\x00b",
        "../..",
        "9" * 30,
        "NaN",
        "=1+1",
        "%00",
    ]
)
NUMBER = st.sampled_from([-(2**63), -1, 0, 1, 2, 3, 2**31, 2**63, 10**30])
REAL = st.sampled_from([0.0, -1.0, 1.0, 1e308, -1e308, 1e-308, 23.5])
DAY = st.sampled_from(["2026-11-20", "2026-11-19", "2027-01-01", "0001-01-01", "9999-12-31", "2026-02-30", ""])
ANYTHING = st.one_of(ODD, NUMBER, REAL, st.none(), st.booleans(), st.just([]), st.just({}), st.just({"a": "b"}))


def value_of(described: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly what the description allows, at its ends; now and then something else altogether."""
    if "$ref" in schema:
        return value_of(described, described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "allOf" in schema:
        return value_of(described, schema["allOf"][0])
    if "enum" in schema:
        return st.one_of(st.sampled_from(schema["enum"]), ODD)
    kind = schema.get("type")
    if kind == "array":
        return st.lists(value_of(described, schema.get("items", {})), max_size=3)
    if kind == "object":
        return _object_of(described, schema)
    if kind == "string":
        return DAY if schema.get("format") == "date" else ODD
    known = {"integer": NUMBER, "number": REAL, "boolean": st.booleans()}
    return known.get(kind, ANYTHING) if isinstance(kind, str) else ANYTHING


def _object_of(described: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    given_names = schema.get("properties", {})
    if not given_names:
        return st.dictionaries(st.sampled_from(["zh", "en", "a", "1"]), ANYTHING, max_size=3)
    needed = {name: value_of(described, given_names[name]) for name in schema.get("required", [])}
    free = {name: value_of(described, each) for name, each in given_names.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=free)


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    found = []
    for path, item in sorted(described["paths"].items()):
        for method in ("get", *WRITES):
            if method in item:
                said = item[method]
                found.append((method, path, said, item.get("parameters", []) + said.get("parameters", [])))
    return found


def there(app: Flask) -> dict[str, list[str]]:
    """Beginning of a path → what is there, as those may know who read everything."""
    found = {start: numbers.split() for start, numbers in REAL_ONES.items()}
    readers = [machine_of(app, name) for name in ("auditor", "admin", "keeper", "manager", "quality")]
    for start, (listed, key) in ASKED.items():
        answers = [reader.get(start) for reader in readers]
        good = next(each for each in answers if each.status_code == 200)
        found[start] = [str(row[key]) for row in good.json[listed]]
    return found


@st.composite
def requests_of(
    draw: Any, described: dict[str, Any], operation: Any, known: dict[str, list[str]]
) -> tuple[str, str, dict[str, Any]]:
    method, path, said, parameters = operation
    query, headers = {}, {}
    for each in parameters:
        found = draw(value_of(described, each.get("schema", {})))
        if each["in"] == "path":
            real = known.get("/" + path.removeprefix("/api/v1/").split("/")[0])
            if each["schema"].get("type") == "integer":
                found = draw(st.sampled_from([1, 1, 2, 3, 2**31, 0]))
            elif real and "enum" not in each["schema"] and draw(st.integers(0, 5)):
                found = draw(st.sampled_from(real))
            plain = str(found).replace("/", "").replace("?", "").replace("#", "").replace("%", "") or "x"
            path = path.replace("{" + each["name"] + "}", plain)
        elif each["in"] == "query" and draw(st.booleans()):
            query[each["name"]] = str(found)
        elif each["in"] == "header":
            headers[each["name"]] = draw(st.sampled_from(['"1"', '"0-0"', "*", "x", '"999999999"']))
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    sent: dict[str, Any] = {"query_string": query, "headers": headers}
    return method, path, sent if body is None else sent | {"json": draw(value_of(described, body))}


READS = {"tech": 150, "customer": 60, "keeper": 150, "manager": 150, "quality": 120, "finance": 60, "admin": 15}
"""Who walks → answers of 200 at least, so that the walk is not one of refusals."""


@pytest.mark.parametrize("who", list(READS))
def test_no_call_fails_whatever_is_sent_to_it(app: Flask, who: str) -> None:
    """Each call as it is described, with values at their ends: an answer of 2xx to 4xx with a sentence, never 5xx."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    machine = machine_of(app, who)
    described, known = app.test_client().get("/api/v1/openapi.json").get_json(), there(app)
    wrong: list[str] = []
    seen: Counter[int] = Counter()
    for operation in operations(described):
        _walk(machine, requests_of(described, operation, known), operation, wrong, seen)
    assert sorted(set(wrong)) == []
    assert seen[401] == 0
    assert seen[200] >= READS[who], "a walk that is refused everywhere shows nothing"
    assert seen[422] > 200


def _walk(machine: Machine, requests: Any, operation: Any, wrong: list[str], seen: Counter[int]) -> None:
    @seed(20261123)
    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(requests)
    def once(asked: tuple[str, str, dict[str, Any]]) -> None:
        method, path, sent = asked
        sent["headers"] = machine.headers | sent["headers"]
        answer = machine.client.open(path, method=method.upper(), **sent)
        seen[answer.status_code] += 1
        if answer.status_code >= 500:
            wrong.append(f"{operation[0].upper()} {operation[1]}: {answer.status_code} for {sent.get('json')!r}"[:300])
        elif answer.status_code >= 400 and answer.is_json:
            assert answer.get_json()["error"]["sentence"]
        answer.close()

    once()
