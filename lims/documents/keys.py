"""Keys of the demonstration laboratory: made on first start, read by their owner only.

A fictional root CA and a signer certificate under it, RSA-3072 each, as PKCS#12 files of mode 0600. The root's public
certificate stands beside them as PEM, for people who check documents with other programs.
"""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from .errors import KeyFileExposed, KeyFileUnusable

ROOT_FILE = "demonstration-root.p12"
SIGNER_FILE = "demonstration-signer.p12"
ROOT_PEM = "demonstration-root.pem"
BITS = 3072  # 112 bits of security ends in 2030 (NIST SP 800-57, table 2); 3072 gives 128
ROOT_YEARS, SIGNER_YEARS = 20, 10


@dataclass(frozen=True, slots=True)
class Keys:
    """The signer's private key and certificate, and the root above it. Its text form shows no secret."""

    folder: Path
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    root: x509.Certificate

    def __repr__(self) -> str:
        return f"Keys({str(self.folder)!r}, signer {self.signer!r})"

    @property
    def signer(self) -> str:
        """Common name of the signer."""
        return common_name(self.certificate)

    def root_pem(self) -> bytes:
        """The root's public certificate: what a checker has to trust."""
        return self.root.public_bytes(serialization.Encoding.PEM)


def open_or_make(folder: Path | str, laboratory_name: str, *, at: datetime | None = None) -> Keys:
    """The keys in `folder`; made there when it holds none yet (about a second).

    Two processes that start together end with the same keys: a file appears whole, and the first one stays.
    Raises KeyFileExposed when group or others may read a key file, KeyFileUnusable when one cannot be read.
    """
    folder = Path(folder)
    root_file, signer_file = folder / ROOT_FILE, folder / SIGNER_FILE
    if not signer_file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        at = at or datetime.now(UTC)
        if not root_file.exists():
            _place(root_file, _make_root(laboratory_name, at))
        root_key, root, _ = _read(root_file)
        _place(signer_file, _make_signer(laboratory_name, root_key, root, at))
    keys = _load(signer_file, signer_file.stat().st_mtime_ns)
    pem = folder / ROOT_PEM
    if not pem.exists():
        _place(pem, keys.root_pem(), mode=0o644)
    return keys


def common_name(certificate: x509.Certificate) -> str:
    """Common name of a certificate's subject, or its whole subject when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


@lru_cache(maxsize=16)
def _load(signer_file: Path, _changed: int) -> Keys:
    key, certificate, others = _read(signer_file)
    if not others:
        raise KeyFileUnusable(file=str(signer_file), reason="it holds no root certificate")
    return Keys(folder=signer_file.parent, key=key, certificate=certificate, root=others[0])


def _read(file: Path) -> tuple[rsa.RSAPrivateKey, x509.Certificate, list[x509.Certificate]]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise KeyFileExposed(file=str(file), mode=f"{mode:04o}")
    try:
        held = pkcs12.load_pkcs12(file.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise KeyFileUnusable(file=str(file), reason="it is no PKCS#12 file without a password") from error
    if not isinstance(held.key, rsa.RSAPrivateKey) or held.cert is None:
        raise KeyFileUnusable(file=str(file), reason="it holds no RSA key with its certificate")
    return held.key, held.cert.certificate, [other.certificate for other in held.additional_certs]


def _place(file: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all; when another process was first, keep what it placed."""
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".key-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, mode)
        try:
            os.link(temporary, file)
        except FileExistsError:
            return
    finally:
        os.unlink(temporary)


def _make_root(laboratory: str, at: datetime) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    name = _name(laboratory, "Suyuan demonstration root (no legal force)")
    certificate = (
        _builder(name, name, key, at, ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"root", key, certificate, None, serialization.NoEncryption()
    )  # fmt: skip


def _make_signer(laboratory: str, root_key: rsa.RSAPrivateKey, root: x509.Certificate, at: datetime) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    name = _name(laboratory, "Suyuan demonstration signer (no legal force)")
    certificate = (
        _builder(name, root.subject, key, at, SIGNER_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"signer", key, certificate, [root], serialization.NoEncryption()
    )  # fmt: skip


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, at: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(laboratory: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, laboratory[:64]),  # RFC 5280: at most 64 characters
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "演示 DEMONSTRATION"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
