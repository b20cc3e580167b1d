"""The oldest or the newest rows in some states, found by one walk of the state's index for each state.

In one question with an order a planner has to guess how common the states are together. Of a million requests all but
some hundred are ended: guessing wrong it goes through all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, select, union_all

from lims.records import Record, Request

Narrowed = Callable[[Select[Any]], Select[Any]]


def in_states(
    of: type[Request] | type[Record],
    states: Sequence[str],
    *,
    most: int,
    newest: bool = False,
    narrowed: Narrowed = lambda question: question,
) -> Select[Any]:
    """Ids of rows, at most `most` of each state. narrowed: what else they have to be."""
    order = of.id.desc() if newest else of.id
    each = [
        narrowed(select(of.id.label("id")).where(of.state == state)).order_by(order).limit(most).subquery()
        for state in states
    ]
    ids = union_all(*(select(one.c.id) for one in each)).subquery()
    return select(ids.c.id)
