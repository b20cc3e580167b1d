"""Programs that are not ours accept the signatures, and reject what was changed afterwards."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from lims.documents import keys, signing
from lims.documents.errors import NotADocument

from .conftest import AT, NAMES, Issued

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def nss(run: Run, laboratory_keys: keys.Keys, tmp_path: Path) -> Path:
    """A certificate store that trusts the demonstration root."""
    folder = tmp_path / "nss"
    folder.mkdir()
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    root = laboratory_keys.folder / keys.ROOT_PEM
    run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,C,C", "-i", root)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_pdfsig_accepts_the_certificate_and_its_signer(
    name: str, issued: Callable[[str], Issued], run: Run, nss: Path, tmp_path: Path
) -> None:
    said = _pdfsig(issued(name).pdf, run, nss, tmp_path)

    assert "Signature Validation: Signature is Valid." in said
    assert "Certificate Validation: Certificate is Trusted." in said
    assert "Total document signed" in said
    assert "Signature Type: ETSI.CAdES.detached" in said and "SHA-256" in said


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.85])
def test_pdfsig_rejects_one_flipped_bit(
    part: float, issued: Callable[[str], Issued], run: Run, nss: Path, tmp_path: Path
) -> None:
    whole = issued("calibration_dc_voltage")
    altered = bytearray(whole.pdf)
    altered[int(part * len(whole.unsigned_pdf))] ^= 1

    assert "Signature is Valid" not in _pdfsig(bytes(altered), run, nss, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_xmlsec1_accepts_the_dcc_detached_from_the_pdf(
    name: str, issued: Callable[[str], Issued], run: Run, laboratory_keys: keys.Keys, tmp_path: Path
) -> None:
    (tmp_path / "c.pdf").write_bytes(issued(name).pdf)
    listed = run("pdfdetach", "-list", tmp_path / "c.pdf").stdout
    number = next(line.split(":")[0] for line in listed.splitlines() if ".dcc.xml" in line)
    run("pdfdetach", "-save", number, "-o", tmp_path / "dcc.xml", tmp_path / "c.pdf")

    done = _xmlsec1((tmp_path / "dcc.xml").read_bytes(), run, laboratory_keys, tmp_path)

    assert done.returncode == 0 and "3/3" in done.stderr + done.stdout


def test_xmlsec1_rejects_one_changed_digit(
    issued: Callable[[str], Issued], run: Run, laboratory_keys: keys.Keys, tmp_path: Path
) -> None:
    altered = issued("calibration_dc_voltage").dcc.replace(b"0.0021", b"0.0022", 1)

    assert _xmlsec1(altered, run, laboratory_keys, tmp_path).returncode != 0


def test_the_bytes_before_the_signature_stay_as_they_were(issued: Callable[[str], Issued]) -> None:
    held = issued("calibration_dc_voltage")

    assert held.pdf.startswith(held.unsigned_pdf)


def test_the_stated_signing_time_is_the_callers(issued: Callable[[str], Issued]) -> None:
    held = issued("calibration_dc_voltage")

    assert AT.isoformat(timespec="seconds").encode() in held.dcc
    with pikepdf.open(io.BytesIO(held.pdf)) as document:
        assert str(document.Root.AcroForm.Fields[0].V.M).startswith("D:20261121011300")


def test_signing_a_dcc_twice_in_one_second_gives_the_same_bytes_but_ids(laboratory_keys: keys.Keys) -> None:
    """RSA PKCS#1 v1.5 is deterministic; only the random ids of signxml differ."""
    one, two = (signing.sign_dcc(b"<a/>", laboratory_keys, at=AT) for _ in range(2))

    assert len(one) == len(two)


def test_what_is_no_document_is_not_signed(laboratory_keys: keys.Keys) -> None:
    with pytest.raises(NotADocument):
        signing.sign_dcc(b"<a", laboratory_keys)
    with pytest.raises(NotADocument):
        signing.sign_pdf(b"%PDF-1.7 nothing more", laboratory_keys)


def _pdfsig(document: bytes, run: Run, nss: Path, folder: Path) -> str:
    (folder / "signed.pdf").write_bytes(document)
    done = run("pdfsig", "-nssdir", nss, folder / "signed.pdf")
    return done.stdout + done.stderr


def _xmlsec1(document: bytes, run: Run, laboratory_keys: keys.Keys, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "checked.xml").write_bytes(document)
    return run(
        "xmlsec1", "--verify", "--trusted-pem", laboratory_keys.folder / keys.ROOT_PEM,
        "--id-attr:Id", "SignedProperties", "--id-attr:Id", "KeyInfo", folder / "checked.xml",
    )  # fmt: skip
