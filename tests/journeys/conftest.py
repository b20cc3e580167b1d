"""A served laboratory and a real browser for whole paths."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from lims.config import Settings

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Path of Chromium, from LIMS_CHROMIUM or the system; skips, saying how to get it, where there is none."""
    found = os.environ.get("LIMS_CHROMIUM") or next((p for p in map(shutil.which, CHROMIUM) if p), None)
    if not found or not Path(found).exists():
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium) or set LIMS_CHROMIUM to its path")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: two at a time would need two event loops in one thread."""
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """The app in a process of its own, as `lims serve` runs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = settings.public_url
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LIMS_")}
        environment |= {
            "LIMS_DATA": str(settings.data),
            "LIMS_PORT": str(settings.port),
            "LIMS_BENCH_SPEED": str(settings.bench_speed),
            "PYTHONPATH": str(ROOT),
        }
        self.log = (settings.data / "serve.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from web.serve import command; command()"],
            env=environment,
            cwd=settings.data,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        until = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=2):
                    return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError((settings.data / "serve.log").read_text("utf-8")) from None
                time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A new demonstration laboratory, served on a free port of 127.0.0.1."""
    from datetime import UTC, datetime

    from instruments.bench import server as bench_server
    from lims.migrations import upgrade
    from lims.records.engine import open_engine, session_factory
    from lims.services import demonstration

    settings = replace(Settings(data=tmp_path / "data"), port=free_port(), bench_speed=2000.0)
    settings.data.mkdir()
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=datetime.now(UTC), settings=settings)
        session.commit()
    engine.dispose()
    running = Served(settings)
    yield running
    running.stop()
    bench_server.stop(settings.data / "bench")


__all__ = ["Served", "browser", "chromium", "served"]
