"""Signing in and out, the language by one click, light or dark, tokens for machines."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_login import login_user, logout_user

from lims.domain.errors import SignInLocked, WrongPassword
from lims.domain.rights import RIGHTS_TEXT, rights_of
from lims.queries import people as lists
from lims.services import accounts, people, second_factor, tokens
from web import unit
from web.errors import status_of
from web.forms import REFUSALS, Form
from web.speech import LANGUAGES, _
from web.viewer import SignedIn, half_sign_in, safe_target, signed_in, viewer

pages = Blueprint("account", __name__)


@pages.route("/sign-in", methods=("GET", "POST"))
def sign_in() -> Any:
    """The sign-in page; a wrong password answers 403, a locked name 429, both in one sentence."""
    form = Form.sent(username=request.args.get("as", ""))
    target = safe_target(request.values.get("next"))
    if request.method == "GET":
        return redirect(target or url_for("today.index")) if signed_in() else _page(form, target)
    try:
        with unit.writing() as work:
            actor = people.authenticate(
                work, form.value("username"), form.value("password"), at=unit.now(), address=request.remote_addr or ""
            )
            code = second_factor.wanted(work, actor.person_id)
    except (WrongPassword, SignInLocked) as error:
        form.refuse(error)
        return _page(form, target), status_of(error)
    # A session of before the sign-in is worth nothing after it, but for the language that was chosen.
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    session.update({"language": actor.language} | kept)
    if code:
        half_sign_in(actor)
        return redirect(url_for("second_factor.ask", next=target))
    login_user(SignedIn(actor))
    return redirect(target or url_for("today.index"))


def _page(form: Form, target: str | None) -> str:
    return render_template("account/sign_in.html", form=form, target=target or "")


@pages.post("/sign-out")
def sign_out() -> Any:
    """Ends every session of the person: a cookie that somebody copied is worth nothing from now on."""
    with unit.writing() as work:
        accounts.end_sessions(work, by=viewer(), at=unit.now())
    logout_user()
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    session.update(kept)
    return redirect(url_for("account.sign_in"))


@pages.route("/settings/password", methods=("GET", "POST"))
def password() -> Any:
    """One's own password; afterwards this session goes on and every other has ended."""
    form, by = Form.sent(), viewer()
    if request.method == "POST":
        try:
            with unit.writing() as work:
                accounts.change_password(work, form.value("old"), form.value("new"), by=by, at=unit.now())
        except WrongPassword as error:
            form.refuse(error)
            form.place = "old"
        except REFUSALS as error:
            form.refuse(error)
        else:
            again = people.actor(unit.reading(), by.person_id, at=unit.now())
            if again is not None:
                login_user(SignedIn(again))
            flash(_("The password has been changed; every other session has ended."), "good")
            return redirect(url_for("account.settings"))
    return render_template("account/password.html", area="account", form=form, forced=by.must_change), form.status


@pages.post("/language")
def language() -> Any:
    chosen = request.form.get("to", "")
    if chosen not in LANGUAGES:
        abort(400)
    session["language"] = chosen
    return redirect(safe_target(request.form.get("back")) or url_for("today.index"))


@pages.post("/theme")
def theme() -> Any:
    chosen = request.form.get("to", "")
    if chosen not in ("light", "dark", "auto"):
        abort(400)
    session["theme"] = chosen
    return redirect(safe_target(request.form.get("back")) or url_for("account.settings"))


@pages.get("/settings")
def settings() -> Any:
    return _settings(Form({}, {"days": "90"}))


def _settings(form: Form, token: str = "") -> Any:
    by = viewer()
    return (
        render_template(
            "account/settings.html",
            area="account",
            actor=by,
            form=form,
            tokens=tokens.of(unit.reading(), by),
            token=token,
            signins=lists.recent_signins(unit.reading(), by),
            scopes=[(right, RIGHTS_TEXT[right]) for right in RIGHTS_TEXT if right in rights_of(by)],
        ),
        form.status,
    )


@pages.post("/settings/tokens")
def make_token() -> Any:
    """A token for a program; shown on this page alone, once."""
    form = Form.sent(days="90")
    try:
        with unit.writing() as work:
            token = tokens.make(
                work,
                form.value("label"),
                form.whole("days"),
                scopes=request.form.getlist("scopes"),
                by=viewer(),
                at=unit.now(),
            )
    except REFUSALS as error:
        form.refuse(error)
        return _settings(form)
    return _settings(Form({}, {"days": "90"}), token)


@pages.post("/settings/tokens/<int:token_id>/end")
def end_token(token_id: int) -> Any:
    with unit.writing() as work:
        tokens.revoke(work, token_id, by=viewer(), at=unit.now())
    return redirect(url_for("account.settings"))
