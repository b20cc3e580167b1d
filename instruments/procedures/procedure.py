"""What a procedure document says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from instruments.procedures.budget import Ambient, BudgetTemplate, CombineRule, SourceMode

Text = dict[str, str]
Kind = Literal["calibration", "verification", "measurement"]


@dataclass(frozen=True, slots=True)
class Method:
    """The method the procedure follows; confirmed: whether the laboratory has checked it against its own text."""

    code: str
    title: Text
    version: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Need:
    """An instrument the procedure needs in a role (source, ambient)."""

    role: str
    kind: str
    function: str | None
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the person at the bench before anything is energised."""

    text: Text


@dataclass(frozen=True, slots=True)
class Settle:
    """When a point is settled: the source's own flag and a quiet window of readings, between floor and ceiling.

    floor, ceiling: seconds after the source's output changed; window: readings in the window.
    """

    floor: float = 1.0
    ceiling: float = 60.0
    window: int = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """How a point is read."""

    readings: int
    nplc: float | None
    settle: Settle


@dataclass(frozen=True, slots=True)
class TablePoint:
    """One cell of the table of points. range None: the plan chooses it. Values in the procedure's unit."""

    range_text: str | None
    range: Decimal | None
    nominal: Decimal
    nominal_text: str
    display_unit: str
    line: int


@dataclass(frozen=True, slots=True)
class Data:
    """Columns of a file of readings: name to unit, and the names observed at the same moments."""

    columns: Mapping[str, str]
    observed_together: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure document. Either `points` (instruments are read) or `data` (a file is read)."""

    name: str
    title: Text
    kind: Kind
    version: str
    method: Method
    item_kind: str
    models: tuple[str, ...]
    needs: Mapping[str, Need]
    function: str | None
    unit: str | None
    most: Decimal | None
    environment: Mapping[str, tuple[Decimal, Decimal]]
    before: tuple[Ask, ...]
    measure: Measure | None
    points: tuple[TablePoint, ...]
    interval: str | None
    decision_rules: tuple[str, ...]
    template: BudgetTemplate
    data: Data | None
    text: str
    digest: str
    file: str

    @property
    def budget(self) -> dict[str, object]:
        """The budget template as plain data."""
        return self.template.to_dict()

    @property
    def source_mode(self) -> SourceMode | None:
        """How the standard enters: `certificate` or `specification`; None where files are read."""
        return self.template.source_mode

    @property
    def combine(self) -> CombineRule | None:
        """How repeatability and resolution combine: `both` or `larger`; None where files are read."""
        return self.template.combine

    @property
    def ambient(self) -> Ambient | None:
        """The temperature effect that the budget takes in, if any."""
        return self.template.ambient

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities that `bind` needs."""
        return self.template.names

    @property
    def measurands(self) -> tuple[str, ...]:
        """The names of the results."""
        return tuple(self.template.measurands)

    def bind(
        self, bound: Mapping[str, Mapping[str, object]], *, unit: str | None = None, title: str | None = None
    ) -> dict[str, object]:
        """A budget document with these quantities bound; raises BudgetNotBound.

        unit: the point's unit (Point.display_unit) for measurands declared with `unit: point`.
        """
        document = self.template.document(bound, procedure=self.name, title=title or self.title["en"], unit=unit)
        if self.data is not None and self.data.observed_together:
            document["observed_together"] = [list(group) for group in self.data.observed_together]
        return document
