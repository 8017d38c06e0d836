"""What was imported, on the command line: how much there is, what is found, one record."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from bot import config
from bot.domain.errors import SettingsError
from bot.opening import end, out
from knowledge import imported, literature
from knowledge.imports import FORMATS
from knowledge.model import KnowledgeError
from knowledge.store import Store


def opened() -> Store:
    """The database of imported knowledge, in the data folder; 2 when it cannot be opened."""
    try:
        return Store(config.load().data / literature.FILE)
    except (KnowledgeError, SettingsError, OSError) as error:
        end("Cannot open the imported knowledge:", error)
        raise typer.Exit(2) from None


def stats() -> None:
    """Every source with its counts; nothing where none was imported."""
    store = opened()
    states = store.states()
    if states:
        table = Table("source", "format", "state")
        for column in ("records", "links", "retired"):
            table.add_column(column, justify="right")
        for one in states:
            counts = store.counts(one)
            coming = f", {one.done} entries of a new import" if one.coming else ""
            state = ("in use" if counts.records else "not in use") + coming
            numbers = (counts.records, counts.links, counts.retired)
            table.add_row(one.name, one.format, state, *map(str, numbers))
        out.print(table)
    store.close()


def search(text: str, limit: int) -> None:
    """The records of any format that name what is asked; nothing where none was imported."""
    try:
        file = config.load().data / literature.FILE
        answer = literature.search(file, text, limit=limit, formats=tuple(FORMATS))
    except (KnowledgeError, SettingsError, OSError) as error:
        end("Cannot search what was imported:", error)
        raise typer.Exit(2) from None
    if not answer.held:
        return
    table = Table("imported", "title", "because")
    for hit in answer.hits:
        because = ", ".join(f"{one.sought.label('en')} ({one.where})" for one in hit.why)
        id_ = f"{hit.record.source}/{hit.record.id}"
        table.add_row(Text(id_, overflow="fold"), Text(hit.record.title), Text(because))
    if answer.hits:
        out.print(table)
    count = f"{len(answer.hits)} of {answer.held} imported records. Not for patients as they are."
    out.print(count, highlight=False)


def show(id_: str) -> bool:
    """One record by ``SOURCE/ID`` as its source wrote it; False where there is none."""
    store = opened()
    try:
        found = imported.one(store, id_)
    except KnowledgeError as error:
        end("Cannot open the imported knowledge:", error)
        raise typer.Exit(2) from None
    finally:
        store.close()
    if found is None:
        return False
    record, retired, links = found
    out.print(Text(record.title, style="bold"), soft_wrap=True)
    if record.names:
        out.print(Text("; ".join(record.names), style="dim"), soft_wrap=True)
    if record.text:
        out.print(Text(record.text), soft_wrap=True)
    for one in links:
        out.print(Text(f"{one.source} {one.relation} {one.target}"), soft_wrap=True)
    said = [record.kind, *(f"{k}: {v}" for k, v in record.data.items() if v), record.url]
    state = "retired: its source no longer holds it" if retired else "in use"
    out.print(Text(" · ".join([*filter(None, said), state]), style="dim"), soft_wrap=True)
    return True
