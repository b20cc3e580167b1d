"""A TCP peer that behaves badly on demand: it answers 34401A messages, whatever the order says about how."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
import time
from collections import deque


class Peer:
    """A meter on a real socket. `do(…)` says how the next readings are answered; `value` is the truth.

    ways: "ok", "silent", "late" (after `gap`), "partial", "partial and close", "two" (second after `gap`),
    "garbage", "close", "reset".
    """

    def __init__(self) -> None:
        self.value, self.gap, self.serial = 1.0, 0.05, "MY1"
        self.ways: deque[str] = deque()
        self.ese = 0
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.resource = f"TCPIP0::127.0.0.1::{self.port}::SOCKET"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.hang_up()

    def hang_up(self, *, reset: bool = False) -> None:
        """Close every connection: with a FIN, or with a reset."""
        for here in self._open:
            with contextlib.suppress(OSError):
                if reset:
                    here.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    here.shutdown(socket.SHUT_RDWR)
            here.close()
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(here)
            threading.Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := here.recv(4096):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._answer(here, line.decode())
        here.close()

    def _answer(self, here: socket.socket, line: str) -> None:
        reply = self.execute(line)
        way = self.ways.popleft() if "READ?" in line and self.ways else "ok"
        if way in ("close", "reset"):
            if way == "reset":
                here.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                here.shutdown(socket.SHUT_RDWR)
            here.close()
            return
        if way == "late":
            time.sleep(self.gap)
        if way == "garbage":
            reply = "\xff\x80\x13"
        if way.startswith("partial"):
            here.sendall(reply[:5].encode())
            if way.endswith("close"):
                here.shutdown(socket.SHUT_RDWR)
            return
        if way != "silent" and reply:
            here.sendall(reply.encode("latin-1") + b"\n")
        if way == "two":
            time.sleep(self.gap)
            here.sendall(reply.encode() + b"\n")

    def execute(self, line: str) -> str:
        answers = []
        for unit in line.split(";"):
            found = {
                "READ?": f"{self.value:+.8E}",
                ":SYST:ERR?": '+0,"No error"',
                "*ESE?": str(self.ese),
                "*IDN?": f"HEWLETT-PACKARD,34401A,{self.serial},1",
            }.get(unit)
            if found is not None:
                answers.append(found)
            mark = re.fullmatch(r"\*ESE (\d+)", unit)
            if mark:
                self.ese = int(mark[1])
        return ";".join(answers)
