"""What a run has besides its points: its events, the people it asks, the watch it keeps, and safety."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from instruments.capture.ambient import AmbientLog
from instruments.capture.clock import Clock, WallClock
from instruments.capture.control import Control
from instruments.capture.journal import Event, Journal
from instruments.capture.prompts import Prompt, continue_text
from instruments.capture.readings import Standing, standing
from instruments.capture.station import Library, Station, make_safe
from instruments.capture.supervision import Supervisor
from instruments.faults import InstrumentError
from instruments.procedures.plan import Plan
from instruments.procedures.procedure import Text

Confirm = Callable[[Prompt], "str | bool | None"]
ASK_EVERY = 0.05  # wall seconds between two looks at what people commanded, while waiting


class OutputLost(InstrumentError, RuntimeError):
    """The source did not hold its output while a point was read."""

    code: ClassVar[str] = "output_lost"
    sentence: ClassVar[str] = (
        "The source did not hold its output at point {point}: set {expected}, read back {found}; check it, then resume."
    )


class SupervisorLost(InstrumentError, RuntimeError):
    """The supervisor process ended while the capture ran."""

    code: ClassVar[str] = "supervisor_lost"
    sentence: ClassVar[str] = "The supervisor process {pid} has ended: the source was made safe; resume starts another."


class Pause(Exception):
    """The run must pause: by a person's command or a refused prompt."""

    def __init__(self, reason: str, by: str) -> None:
        super().__init__(reason)
        self.reason, self.by = reason, by


class Abort(Exception):
    """The run must end: a person said so."""

    def __init__(self, reason: str, by: str) -> None:
        super().__init__(reason)
        self.reason, self.by = reason, by


class Again(Exception):
    """The point under way is to be measured anew: a person said so."""


class Stop(Exception):
    """The process was asked to end; the source is made safe and the run stays resumable."""


class Session:
    """The state of one capture process, and what it does whatever is measured."""

    def __init__(
        self,
        run: Path,
        plan: Plan,
        journal: Journal,
        library: Library,
        confirm: Confirm | None,
        on_event: Callable[[Event], object] | None,
        clock: Clock | None,
        supervise: bool,
    ) -> None:
        self.run, self.plan, self.journal, self.library = run, plan, journal, library
        self.confirm, self.on_event = confirm, on_event
        self.clock: Clock = clock or WallClock(plan.clock_speed)
        self.wall = WallClock()
        self.supervise = supervise
        self.supervisor: Supervisor | None = None
        self.station: Station | None = None
        self.ambient: AmbientLog | None = None
        self.control = Control(run)
        self.shown = len(journal.events)
        self.standing: Standing = standing(journal.events)
        self.must_confirm = True
        self.resumed = False
        self.active: int | None = None
        self.stop = threading.Event()
        self.failures: tuple[str, int, int] = ("", 0, 0)

    # -- events -------------------------------------------------------------------------------------------------

    def event(self, kind: str, **facts: Any) -> Event:
        """Append an event, then show what is new (the room's log appends beside this thread)."""
        event = self.journal.append(kind, **facts)
        self.show()
        return event

    def show(self) -> None:
        """Show the events not yet shown, in their order."""
        while self.shown < len(self.journal.events):
            self.shown += 1
            if self.on_event is not None:
                self.on_event(self.journal.events[self.shown - 1])

    # -- people -------------------------------------------------------------------------------------------------

    def next_prompt(self) -> str:
        self.standing.prompts += 1
        return f"P{self.standing.prompts}"

    def ask(self, prompt: Prompt) -> None:
        """Ask and wait for the answer to this prompt; raises Pause on a refusal, Abort."""
        self.event("prompt", **prompt.facts())
        self.journal.sync()
        if self.confirm is not None:
            answer = self.confirm(prompt)
            by = answer if isinstance(answer, str) and answer else "operator"
            if not answer:
                self.event("refused", prompt=prompt.id, by=by)
                raise Pause("refused", by)
            self.event("confirmed", prompt=prompt.id, by=by)
            return
        while True:
            for command in self.control.poll():
                if command["do"] in ("confirm", "refuse"):
                    if command.get("prompt") != prompt.id:
                        continue  # an answer to another question is no answer
                    if command["do"] == "refuse":
                        self.event("refused", prompt=prompt.id, by=command["by"])
                        raise Pause("refused", command["by"])
                    self.event("confirmed", prompt=prompt.id, by=command["by"])
                    return
                self.obey(command)
            self.watch(commands=False)
            self.wall.sleep(ASK_EVERY)

    def obey(self, command: dict[str, Any]) -> None:
        """A command that is not an answer; raises Pause, Abort, or InstrumentError for the point under way."""
        do, by = command["do"], command["by"]
        if do == "abort":
            raise Abort(str(command.get("reason") or "aborted by a person"), by)
        if do == "repeat":
            number = command["point"]
            if number == self.standing.current:
                raise Again(f"{by} asked for the point again")
            if number in self.standing.done and number not in self.standing.repeats:
                self.standing.repeats.append(number)
                self.event("repeat_asked", point=number, by=by)
        if do == "pause":
            raise Pause("a person asked for it", by)

    def watch(self, *, commands: bool = True) -> None:
        """Between any two steps: commands, the room, the supervisor."""
        self.show()
        if self.stop.is_set():
            raise Stop("the process was asked to end")
        if commands:
            for command in self.control.poll():
                self.obey(command)
        if self.ambient is not None:
            self.ambient.check()
            self.show()
        if self.supervisor is not None and not self.supervisor.is_alive:
            raise SupervisorLost(pid=self.supervisor.pid)

    def pause(self, reason: str, by: str, why: Text | None = None) -> None:
        """Stay paused until a person resumes; raises Abort."""
        if self.ambient is not None:
            self.ambient.stop()
            self.ambient = None
        self.close_instruments()
        self.active = None
        self.event("paused", reason=reason, by=by)
        self.journal.sync()
        if self.confirm is not None:
            self.not_for_ever(reason, by)
            text = continue_text(why or {"zh": reason, "en": reason})
            answer = self.confirm(Prompt("continue", "continue", text))
            if not answer:
                raise Abort(reason, by)
            self.go_on(answer if isinstance(answer, str) else "operator")
            return
        while True:
            if self.stop.is_set():
                raise Stop("the process was asked to end")
            for command in self.control.poll():
                if command["do"] == "resume":
                    self.go_on(command["by"])
                    return
                if command["do"] in ("abort", "repeat"):
                    self.obey(command)
            self.wall.sleep(ASK_EVERY)

    def not_for_ever(self, reason: str, by: str) -> None:
        """Abort when a program goes on saying yes to a fault that comes back without a point in between."""
        before, done, times = self.failures
        times = times + 1 if (before, done) == (reason, len(self.standing.done)) else 1
        self.failures = (reason, len(self.standing.done), times)
        if times >= 3:
            raise Abort(f"{reason} came back {times} times", by)

    def go_on(self, by: str) -> None:
        self.event("resumed", by=by)
        self.resumed = self.must_confirm = True

    # -- safety -------------------------------------------------------------------------------------------------

    def make_safe(self) -> bool:
        """STANDBY with read-back, as an event; never raises for the bench. True when it was read back."""
        verified, why = False, ""
        try:
            if self.station is None or not self.station.has("source"):
                self.station = Station(self.plan, self.library)
                self.station.open("source")
            verified = self.station.safe()
        except InstrumentError as error:
            why = str(error)
            try:  # once more on a session of its own: the link may have gone wrong, not the source
                verified = make_safe(self.plan.instruments["source"], self.library)
            except InstrumentError as again:
                why = str(again)
        self.event("safe", role="source", verified=verified, **({"why": why} if why else {}))
        self.must_confirm = True
        return verified

    def safe_or_raise(self) -> None:
        """STANDBY with read-back on the open session; raises the fault when it cannot be had."""
        assert self.station is not None
        verified = self.station.safe()
        self.event("safe", role="source", verified=verified)
        if not verified:
            raise OutputLost(point="-", expected="STANDBY", found="OPERATE")

    def close_instruments(self) -> None:
        if self.ambient is not None:
            self.ambient.stop()
            self.ambient = None
        if self.station is not None:
            self.station.close()
            self.station = None

    def end(self, clean: bool) -> None:
        """Let go of everything; a supervisor is dismissed only when the source was read back in STANDBY."""
        self.close_instruments()
        if self.supervisor is not None:
            if clean:
                self.supervisor.dismiss()
            else:
                self.supervisor.leave()
