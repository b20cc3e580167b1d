"""Who may do what, on one page (domain notes 3.3).

Separation that depends on the object (performer, verifier, approver apart) is a gate, not a right.
The administrator keeps accounts and has no right over data, and cannot sign.
"""

from __future__ import annotations

from types import MappingProxyType

from lims.words import N_

from .actor import Actor
from .errors import NotAllowed

READ_ALL = frozenset(
    {
        "requests.read",
        "items.read",
        "bench.read",
        "records.read",
        "certificates.read",
        "numbers.read",
        "standards.read",
        "procedures.read",
        "trace.read",
        "scope.read",
        "industry.read",
        "rules.read",
        "compulsory.read",
        "quality.read",
        "competence.read",
        "bookings.read",
        "statistics.read",
    }
)
"""What the laboratory's own people may look at."""

ROLES = MappingProxyType(
    {
        "reception": READ_ALL
        | {
            "requests.create",
            "requests.review",
            "requests.hold",
            "items.receive",
            "items.handle",
            "items.assign",
            "items.return",
            "customers.manage",
            "compulsory.manage",
            "complaints.create",
            "bookings.create",
            "bookings.manage",
            "certificates.print",
            "fees.read",
            "exchange.export",
        },
        "technician": READ_ALL
        | {
            "requests.create",
            "requests.hold",
            "items.receive",
            "items.handle",
            "bench.run",
            "readings.enter",
            "readings.import",
            "records.submit",
            "records.correct",
            "standards.test",
            "charts.add",
            "bookings.create",
            "quality.report",
            "budgets.evaluate",
        },
        "verifier": READ_ALL | {"records.verify", "records.return", "quality.report", "budgets.evaluate"},
        "approver": READ_ALL
        | {
            "records.return",
            "certificates.issue",
            "certificates.withdraw",
            "certificates.amend",
            "certificates.print",
            "quality.report",
            "budgets.evaluate",
        },
        "standards_keeper": READ_ALL
        | {
            "standards.manage",
            "standards.test",
            "calibrations.add",
            "procedures.manage",
            "authorisations.manage",
            "scope.manage",
            "industry.manage",
            "charts.add",
            "bookings.create",
            "bookings.manage",
            "quality.report",
            "exchange.export",
            "budgets.evaluate",
        },
        "technical_manager": READ_ALL
        | {
            "requests.review",
            "items.assign",
            "procedures.manage",
            "procedures.approve",
            "authorisations.manage",
            "training.manage",
            "scope.manage",
            "rules.manage",
            "standards.manage",
            "quality.report",
            "providers.manage",
            "exchange.import",
            "exchange.export",
            "audit.read",
            "budgets.evaluate",
        },
        "quality_manager": READ_ALL
        | {
            "quality.report",
            "quality.manage",
            "complaints.create",
            "charts.add",
            "training.manage",
            "providers.manage",
            "rules.manage",
            "certificates.sample",
            "audit.read",
            "audit.verify",
            "exchange.export",
            "budgets.evaluate",
        },
        "finance": frozenset(
            {
                "requests.read",
                "items.read",
                "certificates.read",
                "fees.read",
                "fees.manage",
                "fees.waive",
                "statistics.read",
            }
        ),
        "auditor": READ_ALL | {"audit.read", "audit.verify", "fees.read", "exchange.export", "budgets.evaluate"},
        "assessor": READ_ALL | {"audit.read", "audit.verify"},
        "administrator": frozenset({"people.manage", "audit.verify"}),
        "customer": frozenset(
            {
                "requests.create",
                "requests.read",
                "items.read",
                "certificates.read",
                "scope.read",
                "fees.read",
                "complaints.create",
                "bookings.create",
                "budgets.evaluate",
            }
        ),
    }
)
"""Role → rights. A customer's rights reach their own data alone (Actor.customer_id)."""

RIGHTS = frozenset().union(*ROLES.values())


RIGHTS_TEXT = MappingProxyType(
    {
        "requests.read": N_("see orders and items"),
        "items.read": N_("see items and the ledger of instruments"),
        "bench.read": N_("see the bench and its runs"),
        "records.read": N_("see records, readings and budgets"),
        "certificates.read": N_("see certificates"),
        "standards.read": N_("see standards and their certificates"),
        "procedures.read": N_("see procedures"),
        "trace.read": N_("see the chain of traceability"),
        "scope.read": N_("see the scope"),
        "industry.read": N_("see the industry map"),
        "rules.read": N_("see the rules in force"),
        "compulsory.read": N_("see the register of compulsory verification"),
        "quality.read": N_("see quality cases, charts and audits"),
        "competence.read": N_("see trainings and authorisations"),
        "bookings.read": N_("see bookings"),
        "statistics.read": N_("see statistics and the dashboard"),
        "requests.create": N_("order work"),
        "requests.review": N_("review, accept and refuse orders"),
        "requests.hold": N_("put work on hold"),
        "items.receive": N_("receive items"),
        "items.handle": N_("note what happens to an item"),
        "items.assign": N_("assign work"),
        "items.return": N_("hand items back"),
        "customers.manage": N_("keep customers"),
        "compulsory.manage": N_("keep the register of compulsory verification"),
        "complaints.create": N_("make a complaint"),
        "bookings.create": N_("ask for a booking"),
        "bookings.manage": N_("confirm bookings"),
        "numbers.read": N_("see the account of the numbers given"),
        "certificates.print": N_("print certificates and note their copies"),
        "fees.read": N_("see fees and invoices"),
        "exchange.export": N_("take data out"),
        "bench.run": N_("run the bench"),
        "readings.enter": N_("enter readings by hand"),
        "readings.import": N_("bring in files of readings"),
        "records.submit": N_("sign and submit own records"),
        "records.correct": N_("correct readings of own records"),
        "standards.test": N_("enter tests of standards"),
        "charts.add": N_("add points to control charts"),
        "quality.report": N_("report nonconforming work"),
        "budgets.evaluate": N_("evaluate uncertainty budgets"),
        "records.verify": N_("verify other people's records"),
        "records.return": N_("return records for correction"),
        "certificates.issue": N_("approve and issue certificates"),
        "certificates.withdraw": N_("withdraw certificates"),
        "certificates.amend": N_("amend certificates"),
        "standards.manage": N_("keep standards"),
        "calibrations.add": N_("enter certificates of standards"),
        "procedures.manage": N_("write procedures"),
        "procedures.approve": N_("approve procedures"),
        "authorisations.manage": N_("authorise people"),
        "training.manage": N_("keep trainings and assessments"),
        "scope.manage": N_("keep the scope"),
        "industry.manage": N_("keep the industry map"),
        "rules.manage": N_("propose rules and put them in force"),
        "providers.manage": N_("approve external providers"),
        "exchange.import": N_("bring data in"),
        "audit.read": N_("read the audit trail"),
        "audit.verify": N_("verify the audit chain"),
        "quality.manage": N_("decide quality cases and internal audits"),
        "certificates.sample": N_("sample issued certificates"),
        "fees.manage": N_("keep tariffs and invoices"),
        "fees.waive": N_("waive fees"),
        "people.manage": N_("keep accounts and roles"),
    }
)
"""Right → what it lets a person do, as one reads it on the page of rights."""


def rights_of(actor: Actor) -> frozenset[str]:
    """Everything the actor's roles allow, within the scopes of a token; a role that is not known allows nothing."""
    found = frozenset[str]().union(*(ROLES.get(role, frozenset()) for role in actor.roles))
    return found if actor.scopes is None else found & actor.scopes


def may(actor: Actor, right: str) -> bool:
    """Whether one of the actor's roles has the right. An unknown right is a programming error: KeyError."""
    if right not in RIGHTS:
        raise KeyError(f"{right} is no right; lims/domain/rights.py lists them")
    return right in rights_of(actor)


def require(actor: Actor, right: str) -> None:
    """Nothing, when the actor has the right. Raises NotAllowed otherwise."""
    if not may(actor, right):
        raise NotAllowed(username=actor.username, right=right)


def sees_customer(actor: Actor, customer_id: int | None) -> bool:
    """Whether data of a customer may be shown: a customer sees their own alone."""
    return actor.customer_id is None or actor.customer_id == customer_id
