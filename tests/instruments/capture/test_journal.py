"""The journal: nothing acknowledged is lost, nothing is changed unseen."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from instruments.capture.journal import Journal, JournalBroken, RunBusy, is_locked, read_events, tail


def test_events_are_chained_and_read_back(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        for number in range(5):
            journal.append("reading", indication=0.1 * number, unit="V", text="读数")
    events = read_events(tmp_path)
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    assert events[0]["prev"] == "0" * 64
    assert all(after["prev"] == before["hash"] for before, after in itertools.pairwise(events))
    with Journal(tmp_path) as journal:
        journal.append("finished")
    assert read_events(tmp_path)[-1]["seq"] == 6


@pytest.mark.parametrize(("old", "new"), [(b'"indication":0.5', b'"indication":0.6'), (b'"seq":2', b'"seq":3')])
def test_a_changed_line_is_found(tmp_path: Path, old: bytes, new: bytes) -> None:
    with Journal(tmp_path) as journal:
        for _ in range(3):
            journal.append("reading", indication=0.5)
    path = tmp_path / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(old, new)
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(JournalBroken, match="line 2"):
        read_events(tmp_path)
    with pytest.raises(JournalBroken):
        Journal(tmp_path)
    assert not is_locked(tmp_path)


def test_a_removed_line_is_found(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        for _ in range(4):
            journal.append("reading")
    path = tmp_path / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[:1] + lines[2:]))
    with pytest.raises(JournalBroken, match=r"at line 2: it does not follow"):
        read_events(tmp_path)


@pytest.mark.parametrize("torn", [b'{"seq":3,"at"', b'{"whole":"but without its line break"}', b"\xff\xfe"])
def test_a_torn_last_line_is_cut_and_said_so(tmp_path: Path, torn: bytes) -> None:
    with Journal(tmp_path) as journal:
        journal.append("opened")
        journal.append("reading")
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(torn)
    assert len(read_events(tmp_path)) == 2 and len(tail(tmp_path)) == 2
    with Journal(tmp_path) as journal:
        assert journal.events[-1]["kind"] == "torn_line_cut"
        assert journal.events[-1]["bytes"] == len(torn)
    assert [event["seq"] for event in read_events(tmp_path)] == [1, 2, 3]
    assert (tmp_path / "torn.bin").read_bytes() == torn + b"\n"


def test_tail_gives_what_came_after(tmp_path: Path) -> None:
    assert tail(tmp_path) == []
    with Journal(tmp_path) as journal:
        for number in range(300):
            journal.append("reading", text="x" * 400, n=number)
    assert [event["seq"] for event in tail(tmp_path, 297)] == [298, 299, 300]
    assert tail(tmp_path, 300) == []
    assert len(tail(tmp_path)) == 300


def test_two_captures_of_one_run_are_impossible(tmp_path: Path) -> None:
    with Journal(tmp_path):
        assert is_locked(tmp_path)
        with pytest.raises(RunBusy, match="captured by another process"):
            Journal(tmp_path)
    assert not is_locked(tmp_path)


def test_appending_from_several_threads_keeps_one_chain(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        threads = [threading.Thread(target=lambda: [journal.append("reading") for _ in range(200)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(read_events(tmp_path)) == 800


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """A writer prints each event's number after append returns; killed at a moment of its own, none is missing."""
    code = (
        "import sys\nfrom instruments.capture.journal import Journal\nj = Journal(sys.argv[1])\n"
        "while True: print(j.append('reading')['seq'], flush=True)"
    )
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        acknowledged = process.stdout.read().splitlines()
        process.stdout.close()
        process.wait()
        assert acknowledged and len(read_events(tmp_path)) >= int(acknowledged[-1])


def test_it_keeps_5000_readings_a_second(tmp_path: Path) -> None:
    """The goal of sustained capture, with a margin: 5,000 appends in a second of this machine's time."""
    with Journal(tmp_path) as journal:
        begin = time.process_time()
        for number in range(5000):
            journal.append(
                "reading", role="item", channel="V", point=1, n=number, indication=10.00001, unit="V", raw="+1E1"
            )
        assert time.process_time() - begin < 1.0
