"""What was imported, in a database of its own: sources, records, links (v: SQLAlchemy Core)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from knowledge.imports.records import Entry, Link, Record
from knowledge.model import KnowledgeError, Language, Passage

_META = sa.MetaData()
_SOURCE = sa.Table(
    "source", _META,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),  # in use; 0: none yet
    sa.Column("coming", sa.Integer, nullable=False),  # being read; 0: none
    sa.Column("stamp", sa.Text, nullable=False),  # of the files being read
    sa.Column("done", sa.Integer, nullable=False),  # entries of them that are kept
    sa.Column("changed_at", sa.Text, nullable=False),
)  # fmt: skip
_RECORD = sa.Table(
    "record", _META,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("names", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("retired", sa.Boolean, nullable=False),
)  # fmt: skip
_LINK = sa.Table(
    "link", _META,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("from_id", sa.Text, primary_key=True),
    sa.Column("relation", sa.Text, primary_key=True),
    sa.Column("to_id", sa.Text, primary_key=True),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """How far a source is; `generation` 0: never finished, or retired."""

    name: str
    format: str
    generation: int
    coming: int
    stamp: str
    done: int
    changed_at: str


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a source holds now."""

    records: int
    retired: int
    links: int


class Store:
    """One SQLite file. A generation is read beside the one in use and takes its place whole."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(f"sqlite:///{file}")
        sa.event.listen(self._engine, "connect", _prepare)
        try:
            _META.create_all(self._engine)
        except sa.exc.DatabaseError as error:
            raise KnowledgeError(f"{file} is no database of imported knowledge") from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @property
    def engine(self) -> sa.Engine:
        """The database, for ``knowledge.citations``."""
        return self._engine

    def states(self) -> list[SourceState]:
        """Every source, by name."""
        with self._engine.connect() as link:
            rows = link.execute(sa.select(_SOURCE).order_by(_SOURCE.c.name)).mappings()
            return [SourceState(**row) for row in rows]

    def begin(self, name: str, format_: str, stamp: str, now: datetime) -> SourceState:
        """Take up an import where it was left, or begin it; other files begin anew."""
        with self._engine.begin() as link:
            row = link.execute(sa.select(_SOURCE).where(_SOURCE.c.name == name)).mappings().first()
            if row is not None and row["coming"] and row["stamp"] == stamp:
                return SourceState(**row)
            current = int(row["generation"]) if row is not None else 0
            coming = max(current, int(row["coming"]) if row is not None else 0) + 1
            for table in (_RECORD, _LINK):
                link.execute(
                    sa.delete(table).where(table.c.source == name, table.c.generation != current)
                )
            state = SourceState(
                name=name, format=format_, generation=current, coming=coming,
                stamp=stamp, done=0, changed_at=now.isoformat(),
            )  # fmt: skip
            link.execute(sa.delete(_SOURCE).where(_SOURCE.c.name == name))
            link.execute(sa.insert(_SOURCE).values(**vars(state)))
            return state

    def keep(self, state: SourceState, entries: Sequence[Entry], done: int) -> None:
        """Keep some entries of the coming generation and how many are done, in one transaction."""
        records = {e.id: e for e in entries if isinstance(e, Record)}
        links = {(e.source, e.relation, e.target) for e in entries if isinstance(e, Link)}
        with self._engine.begin() as link:
            gone = [{"i": one.id} for one in records.values() if one.gone]
            if gone:
                link.execute(
                    sa.delete(_RECORD).where(
                        _RECORD.c.source == state.name,
                        _RECORD.c.generation == state.coming,
                        _RECORD.c.id == sa.bindparam("i"),
                    ),
                    gone,
                )
            rows = [_row(state, one) for one in records.values() if not one.gone]
            if rows:
                link.execute(sa.insert(_RECORD).prefix_with("OR REPLACE"), rows)
            if links:
                link.execute(
                    sa.insert(_LINK).prefix_with("OR REPLACE"),
                    [
                        {"source": state.name, "generation": state.coming,
                         "from_id": one, "relation": relation, "to_id": other}
                        for one, relation, other in links
                    ],
                )  # fmt: skip
            _still(link.execute(sa.update(_SOURCE).where(*_mine(state)).values(done=done)), state)

    def abandon(self, state: SourceState) -> None:
        """Let go of what was read of a coming generation; a source that never had one goes."""
        with self._engine.begin() as link:
            if not link.execute(
                sa.update(_SOURCE).where(*_mine(state)).values(coming=0, done=0)
            ).rowcount:
                return  # another import has taken its place
            for table in (_RECORD, _LINK):
                link.execute(
                    sa.delete(table).where(
                        table.c.source == state.name, table.c.generation == state.coming
                    )
                )
            link.execute(
                sa.delete(_SOURCE).where(_SOURCE.c.name == state.name, _SOURCE.c.generation == 0)
            )

    def finish(self, state: SourceState, now: datetime) -> None:
        """Let the coming generation take the place of the old; what it lacks is retired."""
        new, old = state.coming, state.generation
        with self._engine.begin() as link:
            _still(
                link.execute(
                    sa.update(_SOURCE)
                    .where(*_mine(state))
                    .values(generation=new, coming=0, done=0, changed_at=now.isoformat())
                ),
                state,
            )
            mine = _RECORD.c.source == state.name
            held = sa.select(_RECORD.c.id).where(mine, _RECORD.c.generation == new)
            link.execute(
                sa.delete(_RECORD).where(
                    mine, _RECORD.c.generation == old, _RECORD.c.id.in_(held.scalar_subquery())
                )
            )
            link.execute(
                sa.update(_RECORD)
                .where(mine, _RECORD.c.generation == old)
                .values(retired=True, generation=new)
            )
            link.execute(
                sa.delete(_LINK).where(_LINK.c.source == state.name, _LINK.c.generation != new)
            )

    def retire(self, name: str, now: datetime) -> int:
        """Retire all records of a source that is no more; how many."""
        with self._engine.begin() as link:
            retired = link.execute(
                sa.update(_RECORD)
                .where(_RECORD.c.source == name, _RECORD.c.retired.is_(False))
                .values(retired=True)
            ).rowcount
            link.execute(sa.delete(_LINK).where(_LINK.c.source == name))
            link.execute(
                sa.update(_SOURCE)
                .where(_SOURCE.c.name == name)
                .values(coming=0, done=0, stamp="", changed_at=now.isoformat())
            )
        return int(retired)

    def counts(self, state: SourceState) -> Counts:
        """What the generation in use holds."""
        with self._engine.connect() as link:

            def count(table: sa.Table, *more: Any) -> int:
                where = (table.c.source == state.name, table.c.generation == state.generation)
                found = link.execute(
                    sa.select(sa.func.count()).select_from(table).where(*where, *more)
                )
                return int(found.scalar_one())

            return Counts(
                records=count(_RECORD, _RECORD.c.retired.is_(False)),
                retired=count(_RECORD, _RECORD.c.retired.is_(True)),
                links=count(_LINK),
            )

    def passages(self, names: Sequence[str] = ()) -> Iterator[Passage]:
        """The records in use that hold a text; of all sources unless some are named."""
        asked = (
            sa.select(_RECORD)
            .join(_SOURCE, _SOURCE.c.name == _RECORD.c.source)
            .where(
                _RECORD.c.generation == _SOURCE.c.generation,
                _RECORD.c.retired.is_(False),
                _RECORD.c.text != "",
            )
            .order_by(_RECORD.c.source, _RECORD.c.id)
        )
        if names:
            asked = asked.where(_RECORD.c.source.in_(names))
        with self._engine.connect() as link:
            for row in link.execution_options(yield_per=500).execute(asked).mappings():
                yield _passage(row)


def _mine(state: SourceState) -> tuple[Any, ...]:
    return _SOURCE.c.name == state.name, _SOURCE.c.coming == state.coming


def _still(done: sa.CursorResult[Any], state: SourceState) -> None:
    if not done.rowcount:
        raise KnowledgeError(f"another import of {state.name} has taken this one's place")


def _passage(row: Mapping[Any, Any]) -> Passage:
    language: Language = "zh" if row["language"] == "zh" else "en"
    return Passage(
        id=f"{row['source']}/{row['id']}",
        text=row["text"],
        language=language,
        title=row["title"],
        source=row["url"] or row["source"],
    )


def _row(state: SourceState, one: Record) -> dict[str, Any]:
    return {
        "source": state.name, "generation": state.coming, "id": one.id, "kind": one.kind,
        "title": one.title, "text": one.text, "language": one.language, "url": one.url,
        "names": json.dumps(one.names, ensure_ascii=False),
        "data": json.dumps(dict(one.data), ensure_ascii=False), "retired": False,
    }  # fmt: skip


def _prepare(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
