"""One of many values, in a statement that is the same for every number of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, select
from sqlalchemy.types import UserDefinedType


def among(
    connection: Connection, column: ColumnElement[str], values: Iterable[str]
) -> ColumnElement[bool]:
    """``column`` is one of ``values``, given as one: drivers keep the statement prepared."""
    if connection.dialect.name == "postgresql":
        return column == func.any(literal(list(values), _Texts()))
    given = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(given.c.value))


class _Texts(UserDefinedType[list[str]]):
    """PostgreSQL's array of texts, written as one text: the driver looks at each value by itself,
    for several times what the query takes."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_options: Any) -> str:
        return "VARCHAR[]"

    def bind_processor(self, dialect: Any) -> Callable[[list[str] | None], str | None]:
        return _array


def _array(values: list[str] | None) -> str | None:
    if values is None:
        return None
    if not values:
        return "{}"
    together = "".join(values)
    if "\\" in together or '"' in together:
        values = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(values) + '"}'
