"""The settings: LIMS_* environment variables, or one file lims.toml with the same names in small letters.

The environment counts more than the file. An unknown or unusable setting stops the start with one clear line.

    data = "./data"            # lims.toml
    language = "zh"
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lims.domain.errors import UnknownSetting, UnusableSetting
from lims.words import N_

PREFIX = "LIMS_"
FILE = "lims.toml"
SECRET = frozenset({"secret_key", "smtp_password"})
"""Never shown, not even where they cannot be used."""
FOR_TESTS = frozenset({"LIMS_NO_SKIP", "LIMS_CHROMIUM"})
"""Variables of the test suite: known, and ignored here."""


def _how(read: Callable[[str], Any], right: str) -> dict[str, Any]:
    """How a setting's text is read, and what would be right where it cannot be."""
    return {"read": read, "right": right}


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def _flag(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


def _folder(text: str) -> Path:
    if not text.strip():
        raise ValueError(text)
    return Path(text).expanduser()


def _existing_folder(text: str) -> Path:
    folder = _folder(text)
    if not folder.is_dir():
        raise ValueError(text)
    return folder


def _database(text: str) -> str:
    scheme = urlsplit(text).scheme
    if scheme not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise ValueError(text)
    return text


def _address(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(text)
        return text.rstrip("/")

    return read


def _sender(text: str) -> str:
    name, _at, host = text.rpartition("@")
    if not name or not host or not text.isprintable() or any(sign in text for sign in " <>,;"):
        raise ValueError(text)
    return text


def _first_line(text: str) -> str:
    """A secret kept in a file of its own, as containers give it."""
    return _text(Path(text).expanduser().read_text(encoding="utf-8").splitlines()[0])


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("too short")
    return text


def _zone(text: str) -> str:
    ZoneInfo(text)
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once at the start.

    data: folder of the laboratory. database_url: None is SQLite in that folder.
    dcc_schemas: folder of the DCC schemas. dask_scheduler: None is a process pool on this machine.
    public_url: where /verify is reached from outside, as the codes on certificates say; None: http://host:port.
    cookie_secure: session cookies only over HTTPS; off by itself only where the app listens on this machine alone.
    smtp_host: the server that takes mail; None: none is sent, and a demonstration writes it to files in data/mail.
    smtp_tls: starttls (587), tls (465) or none. smtp_password_file: read once; counts where there is no password.
    """

    data: Path = field(default=Path("data"), metadata=_how(_folder, N_("a folder")))
    language: str = field(default="zh", metadata=_how(_one_of("zh", "en"), N_("zh or en")))
    database_url: str | None = field(
        default=None, metadata=_how(_database, "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    )
    dask_scheduler: str | None = field(
        default=None, metadata=_how(_address("tcp", "tls"), "an address such as tls://host:8786")
    )
    dcc_schemas: Path | None = field(default=None, metadata=_how(_existing_folder, N_("a folder that exists")))
    secret_key: str | None = field(default=None, metadata=_how(_secret, N_("a text of at least 32 characters")))
    visa_library: str | None = field(default=None, metadata=_how(_text, N_("@py, or the path of a VISA library")))
    host: str = field(default="127.0.0.1", metadata=_how(_text, N_("an address to listen on, such as 127.0.0.1")))
    port: int = field(default=8000, metadata=_how(_whole(1, 65535), N_("a port from 1 to 65535")))
    given_public_url: str | None = field(
        default=None, metadata=_how(_address("http", "https"), "an address such as https://lims.example")
    )
    cookie_secure: bool | None = field(default=None, metadata=_how(_flag, N_("true or false")))
    bench_seed: int = field(default=1, metadata=_how(_whole(0, 2**32 - 1), N_("a whole number from 0")))
    bench_speed: float = field(default=60.0, metadata=_how(_positive, N_("a number above 0")))
    time_zone: str = field(default="Asia/Shanghai", metadata=_how(_zone, N_("a time zone such as Asia/Shanghai")))

    smtp_host: str | None = field(default=None, metadata=_how(_text, N_("the name of a mail server")))
    smtp_port: int = field(default=587, metadata=_how(_whole(1, 65535), N_("a port from 1 to 65535")))
    smtp_user: str | None = field(default=None, metadata=_how(_text, N_("the name that signs in to the mail server")))
    smtp_password: str | None = field(
        default=None, repr=False, metadata=_how(_text, N_("the password of the mail server"))
    )
    smtp_password_file: str | None = field(
        default=None, repr=False, metadata=_how(_first_line, N_("a file whose first line is the password"))
    )
    smtp_from: str = field(default="lims@localhost", metadata=_how(_sender, N_("an address such as name@example.com")))
    smtp_tls: str = field(
        default="starttls", metadata=_how(_one_of("starttls", "tls", "none"), N_("starttls, tls or none"))
    )

    @property
    def database(self) -> str:
        """The address of the database: as set, else SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'lims.db'}"

    @property
    def public_url(self) -> str:
        """Where the app is reached, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.given_public_url or f"http://{host}:{self.port}"

    @property
    def only_this_machine(self) -> bool:
        """Whether the app listens on a loopback address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def session_cookie_secure(self) -> bool:
        """As set; else secure, but for plain HTTP on this machine alone."""
        if self.cookie_secure is not None:
            return self.cookie_secure
        return not (self.only_this_machine and self.public_url.startswith("http://"))


_NAMES = {"given_public_url": "public_url"}
_FIELDS = {_NAMES.get(f.name, f.name): f for f in fields(Settings)}


def load(environment: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """The settings from the environment and lims.toml (in the working folder, where there is one).

    Raises UnknownSetting or UnusableSetting, each naming the setting, where it stands and what would be right.
    """
    environment = os.environ if environment is None else environment
    file = Path(FILE) if file is None else file
    values: dict[str, Any] = {}
    for name, text in _read_file(file).items():
        values |= _value(name, text, place=str(file), shown=name)
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in FOR_TESTS:
            name = variable.removeprefix(PREFIX).lower()
            if environment[variable] == "" and name in _FIELDS:
                continue  # set to nothing counts as not set, as shells do
            values |= _value(name, environment[variable], place="environment", shown=variable)
    return Settings(**values)


def _read_file(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableSetting(setting=file.name, place=str(file.parent), found=str(error), right="TOML") from error
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in content.items()}


def _value(name: str, text: str, *, place: str, shown: str) -> dict[str, Any]:
    found = _FIELDS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, _FIELDS, n=3, cutoff=0.4) or sorted(_FIELDS)
        style = (lambda n: PREFIX + n.upper()) if shown.startswith(PREFIX) else str
        raise UnknownSetting(setting=shown, place=place, nearest=", ".join(style(n) for n in near))
    try:
        return {found.name: found.metadata["read"](text)}
    except (ValueError, KeyError, IndexError, OSError) as error:
        hidden = "…" if name in SECRET else text.split("@")[-1] if name == "database_url" else text
        raise UnusableSetting(setting=shown, place=place, found=hidden, right=found.metadata["right"]) from error
