"""One run, from its plan to its last point: the loop that reads and marks.

Whatever goes wrong becomes a typed event, the source goes to STANDBY with read-back, and the run is paused until a
person decides. What the journal says is finished is never measured again; an unfinished point is measured anew.
"""

from __future__ import annotations

import os
import platform
import statistics
import threading
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from instruments.capture.ambient import AmbientLog, fault_facts, reading_facts
from instruments.capture.clock import Clock, GivenClock
from instruments.capture.journal import Event, Journal
from instruments.capture.process import FINAL, RunClosed, read_plan
from instruments.capture.prompts import Prompt, energise_text
from instruments.capture.readings import flagged
from instruments.capture.session import Abort, Again, Confirm, OutputLost, Pause, Session, Stop
from instruments.capture.settle import wait_settled
from instruments.capture.station import Library, Station
from instruments.capture.supervision import Supervisor
from instruments.faults import InstrumentError, Overload
from instruments.procedures.plan import PlanRefused, Point
from instruments.procedures.procedure import Text


def perform(
    run: str | Path,
    library: Library | None = None,
    confirm: Confirm | None = None,
    on_event: Callable[[Event], object] | None = None,
    *,
    clock: Clock | None = None,
    supervise: bool | None = None,
    stop: threading.Event | None = None,
) -> str:
    """Capture a prepared run in this process; the state it ends in: finished or aborted.

    library: a VISA library (a string for PyVISA, or a VisaLibraryBase such as Bench.library); None takes the plan's.
    confirm: asked instead of control.jsonl; returns the person's name (or True) to go on. A refusal pauses the run,
    and a refusal to go on aborts it. Without it the run waits for `send`.
    on_event: called after each event is in the journal.
    clock: bench clock; without it that of the library, if it has one, else the wall's at the plan's speed. Except on
    the wall's clock the room is read between readings instead of beside them. supervise: start the supervisor process; by default unless `library` is an object in
    this process. stop: when set, the source is made safe and Stop is raised; the run stays resumable.
    Raises RunBusy, RunClosed, JournalBroken, PlanRefused.
    """
    plan = read_plan(run)
    missing = {"item", "source", "ambient"} - set(plan.instruments)
    if missing:
        raise PlanRefused(
            procedure=plan.procedure["name"], field="instruments", found="none", right="a resource for each role"
        )
    supervise = (library is None or isinstance(library, str)) if supervise is None else supervise
    if clock is None and (bench := getattr(library, "clock", None)) is not None:
        clock = GivenClock(bench.now, bench.sleep)
    with Journal(run) as journal:
        capture = Run(Path(run), plan, journal, library or plan.visa_library, confirm, on_event, clock, supervise)
        capture.stop = stop or capture.stop
        return capture.perform()


class Run(Session):
    """The loop of one capture process."""

    # -- the whole run ------------------------------------------------------------------------------------------

    def perform(self) -> str:
        """Run until finished or aborted; every way out leaves the source in STANDBY or its supervisor at work."""
        self.open_run()
        clean = False
        try:
            while True:
                try:
                    self.begin()
                    self.measure()
                    clean = self.make_safe()
                    if clean:
                        self.event("finished", points=len(self.standing.done))
                        return "finished"
                    self.pause("the source could not be read back in STANDBY", "capture")
                except InstrumentError as error:
                    self.event("fault", **fault_facts(error), **({"point": self.active} if self.active else {}))
                    self.make_safe()
                    self.pause(error.code, "capture", _why(error))
                except Pause as turn:
                    self.make_safe()
                    self.pause(turn.reason, turn.by)
        except Abort as turn:
            clean = self.make_safe()
            self.event("aborted", by=turn.by, reason=turn.reason)
            return "aborted"
        finally:
            try:
                if not clean:
                    clean = self.make_safe()
            finally:
                self.end(clean)

    def open_run(self) -> None:
        """Say that the run is open (again); raises RunClosed, PlanRefused."""
        if self.standing.last in FINAL:
            raise RunClosed(run=self.run.name, state=self.standing.last)
        before = self.standing.opened
        if before is not None and before["plan"] != self.plan.digest:
            raise PlanRefused(
                procedure=self.plan.procedure["name"],
                field="digest",
                found=self.plan.digest[:12],
                right=before["plan"][:12],
            )
        self.resumed = before is not None
        self.event(
            "opened",
            plan=self.plan.digest,
            software=software(),
            clock_speed=self.plan.clock_speed,
            simulated=self.plan.simulated,
            pid=os.getpid(),
            resumed=self.resumed,
        )
        if self.standing.current is not None:
            self.restart(self.standing.current, "the capture ended in the middle of the point")

    def restart(self, point: int, reason: str) -> None:
        """Say that the readings of a point so far are superseded and that it is measured anew."""
        attempt = self.standing.attempts.get(point, 0)
        readings = [
            event["seq"]
            for event in self.journal.events
            if event["kind"] == "reading" and event.get("point") == point and event.get("attempt") == attempt
        ]
        self.event("point_restarted", point=point, attempt=attempt, reason=reason, superseded=readings)
        self.standing.done.discard(point)
        self.standing.current = None

    def begin(self) -> None:
        """Open the instruments afresh, know them again, make the source safe, look at the room."""
        if self.supervise and (self.supervisor is None or not self.supervisor.is_alive):
            self.supervisor = Supervisor(self.run)
        self.close_instruments()
        self.station = Station(self.plan, self.library)
        for role in ("source", "item", "ambient"):
            self.event("identified", role=role, **self.station.open(role))
        self.safe_or_raise()
        self.ambient = AmbientLog(
            self.journal,
            self.station.room,
            self.plan.environment,
            self.clock,
            interval=self.plan.ambient_interval,
        )
        self.ambient.start()
        self.watch()
        self.must_confirm = True
        if not self.standing.asked_before:
            for text in self.plan.before:
                self.ask(Prompt(self.next_prompt(), "before", text))
            self.standing.asked_before = True
            self.event("before_confirmed", prompts=len(self.plan.before))

    def measure(self) -> None:
        """Measure the points that are not done, in the plan's order, then those asked for again."""
        while True:
            self.watch()
            left = [point for point in self.plan.points if point.no not in self.standing.done]
            if not left and self.standing.repeats:
                number = self.standing.repeats.pop(0)
                self.restart(number, "a person asked for the point again")
                left = [self.plan.point(number)]
            if not left:
                return
            self.active = left[0].no
            try:
                self.measure_point(left[0])
            except Again:
                continue
            self.active = None

    # -- one point ----------------------------------------------------------------------------------------------

    def measure_point(self, point: Point) -> None:
        """Energise, settle, read, check, mark: the readings count only when the point is finished."""
        assert self.station is not None and self.ambient is not None
        station = self.station
        self.energise(point)
        attempt = self.standing.attempts.get(point.no, 0) + 1
        self.standing.attempts[point.no] = attempt
        self.event("point_started", point=point.no, attempt=attempt, range=point.range, nominal=point.nominal)
        self.standing.current = point.no
        self.ambient.point = point.no
        try:
            facts = wait_settled(
                point.no,
                point.settle,
                self.clock,
                flag=station.settled,
                read=lambda: self.indication(point, station.reading()),
                watch=self.watch,
                resolution=float(point.resolution),
                limit=float(point.mpe),
            )
            self.event("settled", **facts)
            station.prepare_readings(point)
            self.source_reading(point, attempt)
            self.ambient.poll()
            self.show()
            values = self.read_item(point, attempt)
            self.check_output(point)
        except (InstrumentError, Pause, Abort, Again, Stop) as turn:
            self.restart(point.no, str(turn))
            raise
        finally:
            self.ambient.point = None
        self.mark(point, values)
        self.event("point_finished", point=point.no, attempt=attempt)
        self.standing.done.add(point.no)
        self.standing.current = None
        self.journal.sync()
        if point.hazardous:
            self.safe_or_raise()

    def energise(self, point: Point) -> None:
        """Bring the source to the point; switched on only with a person's word where the rules ask for one."""
        assert self.station is not None
        if abs(point.nominal) > self.plan.most:
            raise PlanRefused(
                procedure=self.plan.procedure["name"], field=f"point {point.no}", found=f"{point.nominal:g} V",
                right=f"at most {self.plan.most:g} V",
            )  # fmt: skip
        ask = self.must_confirm or point.hazardous
        if ask:
            self.safe_or_raise()
        self.station.set_up(point, on=not ask and self.station.is_operating())
        if ask:
            text = energise_text(point, resumed=self.resumed and self.must_confirm)
            self.ask(Prompt(self.next_prompt(), "energise", text, voltage=point.nominal, point=point.no))
        self.station.operate(point)
        self.must_confirm = False

    def indication(self, point: Point, reading: Any) -> float:
        """The number of a reading while settling; an overload is a fault."""
        if reading.indication is None or reading.status != "ok":
            self.event("reading_refused", point=point.no, role="item", channel=point.unit, **reading_facts(reading))
            raise self.overload(point)
        return float(reading.indication)

    def overload(self, point: Point) -> Overload:
        """The fault of an item whose input is beyond its range."""
        resource = self.plan.instruments["item"].resource
        return Overload(resource=resource, range=f"{point.range:g}", unit=point.unit)

    def source_reading(self, point: Point, attempt: int) -> None:
        """What the source says that it gives, as a reading of the source."""
        assert self.station is not None
        reading = self.station.source_reading()
        self.event(
            "reading", role="source", channel=point.unit, point=point.no, n=1, attempt=attempt, **reading_facts(reading)
        )

    def read_item(self, point: Point, attempt: int) -> list[float]:
        """The readings of the point; each is in the journal before anybody sees it."""
        assert self.station is not None
        values: list[float] = []
        seqs: list[int] = []
        for number in range(1, point.readings + 1):
            self.watch()
            reading = self.station.reading()
            event = self.event(
                "reading", role="item", channel=point.unit, point=point.no, n=number, attempt=attempt,
                **reading_facts(reading),
            )  # fmt: skip
            if reading.indication is None or reading.status != "ok":
                raise self.overload(point)
            values.append(float(reading.indication))
            seqs.append(event["seq"])
        for place in flagged(values, float(point.resolution)):
            self.event(
                "flagged",
                point=point.no,
                reading=seqs[place],
                n=place + 1,
                rule="more than 5 scaled MAD from the median",
            )
        return values

    def check_output(self, point: Point) -> None:
        """The source must still be on with the set value: somebody may have touched it while we read."""
        assert self.station is not None
        self.station.verify_settings()
        value, operating = self.station.output(), self.station.is_operating()
        if not operating or abs(value - point.nominal) > 1e-9 + 1e-7 * abs(point.nominal):
            found = f"{value:g} {point.unit}" + ("" if operating else ", STANDBY")
            raise OutputLost(point=point.no, expected=f"{point.nominal:g} {point.unit}", found=found)

    def mark(self, point: Point, values: list[float]) -> None:
        """A provisional mark against the limits, from the nominal value: no verdict, for that needs U."""
        mean = statistics.fmean(values)
        error = mean - point.nominal
        inside = float(point.low) <= error <= float(point.high)
        self.event(
            "mark", point=point.no, mean=mean, error=error, low=float(point.low), high=float(point.high),
            unit=point.unit, inside=inside, provisional=True,
        )  # fmt: skip


def software() -> dict[str, str]:
    """What runs: the package's version and Python's."""
    try:
        package = version("suyuan")
    except PackageNotFoundError:
        package = "unknown"
    return {"name": "Suyuan", "version": package, "python": platform.python_version(), "platform": platform.platform()}


def _why(error: InstrumentError) -> Text:
    return {"zh": str(error), "en": str(error)}
