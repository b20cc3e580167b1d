"""Notices of the viewer alone: what waits for them, what they were told, and where it goes by e-mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from lims.queries import notices as lists
from lims.services import notices
from web import unit
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.speech import _
from web.viewer import safe_target, signed_in, viewer

pages = Blueprint("notices", __name__, url_prefix="/notices")


@pages.app_context_processor
def context() -> dict[str, Any]:
    return {"unread_notices": unread_notices}


def unread_notices() -> str:
    """The number for the top bar, 99+ above that; empty where there is none."""
    by = signed_in()
    found = 0 if by is None else lists.unread(unit.reading(), by)
    return f"{lists.MANY}+" if found > lists.MANY else str(found or "")


@pages.get("/")
def index() -> Any:
    return _page(Form())


def _page(form: Form) -> Any:
    by, session = viewer(), unit.reading()
    only = request.args.get("unread") == "1"
    found = lists.page(session, by, after=after(), only_unread=only)
    form.defaults = {"email": lists.address(session, by)}
    known: dict[str, Any] = {"unread": 1} if only else {}
    return (
        render_template(
            "notices/index.html",
            area="notices" if by.customer_id is not None else "today",
            found=found,
            only=only,
            form=form,
            sends=unit.settings().smtp_host is not None or current_app.config["LIMS_DEMONSTRATION"],
            links={
                "next": None if found.after is None else url_for("notices.index", after=found.after, **known),
                "previous": url_for("notices.index", **known) if after() else None,
            },
        ),
        form.status,
    )


@pages.post("/<int:notice_id>")
def act(notice_id: int) -> Any:
    """Read, done, or opened: read, and on to what it is about."""
    form = Form.sent()
    do = form.value("do")
    with unit.writing() as work:
        link = notices.read(work, notice_id, by=viewer(), at=unit.now(), done=do == "done").link
    target = safe_target(link) if do == "open" else None
    return redirect(target or url_for("notices.index"))


@pages.post("/read")
def read_all() -> Any:
    with unit.writing() as work:
        notices.read_all(work, by=viewer(), at=unit.now())
    return redirect(url_for("notices.index"))


@pages.post("/address")
def address() -> Any:
    """Where one's notices go by e-mail."""
    form = Form.sent()
    try:
        with unit.writing() as work:
            email = notices.set_address(work, form.value("email"), by=viewer(), at=unit.now()).email
    except REFUSALS as error:
        form.refuse(error)
        return _page(form)
    flash(_("Notices go to {email}.", email=email) if email else _("Notices are shown here alone."), "good")
    return redirect(url_for("notices.index"))
