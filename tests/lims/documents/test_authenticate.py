"""Examining documents: ours, altered, foreign, and garbage."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import CanonicalizationMethod, XMLSigner

from lims.documents import dcc, keys, pdf, snapshot
from lims.documents.authenticate import examine
from lims.documents.errors import NotADocument

from .conftest import AT, NAMES, Issued, sample


def _codes(examination: object) -> list[str]:
    return [finding.code for finding in examination.findings]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_our_certificate_is_good_and_says_what_it_is(
    name: str, issued: Callable[[str], Issued], laboratory_keys: keys.Keys
) -> None:
    held = issued(name)
    found = examine(held.pdf, trust=[laboratory_keys.root_pem()])

    assert (found.kind, found.signature, found.findings) == ("pdf", "good", ())
    assert found.number == held.snapshot["number"] and found.demonstration
    assert found.snapshot_digest == snapshot.digest(held.snapshot)
    assert found.snapshot == snapshot.canonical(held.snapshot) and found.attached_dcc == held.dcc
    assert found.signer == laboratory_keys.signer and found.signed_at == AT
    assert found.dcc is not None and (found.dcc.signature, found.dcc.findings) == ("good", ())


def test_our_dcc_is_good(issued: Callable[[str], Issued], laboratory_keys: keys.Keys) -> None:
    held = issued("calibration_dc_voltage")
    found = examine(held.dcc, trust=[laboratory_keys.root])

    assert (found.kind, found.signature, found.number) == ("dcc", "good", "YS-2026-000001")
    assert found.snapshot_digest == snapshot.digest(held.snapshot) and found.signed_at == AT


def test_without_a_trusted_root_an_intact_signature_is_untrusted(
    issued: Callable[[str], Issued], tmp_path: Path
) -> None:
    stranger = keys.open_or_make(tmp_path, "Stranger")
    for document in (issued("calibration_dc_voltage").pdf, issued("calibration_dc_voltage").dcc):
        assert examine(document).signature == "untrusted"
        assert examine(document, trust=[stranger.root]).signature == "untrusted"


def test_another_laboratory_of_the_same_name_is_untrusted(issued: Callable[[str], Issued], tmp_path: Path) -> None:
    """Names are no identity: a root with the very same names but another key gives no trust."""
    twin = keys.open_or_make(tmp_path, "溯源演示计量中心")

    assert examine(issued("calibration_dc_voltage").pdf, trust=[twin.root]).signature == "untrusted"
    assert examine(issued("calibration_dc_voltage").dcc, trust=[twin.root]).signature == "untrusted"


def test_a_signer_whose_certificate_has_ended_is_untrusted_at_that_time(
    issued: Callable[[str], Issued], laboratory_keys: keys.Keys
) -> None:
    late = datetime(2099, 1, 1, tzinfo=UTC)

    assert examine(issued("calibration_dc_voltage").dcc, trust=[laboratory_keys.root], at=late).signature == "untrusted"


def test_unsigned_documents_say_so(issued: Callable[[str], Issued]) -> None:
    held = issued("calibration_dc_voltage")

    assert examine(held.unsigned_pdf).signature == "none" and "unsigned" in _codes(examine(held.unsigned_pdf))
    assert examine(held.unsigned_dcc).signature == "none" and _codes(examine(held.unsigned_dcc)) == ["unsigned"]


def test_one_changed_digit_breaks_the_dcc(issued: Callable[[str], Issued], laboratory_keys: keys.Keys) -> None:
    altered = issued("calibration_dc_voltage").dcc.replace(b"0.0021", b"0.0022", 1)
    found = examine(altered, trust=[laboratory_keys.root])

    assert (found.signature, _codes(found)) == ("broken", ["altered"])


def test_sixty_flipped_bits_of_a_pdf_are_never_good(
    issued: Callable[[str], Issued], laboratory_keys: keys.Keys
) -> None:
    whole = issued("evaluation_impedance")
    draw = random.Random(60)
    for _ in range(60):
        altered = bytearray(whole.pdf)
        altered[draw.randrange(len(whole.unsigned_pdf))] ^= 1 << draw.randrange(8)
        try:
            assert examine(bytes(altered), trust=[laboratory_keys.root]).signature != "good"
        except NotADocument:
            continue


def test_bytes_appended_to_a_signed_pdf_break_it(issued: Callable[[str], Issued], laboratory_keys: keys.Keys) -> None:
    found = examine(issued("evaluation_impedance").pdf + b"% more", trust=[laboratory_keys.root])

    assert (found.signature, _codes(found)) == ("broken", ["appended"])


def test_a_wrapped_copy_of_a_signed_dcc_is_not_good(
    issued: Callable[[str], Issued], laboratory_keys: keys.Keys
) -> None:
    """Signature wrapping: the signed document hidden in a comment element, other results in front."""
    signed = etree.fromstring(issued("evaluation_impedance").dcc)
    forged = etree.fromstring(dcc.build(sample("calibration_dc_voltage")))
    signature = signed[-1]
    comment = etree.SubElement(forged, "{https://ptb.de/dcc}comment")
    comment.append(signed)
    forged.append(signature)

    assert examine(etree.tostring(forged), trust=[laboratory_keys.root]).signature != "good"


def test_a_foreign_dcc_with_plain_xmldsig_is_intact_but_untrusted(tmp_path: Path) -> None:
    stranger = keys.open_or_make(tmp_path, "Stranger")
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    signed = signer.sign(etree.fromstring(_foreign()), key=stranger.key, cert=[stranger.certificate])
    document = etree.tostring(signed)

    assert examine(document).signature == "untrusted"
    assert examine(document, trust=[stranger.root]).signature == "good"
    assert _codes(examine(document, trust=[stranger.root])) == ["no_digest"]
    assert examine(document.replace(b"0.0021", b"0.0022", 1), trust=[stranger.root]).signature == "broken"


def test_an_attached_dcc_of_another_certificate_is_noticed(
    issued: Callable[[str], Issued], laboratory_keys: keys.Keys
) -> None:
    mixed = pdf.render(sample("calibration_dc_voltage"), issued("evaluation_impedance").dcc)

    assert {"number_disagrees", "digest_disagrees"} <= set(_codes(examine(mixed, trust=[laboratory_keys.root])))


def test_a_weak_signer_is_not_good(tmp_path: Path) -> None:
    """A signature that names no certificate proves nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signed = XMLSigner().sign(etree.fromstring(_foreign()), key=key, always_add_key_value=True)

    assert examine(etree.tostring(signed)).signature == "broken"
    assert hashes.SHA256.name == "sha256"


GARBAGE = {
    "empty": b"",
    "text": b"hello",
    "other xml": b"<a/>",
    "pdf head only": b"%PDF-1.7\n",
    "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "zeros": bytes(500),
    "utf-16": "<a>不是证书</a>".encode("utf-16"),
    "pdf noise": b"%PDF-1.7\n" + random.Random(1).randbytes(4000) + b"\nstartxref\n9\n%%EOF\n",
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_is_refused_with_one_typed_error(what: str) -> None:
    with pytest.raises(NotADocument):
        examine(GARBAGE[what])


def test_documents_cut_short_or_scrambled_leak_no_other_error(issued: Callable[[str], Issued]) -> None:
    draw = random.Random(3)
    for document in (issued("evaluation_impedance").pdf, issued("evaluation_impedance").dcc):
        for _ in range(25):
            altered = bytearray(document[: draw.randrange(1, len(document))])
            for _ in range(20):
                altered[draw.randrange(len(altered))] = draw.randrange(256)
            try:
                assert examine(bytes(altered)).signature in ("broken", "none", "untrusted")
            except NotADocument:
                continue


def _foreign() -> bytes:
    """A DCC that another system might have made: no snapshot digest."""
    return dcc.build(sample("calibration_dc_voltage")).replace(b"suyuan_snapshotDigest", b"other_statement")
