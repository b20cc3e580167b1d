"""Commands of people, read from control.jsonl as they arrive."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Control:
    """The commands appended since this object was made: those before belong to an earlier capture."""

    def __init__(self, run: Path) -> None:
        self._path = run / "control.jsonl"
        self._offset = self._path.stat().st_size if self._path.exists() else 0
        self._rest = b""
        self._waiting: deque[dict[str, Any]] = deque()

    def poll(self) -> Iterator[dict[str, Any]]:
        """The commands not yet taken, oldest first."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size > self._offset:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                content = file.read(size - self._offset)
            self._offset += len(content)
            *lines, self._rest = (self._rest + content).split(b"\n")
            for line in lines:
                try:
                    command = json.loads(line)
                except ValueError:
                    continue  # `send` writes whole lines; anything else is not a command of a person
                if isinstance(command, dict):
                    self._waiting.append(command)
        while self._waiting:
            yield self._waiting.popleft()

    def put_back(self, command: dict[str, Any]) -> None:
        """Keep a command for the next poll."""
        self._waiting.append(command)


def append_line(path: Path, record: dict[str, Any]) -> None:
    """Append one JSON line and bring it to the disk."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, (json.dumps(record, ensure_ascii=False) + "\n").encode())
        os.fsync(fd)
    finally:
        os.close(fd)
