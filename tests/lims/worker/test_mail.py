"""Mail over a real connection: a small SMTP server in the test says what it was sent, or refuses."""

from __future__ import annotations

import logging
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy.orm import Session, sessionmaker

from lims.config import Settings
from lims.records import Laboratory, Notice, Person
from lims.services import notices
from lims.worker import Coordinator, mail
from tests.lims.services.conftest import Lab, lab

__all__ = ["lab"]
PASSWORD = "a secret of the mail server"


class Server(socketserver.ThreadingTCPServer):
    """RFC 5321 as far as a client needs it. refuse: the next n letters are turned away for a while (451)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters: list[tuple[str, bytes]] = []
        self.heard: list[str] = []
        self.refuse = 0
        self.asks_for_password = False


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        to = ""
        self.say("220 test ESMTP")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.server.heard.append(line)
            verb = line.upper()
            if verb.startswith("EHLO"):
                self.say("250-test")
                self.say("250-AUTH PLAIN")
                self.say("250 8BITMIME")
            elif verb.startswith("AUTH"):
                self.say("535 5.7.8 no: " + line if self.server.asks_for_password else "235 ok")
            elif verb.startswith("RCPT"):
                to = line
                self.say("250 ok")
            elif verb == "DATA":
                self.data(to)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def data(self, to: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.server.refuse > 0:
            self.server.refuse -= 1
            self.say("451 4.3.0 not now")
        else:
            self.server.letters.append((to, b"".join(lines)))
            self.say("250 taken")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.05,))
        thread.start()
        yield found
        found.shutdown()
        thread.join(5)


@pytest.fixture
def settings(lab: Lab, server: Server) -> Settings:
    return replace(
        lab.settings,
        smtp_host="127.0.0.1",
        smtp_port=server.server_address[1],
        smtp_tls="none",
        smtp_from="lims@lab.cn",
    )


def told(lab: Lab, *usernames: str) -> list[Notice]:
    people = [lab.who(name).person_id for name in usernames]
    for name, person_id in zip(usernames, people, strict=True):
        lab.session.get_one(Person, person_id).email = f"{name}@example.com"
    made = notices.tell(
        lab.session,
        "x",
        {"zh": "证书 YS-1 已签发", "en": "Issued"},
        {"zh": "可下载签名文件\n.\n完", "en": "b"},
        "/certificates/YS-1",
        people=people,
        at=lab.now(),
    )
    lab.session.commit()
    return made


def test_a_letter_arrives_whole_and_once(
    lab: Lab, sessions: sessionmaker[Session], server: Server, settings: Settings
) -> None:
    told(lab, "tech", "verifier")
    assert mail.post(sessions, settings, holder="w", at=lab.now()) == 2
    assert mail.post(sessions, settings, holder="w", at=lab.now()) == 0
    assert [to for to, _ in server.letters] == ["rcpt TO:<tech@example.com>", "rcpt TO:<verifier@example.com>"]
    message = message_from_bytes(server.letters[0][1], policy=policy.default)
    assert message["Subject"] == "证书 YS-1 已签发"
    assert message["From"].addresses[0].addr_spec == "lims@lab.cn"
    body = message.get_content()
    assert "可下载签名文件\n.\n完" in body.replace("\r\n", "\n")
    assert f"{settings.public_url}/certificates/YS-1" in body
    assert sum(line.upper().startswith("EHLO") for line in server.heard) == 1, "one connection for all"


def test_what_the_server_turns_away_waits_and_is_sent_later_the_others_go(
    lab: Lab, sessions: sessionmaker[Session], server: Server, settings: Settings
) -> None:
    first, second = told(lab, "tech", "verifier")
    server.refuse = 1
    at = lab.now()
    assert mail.post(sessions, settings, holder="w", at=at) == 1
    assert mail.post(sessions, settings, holder="w", at=at + timedelta(seconds=30)) == 0
    lab.session.rollback()
    assert lab.session.get_one(Notice, first.id, populate_existing=True).mailed_at is None
    assert lab.session.get_one(Notice, second.id, populate_existing=True).mailed_at == at
    lab.session.rollback()
    assert mail.post(sessions, settings, holder="w", at=at + timedelta(minutes=2)) == 1
    assert len(server.letters) == 2


def test_without_an_answer_everything_waits_and_nothing_is_lost(
    lab: Lab, sessions: sessionmaker[Session], settings: Settings, server: Server
) -> None:
    told(lab, "tech")
    at = lab.now()
    assert mail.post(sessions, replace(settings, smtp_port=1), holder="w", at=at) == 0
    assert mail.post(sessions, settings, holder="w", at=at + timedelta(minutes=2)) == 1


def test_a_server_without_starttls_gets_neither_password_nor_letter(
    lab: Lab, sessions: sessionmaker[Session], settings: Settings, server: Server
) -> None:
    told(lab, "tech")
    secret = replace(settings, smtp_tls="starttls", smtp_user="lims", smtp_password=PASSWORD)
    assert mail.post(sessions, secret, holder="w", at=lab.now()) == 0
    assert not server.letters and not any(line.upper().startswith("AUTH") for line in server.heard)


def test_a_refused_sign_in_is_logged_without_password_user_or_address(
    lab: Lab,
    sessions: sessionmaker[Session],
    settings: Settings,
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    told(lab, "tech")
    server.asks_for_password = True
    secret = replace(settings, smtp_user="lims-user", smtp_password=PASSWORD)
    with caplog.at_level(logging.DEBUG):
        assert mail.post(sessions, secret, holder="w", at=lab.now()) == 0
    assert any(line.upper().startswith("AUTH") for line in server.heard), "else nothing was tried"
    assert "535" in caplog.text
    for hidden in (PASSWORD, "lims-user", "tech@example.com", "AUTH"):
        assert hidden not in caplog.text
    assert PASSWORD not in repr(secret)


def test_a_demonstration_writes_files_and_a_real_laboratory_without_a_server_nothing(
    lab: Lab, sessions: sessionmaker[Session]
) -> None:
    (notice,) = told(lab, "tech")
    coordinator = Coordinator(sessions, lab.settings, processes=0)
    with sessions() as session:
        session.get_one(Notice, notice.id).at = datetime.now(UTC)  # the coordinator has its own clock
        session.commit()
    assert coordinator.post() == 1
    assert coordinator.post() == 0
    (file,) = (lab.settings.data / "mail").glob("*.eml")
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["To"] == "tech@example.com"


def test_a_laboratory_of_its_own_without_a_server_writes_nothing(lab: Lab, sessions: sessionmaker[Session]) -> None:
    told(lab, "tech")
    row = lab.session.get_one(Laboratory, 1)
    row.profile = dict(row.profile) | {"demonstration": False}
    lab.session.commit()
    assert mail.post(sessions, lab.settings, holder="w", at=lab.now()) == 0
    assert not (lab.settings.data / "mail").exists()


def test_the_worker_reminds_once_in_six_hours_whoever_asks(lab: Lab, sessions: sessionmaker[Session]) -> None:
    lab.session.commit()
    one, two = (Coordinator(sessions, lab.settings, processes=0) for _ in range(2))
    first, second = one.remind(), two.remind()
    assert second == 0 and one.remind() == 0
    lab.session.rollback()
    assert first == len([n for n in lab.session.query(Notice) if n.kind.startswith("standard_due")])
