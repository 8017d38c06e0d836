"""The words of imported PubMed citations, counted in the file they lie in (v: SQLAlchemy Core).

The index holds no text: it is made from the records whenever those changed, in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from knowledge.model import KnowledgeError
from knowledge.store import Store

FORMAT = "pubmed"
_IN_USE = (
    "FROM record JOIN source ON source.name = record.source "
    "AND source.generation = record.generation "
    f"WHERE source.format = '{FORMAT}' AND record.retired = 0"
)
#: Titles and headings say more than abstracts (own proposal, tried on a few dozen citations).
_BM25 = "bm25(citation, 4.0, 3.0, 1.0)"


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One record as its source wrote it; ``bm25`` is larger for a better fit."""

    pmid: str
    title: str
    text: str
    url: str
    headings: tuple[str, ...]
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
        raise KnowledgeError(f"the imported citations cannot be searched: {error.orig}") from error


def held(store: Store) -> int:
    """How many citations are in use."""
    with _opened(store) as link:
        return int(link.execute(sa.text(f"SELECT count(*) {_IN_USE}")).scalar_one())


def index(store: Store) -> bool:
    """Count the words again where the citations in use have changed; whether that was so."""
    with _opened(store) as link:
        for statement in _TABLES:
            link.execute(sa.text(statement))
        now = _stamp(link)
        if link.execute(sa.text("SELECT stamp FROM citation_stamp")).scalar() == now:
            return False
        link.execute(sa.text("INSERT INTO citation(citation) VALUES ('delete-all')"))
        link.execute(
            sa.text(
                "INSERT INTO citation(rowid, title, names, text) "
                f"SELECT record.rowid, record.title, record.names, record.text {_IN_USE}"
            )
        )
        link.execute(sa.text("DELETE FROM citation_stamp"))
        link.execute(sa.text("INSERT INTO citation_stamp VALUES (:stamp)"), {"stamp": now})
    return True


def find(store: Store, query: str, limit: int) -> list[Citation]:
    """The best citations for a query of FTS5, best first. Call ``index`` before."""
    asked = sa.text(
        "SELECT record.id, record.title, record.text, record.url, record.names, record.data, "  # noqa: S608
        f"-{_BM25} AS fit FROM citation JOIN record ON record.rowid = citation.rowid "
        "WHERE citation MATCH :query AND record.retired = 0 "
        f"ORDER BY {_BM25} LIMIT :limit"
    )
    with _opened(store) as link:
        rows = link.execute(asked, {"query": query, "limit": limit}).all()
    return [_citation(row) for row in rows]


def any_of(names: Sequence[str]) -> str:
    """An FTS5 query for any of these names, each as a phrase."""
    return "(" + " OR ".join('"' + one.replace('"', " ") + '"' for one in names) + ")"


def _citation(row: sa.Row[Any]) -> Citation:
    return Citation(
        pmid=row.id,
        title=row.title,
        text=row.text,
        url=row.url,
        headings=tuple(json.loads(row.names)),
        data=json.loads(row.data),
        bm25=float(row.fit),
    )


def _stamp(link: sa.Connection) -> str:
    """Changes with every finished import; what is retired is left out when it is found."""
    rows = link.execute(
        sa.text("SELECT name, generation FROM source WHERE format = :format ORDER BY name"),
        {"format": FORMAT},
    )
    return json.dumps([[row.name, row.generation] for row in rows])


_TABLES = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS citation USING fts5("
    "title, names, text, content='', tokenize='porter unicode61')",
    "CREATE TABLE IF NOT EXISTS citation_stamp (stamp TEXT NOT NULL)",
)
