"""How an evaluated budget is shown: a table of values, spreadsheets, drawings, evidence of validation.

budget = uncertainty.compile(Path("budget.yaml"))
evaluation = budget.evaluate()
for table in presentation.tables(budget, evaluation).values():
    presentation.as_csv([table])
"""

from .table import BudgetTable, Row, as_csv, tables

__all__ = ["BudgetTable", "Row", "as_csv", "tables"]
