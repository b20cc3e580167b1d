"""A sheet brought in through the page, and everything taken out of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.web.conftest import TOKEN, Visitor

As = Callable[[str], Visitor]


def upload(visitor: Visitor, kind: str, content: bytes) -> str:
    page = visitor.get("/exchange/").get_data(as_text=True)
    token = TOKEN.search(page)
    assert token is not None
    answer = visitor.client.post(
        "/exchange/imports",
        data={"csrf_token": token[1], "kind": kind, "file": (io.BytesIO(content), "sheet.csv")},
        headers={"Accept": "text/html"},
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)[-500:]
    return str(answer.headers["Location"])


def test_a_template_filled_in_comes_back_and_is_taken_over(signed_in: As) -> None:
    manager = signed_in("manager")
    sheet = manager.get("/exchange/template/customers.csv").get_data()
    where = upload(manager, "customers", sheet)
    assert manager.post(f"{where}/applied", where).status_code == 302
    assert "青禾精密电子有限公司" in manager.get("/customers/?q=青禾精密").get_data(as_text=True)
    assert manager.post(f"{where}/applied", "/exchange/").status_code in (409, 422)


def test_wrong_cells_stand_on_the_page_and_in_a_file(signed_in: As) -> None:
    manager = signed_in("manager")
    where = upload(manager, "instruments", "客户,名称,制造商,型号,出厂编号\n=cmd(),表,A,B,C\n".encode())
    page = manager.get(where).get_data(as_text=True)
    assert "=cmd()" in page
    assert "applied" not in page, "there is no button for a sheet with a wrong cell"
    faults = manager.get(f"{where}/faults.csv").get_data(as_text=True)
    assert "'=cmd()" in faults


def test_the_archive_holds_every_table_and_no_password(signed_in: As) -> None:
    keeper = signed_in("keeper")
    answer = keeper.post("/exchange/export", "/exchange/")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert {"manifest.json", "README.txt", "tables/certificate.jsonl"} <= set(archive.namelist())
        assert b"argon2" not in archive.read("tables/person.jsonl")
    answer.close()
