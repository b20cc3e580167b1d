"""Where the DCC and D-SI schemas are, and what they say.

The publisher's files are not part of this product. A folder of them (originals, or copies with rewritten imports, in
any layout) is read once; each import is led to a local file by namespace and version, never to the network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml import etree

from .errors import NotADocument, SchemaNotUsable
from .findings import Finding

DCC = "https://ptb.de/dcc"
XS = "{http://www.w3.org/2001/XMLSchema}"
_VERSION = re.compile(r"\d+\.\d+\.\d+")
# Canonical SHA-256 without schemaLocation values and comments of the files PTB and W3C publish.
KNOWN: Mapping[tuple[str, str], str] = {
    (DCC, "3.3.0"): "4b3b0da4e7647058eecfea12b34f2ad6940a7132230c53dcf47e4f46687a78e0",
    ("https://ptb.de/si", "2.2.1"): "5048297a0736d37cef77b8ff49ddbe96fe076faab3a87a2c3ac968bc08b16497",
    ("http://qudt.org/vocab/", "2.2.1"): "f614b13e62cb5cd2c03042967435c65642e3db9995bb2787ae3c99b8ad7fb7e6",
    ("http://www.w3.org/2000/09/xmldsig#", "0.1"): "3d5b1cef8659f778cacfbe6a6d32c7469b64e9f74262cdf83c33e9409c72dbc2",
}


class Schemas:
    """The schemas of one folder, indexed by (namespace, version); compiled when first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[tuple[str, str], Path] = {}
        for file in sorted(folder.rglob("*.xsd")):
            try:
                root = etree.parse(file, _parser()).getroot()
            except (etree.XMLSyntaxError, OSError) as error:
                raise SchemaNotUsable(folder=str(folder), reason=f"{file.name} is not well-formed ({error})") from error
            if root.tag == XS + "schema":
                namespace = root.get("targetNamespace", "")
                self.files.setdefault((namespace, _version(root, file)), file)
        self._compiled: dict[str, etree.XMLSchema] = {}

    @property
    def versions(self) -> list[str]:
        """The DCC versions that can be checked."""
        return sorted(version for namespace, version in self.files if namespace == DCC)

    def validate(self, xml: bytes) -> list[Finding]:
        """Findings of the schema that the DCC's own schemaVersion names; empty when valid.

        Raises NotADocument when the XML is not well-formed or no DCC, SchemaNotUsable when a schema does not compile.
        """
        try:
            root = etree.fromstring(xml, _parser())
        except etree.XMLSyntaxError as error:
            raise NotADocument(reason=str(error)) from error
        if root.tag != f"{{{DCC}}}digitalCalibrationCertificate":
            raise NotADocument(reason=f"its root is {root.tag}")
        version = root.get("schemaVersion", "")
        if (DCC, version) not in self.files:
            return [Finding("no_schema", {"version": version, "versions": ", ".join(self.versions)})]
        schema = self.schema(version)
        if schema.validate(root):
            return []
        log: Any = schema.error_log  # the stubs do not know that it is iterable
        return [Finding("schema", {"reason": error.message}, error.line) for error in log]

    def schema(self, version: str) -> etree.XMLSchema:
        """The compiled DCC schema of a version, with every import taken from this folder."""
        if version not in self._compiled:
            with TemporaryDirectory(prefix="dcc-schemas-") as held:
                main = self._copy((DCC, version), Path(held), {})
                try:
                    self._compiled[version] = etree.XMLSchema(etree.parse(main, _parser()))
                except etree.XMLSchemaParseError as error:
                    raise SchemaNotUsable(folder=str(self.folder), reason=str(error)) from error
        return self._compiled[version]

    def _copy(self, key: tuple[str, str], to: Path, done: dict[tuple[str, str], Path]) -> Path:
        """Copy a schema and what it imports, imports led to the copies: nothing is fetched, whatever they said."""
        if key in done:
            return done[key]
        done[key] = to / f"{len(done)}.xsd"
        tree = etree.parse(self.files[key], _parser())
        for element in tree.getroot().iter(XS + "import"):
            namespace = element.get("namespace", "")
            wanted = self.find(namespace, _version_in(element.get("schemaLocation", "")))
            if wanted is None:
                reason = (
                    f"{self.files[key].name} imports {namespace} ({element.get('schemaLocation')}), which is not there"
                )
                raise SchemaNotUsable(folder=str(self.folder), reason=reason)
            element.set("schemaLocation", self._copy(wanted, to, done).name)
        tree.write(done[key])
        return done[key]

    def find(self, namespace: str, version: str | None) -> tuple[str, str] | None:
        """The key of a namespace's file: of that version, or the only one there is."""
        if version is not None and (namespace, version) in self.files:
            return namespace, version
        held = [key for key in self.files if key[0] == namespace]
        return held[0] if len(held) == 1 else None

    def unrecognised(self) -> list[Path]:
        """Files that differ from the published ones, beyond their import addresses."""
        return [file for key, file in self.files.items() if key in KNOWN and fingerprint(file) != KNOWN[key]]


def locate(*folders: Path | None) -> Schemas | None:
    """The schemas of the first folder that is given and exists (setting, then data folder); None without any.

    Raises SchemaNotUsable when that folder holds no DCC schema.
    """
    for folder in folders:
        if folder is not None and folder.is_dir():
            return _open(folder.resolve())
    return None


@lru_cache(maxsize=8)
def _open(folder: Path) -> Schemas:
    schemas = Schemas(folder)
    if not schemas.versions:
        raise SchemaNotUsable(folder=str(folder), reason="it holds no dcc.xsd")
    return schemas


def fingerprint(file: Path) -> str:
    """SHA-256 of a schema's canonical XML without comments and schemaLocation values, which copies rewrite."""
    root = etree.parse(file, _parser()).getroot()
    for element in root.iter(XS + "import", XS + "include"):
        element.attrib.pop("schemaLocation", "")
    return hashlib.sha256(etree.tostring(root, method="c14n", with_comments=False)).hexdigest()


def _version(root: etree._Element, file: Path) -> str:
    return root.get("version") or _version_in(str(file)) or ""


def _version_in(text: str) -> str | None:
    found = _VERSION.findall(text)
    return found[-1] if found else None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
