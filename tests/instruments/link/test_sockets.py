"""The same promises on real TCP, through PyVISA-py."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from instruments.drivers import HP34401A
from instruments.faults import Garbled, LinkFault, LinkLost, OutOfStep, Timeout, Unreachable, WrongInstrument
from instruments.link import Link
from tests.instruments.link.peer import Peer

PATIENCE = 0.15  # s


def a_meter(peer: Peer) -> HP34401A:
    meter = HP34401A.open(peer.resource, timeout=PATIENCE)
    meter.identify()
    meter.state["nplc"] = 0.02  # the peer has no settings
    return meter


@pytest.mark.parametrize(
    ("way", "gap", "fault"),
    [
        ("silent", 0, Timeout),
        ("late", 2.5 * PATIENCE, Timeout),
        ("partial", 0, Timeout),
        ("partial and close", 0, LinkLost),
        ("garbage", 0, Garbled),
        ("close", 0, LinkLost),
        ("reset", 0, LinkLost),
    ],
)
def test_a_bad_peer_is_a_typed_fault_and_the_next_reading_is_true(way: str, gap: float, fault: type[LinkFault]) -> None:
    with Peer() as peer, a_meter(peer) as meter:
        peer.gap = gap
        for n in range(5):
            peer.value = 1.0 + n
            peer.ways.append(way)
            with pytest.raises(fault):
                _ = meter.reading
            peer.value = 101.0 + n
            assert meter.reading.indication == 101.0 + n
            peer.value = 201.0 + n
            assert meter.reading.indication == 201.0 + n
        assert meter.link.repairs == 5


@pytest.mark.parametrize("gap", [0.0, 0.002, 0.01])
def test_a_second_reply_is_never_the_next_reading(gap: float) -> None:
    """Raw PyVISA: off by one for ever. The mark in each answer shows it, however late the second reply comes."""
    with Peer() as peer, a_meter(peer) as meter:
        peer.gap = gap
        wrong = faults = 0
        for n in range(60):
            peer.value = float(n)
            if n % 3 == 0:
                peer.ways.append("two")
            try:
                wrong += meter.reading.indication != float(n)
            except OutOfStep:
                faults += 1
        assert wrong == 0
        assert faults >= 15


@pytest.mark.parametrize("reset", [False, True])
def test_a_dead_peer_is_reported_within_100_ms(reset: bool) -> None:
    """Raw PyVISA-py waits the whole timeout, and again for every later query."""
    with Peer() as peer, HP34401A.open(peer.resource, timeout=30) as meter:
        meter.identify()
        peer.hang_up(reset=reset)
        time.sleep(0.02)
        began = time.monotonic()
        with pytest.raises(LinkLost):
            _ = meter.reading
        assert time.monotonic() - began < 0.1


def test_a_peer_that_dies_while_we_wait_is_reported_within_100_ms() -> None:
    with Peer() as peer, HP34401A.open(peer.resource, timeout=30) as meter:
        meter.identify()
        peer.ways.append("silent")
        died: list[float] = []

        def die() -> None:
            died.append(time.monotonic())
            peer.hang_up()

        timer = threading.Timer(0.2, die)
        timer.start()
        with pytest.raises(LinkLost):
            _ = meter.reading
        assert time.monotonic() - died[0] < 0.1
        timer.join()


def test_a_refused_port_is_unreachable_when_it_is_opened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="refused"):
        Link(f"TCPIP0::127.0.0.1::{port}::SOCKET").open()


def test_a_resource_name_that_is_none_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        Link("no such thing").open()
    with pytest.raises(Unreachable):
        Link("GPIB0::9::INSTR", "@sim").open()


def test_after_a_repair_another_serial_number_is_refused() -> None:
    with Peer() as peer, a_meter(peer) as meter:
        peer.ways.append("close")
        with pytest.raises(LinkLost):
            _ = meter.reading
        peer.serial = "MY2"
        for _ in range(3):
            with pytest.raises(WrongInstrument, match=r"MY2.*MY1"):
                _ = meter.reading
        peer.serial = "MY1"
        assert meter.reading.indication == peer.value


def test_the_journal_has_every_byte_in_both_directions_and_the_faults() -> None:
    heard: list[tuple[str, bytes]] = []
    with Peer() as peer:
        link = Link(peer.resource, timeout=PATIENCE, journal=lambda way, data: heard.append((way, data)))
        with HP34401A(link, marked=False) as meter:
            meter.state["nplc"] = 0.02
            assert meter.reading.indication == 1.0
            peer.ways.append("silent")
            with pytest.raises(Timeout):
                _ = meter.reading
    assert heard[:2] == [(">", b"READ?;:SYST:ERR?\n"), ("<", b'+1.00000000E+00;+0,"No error"\n')]
    assert heard[2] == (">", b"READ?;:SYST:ERR?\n")
    assert heard[3][0] == "!"


def test_eight_threads_on_one_session_each_get_their_own_answers() -> None:
    """Raw PyVISA gave 79 % of 8 threads' answers to the wrong thread."""
    with Peer() as peer, HP34401A.open(peer.resource) as meter:
        wrong: list[str] = []

        def ask(question: str, right: str) -> None:
            for _ in range(150):
                got = meter.converse(question, 1)[0]
                if got != right:
                    wrong.append(got)

        questions = {"READ?": "+1.00000000E+00", "*IDN?": "HEWLETT-PACKARD,34401A,MY1,1"}
        threads = [threading.Thread(target=ask, args=pair) for pair in [*questions.items(), *questions.items()] * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(threads) == 8
        assert wrong == []


def test_opening_and_closing_many_times_leaks_no_file(tmp_path: Path) -> None:
    del tmp_path
    files = Path("/proc/self/fd")
    with Peer() as peer:
        for n in range(30):
            with HP34401A.open(peer.resource) as meter:
                meter.identify()
            if n == 5:
                before = len(list(files.iterdir()))
        peer.hang_up()
        time.sleep(0.05)
        assert len(list(files.iterdir())) <= before + 3
