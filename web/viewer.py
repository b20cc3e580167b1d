"""Who looks at a page: the signed-in person, what their rights open, and the places in the rail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from lims.domain.actor import Actor
from lims.domain.rights import may
from lims.services import people
from web import unit
from web.security import PUBLIC

IDLE_HOURS = 12


class SignedIn:
    """Flask-Login's view of an actor."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        return str(self.actor.person_id)


def viewer() -> Actor:
    """The actor of this request. The gate before every request has seen to it that there is one."""
    user = current_user._get_current_object()
    if not isinstance(user, SignedIn):
        abort(401)
    return user.actor


def signed_in() -> Actor | None:
    user = current_user._get_current_object()
    return user.actor if isinstance(user, SignedIn) else None


def allowed(right: str) -> bool:
    actor = signed_in()
    return actor is not None and may(actor, right)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the rail: the same word in rail, titles, links and help."""

    endpoint: str
    word: str
    right: str | None
    icon: str
    area: str


# The words are translated where they are shown; listed in _() form in templates/words.html for extraction.
STAFF = (
    Place("today.index", "Today", None, "today", "today"),
    Place("intake.index", "Intake", "requests.read", "intake", "intake"),
    Place("bench.index", "Bench", "bench.read", "bench", "bench"),
    Place("review.index", "Review", "records.read", "review", "review"),
    Place("certificates.index", "Certificates", "certificates.read", "certificate", "certificates"),
    Place("standards.index", "Standards", "standards.read", "standard", "standards"),
    Place("scope.index", "Scope", "scope.read", "done", "scope"),
    Place("traceability.index", "Traceability", "trace.read", "chain", "traceability"),
    Place("budgets.index", "Uncertainty", "budgets.evaluate", "diamond", "budgets"),
    Place("quality.index", "Quality", "audit.verify", "quality", "quality"),
    Place("industry.index", "Industry centre", "industry.read", "half", "industry"),
    Place("account.settings", "Settings", None, "settings", "account"),
)
CUSTOMER = (
    Place("mine.index", "Instruments", None, "standard", "mine"),
    Place("intake.index", "Requests", "requests.read", "intake", "intake"),
    Place("certificates.index", "Certificates", "certificates.read", "certificate", "certificates"),
    Place("scope.index", "Scope", "scope.read", "done", "scope"),
    Place("mine.notices", "Notices", None, "today", "notices"),
    Place("account.settings", "Settings", None, "settings", "account"),
)


def places() -> list[Place]:
    actor = signed_in()
    if actor is None:
        return []
    listed = CUSTOMER if actor.customer_id is not None else STAFF
    return [place for place in listed if place.right is None or may(actor, place.right)]


def safe_target(address: str | None) -> str | None:
    """An address within this app to go on to; None for anything that leads elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc and "\n" not in address and "\r" not in address else None


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = "strong"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(person_id: str) -> SignedIn | None:
        if not person_id.isdigit():
            return None
        found = people.actor(unit.reading(), int(person_id))
        return None if found is None else SignedIn(found)

    @app.before_request
    def only_known_people() -> Response | None:
        """Every page asks for a sign-in unless it is on the public list; machines answer for themselves in web.api."""
        endpoint = request.endpoint
        if endpoint is None or endpoint in PUBLIC or (request.blueprint or "").startswith("api"):
            return None
        seen = session.get("seen")
        at = datetime.now(UTC).timestamp()
        if isinstance(seen, int | float) and at - seen > IDLE_HOURS * 3600:
            session.pop("_user_id", None)
        elif not isinstance(seen, int | float) or at - seen > 60:
            session["seen"] = at
        if current_user.is_authenticated:
            return None
        return not_signed_in()

    def not_signed_in() -> Response:
        if request.method not in ("GET", "HEAD") or not request.accept_mimetypes.accept_html:
            abort(401)
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))

    @app.context_processor
    def context() -> dict[str, Any]:
        return {
            "viewer": signed_in(),
            "places": places(),
            "allowed": allowed,
            "demonstration": g.get("demonstration", app.config.get("LIMS_DEMONSTRATION", False)),
        }
