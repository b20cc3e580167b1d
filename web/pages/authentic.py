"""The public page behind the code on a certificate: genuine and current, superseded, withdrawn, or unknown."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from lims.services import authentication
from web import unit

pages = Blueprint("authentic", __name__, url_prefix="/verify")


@pages.get("/")
def find() -> Any:
    """Number and token by hand, for who holds paper and no camera."""
    number, token = request.args.get("number", "").strip(), request.args.get("token", "").strip()
    if number:
        return redirect(url_for("authentic.check", number=number, token=token))
    return render_template("authentic/find.html", area="authentic")


@pages.get("/<number>")
def check(number: str) -> Any:
    """What the laboratory says of a certificate today, to whoever holds number and token. No upload: files stay."""
    with unit.writing() as work:
        status = authentication.status(
            work, number[:100], request.args.get("token", "")[:200], at=unit.now(), address=request.remote_addr or ""
        )
    page = render_template("authentic/check.html", area="authentic", status=status, content=status.content)
    return page, 200 if status.known else 404
