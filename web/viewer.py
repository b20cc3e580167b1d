"""Who looks at a page: the signed-in person, what their rights open, and the places in the rail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from lims.domain.actor import Actor
from lims.domain.rights import may
from lims.services import people
from web import unit
from web.security import PUBLIC
from web.speech import N_

IDLE_HOURS = 12
HALF_WAY_SECONDS = 300
"""Between the password and the code of the second factor."""
BEFORE_A_NEW_PASSWORD = ("account.password", "account.sign_out")
"""What somebody may open whose password another person has set."""


class SignedIn:
    """Flask-Login's view of an actor."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """What the session keeps: the person, and the epoch of the sessions that count."""
        return f"{self.actor.person_id}.{self.actor.epoch}"


def viewer() -> Actor:
    """The actor of this request. The gate before every request has seen to it that there is one."""
    user = current_user._get_current_object()
    if not isinstance(user, SignedIn):
        abort(401)
    return user.actor


def signed_in() -> Actor | None:
    user = current_user._get_current_object()
    return user.actor if isinstance(user, SignedIn) else None


def half_sign_in(actor: Actor) -> None:
    """Remember for HALF_WAY_SECONDS that this person's password was right; it opens no page but the one for the code."""
    session["half"] = [actor.person_id, actor.epoch, datetime.now(UTC).timestamp()]


def half_signed_in() -> int | None:
    """The person who is half-way through a sign-in, while that counts."""
    kept = session.get("half")
    if not isinstance(kept, list) or len(kept) != 3 or datetime.now(UTC).timestamp() - kept[2] > HALF_WAY_SECONDS:
        return None
    found = people.actor(unit.reading(), kept[0], at=unit.now())
    return found.person_id if found is not None and found.epoch == kept[1] else None


def allowed(right: str) -> bool:
    actor = signed_in()
    return actor is not None and may(actor, right)


@dataclass(frozen=True, slots=True)
class Place:
    """A place: the same word in rail, tabs, titles, links and help. area: where it stands in the rail."""

    endpoint: str
    word: str
    right: str | None
    icon: str
    area: str


RAIL = {
    "today": N_("Today"),
    "intake": N_("Intake"),
    "bench": N_("Bench"),
    "review": N_("Review"),
    "certificates": N_("Certificates"),
    "standards": N_("Standards"),
    "traceability": N_("Traceability"),
    "quality": N_("Quality"),
    "industry": N_("Industry centre"),
    "account": N_("Settings"),
    "mine": N_("Instruments"),
    "requests": N_("Requests"),
    "notices": N_("Notices"),
}
"""Area → its word in the rail. An area leads to the first of its places that the viewer may open; the rest are tabs."""

STAFF = (
    Place("today.index", N_("Today"), None, "today", "today"),
    Place("notices.index", N_("Notices"), None, "today", "today"),
    Place("statistics.index", N_("Dashboard"), "statistics.read", "today", "today"),
    Place("orders.index", N_("Orders"), "requests.read", "intake", "intake"),
    Place("intake.index", N_("Items"), "requests.read", "intake", "intake"),
    Place("batches.index", N_("Batches"), "requests.read", "intake", "intake"),
    Place("visits.index", N_("On site"), "bench.read", "intake", "intake"),
    Place("instruments.index", N_("Instrument ledger"), "items.read", "intake", "intake"),
    Place("customers.index", N_("Customers"), "requests.read", "intake", "intake"),
    Place("compulsory.index", N_("Compulsory verification"), "compulsory.read", "intake", "intake"),
    Place("fees.index", N_("Fees"), "fees.read", "intake", "intake"),
    Place("bench.index", N_("Bench"), "bench.read", "bench", "bench"),
    Place("bookings.index", N_("Bookings"), "bookings.read", "bench", "bench"),
    Place("review.index", N_("Review"), "records.read", "review", "review"),
    Place("certificates.index", N_("Certificates"), "certificates.read", "certificate", "certificates"),
    Place("numbers.index", N_("Numbers"), "numbers.read", "certificate", "certificates"),
    Place("standards.index", N_("Equipment"), "standards.read", "standard", "standards"),
    Place("measurement_standards.index", N_("Measurement standards"), "standards.read", "standard", "standards"),
    Place("procedures.index", N_("Procedures"), "procedures.read", "standard", "standards"),
    Place("competence.index", N_("Competence"), "competence.read", "standard", "standards"),
    Place("providers.index", N_("Providers"), "standards.read", "standard", "standards"),
    Place("traceability.index", N_("Traceability"), "trace.read", "chain", "traceability"),
    Place("scope.index", N_("Scope"), "scope.read", "chain", "traceability"),
    Place("budgets.index", N_("Uncertainty"), "budgets.evaluate", "chain", "traceability"),
    Place("cases.index", N_("Cases"), "quality.read", "quality", "quality"),
    Place("charts.index", N_("Control charts"), "quality.read", "quality", "quality"),
    Place("proficiency.index", N_("Proficiency tests"), "quality.read", "quality", "quality"),
    Place("audits.index", N_("Internal audits"), "quality.read", "quality", "quality"),
    Place("risks.index", N_("Risks"), "quality.read", "quality", "quality"),
    Place("quality.index", N_("Audit chain"), "audit.verify", "quality", "quality"),
    Place("industry.index", N_("Industry centre"), "industry.read", "half", "industry"),
    Place("account.settings", N_("Settings"), None, "settings", "account"),
    Place("people.index", N_("People and rights"), "people.manage", "settings", "account"),
    Place("rules.index", N_("Rules"), "rules.read", "settings", "account"),
    Place("exchange.index", N_("Import and export"), "exchange.export", "settings", "account"),
)
CUSTOMER = (
    Place("mine.index", N_("Instruments"), None, "standard", "mine"),
    Place("orders.index", N_("Requests"), "requests.read", "intake", "requests"),
    Place("intake.index", N_("Items"), "requests.read", "intake", "requests"),
    Place("fees.index", N_("Fees"), "fees.read", "intake", "requests"),
    Place("cases.index", N_("Complaints"), "complaints.create", "intake", "requests"),
    Place("certificates.index", N_("Certificates"), "certificates.read", "certificate", "certificates"),
    Place("scope.index", N_("Scope"), "scope.read", "chain", "certificates"),
    Place("bookings.index", N_("Bookings"), "bookings.create", "bench", "mine"),
    Place("notices.index", N_("Notices"), None, "today", "notices"),
    Place("account.settings", N_("Settings"), None, "settings", "account"),
)


def places() -> list[Place]:
    """Every place that the viewer may open, in the order of the rail."""
    actor = signed_in()
    if actor is None:
        return []
    listed = CUSTOMER if actor.customer_id is not None else STAFF
    known = current_app.view_functions
    return [place for place in listed if place.endpoint in known and (place.right is None or may(actor, place.right))]


def rail(opened: list[Place]) -> list[Place]:
    """The first place of each area."""
    first: dict[str, Place] = {}
    for place in opened:
        first.setdefault(place.area, place)
    return list(first.values())


def tabs(opened: list[Place]) -> list[Place]:
    """The places of the area that this page belongs to; none where there is but one."""
    here = [place.area for place in opened if place.endpoint.split(".")[0] == request.blueprint]
    found = [place for place in opened if here and place.area == here[0]]
    return found if len(found) > 1 else []


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
    def load(kept: str) -> SignedIn | None:
        person_id, _dot, epoch = kept.partition(".")
        if not (person_id.isdigit() and epoch.isdigit()):
            return None
        found = people.actor(unit.reading(), int(person_id), at=unit.now())
        return None if found is None or found.epoch != int(epoch) else SignedIn(found)

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
        if not current_user.is_authenticated:
            return not_signed_in()
        if viewer().must_change and endpoint not in BEFORE_A_NEW_PASSWORD:
            return redirect(url_for("account.password"))
        return None

    def not_signed_in() -> Response:
        if request.method not in ("GET", "HEAD") or not request.accept_mimetypes.accept_html:
            abort(401)
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))

    @app.context_processor
    def context() -> dict[str, Any]:
        opened = places()
        return {
            "viewer": signed_in(),
            "places": rail(opened),
            "tabs": tabs(opened),
            "rail_words": RAIL,
            "allowed": allowed,
            "demonstration": g.get("demonstration", app.config.get("LIMS_DEMONSTRATION", False)),
        }
