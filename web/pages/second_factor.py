"""The second factor: set up with an authenticator on a phone, asked for after the password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import login_user

from lims.documents import qr
from lims.domain.errors import SignInLocked, WrongPassword
from lims.services import second_factor
from web import unit
from web.errors import status_of
from web.forms import Form
from web.speech import _
from web.viewer import SignedIn, half_signed_in, safe_target, viewer

pages = Blueprint("second_factor", __name__)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


@pages.route("/sign-in/code", methods=("GET", "POST"))
def ask() -> Any:
    """The code, after a password that was right; without one the way leads back to the password."""
    person_id, form = half_signed_in(), Form.sent()
    target = safe_target(request.values.get("next"))
    if person_id is None:
        return redirect(url_for("account.sign_in", next=target))
    if request.method == "POST":
        try:
            with unit.writing() as work:
                actor = second_factor.check(
                    work, person_id, form.value("code"), key=_key(), at=unit.now(), address=request.remote_addr or ""
                )
        except (WrongPassword, SignInLocked) as error:
            form.refuse(error)
            form.place = "code" if isinstance(error, WrongPassword) else None
            return _asked(form, target), status_of(error)
        session.pop("half", None)
        login_user(SignedIn(actor))
        return redirect(target or url_for("today.index"))
    return _asked(form, target)


def _asked(form: Form, target: str | None) -> str:
    return render_template("account/code.html", form=form, target=target or "")


@pages.route("/settings/second-factor", methods=("GET", "POST"))
def settings() -> Any:
    """Set up, confirmed with a first code, or ended."""
    form = Form.sent()
    if request.method == "GET":
        return _page(form)
    try:
        with unit.writing() as work:
            codes = second_factor.confirm(work, form.value("code"), key=_key(), by=viewer(), at=unit.now())
    except WrongPassword as error:
        form.refuse(error)
        form.place = "code"
        return _page(form)
    return render_template("account/recovery.html", area="account", codes=codes)


def _page(form: Form) -> Any:
    by, reading = viewer(), unit.reading()
    offer = second_factor.offered(reading, "Suyuan 溯源", key=_key(), by=by)
    return (
        render_template(
            "account/second_factor.html",
            area="account",
            form=form,
            offer=offer,
            drawn=qr.svg(offer.address) if offer else None,
            counts=offer is None and second_factor.wanted(reading, by.person_id),
        ),
        form.status,
    )


@pages.post("/settings/second-factor/start")
def start() -> Any:
    with unit.writing() as work:
        second_factor.start(work, key=_key(), by=viewer())
    return redirect(url_for("second_factor.settings"))


@pages.post("/settings/second-factor/end")
def end() -> Any:
    form = Form.sent()
    try:
        with unit.writing() as work:
            second_factor.end(work, form.value("password"), by=viewer(), at=unit.now())
    except (WrongPassword, SignInLocked) as error:
        form.refuse_signature(error)
        return _page(form)
    flash(_("The code is asked for no more."), "good")
    return redirect(url_for("account.settings"))
