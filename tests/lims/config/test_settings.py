"""Settings from the environment and from lims.toml; anything else is one clear line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from lims import config, words
from lims.config import Settings, load
from lims.domain.errors import UnknownSetting, UnusableSetting

NOWHERE = Path("/nowhere/lims.toml")


def test_without_anything_the_defaults_of_the_design_hold() -> None:
    settings = load({}, NOWHERE)
    assert settings == Settings()
    assert (settings.data, settings.language, settings.host, settings.port) == (Path("data"), "zh", "127.0.0.1", 8000)
    assert settings.database.startswith("sqlite:////")
    assert settings.database.endswith("/data/lims.db")
    assert settings.public_url == "http://127.0.0.1:8000"


def test_the_environment_counts_more_than_the_file(tmp_path: Path) -> None:
    file = tmp_path / "lims.toml"
    file.write_text('language = "en"\nport = 9000\ncookie_secure = true\nbench_speed = 10.5\n', encoding="utf-8")
    settings = load({"LIMS_PORT": "9001", "LIMS_DATA": str(tmp_path), "PATH": "/bin"}, file)
    assert (settings.language, settings.port, settings.data, settings.bench_speed) == ("en", 9001, tmp_path, 10.5)
    assert settings.session_cookie_secure


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("LIMS_DATABASE", "LIMS_DATABASE_URL"),
        ("LIMS_LANG", "LIMS_LANGUAGE"),
        ("LIMS_VISA", "LIMS_VISA_LIBRARY"),
        ("LIMS_ZZZ", "LIMS_DATA"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_names(name: str, nearest: str) -> None:
    with pytest.raises(UnknownSetting, match=nearest) as caught:
        load({name: "x"}, NOWHERE)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "最接近" in words.sentence(caught.value, "zh")


def test_an_unknown_key_of_the_file_is_refused_in_its_own_spelling(tmp_path: Path) -> None:
    file = tmp_path / "lims.toml"
    file.write_text('databse_url = "sqlite:///x"\n', encoding="utf-8")
    with pytest.raises(UnknownSetting, match=r"databse_url in .*lims\.toml.*: database_url"):
        load({}, file)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LIMS_PORT", "eighty"),
        ("LIMS_PORT", "0"),
        ("LIMS_PORT", "65536"),
        ("LIMS_LANGUAGE", "de"),
        ("LIMS_DATABASE_URL", "mysql://localhost/lims"),
        ("LIMS_DCC_SCHEMAS", "/no/such/folder"),
        ("LIMS_SECRET_KEY", "short"),
        ("LIMS_DASK_SCHEDULER", "localhost:8786"),
        ("LIMS_PUBLIC_URL", "lims.example"),
        ("LIMS_COOKIE_SECURE", "perhaps"),
        ("LIMS_BENCH_SPEED", "-1"),
        ("LIMS_BENCH_SPEED", "inf"),
        ("LIMS_TIME_ZONE", "Asia/Atlantis"),
        ("LIMS_TIME_ZONE", "../../etc"),
        ("LIMS_HOST", " "),
        ("LIMS_SMTP_PORT", "0"),
        ("LIMS_SMTP_TLS", "ssl"),
        ("LIMS_SMTP_FROM", "nobody"),
        ("LIMS_SMTP_FROM", "a@b.cn, c@d.cn"),
        ("LIMS_SMTP_PASSWORD_FILE", "/no/such/file"),
    ],
)
def test_an_unusable_value_is_refused_with_what_would_be_right(name: str, text: str) -> None:
    with pytest.raises(UnusableSetting, match="it has to be") as caught:
        load({name: text}, NOWHERE)
    assert str(caught.value).startswith(name)
    assert "应为" in words.sentence(caught.value, "zh")
    right = caught.value.facts["right"]
    assert str(right) in words.translations("zh").messages


def test_secrets_stay_out_of_the_message() -> None:
    with pytest.raises(UnusableSetting) as caught:
        load({"LIMS_SECRET_KEY": "hunter2"}, NOWHERE)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(UnusableSetting) as caught:
        load({"LIMS_DATABASE_URL": "oracle://lims:hunter2@db/lims"}, NOWHERE)
    assert "hunter2" not in str(caught.value)


def test_the_password_of_the_mail_server_comes_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n", encoding="utf-8")
    settings = load({"LIMS_SMTP_PASSWORD_FILE": str(file), "LIMS_SMTP_HOST": "mail"}, NOWHERE)
    assert (settings.smtp_password_file, settings.smtp_host, settings.smtp_port) == ("hunter2", "mail", 587)
    assert "hunter2" not in repr(settings)
    file.write_text("", encoding="utf-8")
    with pytest.raises(UnusableSetting):
        load({"LIMS_SMTP_PASSWORD_FILE": str(file)}, NOWHERE)


def test_variables_of_the_test_suite_and_empty_ones_are_passed_over() -> None:
    assert (
        load({"LIMS_NO_SKIP": "1", "LIMS_CHROMIUM": "/usr/bin/chromium", "LIMS_DCC_SCHEMAS": ""}, NOWHERE) == Settings()
    )


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "lims.toml"
    file.write_text("language = zh\n", encoding="utf-8")
    with pytest.raises(UnusableSetting, match=r"lims\.toml"):
        load({}, file)


@pytest.mark.parametrize(
    ("host", "public", "alone", "secure"),
    [
        ("127.0.0.1", None, True, False),
        ("localhost", None, True, False),
        ("::1", None, True, False),
        ("0.0.0.0", None, False, True),
        ("192.168.1.4", None, False, True),
        ("127.0.0.1", "https://lims.example", True, True),
        ("lims.example", None, False, True),
    ],
)
def test_cookies_are_secure_but_for_plain_http_on_this_machine(
    host: str, public: str | None, alone: bool, secure: bool
) -> None:
    settings = load({"LIMS_HOST": host} | ({"LIMS_PUBLIC_URL": public} if public else {}), NOWHERE)
    assert (settings.only_this_machine, settings.session_cookie_secure) == (alone, secure)


def test_settings_are_frozen_and_an_ipv6_host_is_bracketed() -> None:
    settings = load({"LIMS_HOST": "::1"}, NOWHERE)
    assert settings.public_url == "http://[::1]:8000"
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
    assert {"LIMS_NO_SKIP", "LIMS_CHROMIUM"} == config.FOR_TESTS
