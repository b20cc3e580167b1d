"""The DCC is valid, complete, bilingual, and the same bytes for the same snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from lims.documents import dcc, snapshot
from lims.documents.errors import NotADocument, SchemaNotUsable, SnapshotNotUsable, UnknownUnit
from lims.documents.schemas import Schemas, locate

from .conftest import NAMES, Issued, sample

NS = {"dcc": "https://ptb.de/dcc", "si": "https://ptb.de/si"}


def _root(name: str = "calibration_dc_voltage") -> etree._Element:
    return etree.fromstring(dcc.build(sample(name)))


def _texts(root: etree._Element, path: str) -> list[str]:
    return [str(text) for text in root.xpath(path + "/text()", namespaces=NS)]


@pytest.mark.parametrize("name", NAMES)
def test_valid_by_the_schema_before_and_after_signing(
    name: str, issued: Callable[[str], Issued], schemas: Schemas
) -> None:
    assert dcc.validate(issued(name).unsigned_dcc, schemas) == []
    assert dcc.validate(issued(name).dcc, schemas) == []


def test_the_schema_names_what_is_wrong_and_where(schemas: Schemas) -> None:
    [finding] = dcc.validate(dcc.build(sample()).replace(b"<dcc:issueDate>2026", b"<dcc:issueDate>26"), schemas)

    assert finding.code == "schema" and "issueDate" in finding.text and finding.line is not None


def test_without_schemas_it_says_that_it_was_not_validated() -> None:
    [finding] = dcc.validate(dcc.build(sample()))

    assert finding.text == "The DCC was not validated: no schemas are installed."


def test_a_version_without_schema_is_not_called_valid(schemas: Schemas) -> None:
    [finding] = dcc.validate(dcc.build(sample()).replace(b'"3.3.0"', b'"9.9.9"'), schemas)

    assert finding.code == "no_schema"


def test_what_is_no_dcc_is_refused(schemas: Schemas) -> None:
    with pytest.raises(NotADocument):
        dcc.validate(b"<a/>", schemas)
    with pytest.raises(NotADocument):
        dcc.validate(b"<a", schemas)


def test_a_folder_with_the_publishers_own_addresses_and_names_serves_as_well(schemas: Schemas, tmp_path: Path) -> None:
    """Imports are led to local files by namespace and version, whatever their address says."""
    for i, (key, file) in enumerate(schemas.files.items()):
        if key[1] in ("3.3.0", "2.2.1", "0.1"):
            text = file.read_text(encoding="utf-8")
            for old, new in (
                ("../dsi/v2.2.1.xsd", "https://ptb.de/si/v2.2.1/SI_Format.xsd"),
                ("../xmldsig-core-schema.xsd", "http://www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd"),
                ("../qudt/v2.2.1.xsd", "https://ptb.de/si/v2.2.1/QUDT.xsd"),
            ):
                text = text.replace(old, new)
            (tmp_path / f"{i}.xsd").write_text(text, encoding="utf-8")
    copies = locate(None, tmp_path / "nowhere", tmp_path)

    assert copies is not None and copies.versions == ["3.3.0"]
    assert dcc.validate(dcc.build(sample()), copies) == []
    assert copies.unrecognised() == []


def test_a_changed_schema_and_a_folder_without_one_are_noticed(schemas: Schemas, tmp_path: Path) -> None:
    text = schemas.files["https://ptb.de/dcc", "3.3.0"].read_text(encoding="utf-8")
    with pytest.raises(SchemaNotUsable, match=r"no dcc\.xsd"):
        locate(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "dcc.xsd").write_text(text.replace('minOccurs="0"', "", 1), encoding="utf-8")
    found = locate(other)

    assert found is not None and [file.name for file in found.unrecognised()] == ["dcc.xsd"]
    with pytest.raises(SchemaNotUsable, match="imports"):
        found.schema("3.3.0")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_snapshot_gives_the_same_bytes(name: str) -> None:
    assert dcc.build(sample(name)) == dcc.build(sample(name))


def test_it_states_number_digest_demonstration_and_every_person() -> None:
    root = _root()
    held = sample()

    assert _texts(root, "//dcc:coreData/dcc:uniqueIdentifier") == [held["number"]]
    assert _texts(root, "//dcc:statement[@refType='suyuan_snapshotDigest']/dcc:reference") == [
        "sha256:" + snapshot.digest(held)
    ]
    demonstration = _texts(root, "//dcc:statement[@refType='suyuan_demonstration']/dcc:declaration/dcc:content")
    assert all("DEMONSTRATION" in text for text in demonstration) and len(demonstration) == 2
    assert _texts(root, "//dcc:respPerson/dcc:role") == ["performer", "verifier", "approver"]
    assert _texts(root, "//dcc:respPerson[dcc:mainSigner='true']/dcc:role") == ["approver"]


def test_a_range_is_a_list_with_value_U_k_and_p_of_each_point() -> None:
    """The 100 mV range of the sample: five points, k = 2.05 at 54 degrees of freedom, p = 0.9545."""
    [error] = _root().xpath(
        "(//dcc:result)[1]//dcc:quantity[@refType='basic_measurementError']/si:realListXMLList", namespaces=NS
    )

    assert error.findtext("si:valueXMLList", namespaces=NS) == "0.0006 0.0009 0.0014 0.0021 -0.0017"
    assert error.findtext("si:unitXMLList", namespaces=NS) == r"\milli\volt"
    expanded = error.find("si:measurementUncertaintyUnivariateXMLList/si:expandedMUXMLList", NS)
    assert [child.text for child in expanded] == [
        "0.0011 0.0011 0.0013 0.0016 0.0016",
        "2.05 2.05 2.05 2.05 2.05",
        "0.9545 0.9545 0.9545 0.9545 0.9545",
    ]


def test_what_is_not_stated_is_nan_never_invented() -> None:
    """With a fixed k = 2 no probability is stated; an infinite dof has no decimal."""
    texts = _texts(_root(), "(//dcc:result)[3]//si:coverageProbabilityXMLList")

    assert texts == ["NaN NaN NaN NaN"]


def test_standards_are_referred_to_by_certificate_and_digest() -> None:
    [first, _] = _root().xpath("//dcc:measuringEquipment/dcc:certificate", namespaces=NS)

    assert first.findtext("dcc:referralID", namespaces=NS) == "DNMI-2026-E-0042"
    assert first.findtext("dcc:procedure", namespaces=NS) == "SHA-256"
    assert first.findtext("dcc:value", namespaces=NS) == sample()["standards"][0]["digest"]
    assert first.findtext("dcc:inValidityRange", namespaces=NS) == "true"


def test_an_amendment_names_what_it_replaces() -> None:
    root = _root("calibration_amended")

    assert _texts(root, "//dcc:reportAmendedSubstituted/dcc:replacedUniqueIdentifier") == ["YS-2026-000001"]
    assert _texts(root, "//dcc:previousReport/dcc:value") == [sample("calibration_amended")["supersedes"]["digest"]]
    assert root.xpath("//dcc:measurementResult/@refType", namespaces=NS) == [
        "basic_beforeAdjustment", "basic_afterAdjustment",
    ]  # fmt: skip


def test_an_undetermined_point_is_neither_passed_nor_failed() -> None:
    """Point 20 of the sample: U > MPE/3 and 0.047 V + 0.026 V straddles the limit of 0.055 V."""
    last = _texts(_root(), "(//dcc:conformityXMLList)[5]")
    verdicts = _texts(_root(), "(//dcc:quantity[@refType='basic_conformity']/dcc:charsXMLList)[5]")

    assert last == ["pass noPass noPass noPass"]
    assert verdicts == ["pass undetermined undetermined undetermined"]


def test_every_language_pair_is_complete() -> None:
    """PTB's Schematron: content with a lang comes in all declared languages, each once."""
    for parent in _root().xpath("//*[dcc:content[@lang]]", namespaces=NS):
        assert [child.get("lang") for child in parent.findall("dcc:content", NS)] == ["zh", "en"]


def test_results_rest_on_methods_software_and_conditions() -> None:
    """PTB's Schematron asks for them in each measurementResult; releases look like v1.2.3."""
    for name in NAMES:
        for result in _root(name).findall("dcc:measurementResults/dcc:measurementResult", NS):
            assert all(result.find(f"dcc:{part}", NS) is not None for part in
                       ("usedMethods", "usedSoftware", "influenceConditions"))  # fmt: skip
        assert set(_texts(_root(name), "//dcc:release")) == {"v0.1.0"}


def test_a_unit_without_dsi_form_and_a_control_character_are_refused() -> None:
    held = sample()
    held["result_sets"][0]["rows"][0]["unit"] = "furlong"
    with pytest.raises(UnknownUnit):
        dcc.build(held)
    held = sample()
    held["customer"]["name"]["zh"] = "a\x07b"
    with pytest.raises(SnapshotNotUsable, match=r"customer\.name\.zh"):
        dcc.build(held)


def test_markup_in_a_name_stays_text() -> None:
    held = sample()
    held["customer"]["name"]["en"] = '<dcc:x a="1">&amp;]]>'

    assert '<dcc:x a="1">&amp;]]>' in _texts(etree.fromstring(dcc.build(held)), "//dcc:customer/dcc:name/dcc:content")


def test_an_item_without_maker_model_and_serial_is_valid_all_the_same(schemas: Schemas) -> None:
    held = sample("evaluation_impedance")
    held["item"] |= {"maker": "", "model": "", "serial": ""}
    held["customer"]["name"] = {"zh": " 空格 ", "en": "space at the end "}

    assert dcc.validate(dcc.build(held), schemas) == []


def test_a_report_that_nobody_signed_names_the_laboratory(schemas: Schemas) -> None:
    held = sample("evaluation_impedance") | {"people": []}

    assert dcc.validate(dcc.build(held), schemas) == []
    assert _texts(etree.fromstring(dcc.build(held)), "//dcc:respPerson/dcc:role") == ["laboratory"]
