"""Reading specification files, and the limits of error that follow from them.

A figure carries `verified`: whether somebody read it in the maker's own text. A certificate that rests on one
that nobody read says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import ClassVar

from instruments.faults import InstrumentError
from instruments.specifications.lines import DocumentError, Node, Source
from instruments.specifications.phrase import Phrase
from instruments.specifications.units import UnitError, plain, quantity, span

INTERVALS = ("24 hours", "90 days", "1 year")
_TOP = {"specification", "maker", "models", "document", "read_in", "confidence", "conditions", "tables"}


class SpecificationError(DocumentError):
    """A specification file is wrong."""

    code: ClassVar[str] = "specification"


class NoSpecification(InstrumentError, KeyError):
    """No table for this model, function, range or interval."""

    code: ClassVar[str] = "no_specification"
    sentence: ClassVar[str] = "There is no specification for {wanted}: there are {known}."

    def __str__(self) -> str:  # KeyError would show the sentence in quotes
        return self.sentence.format(**self.facts)


class OutsideRanges(InstrumentError, ValueError):
    """A value that the range, or any range, cannot hold."""

    code: ClassVar[str] = "outside_ranges"
    sentence: ClassVar[str] = "{value} is outside {range}: choose a value from {low} to {high}, either polarity."


@dataclass(frozen=True, slots=True)
class Figure:
    """± (reading · |value| + range · range + floor); floor in the table's unit, the others are ratios."""

    reading: Decimal
    range: Decimal
    floor: Decimal
    verified: bool

    def at(self, value: Decimal, range_: Decimal) -> Decimal:
        """Limit of error at a value, in the table's unit."""
        return self.reading * abs(value) + self.range * range_ + self.floor


@dataclass(frozen=True, slots=True)
class Range:
    """One range of a function: nominal, what it can hold, its resolution, all in the table's unit."""

    text: str
    nominal: Decimal
    low: Decimal
    full_scale: Decimal
    resolution: Decimal
    accuracy: Mapping[str, Figure]
    temperature_coefficient: Figure | None

    def holds(self, value: Decimal) -> bool:
        """Whether the range can measure or give this value, of either polarity."""
        return self.low <= abs(value) <= self.full_scale


@dataclass(frozen=True, slots=True)
class Table:
    """The ranges of one function."""

    function: str
    unit: str
    temperature: Mapping[str, tuple[Decimal, Decimal]]
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """One maker's specification of a family of models.

    confidence: the level the maker states for the limits; None where none is stated (then rectangular).
    """

    name: str
    maker: str
    models: tuple[str, ...]
    document: str
    edition: str
    page: str
    read_in: str
    conditions: str
    confidence: Decimal | None
    tables: Mapping[str, Table]

    def table(self, function: str) -> Table:
        """The table of a function; raises NoSpecification."""
        if function not in self.tables:
            raise NoSpecification(wanted=f"{self.models[0]} {function}", known=", ".join(self.tables))
        return self.tables[function]

    def range_for(self, function: str, value: Decimal, interval: str = "1 year") -> Range:
        """The range with the lowest limit of error that holds the value; raises OutsideRanges."""
        table = self.table(function)
        fitting = [entry for entry in table.ranges if entry.holds(value) and interval in entry.accuracy]
        if not fitting:
            low, high = min(entry.low for entry in table.ranges), max(entry.full_scale for entry in table.ranges)
            raise OutsideRanges(
                value=f"{plain(value)} {table.unit}", range=Phrase("every {function} range of {model}", function=function, model=self.models[0]),
                low=f"{plain(low)} {table.unit}", high=f"{plain(high)} {table.unit}",
            )  # fmt: skip
        return min(fitting, key=lambda entry: (entry.accuracy[interval].at(value, entry.nominal), entry.nominal))

    def range_named(self, function: str, range_: Decimal) -> Range:
        """The range of this nominal value; raises NoSpecification."""
        table = self.table(function)
        for entry in table.ranges:
            if entry.nominal == range_:
                return entry
        raise NoSpecification(
            wanted=f"{self.models[0]} {function} {plain(range_)} {table.unit}",
            known=", ".join(entry.text for entry in table.ranges),
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of error and where it comes from."""

    mpe: Decimal
    unit: str
    verified: bool
    reference: str
    interval: str
    range: Range
    figure: Figure


def limits(
    specification: Specification, function: str, range_: Decimal | None, value: Decimal, interval: str = "1 year"
) -> Limit:
    """Maximum permissible error at a value, as ± mpe in the table's unit (V for DCV), never rounded.

    range_: nominal range in the table's unit; None takes the range with the lowest limit.
    Raises NoSpecification, OutsideRanges.
    """
    entry = (
        specification.range_for(function, value, interval)
        if range_ is None
        else specification.range_named(function, range_)
    )
    table = specification.table(function)
    if interval not in entry.accuracy:
        raise NoSpecification(
            wanted=f"{specification.models[0]} {function} {entry.text} {interval}", known=", ".join(entry.accuracy)
        )
    if not entry.holds(value):
        raise OutsideRanges(
            value=f"{plain(value)} {table.unit}", range=Phrase("the {range} range of {model}", range=entry.text, model=specification.models[0]),
            low=f"{plain(entry.low)} {table.unit}", high=f"{plain(entry.full_scale)} {table.unit}",
        )  # fmt: skip
    figure = entry.accuracy[interval]
    reference = ", ".join(
        part
        for part in (
            specification.maker,
            specification.document,
            specification.edition,
            f"p. {specification.page}",
            f"{function} {entry.text}, {interval}",
        )
        if part
    )
    return Limit(figure.at(value, entry.nominal), table.unit, figure.verified, reference, interval, entry, figure)


@cache
def list_specifications() -> tuple[Specification, ...]:
    """The specifications that come with the package."""
    folder = resources.files("instruments.specifications")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(read_specification(folder.joinpath(name).read_text("utf-8"), file=name) for name in names)


def load_specification(model: str | Path) -> Specification:
    """The specification of a model that comes with the package, or of a file; raises NoSpecification."""
    if isinstance(model, Path) or model.endswith((".yaml", ".yml")):
        path = Path(model)
        return read_specification(path.read_text("utf-8"), file=path.name)
    for specification in list_specifications():
        if model in specification.models:
            return specification
    known = ", ".join(model for specification in list_specifications() for model in specification.models)
    raise NoSpecification(wanted=model, known=known)


def read_specification(text: str, *, file: str = "specification") -> Specification:
    """A specification from its YAML text; raises SpecificationError with file, line and field."""
    source = Source(text, file=file, error=SpecificationError)
    required = ("specification", "maker", "models", "document", "tables")
    top = source.mapping(source.root, known=_TOP, required=required)
    if source.number(top["specification"], "1, the version of this form") != 1:
        raise source.wrong(top["specification"], "1, the version of this form")
    document = source.mapping(
        top["document"], known={"title", "edition", "page"}, required=("title", "edition", "page")
    )
    confidence = source.number(top["confidence"], "a probability such as 0.99") if "confidence" in top else None
    if confidence is not None and not Decimal("0.5") <= confidence < 1:
        raise source.wrong(top["confidence"], "a probability from 0.5 to below 1, such as 0.99")
    return Specification(
        name=file.removesuffix(".yaml"),
        maker=source.text_of(top["maker"]),
        models=tuple(source.text_of(node) for node in source.items(top["models"])),
        document=source.text_of(document["title"]),
        edition=source.text_of(document["edition"]),
        page=source.text_of(document["page"]),
        read_in=source.text_of(top["read_in"]) if "read_in" in top else "",
        conditions=source.text_of(top["conditions"]) if "conditions" in top else "",
        confidence=confidence,
        tables={name: _table(source, name, node) for name, node in source.mapping(top["tables"]).items()},
    )


def _table(source: Source, function: str, node: Node) -> Table:
    fields = source.mapping(node, known={"unit", "temperature", "ranges"}, required=("unit", "ranges"))
    base = source.text_of(fields["unit"])
    temperature: dict[str, tuple[Decimal, Decimal]] = {}
    if "temperature" in fields:
        for interval, entry in source.mapping(fields["temperature"], known=set(INTERVALS)).items():
            try:
                temperature[interval] = span(source.text_of(entry), "degC")
            except UnitError as error:
                raise source.wrong(entry, error.right) from None
    ranges = tuple(_range(source, base, name, entry) for name, entry in source.mapping(fields["ranges"]).items())
    if not ranges:
        raise source.wrong(fields["ranges"], "at least one range")
    return Table(function, base, temperature, ranges)


def _range(source: Source, base: str, name: str, node: Node) -> Range:
    known = {"nominal", "low", "full_scale", "resolution", "temperature_coefficient", *INTERVALS}
    fields = source.mapping(node, known=known, required=("full_scale", "resolution"))

    def of(key: str, text: str | None = None) -> Decimal:
        entry = fields.get(key, node)
        try:
            return quantity(text if text is not None else source.text_of(entry), base)
        except UnitError as error:
            raise source.wrong(
                entry, error.right, field=None if text is None else f"{node.field} (name)", found=text
            ) from None

    accuracy = {key: _figure(source, base, fields[key]) for key in INTERVALS if key in fields}
    if not accuracy:
        raise source.wrong(
            node, Phrase("the figures of at least one interval: {choices}", choices=", ".join(INTERVALS))
        )
    return Range(
        text=name,
        nominal=of("nominal") if "nominal" in fields else of("nominal", name),
        low=of("low") if "low" in fields else Decimal(0),
        full_scale=of("full_scale"),
        resolution=of("resolution"),
        accuracy=accuracy,
        temperature_coefficient=(
            _figure(source, base, fields["temperature_coefficient"]) if "temperature_coefficient" in fields else None
        ),
    )


def _figure(source: Source, base: str, node: Node) -> Figure:
    fields = source.mapping(node, known={"reading", "range", "floor", "verified"}, required=("reading", "verified"))

    def of(key: str, unit: str) -> Decimal:
        if key not in fields:
            return Decimal(0)
        try:
            value = quantity(source.text_of(fields[key]), unit)
        except UnitError as error:
            raise source.wrong(fields[key], error.right) from None
        if value < 0:
            raise source.wrong(fields[key], "a figure that is not negative")
        return value

    return Figure(of("reading", "1"), of("range", "1"), of("floor", base), source.flag(fields["verified"]))
