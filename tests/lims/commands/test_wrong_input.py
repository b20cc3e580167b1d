"""What wrong input gets on the command line: one sentence in the language asked for, the exit code, nothing changed.

Faults of instruments during a run (overload, timeout, garbage) are injected in
tests/instruments/link/test_faults_on_the_bench.py and tests/instruments/capture/test_bench.py; their sentences are held
in both languages by tests/instruments/link/test_fault_words.py.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from instruments import capture
from instruments.bench import server
from lims.config import Settings
from lims.records import Instrument
from lims.services import faults, standards
from tests.lims.services.conftest import PASSWORD

from .conftest import NOW, Home, one_sentence
from .test_doors import PROCEDURES, lims

DCV = str(PROCEDURES / "dmm-dcv.yaml")
IMPEDANCE = str(PROCEDURES / "impedance.yaml")


@dataclass
class Line:
    """words: the command. code: its exit code. names: what the sentence has to name in both languages."""

    words: tuple[str, ...]
    code: int
    names: tuple[str, ...] = ()
    stdin: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    before: Callable[[Home], None] = lambda home: None
    quotes: bool = False  # the sentence ends with the words of the driver or codec, which are English


def text(name: str, content: str | bytes) -> Callable[[Home], None]:
    def write(home: Home) -> None:
        (home.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def changed(**columns: str) -> Callable[[Home], None]:
    """The laboratory's calibrator is another than the register says."""

    def change(home: Home) -> None:
        with home.session() as session:
            source = session.scalars(select(Instrument).where(Instrument.role == "source")).one()
            for name, value in columns.items():
                setattr(source, name, value)
            session.commit()
            session.get_bind().dispose()  # type: ignore[union-attr]

    return change


def out_of_date(home: Home) -> None:
    with home.session() as session:
        source = session.scalars(select(Instrument).where(Instrument.role == "source")).one()
        old = date.today() - timedelta(days=800)
        standards.add_calibration(
            session, source.code, certificate_number="OLD-1", issuer={"zh": "某院", "en": "Some institute"}, issued=old,
            valid_from=old, valid_to=old + timedelta(days=365), route_class="a", functions=[], upstream=[],
            correlation={"kind": "none"}, by=None, at=NOW,
        )  # fmt: skip
        session.commit()
        session.get_bind().dispose()  # type: ignore[union-attr]


SIGN_IN = f"{PASSWORD}\n"
RUN = ("procedure", "run", DCV, "--request", "{waiting}", "--user")
READ = ("procedure", "run", IMPEDANCE, "--user", "tech", "--readings")
WRONG_UNIT = (PROCEDURES / "dmm-dcv.yaml").read_text("utf-8").replace("most: 1000 V", "most: 1000 kg")

LINES: dict[str, Line] = {
    "unknown setting": Line(("audit", "verify"), 2, ("LIMS_LANGAUGE", "LIMS_LANGUAGE"), environment={"LIMS_LANGAUGE": "zh"}),
    "unknown key of lims.toml": Line(("audit", "verify"), 2, ("langauge", "lims.toml", "language"), before=text("lims.toml", 'langauge = "zh"\n')),
    "lims.toml is no TOML": Line(("audit", "verify"), 2, ("lims.toml",), before=text("lims.toml", "= = =\n")),
    "lims.toml is no UTF-8": Line(("audit", "verify"), 2, ("lims.toml",), quotes=True, before=text("lims.toml", b'language = "\xff"\n')),
    "port out of range": Line(("serve",), 2, ("LIMS_PORT", "70000"), environment={"LIMS_PORT": "70000"}),
    "port that is no number": Line(("serve",), 2, ("LIMS_PORT", "８０００x"), environment={"LIMS_PORT": "８０００x"}),
    "unknown language": Line(("audit", "verify"), 2, ("LIMS_LANGUAGE", "fr"), environment={"LIMS_LANGUAGE": "fr"}),
    "secret too short": Line(("serve",), 2, ("LIMS_SECRET_KEY",), environment={"LIMS_SECRET_KEY": "hush"}),
    "no such database": Line(("audit", "verify"), 2, ("mysql",), environment={"LIMS_DATABASE_URL": "mysql://x/y"}),
    "database that is none": Line(("audit", "verify"), 2, (), quotes=True, before=text("data/lims.db", b"no database at all" * 200)),
    "certificate that is not there": Line(("trace", "YS-2026-999999"), 2, ("YS-2026-999999",)),
    "wrong password": Line((*RUN, "tech"), 1, (), stdin="wrong\n"),
    "unknown name": Line((*RUN, "nobody"), 1, (), stdin=SIGN_IN),
    "no right": Line((*RUN, "verifier"), 1, ("verifier",), stdin=SIGN_IN),
    "person not authorised": Line((*RUN, "newcomer"), 1, ("DMM-DCV",), stdin=SIGN_IN),
    "standard out of date": Line((*RUN, "tech"), 1, ("OLD-1",), stdin=SIGN_IN, before=out_of_date),
    "request that is not there": Line(("procedure", "run", DCV, "--request", "WT-1", "--user", "tech"), 2, ("WT-1",), stdin=SIGN_IN),
    "request left out": Line(("procedure", "run", DCV, "--user", "tech"), 2, ("--request",), stdin=SIGN_IN),
    "procedure with a wrong unit": Line(("procedure", "publish", "wrong.yaml", "--user", "keeper"), 2, ("wrong.yaml", "kg"), stdin=SIGN_IN, before=text("wrong.yaml", WRONG_UNIT)),
    "readings for a procedure of the bench": Line(("procedure", "run", DCV, "--readings", "r.csv", "--request", "{waiting}", "--user", "tech"), 2, ("DMM-DCV",), stdin=SIGN_IN, before=text("r.csv", "a\n1\n")),
    "readings that are none": Line((*READ, "r.csv"), 2, ("r.csv",), stdin=SIGN_IN, before=text("r.csv", "V (V),I (mA),phi (rad)\n1,x,3\n")),
    "readings in GBK": Line((*READ, "r.csv"), 2, ("r.csv",), stdin=SIGN_IN, before=text("r.csv", "电压 (V),I (mA),phi (rad)\n1,2,3\n".encode("gbk"))),
    "readings with a NUL": Line((*READ, "r.csv"), 2, ("r.csv",), stdin=SIGN_IN, before=text("r.csv", b"V (V),I (mA),phi (rad)\n1\x00,2,3\n1,2,3\n")),
    "standard of a column that is not there": Line((*READ, "r.csv", "--standard", "X=YQ-2026-000003"), 2, ("X",), stdin=SIGN_IN, before=text("r.csv", "V (V),I (mA),phi (rad)\n1,2,3\n1.1,2,3\n")),
    "standard written wrongly": Line((*READ, "r.csv", "--standard", "X"), 2, ("--standard", "X"), stdin=SIGN_IN, before=text("r.csv", "V (V),I (mA),phi (rad)\n1,2,3\n1.1,2,3\n")),
    "customer account without a customer": Line(("user", "add", "c9", "--name", "丙", "--role", "customer", "--password", PASSWORD), 2, ("customer",)),
    "customer account of nobody": Line(("user", "add", "c9", "--name", "丙", "--role", "customer", "--customer", "99", "--password", PASSWORD), 2, ("99",)),
    "name taken": Line(("user", "add", "tech", "--name", "丙", "--role", "auditor", "--password", PASSWORD), 2, ("tech",)),
    "password too short": Line(("user", "add", "c9", "--name", "丙", "--role", "auditor", "--password", "x"), 2, ("10",)),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("what", LINES)
def test_wrong_input_gets_one_sentence_and_changes_nothing(home: Home, what: str, lang: str) -> None:
    line = LINES[what]
    line.before(home)
    kept = what != "database that is none"
    before = home.state() if kept else {}
    words = [word.format(waiting=home.waiting) if word == "{waiting}" else word for word in line.words]
    answer = lims("--lang", lang, *words, cwd=home.folder, stdin=line.stdin, **line.environment)
    sentence = one_sentence(answer, lang, line.code, quotes=line.quotes)
    for name in line.names:
        assert name in sentence, sentence
    if kept:
        assert home.state() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ({"resource": "TCPIP0::127.0.0.1::9::SOCKET"}, ("127.0.0.1",)),
        ({"resource": "no address at all"}, ("no address at all",)),
        ({"serial": "another"}, ("another",)),
    ],
)
def test_an_instrument_that_is_not_there_or_is_another_stops_the_run_before_anything_is_energised(
    home: Home, columns: dict[str, str], names: tuple[str, ...], lang: str
) -> None:
    changed(**columns)(home)
    before = home.state()
    try:
        answer = lims(
            "--lang", lang, *(w.format(waiting=home.waiting) for w in RUN), "tech",
            cwd=home.folder, stdin=SIGN_IN + "y\n" * 3, LIMS_BENCH_SPEED="600",
        )  # fmt: skip
    finally:
        put_away(home.settings())
    assert answer.returncode == 1, answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    told = [line.strip() for line in answer.stdout.splitlines() if line.strip().startswith("!")]
    assert len(told) == 1, answer.stdout
    assert bool(re.search(r"[一-鿿]", told[0])) is (lang == "zh")
    for name in names:
        assert name in told[0]
    after = home.state()
    assert after["record"] == before["record"] + 1, "the record says that somebody tried"
    for table in ("reading", "result", "evaluation", "certificate", "signature", "request", "instrument"):
        assert after[table] == before[table], table


def put_away(settings: Settings) -> None:
    """End the run that a person would now resume or abort on its page, and the bench behind it."""
    for run in (settings.data / "runs").iterdir():
        capture.send(run, {"do": "abort", "by": "tech"})
        until = time.monotonic() + 20
        while capture.state(run) not in ("aborted", "interrupted") and time.monotonic() < until:
            time.sleep(0.05)
    server.stop(settings.data / "bench")


def test_a_sentence_of_a_fault_is_said_in_both_languages_and_kept_where_it_is_unknown() -> None:
    event = {"code": "unreachable", "facts": {"resource": "X", "why": "y"}, "sentence": "Nothing can be opened at X"}
    assert faults.sentence(event, "zh").startswith("无法连接 X")
    assert faults.sentence(event, "en").startswith("Nothing can be opened at X (y)")
    for strange in ({"code": "new", "facts": {}}, {"code": "unreachable", "facts": {}}, {"code": "unreachable"}):
        assert faults.sentence(strange | {"sentence": "as written"}, "zh") == "as written"
