"""People, what they may do, and how they come in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Bilingual, Id


class Person(Base):
    """An account. customer_id: set for a customer's people. demonstration: the app then stays on this machine."""

    __tablename__ = "person"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Bilingual]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    demonstration: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)


class PersonRole(Base):
    """A role of lims.domain.rights.ROLES that a person has."""

    __tablename__ = "person_role"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]


class Authorisation(Base):
    """A person may perform, verify or approve with a procedure, from a day to a day (ISO/IEC 17025:2017, 6.2.6)."""

    __tablename__ = "authorisation"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    procedure_name: Mapped[str]
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]


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
    """A bearer token; only its SHA-256 is kept. expires None: never."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
