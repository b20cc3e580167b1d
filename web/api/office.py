"""Notices, numbers, accounts, imports, providers and visits, for machines."""

from __future__ import annotations

from typing import Any

from flask import abort
from marshmallow import Schema, fields, validate

from lims.domain import sheets
from lims.domain.rights import ROLES, require
from lims.queries import exchange as imported
from lims.queries import notices as notice_lists
from lims.queries import numbers
from lims.queries import people as account_lists
from lims.queries import providers as provider_lists
from lims.queries import visits as visit_lists
from lims.records.series import PREFIXES
from lims.services import accounts, certificates, copies, imports, notices, people, providers, second_factor, visits
from web import unit
from web.api import tags
from web.api.area import LARGEST, Page, Said, area, day, made, name_of, picked, plain, rows, texts, today, written
from web.api.bearer import caller
from web.api.items import Photo, file_of

calls = area("office", "", "Notices, numbers, accounts, imports, providers, visits")

NOTICE = "id kind subject body link needs_action at read_at done_at"
ACCOUNT = "username name language active customer_id valid_to must_change"
IMPORT = "number kind findings state at applied_at"
PROVIDER = "id name accreditation scope valid_to state note version"
VISIT = "id site from_day to_day note state"
YEAR = validate.Range(min=1, max=9999)


class NoticeQuery(Page):
    unread = fields.Boolean(load_default=False)


class NoticeRead(Schema):
    done = fields.Boolean(load_default=False)


class Address(Schema):
    """Where one's notices go by e-mail; empty: nowhere."""

    email = fields.String(required=True)


class SeriesQuery(Schema):
    """The year; without it this one."""

    year = fields.Integer(load_default=None, allow_none=True, validate=YEAR)


class UsedQuery(SeriesQuery):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))
    limit = fields.Integer(load_default=60, validate=validate.Range(min=1, max=200))


class Printed(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(list(copies.KINDS)))
    why = fields.String(load_default="")


class AccountQuery(Schema):
    q = fields.String(load_default="")
    role = fields.String(load_default="", validate=validate.OneOf(["", *ROLES]))
    after = fields.String(load_default="")
    limit = fields.Integer(load_default=40, validate=validate.Range(min=1, max=LARGEST))


class NewAccount(Schema):
    """An account of the laboratory; the password is changed at the first sign-in. valid_to: for an assessor."""

    username = fields.String(required=True)
    name = texts(required=True)
    password = fields.String(required=True, load_only=True)
    role = fields.String(required=True, validate=validate.OneOf([each for each in ROLES if each != "customer"]))
    valid_to = day(load_default=None, allow_none=True)


class Roles(Schema):
    roles = fields.List(fields.String(validate=validate.OneOf(list(ROLES))), required=True)


class NewPassword(Schema):
    new = fields.String(required=True, load_only=True)


class Sheet(Photo):
    """A CSV or XLSX file. content: base64."""

    kind = fields.String(required=True, validate=validate.OneOf(list(sheets.SHEETS)))


class NewProvider(Schema):
    name = texts(required=True)
    accreditation = fields.String(load_default="")
    scope = fields.List(fields.String(), required=True)
    valid_to = day(load_default=None, allow_none=True)
    note = fields.String(load_default="")


class ProviderMove(Schema):
    state = fields.String(required=True)
    reason = fields.String(load_default="")


class NewVisit(Schema):
    """People by their ids, equipment by its codes."""

    work_order = fields.String(required=True)
    site = fields.String(required=True)
    from_day = day(required=True)
    to_day = day(required=True)
    people = rows(required=True)
    equipment = fields.List(fields.String(), load_default=list, validate=validate.Length(max=50))
    note = fields.String(load_default="")


class Conditions(Schema):
    conditions = fields.String(required=True)


@calls.route("/notices", methods=["GET"])
@calls.arguments(NoticeQuery, location="query")
@calls.response(200)
def list_notices(query: dict[str, Any]) -> Any:
    """One's own notices, newest first, and what waits for one."""
    found = notice_lists.page(
        unit.reading(), caller(), after=query["after"], only_unread=query["unread"], size=query["limit"]
    )
    told = {"waiting": found.waiting, "notices": found.lines}
    return {name: [picked(each, NOTICE) for each in lines] for name, lines in told.items()} | {"after": found.after}


@calls.route("/notices/<int:notice_id>/read", methods=["POST"])
@calls.arguments(NoticeRead)
@calls.response(200)
def read_notice(entered: dict[str, Any], notice_id: int) -> Any:
    """One notice is read, or what it asks for is done."""
    with unit.writing() as session:
        found = notices.read(session, notice_id, by=caller(), at=unit.now(), done=entered["done"])
        return picked(found, NOTICE)


@calls.route("/notices/read", methods=["POST"])
@calls.response(200)
def read_all_notices() -> Any:
    """All of one's notices are read."""
    written(notices.read_all)
    return {"unread": notice_lists.unread(unit.reading(), caller())}


@calls.route("/notices/address", methods=["POST"])
@calls.arguments(Address)
@calls.response(200)
def set_address(entered: dict[str, Any]) -> Any:
    """Where one's notices go by e-mail."""
    return {"email": made("email", notices.set_address, entered["email"])}


@calls.route("/numbers", methods=["GET"])
@calls.arguments(SeriesQuery, location="query")
@calls.response(200)
def list_series(query: dict[str, Any]) -> Any:
    """Every series of a year with its gaps."""
    session, by = unit.reading(), caller()
    found = numbers.accounts(session, by, query["year"] or today().year, list(PREFIXES))
    names = "name year prefix last used missing beyond whole"
    series = [picked(each, names) | {"gaps": [picked(gap, "first last count") for gap in each.gaps]} for each in found]
    return {"series": series, "years": numbers.years(session, by)}


@calls.route("/numbers/<series>", methods=["GET"])
@calls.arguments(UsedQuery, location="query")
@calls.response(200)
def used_numbers(query: dict[str, Any], series: str) -> Any:
    """The numbers of a series in order, used or not."""
    require(caller(), "numbers.read")
    if series not in numbers.USED_BY:
        abort(404)
    given = {"after": query["after"], "size": query["limit"]}
    found, after = numbers.page(unit.reading(), caller(), series, query["year"] or today().year, **given)
    return {"numbers": [picked(each, "number what status") for each in found], "after": after}


@calls.route("/certificates/<number>/prints", methods=["GET"])
@calls.response(200)
def list_prints(number: str) -> Any:
    """What became of a certificate on paper."""
    require(caller(), "certificates.print")
    session, by = unit.reading(), caller()
    found = numbers.prints(session, certificates.by_number(session, number, by=by), by)
    return {"prints": [picked(each, "kind note at") | {"by": name_of(each.by)} for each in found]}


@calls.route("/certificates/<number>/prints", methods=["POST"])
@calls.arguments(Printed)
@calls.response(201)
def note_print(entered: dict[str, Any], number: str) -> Any:
    """A certificate was printed or copied."""
    return {"kind": made("kind", copies.note, number, entered["kind"], entered["why"])}


def _account(username: str) -> dict[str, Any]:
    found = account_lists.account(unit.reading(), username, caller())
    tags.versioned(found.person.version)
    return picked(found.person, ACCOUNT) | {"roles": list(found.roles)}


@calls.route("/people", methods=["GET"])
@calls.arguments(AccountQuery, location="query")
@calls.response(200)
def list_people(query: dict[str, Any]) -> Any:
    """Accounts by sign-in name, narrowed by a text or a role."""
    given = {"text": query["q"], "role": query["role"], "after": query["after"], "size": query["limit"]}
    found = account_lists.accounts(unit.reading(), caller(), **given)
    rows = [picked(each.person, ACCOUNT) | {"roles": list(each.roles)} for each in found.rows]
    return {"people": rows, "after": found.after}


@calls.route("/people", methods=["POST"])
@calls.arguments(NewAccount)
@calls.response(201)
def add_account(entered: dict[str, Any]) -> Any:
    """A new account of the laboratory."""
    require(caller(), "people.manage")
    role, valid_to = entered.pop("role"), entered.pop("valid_to")
    by, at = caller(), unit.now()
    with unit.writing() as session:
        if role == accounts.VISITING:
            username = accounts.visit(session, **entered, valid_to=valid_to or at.date(), by=by, at=at).username
        else:
            person = people.add_person(session, **entered, roles=[role], by=by, at=at)
            person.must_change = True
            username = person.username
    return _account(username)


@calls.route("/people/<username>", methods=["GET"])
@calls.response(200)
def one_account(username: str) -> Any:
    """One account with its roles."""
    return _account(username)


@calls.route("/people/<username>/roles", methods=["PUT"])
@calls.arguments(Roles)
@calls.response(200)
@calls.edit
def set_roles(entered: dict[str, Any], username: str) -> Any:
    """What somebody may do."""
    require(caller(), "people.manage")
    key = str(account_lists.account(unit.reading(), username, caller()).person.id)
    with tags.edited("people.manage", "person", key, lambda: _account(username)) as version:
        written(accounts.set_roles, username, entered["roles"], version=version)
    return _account(username)


@calls.route("/people/<username>/password", methods=["POST"])
@calls.arguments(NewPassword)
@calls.response(200)
def reset_password(entered: dict[str, Any], username: str) -> Any:
    """A new password, to be changed at the next sign-in."""
    written(accounts.reset_password, username, entered["new"])
    return _account(username)


@calls.route("/people/<username>/<any(close, open, code):act>", methods=["POST"])
@calls.response(200)
def move_account(username: str, act: str) -> Any:
    """Close an account, open it again, or end a second factor that was lost."""
    services = {"close": accounts.close, "open": accounts.open_again, "code": second_factor.end_of_other}
    written(services[act], username)
    return _account(username)


@calls.route("/imports", methods=["GET"])
@calls.response(200)
def list_imports() -> Any:
    """Sheets that were brought, newest first."""
    found = imported.batches(unit.reading(), caller())
    return {"imports": [picked(each, "number kind state at applied_at") | {"by": name_of(by)} for each, by in found]}


@calls.route("/imports", methods=["POST"])
@calls.arguments(Sheet)
@calls.response(201)
def bring_sheet(entered: dict[str, Any]) -> Any:
    """Look at a sheet; nothing of it is taken over yet."""
    require(caller(), "exchange.import")
    name, content = file_of(entered)
    return _import(made("number", imports.look_at, entered["kind"], name, content))


def _import(number: str) -> dict[str, Any]:
    return picked(imported.batch(unit.reading(), number, caller()), IMPORT)


@calls.route("/imports/<number>", methods=["GET"])
@calls.response(200)
def one_import(number: str) -> Any:
    """A sheet with its faults."""
    return _import(number)


@calls.route("/imports/<number>/<any(applied, discarded):step>", methods=["POST"])
@calls.response(200)
def move_import(number: str, step: str) -> Any:
    """Take a sheet over, or leave it."""
    written(imports.apply if step == "applied" else imports.discard, number)
    return _import(number)


@calls.route("/providers", methods=["GET"])
@calls.response(200)
def list_providers() -> Any:
    """Other laboratories that work may be given to."""
    return {"providers": [picked(each, PROVIDER) for each in provider_lists.all_of(unit.reading(), caller())]}


def _provider(provider_id: int) -> dict[str, Any]:
    found = next((p for p in provider_lists.all_of(unit.reading(), caller()) if p.id == provider_id), None)
    if found is None:
        abort(404)
    tags.versioned(found.version)
    return picked(found, PROVIDER)


@calls.route("/providers/<int:provider_id>", methods=["GET"])
@calls.response(200)
def one_provider(provider_id: int) -> Any:
    """One other laboratory."""
    return _provider(provider_id)


@calls.route("/providers", methods=["POST"])
@calls.arguments(NewProvider)
@calls.response(201)
def propose_provider(entered: dict[str, Any]) -> Any:
    """Propose another laboratory; another person approves it."""
    return _provider(made("id", providers.propose, **entered))


@calls.route("/providers/<int:provider_id>/state", methods=["PUT"])
@calls.arguments(ProviderMove)
@calls.response(200)
@calls.edit
def move_provider(entered: dict[str, Any], provider_id: int) -> Any:
    """Approve, suspend or end another laboratory."""
    with tags.edited("providers.manage", "provider", str(provider_id), lambda: _provider(provider_id)) as version:
        written(providers.move, provider_id, entered["state"], entered["reason"], version=version)
    return _provider(provider_id)


@calls.route("/visits", methods=["GET"])
@calls.arguments(Page, location="query")
@calls.response(200)
def list_visits(query: dict[str, Any]) -> Any:
    """Work at customers', newest first."""
    found = visit_lists.page(unit.reading(), caller(), after=query["after"], size=query["limit"])
    return {
        "visits": [
            picked(each.visit, VISIT)
            | {"work_order": each.work.number, "customer": None if each.customer is None else plain(each.customer.name)}
            | {"people": [name_of(found.people.get(one)) for one in each.visit.people]}
            | {"equipment": [found.equipment[one].code for one in each.visit.equipment if one in found.equipment]}
            for each in found.lines
        ],
        "after": found.after,
    }


@calls.route("/visits", methods=["POST"])
@calls.arguments(NewVisit)
@calls.response(201)
def plan_visit(entered: dict[str, Any]) -> Any:
    """Plan work at a customer's."""
    return {"id": made("id", visits.plan, entered.pop("work_order"), **entered), "state": "planned"}


@calls.route("/visits/<int:visit_id>/begin", methods=["POST"])
@calls.response(200)
def begin_visit(visit_id: int) -> Any:
    """The people are there; items expected there are received there."""
    return {"id": visit_id, "state": made("state", visits.begin, visit_id)}


@calls.route("/visits/<int:visit_id>/end", methods=["POST"])
@calls.arguments(Conditions)
@calls.response(200)
def end_visit(entered: dict[str, Any], visit_id: int) -> Any:
    """The work there is done, under these conditions."""
    return {"id": visit_id, "state": made("state", visits.end, visit_id, entered["conditions"])}


@calls.route("/visits/<int:visit_id>/cancellation", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def cancel_visit(entered: dict[str, Any], visit_id: int) -> Any:
    """A visit that does not take place."""
    return {"id": visit_id, "state": made("state", visits.cancel, visit_id, entered["reason"])}
