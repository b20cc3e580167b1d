"""Procedures: a table of points becomes a run plan; a table of columns becomes a reading of files."""

from instruments.procedures.budget import Ambient, BudgetNotBound, BudgetTemplate, counted
from instruments.procedures.data import Table, WrongReadings, read_readings
from instruments.procedures.description import describe
from instruments.procedures.plan import Plan, PlanRefused, Point, Role, plan
from instruments.procedures.procedure import Ask, Data, Measure, Method, Need, Procedure, Settle, TablePoint
from instruments.procedures.read import ProcedureError, list_procedures, load_procedure, read

__all__ = [
    "Ambient",
    "Ask",
    "BudgetNotBound",
    "BudgetTemplate",
    "Data",
    "Measure",
    "Method",
    "Need",
    "Plan",
    "PlanRefused",
    "Point",
    "Procedure",
    "ProcedureError",
    "Role",
    "Settle",
    "Table",
    "TablePoint",
    "WrongReadings",
    "counted",
    "describe",
    "list_procedures",
    "load_procedure",
    "plan",
    "read",
    "read_readings",
]
