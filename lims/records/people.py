"""People, what they may do, and how they come in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id


class Person(Base):
    """An account. customer_id: set for a customer's people. demonstration: the app then stays on this machine.

    valid_to: the last day of a time-boxed account. epoch: grows to end every session. must_change: a password that
    somebody else gave. email: for notices.
    """

    __tablename__ = "person"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Bilingual]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    demonstration: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    valid_to: Mapped[date | None]
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    email: Mapped[str | None]


class PersonRole(Base):
    """A role of lims.domain.rights.ROLES that a person has."""

    __tablename__ = "person_role"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]


class Authorisation(Base):
    """A person may perform, verify or approve with a procedure, from a day to a day (ISO/IEC 17025:2017, 6.2.6).

    state: lims.domain.states.AUTHORISATION; only a granted one counts. scope: {"measurand", "unit", "low", "high"} where
    it reaches a part of the procedure's range, empty for all of it.
    """

    __tablename__ = "authorisation"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    procedure_name: Mapped[str]
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[str] = mapped_column(default="granted", server_default="granted")
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Training(Base):
    """A training, an observation at work, an examination or a qualification of a person (6.2.5). outcome: passed | failed | attended."""

    __tablename__ = "training"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    subject: Mapped[str]
    procedure_name: Mapped[str | None]
    on_day: Mapped[date]
    outcome: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class SecondFactor(Base):
    """A person's TOTP secret, encrypted with the laboratory's key. last_step: no code is taken twice."""

    __tablename__ = "second_factor"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    secret: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    codes: Mapped[list[Any]]


class SigninAttempt(Base):
    """A try to sign in, or to confirm the password before a signature."""

    __tablename__ = "signin_attempt"
    __table_args__ = (Index(None, "username", "at"),)

    id: Mapped[Id]
    username: Mapped[str]
    at: Mapped[datetime]
    address: Mapped[str]
    succeeded: Mapped[bool]


class ApiToken(Base):
    """A bearer token; only its SHA-256 is kept. expires None: never. scopes: the rights it may use, empty for all of its person's."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    scopes: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
