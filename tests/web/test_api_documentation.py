"""docs/api.md runs: its examples are sent in order to the laboratory of the tests, and answered as they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask

from instruments import procedures
from lims.records.series import next_number
from lims.services import rendering
from tests.web import laboratory
from tests.web.machines import machine_of

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
WHOLE = re.compile(r"^\{(\w+)\}$")
PART = re.compile(r"\{(\w+)\}")
Known = dict[str, Any]


def examples() -> list[str]:
    return re.findall(r"```http\n(.*?)```", PAGE, re.S)


def filled(value: Any, known: Known) -> Any:
    """What is sent: each {name} replaced by what an answer before gave."""
    if isinstance(value, dict):
        return {name: filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    if not isinstance(value, str):
        return value
    whole = WHOLE.match(value)
    return known[whole[1]] if whole else PART.sub(lambda found: str(known[found[1]]), value)


def compare(shown: Any, said: Any, known: Known, place: str) -> None:
    """What stands in the page has to be in the answer; a {name} not known yet is kept."""
    if isinstance(shown, dict):
        for name, each in shown.items():
            assert name in said, f"{place}: {name} is not in {sorted(said)}"
            compare(each, said[name], known, f"{place}.{name}")
    elif isinstance(shown, list):
        assert len(said) >= len(shown), f"{place}: {said}"
        for n, each in enumerate(shown):
            compare(each, said[n], known, f"{place}[{n}]")
    elif isinstance(shown, str) and (name := WHOLE.match(shown)) and name[1] not in known:
        known[name[1]] = said
    else:
        assert said == filled(shown, known), f"{place}: {said!r}"


def readings() -> list[dict[str, Any]]:
    """Three readings of each point of DMM-DCV about an error of 1e-6."""
    rows = []
    for point in procedures.plan(procedures.load_procedure("dmm-dcv")).points:
        scale = 1000.0 if point.display_unit == "mV" else 1.0
        shown = [point.nominal * (1 + 1e-6) + n * float(point.resolution) for n in (-1, 0, 1)]
        rows.append({"point": point.no, "indications": [f"{x * scale:.9f}" for x in shown]})
    return rows


def send(app: Flask, example: str, known: Known) -> None:
    parts = example.strip().split("\n\n")
    (first, *heads), answer = parts[0].splitlines(), parts[-1].splitlines()
    method, path = first.split(" ", 1)
    body = json.loads(parts[1]) if len(parts) == 3 else None
    headers = dict(filled(line, known).split(": ", 1) for line in heads)
    said = app.test_client().open(
        filled(path, known), method=method, headers=headers, json=None if body is None else filled(body, known)
    )
    assert said.status_code == int(answer[0]), f"{first}: {said.status_code} {said.get_data(as_text=True)[:600]}"
    for line in answer[1:]:
        if line.startswith("ETag: "):
            known[line.removeprefix("ETag: ").strip("{}")] = said.headers["ETag"]
        else:
            compare(json.loads(line), said.get_json(), known, first)


def test_the_examples_of_the_page_run_in_order_from_the_order_to_the_signed_certificate(app: Flask) -> None:
    people = ("customer", "keeper", "tech", "verifier", "approver")
    known: Known = {name: machine_of(app, name).headers["Authorization"].split()[1] for name in people}
    narrow = machine_of(app, "customer", ("certificates.read",))
    known |= {"narrow": narrow.headers["Authorization"].split()[1], "readings": readings()}
    with app.extensions["lims_writers"]() as session:
        next_number(session, "certificate.calibration", laboratory.AT)  # the sample's certificate did not count
        session.commit()
    ran = examples()
    assert len(ran) > 20
    for example in ran:
        if "/pdf" in example:  # the worker makes the documents; here it is asked to
            with app.extensions["lims_writers"]() as session:
                made = rendering.render_due(session, at=laboratory.AT, settings=app.config["LIMS"])
                session.commit()
            assert known["certificate"] in made
        send(app, example, known)


def test_a_replayed_order_is_the_same_one(app: Flask) -> None:
    """The example of the page, sent twice under its key."""
    example = next(each for each in examples() if "our-purchase-4711" in each)
    known: Known = {"customer": machine_of(app, "customer").headers["Authorization"].split()[1]}
    send(app, example.replace("ETag: {tag}\n", ""), known)
    send(app, example.replace("ETag: {tag}\n", ""), known)  # {order} is known by now, and has to be the same
