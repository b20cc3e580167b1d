"""What is refused, each in one sentence naming the place in the document.

UncertaintyError
├── DocumentError (ValueError)      a field of a budget document: place, found, right
│   └── SourceConflict              one id, two different sources
├── UnitError (ValueError)          a unit that is not read, not legal, or of another dimension
├── ExpressionError (ValueError)    a model that is no arithmetic of known names
├── CorrelationError (ValueError)   an r that is unreachable, or a matrix that is no correlation
└── EvaluationError (ArithmeticError) the model has no value or no derivative at the estimates

`place` is the way in the document (quantities.l_s.u); `where` is the same with file and line in front, where known.
"""

from __future__ import annotations

from typing import ClassVar, Self


class Term(str):
    """A text of ours that the catalogues translate; what people typed is never one."""

    __slots__ = ()


def N_(text: str) -> Term:
    """The text itself; marks what the catalogues translate."""
    return Term(text)


class UncertaintyError(Exception):
    """Root of what uncertainty raises."""

    code: ClassVar[str] = "uncertainty"
    sentence: ClassVar[str] = "The uncertainty could not be evaluated."
    terms: ClassVar[tuple[str, ...]] = ("found", "right")

    def __init__(self, **facts: object) -> None:
        if "place" in facts:
            facts.setdefault("where", facts["place"])
        self.facts = facts
        self.__dict__.update(facts)
        super().__init__(self.sentence.format(**facts))

    def __reduce__(self) -> tuple[object, ...]:
        """Errors of a worker process come back with their facts."""
        return _again, (type(self), self.facts)

    def at(self, file: str, line: int | None) -> Self:
        """The same refusal with file and line: `where` becomes file:line: place."""
        place = self.facts.get("place", "")
        where = f"{file}:{line}: {place}" if line else f"{file}: {place}"
        facts = self.facts | {"file": file, "where": where} | ({"line": line} if line else {})
        return type(self)(**facts)


def _again(kind: type[UncertaintyError], facts: dict[str, object]) -> UncertaintyError:
    return kind(**facts)


class DocumentError(UncertaintyError, ValueError):
    """A field of a budget document is wrong."""

    code: ClassVar[str] = "budget_document"
    sentence: ClassVar[str] = "{where}: {found} cannot be used; it has to be: {right}."


class SourceConflict(DocumentError):
    """One id names two sources that differ."""

    code: ClassVar[str] = "source_conflict"
    sentence: ClassVar[str] = (
        "{where}: the source {found} is stated with another {field} elsewhere; it has to be: {right}."
    )


class UnitError(UncertaintyError, ValueError):
    """A unit cannot be read, is not legal, or has another dimension."""

    code: ClassVar[str] = "unit"
    sentence: ClassVar[str] = "{where}: the unit {found} cannot be used; it has to be: {right}."


class ExpressionError(UncertaintyError, ValueError):
    """A model is no arithmetic of known names."""

    code: ClassVar[str] = "expression"
    terms: ClassVar[tuple[str, ...]] = ("right",)  # what is found are names that people chose
    sentence: ClassVar[str] = "{where}: in the expression, {found} cannot be used; it has to be: {right}."


class CorrelationError(UncertaintyError, ValueError):
    """A correlation cannot be: no distributions reach it, or the matrix is not positive semidefinite."""

    code: ClassVar[str] = "correlation"
    sentence: ClassVar[str] = "{where}: the correlation {found} cannot be reached; it has to be: {right}."


class EvaluationError(UncertaintyError, ArithmeticError):
    """The model has no finite value or derivative at the estimates."""

    code: ClassVar[str] = "evaluation"
    sentence: ClassVar[str] = "{where}: the result is {found} at the estimates; it has to be: {right}."
