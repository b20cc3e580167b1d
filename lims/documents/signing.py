"""Signatures: XAdES on the DCC first, then (with the signed DCC attached) PAdES B-B on the PDF.

RSA-3072 with SHA-256. Canonical XML 1.1, not exclusive: an exclusive form gives SignedProperties whose digest neither
signxml nor xmlsec1 accepts once the signature stands inside a DCC.
"""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.util import namespaces
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSigner

from .errors import NotADocument
from .keys import Keys

# At DEBUG it would log the whole certificate, its verification token included.
logging.getLogger("signxml.processor").addFilter(lambda record: record.levelno > logging.DEBUG)

FIELD = "ApprovalSignature"
RESERVED = 16_384  # hexadecimal digits kept for the CMS object: two RSA-3072 certificates need about 7,000
_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"


def sign_dcc(xml: bytes, keys: Keys, *, at: datetime | None = None) -> bytes:
    """The DCC with an enveloped XAdES signature as its last element; `at` is the stated signing time.

    Raises NotADocument when `xml` is not well-formed.
    """
    try:
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError as error:
        raise NotADocument(reason=str(error)) from error
    signed = _DccSigner(at or datetime.now(UTC)).sign(
        root, key=keys.key, cert=[keys.certificate, keys.root], always_add_key_value=False
    )
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def sign_pdf(pdf: bytes, keys: Keys, *, at: datetime | None = None) -> bytes:
    """The PDF with a PAdES B-B signature over all of it, appended: the bytes before stay as they are.

    Raises NotADocument when `pdf` cannot be read.
    """
    try:
        writer = _Writer(io.BytesIO(pdf))
    except (PdfReadError, ValueError, KeyError, OSError) as error:
        raise NotADocument(reason=str(error)) from error
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        name=keys.signer,
        reason="Approved certificate / 批准签发",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
    )
    field = SigFieldSpec(
        FIELD,
        invis_sig_settings=InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True),
        readable_field_name="电子签名 Electronic signature",
    )
    out = io.BytesIO()
    signer = _PdfSigner(meta, _signer(keys), new_field_spec=field)
    signer.at = at or datetime.now(UTC)
    signer.sign_pdf(writer, bytes_reserved=RESERVED, output=out)
    return out.getvalue()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class _DccSigner(XAdESSigner):
    """XAdES with the signing time given by the caller."""

    def __init__(self, at: datetime) -> None:
        super().__init__(
            signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
            data_object_format=XAdESDataObjectFormat(
                Description="Digital calibration certificate", MimeType="text/xml"
            ),
        )
        self.at = at
        self.namespaces = {"ds": namespaces.ds, "xades": namespaces.xades}

    def add_signing_time(self, signed_signature_properties: Any, sig_root: Any, signing_settings: Any) -> None:
        del sig_root, signing_settings
        element = etree.SubElement(signed_signature_properties, _XADES + "SigningTime", nsmap=self.namespaces)
        element.text = self.at.astimezone(UTC).isoformat(timespec="seconds")


class _Writer(IncrementalPdfFileWriter):
    """Leaves the XMP metadata as typst wrote them: pyHanko's own rewriting renames prefixes that PDF/A fixes."""

    output_version = (1, 7)

    def _update_meta(self) -> None:
        """Nothing: the times of the metadata are those of the snapshot."""


class _Signer(SimpleSigner):
    """Signs with a key loaded once: the stock signer loads and checks an RSA key at every signature (0.1 s)."""

    loaded: Any

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        if digest_algorithm != "sha256":
            return bytes(super().sign_raw(data, digest_algorithm))
        return bytes(self.loaded.sign(data, PKCS1v15(), SHA256()))


class _PdfSigner(PdfSigner):
    """Signs at the time given by the caller."""

    at: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


@lru_cache(maxsize=8)
def _signer(keys: Keys) -> _Signer:
    der = serialization.Encoding.DER
    certificate = asn1_x509.Certificate.load(keys.certificate.public_bytes(der))
    store: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(asn1_x509.Certificate.load(keys.root.public_bytes(der)))
    private = keys.key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = _Signer(
        signing_cert=certificate,
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
        embed_roots=True,
    )
    signer.loaded = keys.key
    return signer
