"""POST /api/v1/budgets/evaluate: one uncertainty budget, the same document as in YAML and Python."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

import uncertainty
from lims.services import budgets
from web.api.bearer import ask, caller
from web.api.calls import Calls

calls = Calls("api-budgets", __name__, url_prefix="/budgets", description="Uncertainty budgets")
calls.before_request(ask)


class EvaluateQuery(Schema):
    """How to evaluate."""

    method = fields.String(load_default="gum", validate=validate.OneOf(uncertainty.METHODS))
    trials = fields.String(
        load_default="", metadata={"description": f"a number up to {budgets.MOST_TRIALS}, or adaptive"}
    )
    seed = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=2**63 - 1))


class BudgetDocument(Schema):
    """The budget document: budget, quantities, correlations, measurands, coverage."""

    class Meta:
        unknown = "include"

    budget = fields.Integer(required=True, metadata={"example": 1})


class BudgetAnswer(Schema):
    """Results, contributions, correlation; Monte Carlo and its validation where asked for."""

    class Meta:
        unknown = "include"

    measurands = fields.Dict()
    contributions = fields.Dict()
    correlation = fields.Dict()


@calls.route("/evaluate", methods=["POST"])
@calls.arguments(
    BudgetDocument,
    example={"budget": 1, "quantities": {"x": {"value": 1, "u": 0.1}}, "measurands": {"y": {"expression": "2*x"}}},
)
@calls.arguments(EvaluateQuery, location="query")
@calls.response(200)
@calls.alt_response(422, description="The document cannot be evaluated: one sentence, with its place")
def evaluate(document: dict[str, Any], how: dict[str, Any]) -> Any:
    """Evaluate one uncertainty budget."""
    return budgets.evaluate(
        document, by=caller(), method=how["method"], trials=how["trials"], seed=how["seed"]
    ).to_dict()
