"""One of many values, in a statement that is the same for every number of them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import ARRAY, ColumnElement, Connection, String, func, literal, select


def among(
    connection: Connection, column: ColumnElement[str], values: Iterable[str]
) -> ColumnElement[bool]:
    """``column`` is one of ``values``, given as one: drivers keep the statement prepared."""
    if connection.dialect.name == "postgresql":
        return column == func.any(literal(list(values), ARRAY(String)))
    given = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(given.c.value))
