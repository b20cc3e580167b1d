"""Sends what is due by e-mail: to the mail server of the settings, or to files where a demonstration has none.

What fails is logged by its kind and the server's number alone: replies may repeat an address, or more.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from lims.config import Settings
from lims.queries import registers
from lims.services import laboratory, mailing
from lims.words import pick

log = logging.getLogger(__name__)
TIMEOUT = 20.0
"""Seconds for each answer of the server."""
Send = Callable[[EmailMessage], None]


def post(sessions: sessionmaker[Session], settings: Settings, *, holder: str, at: datetime) -> int:
    """Send every letter that is due now, one transaction each; how many left. None leaves without a server or a folder."""
    with sessions() as session:
        if not laboratory.exists(session):
            return 0
        profile = registers.laboratory(session)
        folder = settings.data / "mail" if profile.get("demonstration") else None
        if settings.smtp_host is None and folder is None:
            return 0
        claimed = [
            (letter, mailing.claim(session, letter, holder=holder, at=at)) for letter in mailing.due(session, at=at)
        ]
        session.commit()
    mine = [(letter, tries) for letter, tries in claimed if tries is not None]
    if not mine:
        return 0
    left = 0
    with _post_office(settings, folder) as send:
        for letter, tries in mine:
            gone = _gone(send, letter, settings, pick(profile["name"], letter.language))
            with sessions() as session:
                if gone:
                    mailing.sent(session, letter, at=at)
                else:
                    mailing.failed(session, letter, tries, at=at)
                session.commit()
            left += gone
    return left


def _gone(send: Send, letter: mailing.Letter, settings: Settings, name: str) -> bool:
    """Whether the letter has left."""
    try:
        send(mailing.compose(letter, sender=settings.smtp_from, public_url=settings.public_url, laboratory=name))
    except (OSError, smtplib.SMTPException, MessageError, ValueError) as error:
        code = getattr(error, "smtp_code", "")
        log.warning("notice %s could not be sent by e-mail: %s %s", letter.notice_id, type(error).__name__, code)
        return False
    return True


@contextmanager
def _post_office(settings: Settings, folder: Path | None) -> Iterator[Send]:
    """How a letter is sent: over one connection for all of them, or into a folder."""
    if settings.smtp_host is None:
        assert folder is not None
        folder.mkdir(parents=True, exist_ok=True)
        yield lambda message: _keep(folder, message)
        return
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException) as error:
        refused = error  # each letter fails with it, and waits for its next try
        yield lambda _message: _raise(refused)
        return
    try:
        yield lambda message: _send(server, message)
    finally:
        _leave(server)


def _raise(error: Exception) -> None:
    raise error


def _send(server: smtplib.SMTP, message: EmailMessage) -> None:
    server.send_message(message)


def _connect(settings: Settings) -> smtplib.SMTP:
    assert settings.smtp_host is not None
    where = (settings.smtp_host, settings.smtp_port)
    trusted = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(*where, timeout=TIMEOUT, context=trusted)
        if settings.smtp_tls == "tls"
        else smtplib.SMTP(*where, timeout=TIMEOUT)
    )
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=trusted)
        password = settings.smtp_password or settings.smtp_password_file
        if settings.smtp_user is not None and password is not None:
            server.login(settings.smtp_user, password)
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()  # what was taken was taken; only the goodbye failed


def _keep(folder: Path, message: EmailMessage) -> None:
    """A file a letter, named by its number: the same letter again is the same file."""
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    (folder / f"{name}.eml").write_bytes(message.as_bytes())
