"""A snapshot as a Digital Calibration Certificate, DCC 3.3.0 with D-SI 2.2.1, bilingual; and its validation.

Every number stands as the decimal string that the PDF prints. Sources: DCC 3.3.0 and D-SI 2.2.1 schemas (PTB),
PTB's Schematron rules (software release "v1.2.3", methods and influence conditions in each measurementResult).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from . import snapshot as snapshots
from .dcc_results import measurement_results, software, source_of
from .elements import DCC, SI, Element, contact, dcc, identification, maker, reference, statement, text
from .errors import SnapshotNotUsable
from .findings import Finding
from .schemas import Schemas
from .texts import Text, filled, label

VERSION = "3.3.0"
DIGEST_REF_TYPE = "suyuan_snapshotDigest"
DEMONSTRATION_REF_TYPE = "suyuan_demonstration"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build(snapshot: Mapping[str, Any]) -> bytes:
    """The DCC of a snapshot, unsigned, the same bytes for the same snapshot.

    Raises SnapshotNotUsable for a field that is missing or that XML cannot hold, UnknownUnit for a unit without D-SI form.
    """
    snapshots.check(snapshot)
    for place, value in snapshots.texts(snapshot):
        if found := _NOT_XML.search(value):
            raise SnapshotNotUsable(place=place, found=repr(found[0]), right="text without control characters")
    root = etree.Element(f"{{{DCC}}}digitalCalibrationCertificate", nsmap={"dcc": DCC, "si": SI})
    root.set("schemaVersion", VERSION)
    _administrative_data(root, snapshot)
    measurement_results(root, snapshot)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def validate(xml: bytes, schemas: Schemas | None = None) -> list[Finding]:
    """What the schema of its own version says about a DCC; without schemas one finding: not validated.

    An empty list means: checked against the schema and valid.
    """
    if schemas is None:
        return [Finding("not_validated")]
    return schemas.validate(xml)


def _administrative_data(root: Element, snapshot: Mapping[str, Any]) -> None:
    data = dcc(root, "administrativeData")
    country = snapshot["laboratory"].get("country", "CN")
    software(dcc(data, "dccSoftware"), snapshot)
    _core_data(dcc(data, "coreData"), snapshot, country)
    _item(dcc(data, "items"), snapshot["item"])
    _laboratory(dcc(data, "calibrationLaboratory"), snapshot["laboratory"], country)
    _people(dcc(data, "respPersons"), snapshot)
    contact(data, "customer", snapshot["customer"], country)
    _statements(dcc(data, "statements"), snapshot)


def _core_data(core: Element, snapshot: Mapping[str, Any], country: str) -> None:
    dates = snapshot["dates"]
    dcc(core, "countryCodeISO3166_1", country)
    for lang in ("zh", "en"):
        dcc(core, "usedLangCodeISO639_1", lang)
    dcc(core, "mandatoryLangCodeISO639_1", "zh")
    dcc(core, "uniqueIdentifier", snapshot["number"])
    if snapshot["records"]:
        held = dcc(core, "identifications")
        for record in snapshot["records"]:
            identification(held, "calibrationLaboratory", record["number"], label("record"))
    if dates.get("received"):
        dcc(core, "receiptDate", dates["received"])
    dcc(core, "beginPerformanceDate", dates["performed_from"])
    dcc(core, "endPerformanceDate", dates["performed_to"])
    dcc(core, "performanceLocation", snapshot.get("place_kind", "laboratory"))
    dcc(core, "issueDate", dates["issued"])
    if old := snapshot["supersedes"]:
        change = dcc(core, "reportAmendedSubstituted")
        dcc(change, "typeOfChange", "amended")
        dcc(change, "replacedUniqueIdentifier", old["number"])
        reference(
            core,
            "previousReport",
            referral=label("number"),
            number=old["number"],
            digest=old["digest"],
            description=old["reason"],
        )


def _item(items: Element, item: Mapping[str, Any]) -> None:
    element = dcc(items, "item")
    text(element, "name", item["description"])
    text(element, "description", item["condition"])
    maker(element, item.get("maker"))
    if item.get("model"):
        dcc(element, "model", item["model"])
    held = dcc(element, "identifications")
    identification(held, "manufacturer", item.get("serial"), label("serial"), "basic_serialNumber")
    identification(held, "calibrationLaboratory", item["code"], label("code"))


def _laboratory(element: Element, laboratory: Mapping[str, Any], country: str) -> None:
    if laboratory.get("code"):
        dcc(element, "calibrationLaboratoryCode", laboratory["code"])
    contact(element, "contact", laboratory, country, mail=laboratory.get("contact"))
    dcc(element, "cryptElectronicSeal", "true")
    dcc(element, "cryptElectronicSignature", "false")
    dcc(element, "cryptElectronicTimeStamp", "false")


def _people(element: Element, snapshot: Mapping[str, Any]) -> None:
    """Who performed, verified and approved; a report that nobody signed names the laboratory."""
    if not snapshot["people"]:
        held = dcc(element, "respPerson")
        text(dcc(held, "person"), "name", snapshot["laboratory"]["name"])
        dcc(held, "role", "laboratory")
    for person in snapshot["people"]:
        held = dcc(element, "respPerson")
        text(dcc(held, "person"), "name", person["name"])
        at: Text = {lang: f"{person['title'][lang]}, {person['at']}" for lang in ("zh", "en")}
        text(held, "description", at)
        dcc(held, "role", person["role"])
        dcc(held, "mainSigner", "true" if person["role"] == "approver" else "false")


def _statements(parent: Element, snapshot: Mapping[str, Any]) -> None:
    if snapshot["demonstration"]:
        because: Text = {
            lang: "；".join(reason[lang] for reason in snapshot["demonstration_reasons"])
            if lang == "zh"
            else "; ".join(reason[lang] for reason in snapshot["demonstration_reasons"])
            for lang in ("zh", "en")
        }
        both = {
            lang: "演示 · DEMONSTRATION. " + label("demonstration")[lang] + ". " + because[lang] for lang in because
        }
        statement(parent, label("demonstration"), both, ref_type=DEMONSTRATION_REF_TYPE)
    statement(parent, snapshot["title"], snapshot["title"], ref_type="suyuan_title")
    for declaration in snapshot["statements"]:
        statement(parent, label("statements"), declaration)
    traceability = snapshot["traceability"]
    statement(
        parent,
        label("traceability"),
        traceability["statement"],
        ref_type="basic_traceability",
        traceable=traceability["claimed"] and not snapshot["demonstration"],
    )
    for name, held in (
        ("missing", traceability["missing"]),
        ("deviations", snapshot["deviations"]),
        ("external_results", snapshot["external_results"]),
        ("customer_data", snapshot["customer_data"]),
        ("sampling", [snapshot["sampling"]] if snapshot["sampling"] else []),
        ("place", [snapshot["place"]]),
        ("uncertainty", [snapshot["uncertainty_statement"]]),
        ("conclusion", [snapshot["conclusion"]] if snapshot.get("conclusion") else []),
    ):
        for declaration in held:
            statement(parent, label(name), declaration)
    if valid_to := snapshot["dates"].get("valid_to"):
        statement(parent, label("valid_to"), {"zh": valid_to, "en": valid_to})
    _conformity(parent, snapshot["conformity"])
    _provenance(parent, snapshot)


def _conformity(parent: Element, conformity: Mapping[str, Any] | None) -> None:
    if conformity is None:
        return
    statement(parent, label("conformity"), conformity["statement"], ref_type="basic_conformity")
    if specification := conformity.get("specification"):
        source = source_of(specification)
        note = label("specification_unverified")
        declared = {
            lang: source if specification.get("verified") else f"{source} ({note[lang]})" for lang in ("zh", "en")
        }  # fmt: skip
        statement(parent, label("specification"), declared)


def _provenance(parent: Element, snapshot: Mapping[str, Any]) -> None:
    digest = snapshots.digest(snapshot)
    statement(
        parent,
        label("snapshot_digest"),
        {"zh": digest, "en": digest},
        ref_type=DIGEST_REF_TYPE,
        references=[f"sha256:{digest}"],
        link=snapshot["verification"]["url"],
    )
    for record in snapshot["records"]:
        held = f"{record['number']}, {label('evaluation')['en']} {record['evaluation']}"
        statement(parent, label("record"), {"zh": held, "en": held}, references=[f"sha256:{record['digest']}"])
    head = snapshot["audit_head"]
    statement(
        parent, filled("audit_head", seq=head["seq"]), {"zh": head["hash"], "en": head["hash"]},
        references=[f"sha256:{head['hash']}"],
    )  # fmt: skip
    used = "{name} {version}, Python {python}, numpy {numpy}, {platform}".format(**snapshot["software"])
    statement(parent, label("software"), {"zh": used, "en": used})
    if snapshot["clock"]["simulated"]:
        simulated = filled("clock", speed=snapshot["clock"]["speed"])
        statement(parent, label("provenance"), simulated)
