"""A gauge that answers a question with one line of text: length gauges, digital pressure gauges."""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench.device import Device


class Line(Device):
    """Says `say(t)` when asked. ask: its question, or None where any byte asks. answers: its other questions.

    bad: what it says while its sensor fails.
    """

    maker, model = "Simulated", "Line gauge"
    message_time = 0.05

    def __init__(
        self,
        serial: str,
        seed: int,
        say: Callable[[float], str],
        *,
        ask: str | None = None,
        answers: dict[str, str] | None = None,
        bad: str = "ERR",
        end: bytes = b"\r\n",
    ) -> None:
        self.say, self.ask, self.answers, self.bad = say, ask, dict(answers or {}), bad
        self.reply_end = end  # type: ignore[misc]
        self.failed, self.stuck = False, ""
        super().__init__(serial, seed)

    def execute(self, message: str) -> str | None:
        """The line, another answer, or nothing."""
        text = message.strip()
        if text in self.answers:
            return self.answers[text]
        if self.ask is not None and text != self.ask:
            return None
        return self.bad if self.failed else self.stuck or self.say(self.now)

    def fault_sensor_fault(self) -> None:
        """The sensor fails."""
        self.failed = True

    def fault_stuck_reading(self, line: str = "") -> None:
        """The same line for ever."""
        self.stuck = line or self.say(self.now)

    def fault_healthy(self) -> None:
        """The sensor works."""
        self.failed, self.stuck = False, ""
