"""A run plan: every point with its range, its limits of error and its time, fixed before anything is touched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from instruments.faults import InstrumentError
from instruments.procedures.procedure import Procedure, Settle, TablePoint, Text
from instruments.procedures.read import ProcedureError
from instruments.specifications import NoSpecification, OutsideRanges, Specification, limits, load_specification
from instruments.specifications.phrase import Phrase

HAZARD = 30.0
STAGES = ("as_found", "as_left", "result")
OPTIONS = {"clock_speed", "simulated", "visa_library", "ambient_interval", "points", "interval"}
LINE_FREQUENCY = 50.0
AUTOZERO = 2.0  # a 34401A with autozero on measures its zero as long as the input (User's Guide, chapter 3)
MESSAGE = 0.05  # seconds a message and its answer take on the bus, for the estimate only


class PlanRefused(InstrumentError, ValueError):
    """The plan cannot be made from these instruments or options."""

    code: ClassVar[str] = "plan_refused"
    sentence: ClassVar[str] = "The plan of {procedure} is refused: {field} is {found}; right would be {right}."


@dataclass(frozen=True, slots=True)
class Role:
    """An instrument of the run: where it is and who it must be."""

    resource: str
    driver: str
    maker: str = ""
    model: str = ""
    serial: str = ""
    asset: str = ""
    calibration_version: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One point: a fixed range, a nominal value, limits of error and how it is read. Values in `unit`.

    low, high, mpe: exact, never rounded; nominal_text and range_text as the procedure writes them, in display_unit.
    """

    no: int
    function: str
    range: float
    range_text: str
    nominal: float
    nominal_text: str
    unit: str
    display_unit: str
    low: Decimal
    high: Decimal
    mpe: Decimal
    resolution: Decimal
    readings: int
    nplc: float | None
    settle: Settle
    limit_reference: str
    limit_verified: bool

    @property
    def hazardous(self) -> bool:
        """Above 30 V, where each energising needs a person's confirmation."""
        return abs(self.nominal) > HAZARD

    @property
    def seconds(self) -> float:
        """Estimate of the time the point takes on the bench's clock."""
        reading = MESSAGE if self.nplc is None else AUTOZERO * self.nplc / LINE_FREQUENCY + MESSAGE
        quick = min(self.nplc or 10.0, 10.0) * AUTOZERO / LINE_FREQUENCY + MESSAGE
        return self.settle.floor + 2.0 + self.settle.window * quick + self.readings * reading


@dataclass(frozen=True, slots=True)
class Plan:
    """What a capture does, complete in itself: it needs neither the procedure file nor a database."""

    procedure: Mapping[str, Any]
    stage: str
    item: Mapping[str, Any]
    instruments: Mapping[str, Role]
    points: tuple[Point, ...]
    environment: Mapping[str, tuple[float, float]]
    before: tuple[Text, ...]
    most: float
    specification: Mapping[str, Any]
    clock_speed: float = 1.0
    simulated: bool = False
    visa_library: str = "@py"
    ambient_interval: float = 30.0
    warnings: tuple[str, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """Estimate of the measuring time on the bench's clock, without the person's time."""
        return sum(point.seconds for point in self.points)

    @property
    def readings(self) -> int:
        """The number of readings of the item."""
        return sum(point.readings for point in self.points)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the plan."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def point(self, number: int) -> Point:
        """The point of this number; KeyError otherwise."""
        for point in self.points:
            if point.no == number:
                return point
        raise KeyError(number)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; decimals are text."""
        data = asdict(self)
        for point in data["points"]:
            for name in ("low", "high", "mpe", "resolution"):
                point[name] = format(point[name], "f")
        return {"plan": 1, **data}

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan of a JSON text; raises PlanRefused for text that is no plan."""
        try:
            data = json.loads(text)
            if data.pop("plan") != 1:
                raise ValueError("plan")
            points = []
            for entry in data.pop("points"):
                decimals = {name: Decimal(entry.pop(name)) for name in ("low", "high", "mpe", "resolution")}
                points.append(Point(**{**entry, **decimals, "settle": Settle(**entry["settle"])}))
            roles = {role: Role(**entry) for role, entry in data.pop("instruments").items()}
            environment = {name: (pair[0], pair[1]) for name, pair in data.pop("environment").items()}
            before, warnings = tuple(data.pop("before")), tuple(data.pop("warnings"))
            return cls(
                points=tuple(points),
                instruments=roles,
                environment=environment,
                before=before,
                warnings=warnings,
                **data,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PlanRefused(
                procedure="this file", field="plan.json", found=repr(error), right=Phrase("a plan of this version")
            ) from None


def plan(
    procedure: Procedure,
    *,
    stage: str = "as_found",
    item: Mapping[str, Any] | None = None,
    instruments: Mapping[str, Mapping[str, Any]] | None = None,
    specification: Specification | None = None,
    options: Mapping[str, Any] | None = None,
) -> Plan:
    """The run plan of a procedure for one item.

    stage: as_found, as_left or result. item: maker, model, serial, code (without: the procedure's first model).
    instruments: role (item, source, ambient) -> resource, driver, maker, model, serial, asset, calibration_version;
    without it the plan can be shown but not performed.
    options: clock_speed, simulated, visa_library, ambient_interval (s), points (numbers to take), interval.
    Raises ProcedureError (with the line of the point), PlanRefused, NoSpecification.
    """
    options, item = dict(options or {}), dict(item or {})
    if procedure.data is not None or procedure.function is None or procedure.measure is None or procedure.most is None:
        raise _refused(procedure, "data", Phrase("columns of a file"), "a procedure with points; read the file instead")
    if unknown := set(options) - OPTIONS:
        raise _refused(
            procedure,
            "options",
            ", ".join(sorted(unknown)),
            Phrase("one of {choices}", choices=", ".join(sorted(OPTIONS))),
        )
    if stage not in STAGES:
        raise _refused(procedure, "stage", stage, Phrase("one of {choices}", choices=", ".join(STAGES)))
    item.setdefault("model", procedure.models[0] if procedure.models else "")
    if procedure.models and item["model"] not in procedure.models:
        raise _refused(
            procedure,
            "item.model",
            item["model"] or "nothing",
            Phrase("one of {choices}", choices=", ".join(procedure.models)),
        )
    speed = float(options.get("clock_speed", 1.0))
    if not 1.0 <= speed <= 10_000.0:
        raise _refused(procedure, "clock_speed", speed, "a number from 1 to 10000")
    specification = specification or load_specification(item["model"])
    interval = options.get("interval") or procedure.interval or "1 year"
    points = tuple(
        _point(procedure, number, cell, specification, interval)
        for number, cell in enumerate(procedure.points, start=1)
    )
    if wanted := options.get("points"):
        if missing := set(wanted) - {point.no for point in points}:
            raise _refused(
                procedure, "options.points", sorted(missing), Phrase("numbers from 1 to {count}", count=len(points))
            )
        points = tuple(point for point in points if point.no in set(wanted))
    return Plan(
        procedure={
            "name": procedure.name,
            "version": procedure.version,
            "digest": procedure.digest,
            "title": procedure.title,
            "function": procedure.function,
            "kind": procedure.kind,
        },
        stage=stage,
        item=item,
        instruments=_roles(procedure, instruments or {}),
        points=points,
        environment={name: (float(low), float(high)) for name, (low, high) in procedure.environment.items()},
        before=tuple(ask.text for ask in procedure.before),
        most=float(procedure.most),
        specification={
            "maker": specification.maker,
            "model": item["model"],
            "document": specification.document,
            "edition": specification.edition,
            "page": specification.page,
            "interval": interval,
            "verified": all(point.limit_verified for point in points),
        },
        clock_speed=speed,
        simulated=bool(options.get("simulated", False)),
        visa_library=str(options.get("visa_library", "@py")),
        ambient_interval=float(options.get("ambient_interval", 30.0)),
    )


def _refused(procedure: Procedure, place: str, found: object, right: str) -> PlanRefused:
    return PlanRefused(
        procedure=procedure.name,
        field=place,
        found=str(found) if not isinstance(found, Phrase) else found,
        right=right if isinstance(right, Phrase) else Phrase(right),
    )


def _point(procedure: Procedure, number: int, cell: TablePoint, specification: Specification, interval: str) -> Point:
    assert procedure.function and procedure.measure and procedure.unit and procedure.most is not None
    place = {"file": procedure.file, "line": cell.line, "field": f"points.{cell.range_text or 'auto'}"}
    if abs(cell.nominal) > procedure.most:  # said again here: a plan is what energises
        raise ProcedureError(
            **place,
            found=f"{cell.nominal_text} {cell.display_unit}",
            right=Phrase("at most {most} V", most=str(procedure.most)),
        )
    try:
        limit = limits(specification, procedure.function, cell.range, cell.nominal, interval)
    except OutsideRanges as error:
        right = Phrase(
            "a value from {low} to {high}, either polarity", low=error.facts["low"], high=error.facts["high"]
        )
        raise ProcedureError(**place, found=f"{cell.nominal_text} {cell.display_unit}", right=right) from None
    except NoSpecification as error:
        raise ProcedureError(
            **place, found=str(error.facts["wanted"]), right=Phrase("one of {choices}", choices=error.facts["known"])
        ) from None
    measure = procedure.measure
    return Point(
        no=number,
        function=procedure.function,
        range=float(limit.range.nominal),
        range_text=cell.range_text or limit.range.text,
        nominal=float(cell.nominal),
        nominal_text=cell.nominal_text,
        unit=procedure.unit,
        display_unit=cell.display_unit,
        low=-limit.mpe,
        high=limit.mpe,
        mpe=limit.mpe,
        resolution=limit.range.resolution,
        readings=measure.readings,
        nplc=measure.nplc,
        settle=measure.settle,
        limit_reference=limit.reference,
        limit_verified=limit.verified,
    )


def _roles(procedure: Procedure, instruments: Mapping[str, Mapping[str, Any]]) -> dict[str, Role]:
    if not instruments:
        return {}
    wanted = {"item", *procedure.needs}
    if set(instruments) != wanted:
        found, right = ", ".join(sorted(instruments)), ", ".join(sorted(wanted))
        raise _refused(procedure, "instruments", found, Phrase("the roles {roles}", roles=right))
    roles = {}
    for role, entry in instruments.items():
        known = {name: entry[name] for name in Role.__slots__ if entry.get(name) is not None}
        if not known.get("resource") or not known.get("driver"):
            raise _refused(
                procedure, f"instruments.{role}", Phrase("no resource or driver"), "a VISA resource name and a driver"
            )
        models = procedure.needs[role].models if role in procedure.needs else procedure.models
        if models and known.get("model") and known["model"] not in models:
            raise _refused(
                procedure,
                f"instruments.{role}.model",
                known["model"],
                Phrase("one of {choices}", choices=", ".join(models)),
            )
        roles[role] = Role(**known)
    return roles
