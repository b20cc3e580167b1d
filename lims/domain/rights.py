"""Who may do what, on one page (domain notes 3.3).

Separation that depends on the object (performer, verifier, approver apart) is a gate, not a right.
The administrator keeps accounts and has no right over data, and cannot sign.
"""

from __future__ import annotations

from types import MappingProxyType

from .actor import Actor
from .errors import NotAllowed

READ_ALL = frozenset(
    {
        "requests.read",
        "items.read",
        "bench.read",
        "records.read",
        "certificates.read",
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


def rights_of(actor: Actor) -> frozenset[str]:
    """Everything the actor's roles allow; a role that is not known allows nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in actor.roles))


def may(actor: Actor, right: str) -> bool:
    """Whether one of the actor's roles has the right. An unknown right is a programming error: KeyError."""
    if right not in RIGHTS:
        raise KeyError(f"{right} is no right; lims/domain/rights.py lists them")
    return any(right in ROLES.get(role, frozenset()) for role in actor.roles)


def require(actor: Actor, right: str) -> None:
    """Nothing, when the actor has the right. Raises NotAllowed otherwise."""
    if not may(actor, right):
        raise NotAllowed(username=actor.username, right=right)


def sees_customer(actor: Actor, customer_id: int | None) -> bool:
    """Whether data of a customer may be shown: a customer sees their own alone."""
    return actor.customer_id is None or actor.customer_id == customer_id
