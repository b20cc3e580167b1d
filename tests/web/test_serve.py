"""`lims serve`: where it listens, and where it refuses to."""

from __future__ import annotations

import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web import laboratory
from web import serve


@pytest.fixture
def settings(built: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    shutil.copytree(built, tmp_path / "data")
    return laboratory.settings_in(tmp_path / "data")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_while_demonstration_people_exist_it_listens_on_this_machine_alone(settings, host: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(serve.ListensTooWide) as refusal:
        serve.serve(replace(settings, host=host))
    assert host in str(refusal.value)


def test_a_port_in_use_is_one_sentence(settings) -> None:  # type: ignore[no-untyped-def]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(serve.PortTaken):
            serve.serve(replace(settings, port=taken.getsockname()[1]))
