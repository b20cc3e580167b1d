"""Forged documents and files that are weapons: refused in a sentence, in both languages, with the right exit code."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from sqlalchemy import select

from lims.documents import dcc, keys, signing
from lims.records import Certificate
from lims.services import rendering

from .conftest import Home, one_sentence
from .test_doors import PROCEDURES

Command = Callable[..., CompletedProcess[str]]

SAID = {
    "broken": {"zh": "签名", "en": "signature BROKEN"},
    "untrusted": {"zh": "不受信任", "en": "is not trusted here"},
    "none": {"zh": "无签名", "en": "no signature"},
    "good": {"zh": "签名", "en": "signature good"},
}


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> keys.Keys:
    """Somebody with the laboratory's name and keys of their own."""
    return keys.open_or_make(tmp_path_factory.mktemp("stranger"), "溯源演示计量中心")


def frozen(home: Home, **change: object) -> str:
    with home.session() as session:
        text = session.scalars(select(Certificate.snapshot).where(Certificate.number == home.number)).one()
        session.get_bind().dispose()  # type: ignore[union-attr]
    return json.dumps(json.loads(text) | change, ensure_ascii=False)


def original(home: Home, kind: str) -> bytes:
    return (home.folder / "out" / f"certificate.{kind}").read_bytes()


def another_digit(xml: bytes) -> bytes:
    """One digit of one printed result changed."""
    found = re.search(rb"<si:valueXMLList>[^<]*?(\d)(?=[ <])|<si:value>[^<]*?(\d)</si:value>", xml)
    assert found
    place = found.end(1) - 1 if found[1] else found.end(2) - 1
    digit = b"%d" % ((int(xml[place : place + 1]) + 1) % 10)
    return xml[:place] + digit + xml[place + 1 :]


def with_a_revision(pdf: bytes) -> bytes:
    """Another revision after the signature: what a viewer shows may be quite another page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    writer.root["/Suyuan"] = generic.TextStringObject("changed")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


Forge = Callable[[Home, keys.Keys], bytes]
FORGED: dict[str, tuple[Forge, str]] = {
    "pdf signed by a stranger": (lambda home, them: rendering.make(frozen(home), them, None)[0], "untrusted"),
    "dcc signed by a stranger": (lambda home, them: rendering.make(frozen(home), them, None)[1], "untrusted"),
    "pdf with a revision appended": (lambda home, them: with_a_revision(original(home, "pdf")), "broken"),
    "pdf with bytes appended": (lambda home, them: original(home, "pdf") + b"\n% more\n", "broken"),
    "pdf edited in the middle": (lambda home, them: flipped(original(home, "pdf")), "broken"),
    "dcc with one digit changed": (lambda home, them: another_digit(original(home, "dcc")), "broken"),
    "dcc with another number": (lambda home, them: original(home, "dcc").replace(home.number.encode(), b"YS-2026-000009"), "broken"),
    "dcc without its signature": (lambda home, them: dcc.build(json.loads(frozen(home))), "none"),
    "dcc changed and signed by a stranger": (lambda home, them: signing.sign_dcc(another_digit(dcc.build(json.loads(frozen(home)))), them), "untrusted"),
    "pdf of another number signed by a stranger": (lambda home, them: rendering.make(frozen(home, number="YS-2026-000009"), them, None)[0], "untrusted"),
    "dcc of ours changed and signed with our own key": (lambda home, them: signing.sign_dcc(another_digit(dcc.build(json.loads(frozen(home)))), ours(home)), "good"),
    "pdf of ours changed and signed with our own key": (lambda home, them: rendering.make(frozen(home, note="x"), ours(home), None)[0], "good"),
    "a number never given out, signed with our own key": (lambda home, them: rendering.make(frozen(home, number="YS-2026-000009"), ours(home), None)[1], "good"),
}  # fmt: skip


def ours(home: Home) -> keys.Keys:
    return keys.open_or_make(home.settings().data / "keys", "-")


def flipped(pdf: bytes) -> bytes:
    edited = bytearray(pdf)
    edited[len(edited) // 2] ^= 1
    return bytes(edited)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("what", FORGED)
def test_a_forged_document_is_told_from_a_genuine_one(
    built: Home, stranger: keys.Keys, tmp_path: Path, what: str, lang: str, command: Command
) -> None:
    forge, signature = FORGED[what]
    before = built.state()
    file = tmp_path / "forged"
    file.write_bytes(forge(built, stranger))
    answer = command("--lang", lang, "verify", str(file), cwd=built.folder)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert answer.stderr == ""
    lines = answer.stdout.splitlines()
    assert lines[0] == str(file)
    assert SAID[signature][lang] in lines[1], lines
    assert all(
        bool(re.search(r"[一-鿿]", line)) is (lang == "zh")
        for line in lines[1:]
        if "DIFF" not in line and "演示" not in line
    )
    told = json.loads(command("verify", "--json", str(file), cwd=built.folder).stdout)[0]
    assert (told["ok"], told["signature"]) == (False, signature)
    assert built.state() == before


@pytest.mark.parametrize("kind", ["pdf", "dcc"])
def test_the_genuine_one_is_good_so_that_the_refusals_mean_something(built: Home, kind: str, command: Command) -> None:
    answer = command("--lang", "en", "verify", f"out/certificate.{kind}", cwd=built.folder)
    assert (answer.returncode, "signature good" in answer.stdout) == (0, True), answer.stdout


# --- files that are weapons -------------------------------------------------------------------------------------------

NS = "https://ptb.de/dcc"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS: dict[str, bytes] = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x xmlns="{NS}">&l9;</x>'.encode(),
    "billion laughs in a DCC": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><digitalCalibrationCertificate xmlns="{NS}">&l9;</digitalCalibrationCertificate>'.encode(),
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><digitalCalibrationCertificate xmlns="{NS}">{"&a;" * 20_000}</digitalCalibrationCertificate>'.encode(),
    "external entity": f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><digitalCalibrationCertificate xmlns="{NS}">&a;</digitalCalibrationCertificate>'.encode(),
    "external DTD": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><digitalCalibrationCertificate xmlns="{NS}"/>'.encode(),
    "parameter entity": f'<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]><digitalCalibrationCertificate xmlns="{NS}"/>'.encode(),
    "deep": (f'<digitalCalibrationCertificate xmlns="{NS}">' + "<a>" * 100_000).encode(),
    "include": b'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/hostname" parse="text"/></x>',
    "pdf of endless pages": b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Names 1 0 R/EmbeddedFiles 1 0 R/Kids[1 0 R]>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
    "zip": b"PK\x03\x04" + bytes(4000),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("what", BOMBS)
def test_a_document_that_is_a_weapon_is_refused_at_once(
    built: Home, tmp_path: Path, what: str, lang: str, command: Command
) -> None:
    file = tmp_path / "weapon.xml"
    file.write_bytes(BOMBS[what])
    start = time.monotonic()
    answer = command("--lang", lang, "verify", str(file), cwd=built.folder)
    assert time.monotonic() - start < 20
    one_sentence(answer, lang, 2, quotes=True)
    assert Path("/etc/hostname").read_text().strip() not in answer.stdout + answer.stderr
    checked = command("--lang", lang, "dcc", "validate", str(file), cwd=built.folder)
    assert checked.returncode in (1, 2)
    assert "Traceback" not in checked.stderr
    assert Path("/etc/hostname").read_text().strip() not in checked.stdout + checked.stderr


ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
YAML: dict[str, str] = {
    "aliases": ALIASES,
    "aliases in a budget": "budget: 1\nquantities:\n  a: {value: 1, u: 1}\nmeasurands:\n  y: {expression: a}\n"
    + ALIASES,
    "aliases as a title": ALIASES
    + "budget: 1\ntitle: *a11\nquantities: {a: {value: 1, u: 1}}\nmeasurands: {y: {expression: a}}\n",
    "a circle": "budget: 1\nquantities: &q\n  a: *q\nmeasurands: {y: {expression: a}}\n",
    "a tag of Python": "budget: !!python/object/apply:os.system ['touch owned']\n",
    "an object of Python": "!!python/object/new:subprocess.Popen [['touch', 'owned']]\n",
    "deep": "[" * 20_000 + "\n",
    "deep JSON": '{"budget": ' + "[" * 100_000 + "\n",
    "one name twice": "budget: 1\nbudget: 1\n",
    "nothing": "\n",
    "many documents": "--- 1\n--- 2\n",
    "NUL": "budget: 1\x00\n",
    "too large": "budget: 1\n" + "# x\n" * 1_500_000,
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("words", "what"),
    [(("evaluate",), what) for what in YAML]
    # 20,000 open brackets keep the reader of procedures busy for more than a minute: not held yet.
    + [(("procedure", "check"), what) for what in YAML if not what.startswith("deep")],
)
def test_a_budget_or_procedure_that_is_a_weapon_is_refused_at_once(
    tmp_path: Path, what: str, words: tuple[str, ...], lang: str, command: Command
) -> None:
    file = tmp_path / "weapon.yaml"
    file.write_text(YAML[what], "utf-8")
    start = time.monotonic()
    answer = command("--lang", lang, *words, str(file), cwd=tmp_path)
    assert time.monotonic() - start < 25
    one_sentence(answer, lang, 2, quotes=True)
    assert len(answer.stderr) < 2000
    assert not (tmp_path / "owned").exists()
    assert not (tmp_path / "data").exists()


def test_the_shipped_procedure_is_read_so_that_the_refusals_mean_something(tmp_path: Path, command: Command) -> None:
    assert command("procedure", "check", str(PROCEDURES / "dmm-dcv.yaml"), cwd=tmp_path).returncode == 0
