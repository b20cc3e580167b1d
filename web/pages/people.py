"""People and rights: accounts for the administrator; who may do what for everybody of the laboratory."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from lims.domain.errors import UnusableValue
from lims.domain.rights import RIGHTS_TEXT, ROLES, require
from lims.queries import people as lists
from lims.services import accounts, people, second_factor
from web import unit
from web.forms import REFUSALS, Form
from web.pages.today import local_day
from web.speech import N_, _
from web.viewer import viewer

pages = Blueprint("people", __name__, url_prefix="/people")


@pages.get("/")
def index() -> str:
    """Every account, narrowed by a text or a role."""
    asked: dict[str, Any] = {name: request.args.get(name, "") for name in ("q", "role")}
    after = request.args.get("after", "")
    page = lists.accounts(unit.reading(), viewer(), text=asked["q"], role=asked["role"], after=after)
    return render_template(
        "people/index.html",
        area="account",
        found=page.rows,
        asked=asked,
        roles=ROLES,
        today=local_day(),
        links={
            "next": None if page.after is None else url_for("people.index", **asked, after=page.after),
            "previous": url_for("people.index", **asked) if after else None,
        },
    )


@pages.get("/rights")
def rights() -> str:
    """Who may do what: each right in words, the roles that have it, the people who have the roles."""
    return render_template(
        "people/rights.html",
        area="account",
        rights=RIGHTS_TEXT,
        roles=ROLES,
        people=lists.by_role(unit.reading(), viewer()),
    )


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A new account of the laboratory, or one for an assessor with its last day."""
    by = viewer()
    require(by, "people.manage")
    form = Form.sent(role="technician")
    if request.method == "POST":
        try:
            with unit.writing() as work:
                _made(work, form)
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("{username} can sign in now.", username=form.value("username").strip()), "good")
            return redirect(url_for("people.index"))
    return render_template("people/new.html", area="account", form=form, roles=_offered()), form.status


def _offered() -> list[str]:
    return [role for role in ROLES if role != "customer"]


def _made(work: Any, form: Form) -> None:
    by, at = viewer(), unit.now()
    given = {
        "username": form.text("username"),
        "name": {"zh": form.text("name"), "en": form.value("name_en").strip() or form.text("name")},
        "password": form.value("password"),
    }
    if form.value("role") == accounts.VISITING:
        accounts.visit(work, **given, valid_to=_day(form, "valid_to"), by=by, at=at)  # type: ignore[arg-type]
        return
    person = people.add_person(work, **given, roles=[form.value("role")], by=by, at=at)  # type: ignore[arg-type]
    person.must_change = True


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.text(name))
    except ValueError:
        raise UnusableValue(field=name, found=form.value(name), right=N_("a day such as 2026-11-23")) from None


@pages.get("/<username>")
def detail(username: str) -> Any:
    return _page(username, Form({}))


def _page(username: str, form: Form) -> Any:
    found = lists.account(unit.reading(), username, viewer())
    return (
        render_template(
            "people/detail.html", area="account", found=found, form=form, roles=_offered(), today=local_day()
        ),
        form.status,
    )


@pages.post("/<username>/<act>")
def do(username: str, act: str) -> Any:
    """Roles, a new password, the end of a second factor, closing and opening."""
    form = Form.sent()
    by, at = viewer(), unit.now()
    if act not in ("roles", "password", "code", "close", "open"):
        abort(404)
    try:
        with unit.writing() as work:
            if act == "roles":
                accounts.set_roles(
                    work, username, request.form.getlist("roles"), version=form.whole("version"), by=by, at=at
                )
            elif act == "password":
                accounts.reset_password(work, username, form.value("new"), by=by, at=at)
            elif act == "code":
                second_factor.end_of_other(work, username, by=by, at=at)
            else:
                (accounts.close if act == "close" else accounts.open_again)(work, username, by=by, at=at)
    except REFUSALS as error:
        form.refuse(error)
        return _page(username, form)
    flash(_("The account has been changed."), "good")
    return redirect(url_for("people.detail", username=username))
