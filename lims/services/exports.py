"""The whole data set in open formats: JSON lines and CSV a table, every document and file as it is, digests of all.

Secrets never leave: password hashes, second factors, digests of tokens, machine answers.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import __version__, audit
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import registers
from lims.records import Base

LEFT_OUT = {"second_factor", "api_token", "signin_attempt", "idempotency_key", "search_gram"}
"""Tables of secrets, of machines, and the one that is made from the others."""
SECRET = {"person": {"password_hash"}, "certificate": {"token"}}
FILES = {"document": ("bytes", "documents"), "stored_file": ("bytes", "files")}
"""Table → the column whose bytes stand in a folder beside, named by their SHA-256."""
BLOCK = 500
README = """Suyuan {version}, {at}

tables/*.jsonl  one object a line, the types of JSON; instants in ISO 8601 with their offset, days as YYYY-MM-DD
tables/*.csv    the same for a spreadsheet, UTF-8 with a mark; nested values as JSON text
documents/      certificates (PDF, DCC) byte for byte, named by their SHA-256
files/          files that were brought in, byte for byte, named by their SHA-256
manifest.json   every file with its SHA-256 and number of rows

表格见 tables/，每行一个对象；证书原件见 documents/，导入文件见 files/，文件名为其 SHA-256；manifest.json 列出全部文件的摘要与行数。
"""


def export(
    session: Session, out: IO[bytes], *, by: Actor, at: datetime, tell: Callable[[str, int], None] | None = None
) -> dict[str, Any]:
    """Write the archive (a zip) to `out`; returns its manifest. tell: told of each table with its rows.

    Reads alone, however long it takes; the caller keeps with `note` that it was made.
    """
    require(by, "exchange.export")
    manifest: dict[str, Any] = {
        "software": f"Suyuan {__version__}",
        "at": at.isoformat(),
        "laboratory": registers.laboratory(session)["name"],
        "files": {},
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for table in Base.metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                rows = _table(session, archive, table, manifest["files"])
                if tell is not None:
                    tell(table.name, rows)
        said = README.format(version=__version__, at=at.isoformat())
        _put(archive, "README.txt", said.encode(), manifest["files"])
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    return manifest


def note(session: Session, manifest: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """In the audit chain: who took the data out, and what."""
    require(by, "exchange.export")
    facts = {"files": len(manifest["files"])}
    audit.append(session, "data.exported", "laboratory", "1", by=by.username, at=at, payload=facts)


def _put(archive: zipfile.ZipFile, name: str, content: bytes, files: dict[str, Any], rows: int | None = None) -> None:
    archive.writestr(name, content)
    files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    if rows is not None:
        files[name]["rows"] = rows


def _table(session: Session, archive: zipfile.ZipFile, table: Any, files: dict[str, Any]) -> int:
    hidden, (blob, folder) = SECRET.get(table.name, set()), FILES.get(table.name, ("", ""))
    columns = [column for column in table.columns if column.name not in hidden]
    shown = [column.name for column in columns if column.name != blob]
    sheet = io.StringIO(newline="")
    lines = csv.writer(sheet)
    lines.writerow(shown)
    name, digest, count, size = f"tables/{table.name}.jsonl", hashlib.sha256(), 0, 0
    order = list(table.primary_key.columns)
    # the archive takes one open file at a time: bytes of documents are kept back until the lines are written
    kept: list[tuple[str, bytes]] = []
    with archive.open(name, "w") as out:
        rows: Iterable[Any] = session.execute(select(*columns).order_by(*order).execution_options(yield_per=BLOCK))
        for row in rows:
            values = dict(row._mapping)
            content = values.pop(blob, None) if blob else None
            if content is not None:
                kept.append((f"{folder}/{hashlib.sha256(content).hexdigest()}{_ending(values)}", bytes(content)))
            line = (json.dumps(values, ensure_ascii=False, default=_plain) + "\n").encode()
            out.write(line)
            digest.update(line)
            lines.writerow([cell(values[each]) for each in shown])
            count, size = count + 1, size + len(line)
    files[name] = {"sha256": digest.hexdigest(), "bytes": size, "rows": count}
    _put(archive, f"tables/{table.name}.csv", ("\ufeff" + sheet.getvalue()).encode(), files, count)
    for path, content in kept:
        if path not in files:
            _put(archive, path, content, files)
    return count


def _ending(values: Mapping[str, Any]) -> str:
    kind = str(values.get("kind") or str(values.get("name", "")).rpartition(".")[2])
    known = {
        "pdf": ".pdf",
        "dcc": ".xml",
        "csv": ".csv",
        "xlsx": ".xlsx",
        "png": ".png",
        "jpeg": ".jpeg",
        "jpg": ".jpg",
    }
    return known.get(kind.lower(), "")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def cell(value: Any) -> str:
    """A cell of a spreadsheet; one that would be taken for a formula gets an apostrophe before it."""
    if value is None:
        return ""
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain).strip('"')
    return "'" + said if said[:1] in ("=", "+", "@", "\t", "\r") or (said[:1] == "-" and not _number(said)) else said


def _number(said: str) -> bool:
    try:
        float(said)
    except ValueError:
        return False
    return True
