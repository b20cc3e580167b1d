"""One unit of work a request: the database session a page reads from, and the one that writes and commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from flask import Flask, current_app, g
from sqlalchemy.orm import Session, sessionmaker

from lims.config import Settings
from lims.domain.errors import GateClosed, WrongPassword
from lims.services import gatekeeping


def settings() -> Settings:
    return cast(Settings, current_app.config["LIMS"])


def now() -> datetime:
    """The instant of a request; a test sets LIMS_CLOCK to a function of its own."""
    clock = current_app.config.get("LIMS_CLOCK")
    return clock() if clock is not None else datetime.now(UTC)


def reader() -> Session:
    """A session of its own that takes no write lock, for what outlives a request (a stream of events)."""
    return cast("sessionmaker[Session]", current_app.extensions["lims_readers"])()


def reading() -> Session:
    """The session of this request, for looking; closed without a commit when the answer is done."""
    if "lims_session" not in g:
        g.lims_session = reader()
    return cast(Session, g.lims_session)


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction: committed when the block ends well, undone otherwise.

    A wrong password is kept all the same: failed tries count towards the lock. So is what a closed gate said.
    """
    # What this request has read before may be old soon, and an open reader would keep SQLite from its checkpoint.
    if "lims_session" in g:
        g.pop("lims_session").close()
    session = cast("sessionmaker[Session]", current_app.extensions["lims_writers"])()
    first = g.pop("first_of_writing", None)
    try:
        if first is not None:  # what has to be written with the work, or not at all
            first(session)
        yield session
        session.commit()
    except WrongPassword:
        session.commit()
        raise
    except GateClosed as refusal:
        session.rollback()
        if gatekeeping.keep_refused(session, refusal):  # what was refused, and why, outlives the step
            session.commit()
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def init_app(app: Flask) -> None:
    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session = g.pop("lims_session", None)
        if session is not None:
            session.close()
