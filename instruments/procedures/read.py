"""Reading procedure documents: YAML 1.2 with a table of points, no code and no commands.

Each refusal names the file, the line, the field, what was found and what would be right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from importlib import resources
from pathlib import Path
from typing import ClassVar, TypeVar, cast

from instruments.procedures.budget import read_budget
from instruments.procedures.procedure import Ask, Data, Kind, Measure, Method, Need, Procedure, Settle, TablePoint, Text
from instruments.specifications.lines import DocumentError, Node, Source
from instruments.specifications.phrase import Phrase
from instruments.specifications.read import INTERVALS
from instruments.specifications.units import UnitError, plain, quantity, span, tidy
from instruments.specifications.units import unit as unit_of

KINDS = ("calibration", "verification", "measurement")
RULES = (
    "none", "simple", "third", "guarded", "guarded_acceptance", "guarded_rejection", "conditional", "iso14253", "z540"
)  # fmt: skip
FUNCTION_UNITS = {"DCV": "V"}
ROLES = {"source": "calibrator", "ambient": "environment"}
ENVIRONMENT_UNITS = {"temperature": "degC", "humidity": "%RH", "pressure": "Pa"}
NPLC = ("0.02", "0.2", "1", "10", "100")

_COMMON = {"procedure", "name", "title", "kind", "version", "method", "for", "budget", "decision"}
_MEASURED = _COMMON | {"needs", "environment", "before", "measure", "points", "limits", "most"}
_FILED = _COMMON | {"data"}


T = TypeVar("T")


class ProcedureError(DocumentError):
    """A procedure document is wrong."""

    code: ClassVar[str] = "procedure"


def list_procedures() -> tuple[str, ...]:
    """The names of the files that come with the package."""
    folder = resources.files("instruments.procedures")
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def load_procedure(name: str) -> Procedure:
    """A procedure that comes with the package, by file name with or without .yaml; FileNotFoundError otherwise."""
    file = name if name.endswith(".yaml") else f"{name}.yaml"
    return read(resources.files("instruments.procedures").joinpath(file).read_text("utf-8"), file=file)


def read(document: str | Path, *, file: str | None = None) -> Procedure:
    """A procedure from a path, or from its YAML text: a str is never a path, it may come from a form.

    Raises ProcedureError; OSError when the file cannot be read.
    """
    if isinstance(document, Path):
        name = file or document.name
        try:
            text = document.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            found = f"byte {error.object[error.start]:#04x}"
            raise ProcedureError(
                file=name, line=line, field="document", found=found, right=Phrase("text in UTF-8")
            ) from None
    else:
        text, name = document.removeprefix("\ufeff"), file or "procedure"
    return _Reader(Source(text.replace("\r\n", "\n"), file=name, error=ProcedureError)).procedure()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source

    def procedure(self) -> Procedure:
        source = self.source
        filed = "data" in source.mapping(source.root)
        required: tuple[str, ...] = ("procedure", "name", "title", "kind", "version", "method", "budget")
        required += ("data",) if filed else ("for", "needs", "most", "environment", "measure", "points", "limits")
        top = source.mapping(source.root, known=_FILED if filed else _MEASURED, required=required)
        if source.number(top["procedure"], "1, the version of this form") != 1:
            raise source.wrong(top["procedure"], "1, the version of this form")
        kind = cast(Kind, source.choice(top["kind"], KINDS))
        data = self.data(top["data"]) if filed else None
        item_kind, models = self.item(top["for"]) if "for" in top else ("", ())
        needs = self.needs(top["needs"]) if not filed else {}
        function = needs["source"].function if needs else None
        unit = FUNCTION_UNITS[function] if function else None
        most = self.figure(top["most"], unit) if unit else None
        points = self.points(top["points"], unit, most) if unit else ()
        return Procedure(
            name=self.name(top["name"]),
            title=source.bilingual(top["title"]),
            kind=kind,
            version=source.text_of(top["version"]),
            method=self.method(top["method"]),
            item_kind=item_kind,
            models=models,
            needs=needs,
            function=function,
            unit=unit,
            most=most,
            environment=self.environment(top["environment"]) if not filed else {},
            before=tuple(self.ask(node) for node in source.items(top["before"])) if "before" in top else (),
            measure=self.measure(top["measure"]) if not filed else None,
            points=points,
            interval=self.interval(top["limits"]) if not filed else None,
            decision_rules=self.rules(top["decision"]) if "decision" in top else RULES,
            template=read_budget(source, top["budget"], tuple(data.columns) if data else None),
            data=data,
            text=source.text,
            digest=hashlib.sha256(source.text.encode()).hexdigest(),
            file=source.file,
        )

    def _tried(self, node: Node, attempt: Callable[[], T]) -> T:
        try:
            return attempt()
        except UnitError as error:
            raise self.source.wrong(node, error.right) from None

    def figure(self, node: Node, unit: str) -> Decimal:
        value = self._tried(node, lambda: quantity(self.source.text_of(node), unit))
        if value <= 0:
            raise self.source.wrong(node, Phrase("a figure above zero with a unit of {unit}", unit=unit))
        return value

    def name(self, node: Node) -> str:
        text = self.source.text_of(node)
        if not text.isascii() or not text.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise self.source.wrong(node, "a short name of letters, digits, - and _, such as DMM-DCV")
        return text

    def method(self, node: Node) -> Method:
        keys = ("code", "title", "version", "confirmed")
        fields = self.source.mapping(node, known=set(keys), required=keys)
        return Method(
            self.source.text_of(fields["code"]),
            self.source.bilingual(fields["title"]),
            self.source.text_of(fields["version"]),
            self.source.flag(fields["confirmed"]),
        )

    def item(self, node: Node) -> tuple[str, tuple[str, ...]]:
        fields = self.source.mapping(node, known={"kind", "models"}, required=("kind",))
        models = (
            tuple(self.source.text_of(entry) for entry in self.source.items(fields["models"]))
            if "models" in fields
            else ()
        )
        return self.source.text_of(fields["kind"]), models

    def needs(self, node: Node) -> dict[str, Need]:
        needs: dict[str, Need] = {}
        for role, entry in self.source.mapping(node, known=set(ROLES), required=tuple(ROLES)).items():
            extra = ("function",) if role == "source" else ()
            fields = self.source.mapping(entry, known={"kind", "models", *extra}, required=("kind", *extra))
            models = (
                tuple(self.source.text_of(model) for model in self.source.items(fields["models"]))
                if "models" in fields
                else ()
            )
            function = self.source.choice(fields["function"], tuple(FUNCTION_UNITS)) if role == "source" else None
            needs[role] = Need(role, self.source.choice(fields["kind"], (ROLES[role],)), function, models)
        return needs

    def environment(self, node: Node) -> dict[str, tuple[Decimal, Decimal]]:
        fields = self.source.mapping(node, known=set(ENVIRONMENT_UNITS), required=("temperature",))
        return {
            name: self._tried(entry, partial(self._limits, entry, ENVIRONMENT_UNITS[name]))
            for name, entry in fields.items()
        }

    def _limits(self, node: Node, unit: str) -> tuple[Decimal, Decimal]:
        text = tidy(self.source.text_of(node))
        if unit == "%RH" and text.endswith("%"):
            text += "RH"
        return span(text, unit)

    def ask(self, node: Node) -> Ask:
        fields = self.source.mapping(node, known={"ask", "warm_up"})
        if len(fields) != 1:
            raise self.source.wrong(node, "either ask, with a text in both languages, or warm_up, with a time")
        if "ask" in fields:
            return Ask(self.source.bilingual(fields["ask"]))
        entry = fields["warm_up"]
        minutes = self._tried(entry, lambda: quantity(self.source.text_of(entry), "s")) / 60
        return Ask(_warm_up(plain(minutes)))

    def measure(self, node: Node) -> Measure:
        fields = self.source.mapping(node, known={"readings", "nplc", "settle"}, required=("readings",))
        nplc: float | None = None
        if "nplc" in fields:
            number = self.source.number(fields["nplc"], Phrase("one of {choices}", choices=", ".join(NPLC)))
            if number not in [Decimal(text) for text in NPLC]:
                raise self.source.wrong(fields["nplc"], Phrase("one of {choices}", choices=", ".join(NPLC)))
            nplc = float(number)
        settle = self.settle(fields["settle"]) if "settle" in fields else Settle()
        return Measure(self.source.count(fields["readings"], 1, 1000), nplc, settle)

    def settle(self, node: Node) -> Settle:
        if node.value == "auto":
            return Settle()
        if not isinstance(node.value, dict):
            raise self.source.wrong(node, "auto, or floor and ceiling, such as floor: 1 s, ceiling: 60 s")
        fields = self.source.mapping(node, known={"floor", "ceiling", "window"})
        floor = float(self.figure(fields["floor"], "s")) if "floor" in fields else Settle().floor
        ceiling = (
            float(self.figure(fields["ceiling"], "s")) if "ceiling" in fields else max(Settle().ceiling, 2 * floor)
        )
        if ceiling <= floor:
            raise self.source.wrong(
                node, "a ceiling above the floor", found=f"floor {floor:g} s; ceiling {ceiling:g} s"
            )
        window = self.source.count(fields["window"], 3, 50) if "window" in fields else Settle().window
        return Settle(floor, ceiling, window)

    def points(self, node: Node, unit: str, most: Decimal | None) -> tuple[TablePoint, ...]:
        points: list[TablePoint] = []
        for name, row in self.source.mapping(node).items():
            planned = name == "auto"
            try:
                range_ = None if planned else quantity(name, unit)
            except UnitError:
                line = node.key_lines[name]
                raise ProcedureError(
                    file=self.source.file, line=line, field=f"points.{name}", found=name,
                    right=Phrase("a range such as 10 {unit}, or auto", unit=unit),
                ) from None  # fmt: skip
            display = unit if planned else tidy(name).lstrip("0123456789. ")
            for cell in self.source.items(row):
                points.append(self.point(cell, name, range_, display, unit, most))
        if not points:
            raise self.source.wrong(node, "at least one point")
        return tuple(points)

    def point(
        self, cell: Node, name: str, range_: Decimal | None, display: str, unit: str, most: Decimal | None
    ) -> TablePoint:
        text = self.source.text_of(cell, "a set point such as 10 or 10 mV")
        bare = None if range_ is None else display
        value = self._tried(cell, lambda: quantity(text, unit, default=bare))
        if most is not None and abs(value) > most:
            raise self.source.wrong(
                cell,
                Phrase("at most {most} {unit} of either polarity, as `most` declares", most=plain(most), unit=unit),
            )
        factor = unit_of(display)[1]
        # Digits as the technician wrote them, in the unit of the range: 0.10 stays 0.10.
        written = text if bare is not None and isinstance(cell.value, Decimal) else plain(value / factor)
        return TablePoint(None if range_ is None else name, range_, value, tidy(written), display, cell.line)

    def interval(self, node: Node) -> str:
        text = self.source.text_of(node)
        for interval in INTERVALS:
            if text == f"specification {interval}":
                return interval
        raise self.source.wrong(
            node, Phrase("one of {choices}", choices=", ".join(f"specification {name}" for name in INTERVALS))
        )

    def rules(self, node: Node) -> tuple[str, ...]:
        fields = self.source.mapping(node, known={"allowed"}, required=("allowed",))
        return tuple(self.source.choice(entry, RULES) for entry in self.source.items(fields["allowed"]))

    def data(self, node: Node) -> Data:
        fields = self.source.mapping(node, known={"columns", "observed_together"}, required=("columns",))
        columns: dict[str, str] = {}
        for name, entry in self.source.mapping(fields["columns"]).items():
            if not name.isidentifier():
                raise self.source.wrong(entry, "a column name of letters, digits and _", found=name)
            text = self.source.text_of(entry)
            self._tried(entry, partial(unit_of, text))
            columns[name] = text
        if not columns:
            raise self.source.wrong(fields["columns"], "at least one column")
        groups: list[tuple[str, ...]] = []
        for group in self.source.items(fields["observed_together"]) if "observed_together" in fields else ():
            names = tuple(self.source.choice(entry, tuple(columns)) for entry in self.source.items(group))
            if len(set(names)) < 2 or len(set(names)) != len(names):
                raise self.source.wrong(group, "at least two different columns")
            groups.append(names)
        return Data(columns, tuple(groups))


def _warm_up(minutes: str) -> Text:
    return {
        "zh": f"所有仪器（被校仪器与标准器）已通电预热至少 {minutes} min。",
        "en": f"All instruments, the item and the standards, have been switched on for at least {minutes} min.",
    }
