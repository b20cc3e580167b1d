"""Accounts and rights."""

from __future__ import annotations

from datetime import date

from lims.queries import people as lists
from lims.services import accounts, second_factor

PAGES = {
    "admin": "/people/ /people/new /people/tech /people/rights /settings/password /settings/second-factor",
    "quality": "/people/rights /settings",
}
NEW = "another long password"
VISITOR = {"username": "visitor", "name": {"zh": "评审", "en": "Visitor"}, "password": NEW}
ONESELF = ("nobody", "customer2", "administrator")
DOORS = {
    "queries.people.accounts": (lambda w, by: lists.accounts(w.session, by), "administrator"),
    "queries.people.account": (lambda w, by: lists.account(w.session, "tech", by), "administrator"),
    "queries.people.by_role": (lambda w, by: lists.by_role(w.session, by), "administrator"),
    "queries.people.recent_signins": (lambda w, by: lists.recent_signins(w.session, by), *ONESELF),
    "services.accounts.end_sessions": (
        lambda w, by: accounts.end_sessions(w.session, by=by, at=w.lab.at),
        "customer2",
        "administrator",
    ),
    "services.accounts.change_password": lambda w, by: accounts.change_password(
        w.session, "x", NEW, by=by, at=w.lab.at
    ),
    "services.accounts.reset_password": (
        lambda w, by: accounts.reset_password(w.session, "customer", NEW, by=by, at=w.lab.at),
        "administrator",
    ),
    "services.accounts.set_roles": (
        lambda w, by: accounts.set_roles(w.session, "tech", ["verifier"], version=1, by=by, at=w.lab.at),
        "administrator",
    ),
    "services.accounts.visit": (
        lambda w, by: accounts.visit(
            w.session,
            **VISITOR,  # type: ignore[arg-type]
            valid_to=date(2026, 12, 1),
            by=by,
            at=w.lab.at,
        ),
        "administrator",
    ),
    "services.accounts.close": (
        lambda w, by: accounts.close(w.session, "tech", by=by, at=w.lab.at),
        "administrator",
    ),
    "services.accounts.open_again": (
        lambda w, by: accounts.open_again(w.session, "tech", by=by, at=w.lab.at),
        "administrator",
    ),
}
DOORS |= {
    "services.second_factor.end": lambda w, by: second_factor.end(w.session, "x", by=by, at=w.lab.at),
    "services.second_factor.end_of_other": (
        lambda w, by: second_factor.end_of_other(w.session, "tech", by=by, at=w.lab.at),
        "administrator",
    ),
    "services.second_factor.start": (lambda w, by: second_factor.start(w.session, key="k", by=by), *ONESELF[1:]),
    "services.second_factor.offered": (lambda w, by: second_factor.offered(w.session, "S", key="k", by=by), *ONESELF),
    "services.second_factor.confirm": lambda w, by: second_factor.confirm(
        w.session, "000000", key="k", by=by, at=w.lab.at
    ),
    "services.second_factor.check": lambda w, by: second_factor.check(
        w.session, 0, "000000", key="k", at=w.lab.at, address="::1"
    ),
}
INNER = {
    "services.second_factor.wanted": "tells the sign-in whether a code is asked for",
    "services.people.require_password": "says whether a text will do",
}
KEPT = {
    "services.accounts.change_password": {"signin_attempt"},
    "services.second_factor.end": {"signin_attempt"},
}
