"""Is a database there, and at the version this program needs? By its address, so that nothing is made by looking."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from lims import migrations
from lims.domain.errors import DatabaseNewer, DatabaseNotReady, DatabaseUnreachable, NoLaboratory

from .engine import READ_ONLY, open_engine, session_factory
from .exchange import SearchGram
from .searched import again


def version(url: str) -> str | None:
    """The version a database is at; None where there is no database, or an empty one. Raises DatabaseUnreachable."""
    file = _file(make_url(url))
    if file is not None and not file.is_file():
        return None
    engine = open_engine(url)
    try:
        with engine.execution_options(**{READ_ONLY: True}).connect() as connection:
            return migrations.current(connection)
    except DBAPIError as error:
        raise _unreachable(url, error) from error
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database is there and at this program's version."""
    return version(url) == migrations.heads()


def require_current(url: str) -> None:
    """Nothing, when the database is at this program's version. Raises NoLaboratory, DatabaseNewer, DatabaseNotReady."""
    found, wanted = version(url), migrations.heads()
    if found == wanted:
        return
    place = _shown(url)
    if found is None:
        raise NoLaboratory(place=place)
    if not migrations.knows(found):
        raise DatabaseNewer(place=place, found=found, wanted=wanted)
    raise DatabaseNotReady(place=place, found=found, wanted=wanted)


def upgrade(url: str) -> str:
    """Bring the database to this program's version, making it where there is none; the version is returned.

    Raises DatabaseNewer for one that a later program has upgraded, DatabaseUnreachable.
    """
    file = _file(make_url(url))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    found, wanted = version(url), migrations.heads()
    if found is not None and not migrations.knows(found):
        raise DatabaseNewer(place=_shown(url), found=found, wanted=wanted)
    engine = open_engine(url)
    try:
        migrations.upgrade(engine)
        with session_factory(engine)() as session:
            if session.scalar(select(SearchGram.gram).limit(1)) is None:  # rows that came before the search table
                again(session)
                session.commit()
    except OperationalError as error:
        raise _unreachable(url, error) from error
    finally:
        engine.dispose()
    return wanted


def _file(address: URL) -> Path | None:
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def _shown(url: str) -> str:
    address = make_url(url)
    file = _file(address)
    return str(file) if file is not None else address.render_as_string(hide_password=True)


def _unreachable(url: str, error: DBAPIError) -> DatabaseUnreachable:
    return DatabaseUnreachable(place=_shown(url), reason=str(error.orig).strip().splitlines()[0])
