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
        "trace.read",
        "scope.read",
        "industry.read",
    }
)
"""What the laboratory's own people may look at."""

ROLES = MappingProxyType(
    {
        "reception": READ_ALL | {"requests.create", "requests.hold", "items.receive", "customers.manage"},
        "technician": READ_ALL
        | {
            "requests.create",
            "requests.hold",
            "items.receive",
            "bench.run",
            "readings.enter",
            "readings.import",
            "records.submit",
            "records.correct",
            "budgets.evaluate",
        },
        "verifier": READ_ALL | {"records.verify", "records.return", "budgets.evaluate"},
        "approver": READ_ALL
        | {
            "records.return",
            "certificates.issue",
            "certificates.withdraw",
            "certificates.amend",
            "budgets.evaluate",
        },
        "standards_keeper": READ_ALL
        | {
            "standards.manage",
            "calibrations.add",
            "procedures.manage",
            "authorisations.manage",
            "scope.manage",
            "industry.manage",
            "budgets.evaluate",
        },
        "auditor": READ_ALL | {"audit.read", "audit.verify", "budgets.evaluate"},
        "administrator": frozenset({"people.manage", "audit.verify"}),
        "customer": frozenset(
            {"requests.create", "requests.read", "items.read", "certificates.read", "scope.read", "budgets.evaluate"}
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
