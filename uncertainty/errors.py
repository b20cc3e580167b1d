"""What is refused, each in one sentence naming the place in the document.

UncertaintyError
├── DocumentError (ValueError)      a field of a budget document: place, found, right
├── UnitError (ValueError)          a unit that is not read, not legal, or of another dimension
├── ExpressionError (ValueError)    a model that is no arithmetic of known names
└── EvaluationError (ArithmeticError) the model has no value or no derivative at the estimates
"""

from __future__ import annotations

from typing import ClassVar


class UncertaintyError(Exception):
    """Root of what uncertainty raises."""

    code: ClassVar[str] = "uncertainty"
    sentence: ClassVar[str] = "The uncertainty could not be evaluated."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.__dict__.update(facts)
        super().__init__(self.sentence.format(**facts))


class DocumentError(UncertaintyError, ValueError):
    """A field of a budget document is wrong."""

    code: ClassVar[str] = "budget_document"
    sentence: ClassVar[str] = "{place}: {found} cannot be used; it has to be: {right}."


class UnitError(UncertaintyError, ValueError):
    """A unit cannot be read, is not legal, or has another dimension."""

    code: ClassVar[str] = "unit"
    sentence: ClassVar[str] = "{place}: the unit {found} cannot be used; it has to be: {right}."


class ExpressionError(UncertaintyError, ValueError):
    """A model is no arithmetic of known names."""

    code: ClassVar[str] = "expression"
    sentence: ClassVar[str] = "{place}: {found} cannot be used; it has to be: {right}."


class EvaluationError(UncertaintyError, ArithmeticError):
    """The model has no finite value or derivative at the estimates."""

    code: ClassVar[str] = "evaluation"
    sentence: ClassVar[str] = "{place}: the result is {found} at the estimates; it has to be: {right}."
