"""The pages: deterministic, accessible, complete; what cannot be printed is said clearly."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf.pdfa import validate_written

from lims import words
from lims.documents import dcc, pdf, snapshot
from lims.documents.errors import CharacterNotPrintable

from .conftest import NAMES, Issued, sample

# What pikepdf's PDF/A checker says about typst's PDF/A-3a with attachments and a signature, each looked into:
KNOWN_FINDINGS = {
    "pikepdf:font-program": "not supported by the checker: CFF FDArray FontMatrix",
    "pikepdf:embedded-file": "not supported by the checker; allowed in PDF/A-3 (ISO 19005-3, 6.8)",
    "pikepdf:schema-Catalog": "/AcroForm not supported by the checker; a signature field is allowed",
    "pikepdf:schema-OutlineItem": "an indirect /Dest, allowed by ISO 32000-1, 7.3.10",
    "ISO_19005_3:6.2.11.4.2-2": "CIDSet not checked; optional in PDF/A-3",
    "ISO_19005_3:6.6.2.3.1-1": "xmpTPg is a predefined schema, pdfuaid is declared by a pdfaExtension in the file",
    "ISO_19005_3:6.6.2.3.1-2": "xmpMM:History not checked",
    "ISO_19005_3:6.6.4-3": "the checker knows level B only; the file says A",
}
REFUSED_NAMESPACES = ("xmpTPg", "pdfaExtension", "pdfaSchema", "pdfaProperty", "pdfuaid")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_snapshot_and_dcc_give_the_same_bytes(name: str, issued: Callable[[str], Issued]) -> None:
    held = issued(name)

    assert pdf.render(held.snapshot, held.dcc) == held.unsigned_pdf


def test_another_process_gives_the_same_bytes_too(issued: Callable[[str], Issued], tmp_path: Path) -> None:
    held = issued("evaluation_impedance")
    (tmp_path / "dcc.xml").write_bytes(held.dcc)
    (tmp_path / "snapshot.json").write_bytes(snapshot.canonical(held.snapshot))
    program = (
        "import hashlib, json, pathlib, sys; from lims.documents import pdf; folder = pathlib.Path(sys.argv[1]);"
        "made = pdf.render(json.loads((folder / 'snapshot.json').read_bytes()), (folder / 'dcc.xml').read_bytes());"
        "print(hashlib.sha256(made).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == hashlib.sha256(held.unsigned_pdf).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_dcc_and_snapshot_are_attached_as_they_are(name: str, issued: Callable[[str], Issued]) -> None:
    held = issued(name)
    with pikepdf.open(io.BytesIO(held.pdf)) as document:
        files = {file: document.attachments[file].get_file().read_bytes() for file in document.attachments}
        relations = {str(f.Params.CheckSum) if "/CheckSum" in f else str(f.AFRelationship) for f in document.Root.AF}

    assert files == {
        pdf.dcc_name(held.snapshot["number"]): held.dcc,
        pdf.SNAPSHOT_NAME: snapshot.canonical(held.snapshot),
    }
    assert relations == {"/Alternative", "/Source"}
    assert hashlib.sha256(files[pdf.SNAPSHOT_NAME]).hexdigest() == snapshot.digest(held.snapshot)


@pytest.mark.parametrize("name", ["calibration_dc_voltage", "calibration_amended"])
def test_no_finding_of_the_pdf_a_checker_outside_the_reasoned_list(name: str, issued: Callable[[str], Issued]) -> None:
    for document in (issued(name).unsigned_pdf, issued(name).pdf):
        for finding in validate_written(io.BytesIO(document), "3b").findings:
            assert finding.rule in KNOWN_FINDINGS, str(finding)
            if finding.rule == "ISO_19005_3:6.6.2.3.1-1":
                assert any(space in finding.message for space in REFUSED_NAMESPACES), str(finding)


def test_it_is_tagged_titled_in_chinese_and_still_pdf_1_7_after_signing(issued: Callable[[str], Issued]) -> None:
    with pikepdf.open(io.BytesIO(issued("calibration_dc_voltage").pdf)) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked) and str(root.Lang) == "zh-CN"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert str(document.docinfo.Title) == "校准证书 Calibration certificate YS-2026-000001"
        assert document.pdf_version == "1.7" and "/Version" not in root
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        [field] = root.AcroForm.Fields
        assert [float(edge) for edge in field.Rect] == [-9999.0] * 4, "no widget inside the page"
        assert int(field.F) & 0b111 == 0b100 and str(field.TU)


def test_only_the_packages_fonts_are_embedded(issued: Callable[[str], Issued]) -> None:
    fonts = set()
    with pikepdf.open(io.BytesIO(issued("calibration_amended").pdf)) as document:
        for page in document.pages:
            fonts |= {str(font.BaseFont).split("+")[1].split("-")[0] for font in page.Resources.Font.values()}

    assert fonts == {"NotoSansSC", "NotoSerifSC", "NotoSansCJKsc", "LibertinusSerif", "DejaVuSansMono"}


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_number_page_of_pages_and_demonstration(
    name: str, issued: Callable[[str], Issued], run: Callable[..., object], tmp_path: Path
) -> None:
    pages = _text(issued(name).pdf, run, tmp_path).rstrip("\f").split("\f")

    for i, page in enumerate(pages, 1):
        assert f"Page {i} of {len(pages)}" in page and f"第 {i} 页 共 {len(pages)} 页" in page
        assert "演示 · DEMONSTRATION" in page and "no legal force" in page
        assert issued(name).snapshot["number"] in page
    ends = [page.count("End of ") for page in pages]
    assert ends == [0] * (len(pages) - 1) + [1]


def test_a_certificate_that_is_no_demonstration_says_nothing_of_it(run: Callable[..., object], tmp_path: Path) -> None:
    held = sample() | {"demonstration": False, "demonstration_reasons": []}

    assert "DEMONSTRATION" not in _text(pdf.render(held, dcc.build(held)), run, tmp_path)


def test_rare_characters_of_names_are_printed(
    issued: Callable[[str], Issued], run: Callable[..., object], tmp_path: Path
) -> None:
    text = _text(issued("calibration_amended").pdf, run, tmp_path)

    assert "𠮷林㐂多商贸有限公司" in text and "𠮷田" in text


def test_an_amendment_says_what_it_replaces_and_why(
    issued: Callable[[str], Issued], run: Callable[..., object], tmp_path: Path
) -> None:
    text = _text(issued("calibration_amended").pdf, run, tmp_path)

    assert "This certificate replaces YS-2026-000001; reason: The customer's name had been entered wrongly" in text


@pytest.mark.parametrize(("character", "codepoint"), [("😀", "U+1F600"), ("\ue000", "U+E000")])
def test_a_character_without_a_glyph_is_named_with_its_place(character: str, codepoint: str) -> None:
    held = sample()
    held["customer"]["name"]["zh"] = f"测试{character}公司"

    with pytest.raises(CharacterNotPrintable) as caught:
        pdf.render(held, dcc.build(held))

    assert (caught.value.facts["codepoint"], caught.value.facts["place"]) == (codepoint, "customer.name.zh")
    assert "请改用其他写法" in words.sentence(caught.value, "zh")


def test_markup_in_a_name_is_printed_not_run(run: Callable[..., object], tmp_path: Path) -> None:
    held = sample()
    held["customer"]["name"]["en"] = '#read("/etc/passwd") $x^2$ *b* <script> \\ @ref'

    assert '#read("/etc/passwd") $x^2$ *b* <script> \\ @ref' in _text(pdf.render(held, dcc.build(held)), run, tmp_path)


def test_a_long_table_keeps_its_range_and_head_on_every_page(run: Callable[..., object], tmp_path: Path) -> None:
    held = sample()
    rows = held["result_sets"][0]["rows"]
    held["result_sets"][0]["rows"] = [rows[0] | {"point": i} for i in range(1, 121)]
    text = _text(pdf.render(held, dcc.build(held)), run, tmp_path)

    assert text.count("量程 Range 100 mV") >= 3 and text.count("Limits of error") >= 3


def test_a_report_that_nobody_signed_has_no_signatures(run: Callable[..., object], tmp_path: Path) -> None:
    held = sample("evaluation_impedance") | {"people": []}

    assert "Approved by" not in _text(pdf.render(held, dcc.build(held)), run, tmp_path)


def _text(document: bytes, run: Callable[..., object], folder: Path) -> str:
    file = folder / "certificate.pdf"
    file.write_bytes(document)
    done = run("pdftotext", "-layout", file, "-")
    return str(done.stdout)  # type: ignore[attr-defined]
