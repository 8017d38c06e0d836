"""Find imported records by their words, counted in the file they lie in (v: SQLAlchemy Core).

An index for each format. It holds no text: it is made from the records whenever those changed, in
one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from knowledge.imports import FORMATS
from knowledge.imports.records import Link
from knowledge.model import KnowledgeError
from knowledge.store import Store

CITATIONS = ("pubmed",)  #: the formats of what a nurse finds as literature
_IN_USE = (
    "FROM record JOIN source ON source.name = record.source "
    "AND source.generation = record.generation "
    "WHERE source.format = :format AND record.retired = 0"
)
#: Titles and headings say more than abstracts (own proposal, tried on a few dozen citations).
_WEIGHTS = "4.0, 3.0, 1.0"
_LINKS = 50  #: of a record that are shown


@dataclass(frozen=True, kw_only=True)
class Found:
    """One record as its source wrote it; ``bm25`` is larger for a better fit."""

    id: str
    source: str
    format: str
    kind: str
    title: str
    text: str
    url: str
    names: tuple[str, ...]
    data: Mapping[str, str] = field(default_factory=dict)
    bm25: float = 0.0

    @property
    def retracted(self) -> bool:
        """Its journal has taken it back."""
        kinds = self.data.get("types", "").lower()
        return "retracted publication" in kinds or self.title.upper().startswith(_TAKEN_BACK)


_TAKEN_BACK = ("RETRACTED", "[RETRACTED", "WITHDRAWN:")


@contextmanager
def _opened(store: Store) -> Iterator[sa.Connection]:
    """One transaction. Raises KnowledgeError where the file is busy or broken."""
    try:
        with store.engine.begin() as link:
            yield link
    except sa.exc.DatabaseError as error:
        raise KnowledgeError(f"the imported records cannot be searched: {error.orig}") from error


def held(store: Store, format_: str) -> int:
    """How many records of a format are in use."""
    with _opened(store) as link:
        count = sa.text(f"SELECT count(*) {_IN_USE}")
        return int(link.execute(count, {"format": format_}).scalar_one())


def index(store: Store, format_: str) -> bool:
    """Count the words again where a format's records in use have changed; whether that was so."""
    table = _table(format_)
    with _opened(store) as link:
        link.execute(
            sa.text(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5("
                "title, names, text, content='', tokenize='porter unicode61')"
            )
        )
        link.execute(sa.text("CREATE TABLE IF NOT EXISTS counted (format TEXT, stamp TEXT)"))
        given = {"format": format_, "stamp": _stamp(link, format_)}
        before = sa.text("SELECT stamp FROM counted WHERE format = :format")
        if link.execute(before, given).scalar() == given["stamp"]:
            return False
        link.execute(sa.text(f"INSERT INTO {table}({table}) VALUES ('delete-all')"))  # noqa: S608
        link.execute(
            sa.text(
                f"INSERT INTO {table}(rowid, title, names, text) "
                f"SELECT record.rowid, record.title, record.names, record.text {_IN_USE}"
            ),
            given,
        )
        link.execute(sa.text("DELETE FROM counted WHERE format = :format"), given)
        link.execute(sa.text("INSERT INTO counted VALUES (:format, :stamp)"), given)
    return True


def find(store: Store, format_: str, query: str, limit: int) -> list[Found]:
    """A format's best records for a query of FTS5, best first. Call ``index`` before."""
    table = _table(format_)
    fit = f"bm25({table}, {_WEIGHTS})"
    asked = sa.text(
        "SELECT record.id, record.source, record.kind, record.title, record.text, record.url, "  # noqa: S608
        f"record.names, record.data, -{fit} AS fit "
        f"FROM {table} JOIN record ON record.rowid = {table}.rowid "
        f"WHERE {table} MATCH :query AND record.retired = 0 ORDER BY {fit} LIMIT :limit"
    )
    with _opened(store) as link:
        rows = link.execute(asked, {"query": query, "limit": limit}).all()
    return [_found(format_, row) for row in rows]


def one(store: Store, id_: str) -> tuple[Found, bool, list[Link]] | None:
    """A record by ``source/id``, whether it is retired, and its links; None: there is none."""
    asked = sa.text(
        "SELECT record.*, source.format, 0 AS fit FROM record JOIN source "
        "ON source.name = record.source AND source.generation = record.generation "
        "WHERE record.source = :source AND record.id = :id"
    )
    near = sa.text(
        "SELECT from_id, relation, to_id FROM link WHERE source = :source AND generation = "
        ":generation AND (from_id IN (:id, :concept) OR to_id IN (:id, :concept)) "
        "ORDER BY relation LIMIT :limit"
    )
    name, _, rest = id_.partition("/")
    with _opened(store) as link:
        row = link.execute(asked, {"source": name, "id": rest}).first()
        if row is None:
            return None
        found = _found(row.format, row)
        given = {"source": name, "generation": row.generation, "id": rest, "limit": _LINKS}
        concept = found.data.get("rxcui", rest)  # RxNorm's relations are of concepts, not names
        links = [
            Link(source=each.from_id, relation=each.relation, target=each.to_id)
            for each in link.execute(near, {**given, "concept": concept})
        ]
    return found, bool(row.retired), links


def any_of(names: Sequence[str]) -> str:
    """An FTS5 query for any of these names, each as a phrase."""
    return "(" + " OR ".join('"' + one.replace('"', " ") + '"' for one in names) + ")"


def _table(format_: str) -> str:
    """The name of a format's index; of no other, since it stands in the statements."""
    if format_ not in FORMATS:
        raise KnowledgeError(f"{format_!r} is no format: {', '.join(FORMATS)}")
    return f"words_{format_}"


def _found(format_: str, row: sa.Row[Any]) -> Found:
    return Found(
        id=row.id,
        source=row.source,
        format=format_,
        kind=row.kind,
        title=row.title,
        text=row.text,
        url=row.url,
        names=tuple(json.loads(row.names)),
        data=json.loads(row.data),
        bm25=float(row.fit),
    )


def _stamp(link: sa.Connection, format_: str) -> str:
    """Changes with every finished import; what is retired is left out when it is found."""
    rows = link.execute(
        sa.text("SELECT name, generation FROM source WHERE format = :format ORDER BY name"),
        {"format": format_},
    )
    return json.dumps([[row.name, row.generation] for row in rows])
