"""`./ankang risk registry`: the clinic's models, who answers, and who answers silently beside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bot.bootstrap import utc_now
from bot.commands.risk_learn import err, out, told_errors
from bot.domain.errors import AnkangError
from bot.domain.escalation import AuditEvent
from bot.opening import end, open_house
from bot.own_models import open_registry
from risk.learn import folder, registry, shadow
from risk.learn.folder import FolderError
from risk.learn.registry import Entry, Registry
from risk.learn.shadow import Difference, Pair

if TYPE_CHECKING:
    from risk.learn.apply import Said

app = typer.Typer(
    help="The clinic's models: list, add, shadow, compare, promote, retire.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="the model's name")]
Version = Annotated[str, typer.Argument(help="which version; else the newest")]
By = Annotated[str, typer.Option("--by", help="who does it; noted in the trail")]


def opened() -> tuple[Registry, bytes]:
    """The registry of this data folder and the seed of the clinic's key."""
    from bot import config

    try:
        return open_registry(config.load())
    except AnkangError as error:
        end("Ankang cannot start:", error)
        raise typer.Exit(2) from None


def by_name(name: str, source: Path, *, person: str, explain: bool) -> list[Said]:
    """Answers of the active version; the shadow's, if there is one, are only noted."""
    from risk.learn.answer import answers

    known, _ = opened()
    active = known.standing(name, "active")
    if active is None:
        raise FolderError(f"There is no folder {name}, and no registered model of it is active.")
    said = answers(known.folder(active), source, person=person, explain=explain)
    _count(known, active, source, person)
    if (silent := known.standing(name, "shadow")) is not None:
        other = answers(known.folder(silent), source, person=person)
        shadow.log(known, active, silent, zip(said, other, strict=True), utc_now())
    return said


def _count(known: Registry, active: Entry, source: Path, person: str) -> None:
    """Note what was asked, as counts, for the drift of a model that was learned here."""
    from risk.learn import requests
    from risk.learn.apply import read
    from risk.learn.model import load

    path = known.folder(active)
    if folder.described(path)["kind"] == "learned":
        model = load(path)
        _, people = read(model, [source], person)
        requests.note(known, active, model.population, people, utc_now())


@app.command("list")
def list_models() -> None:
    """Every version, how it stands, and whether its files are what was registered."""
    with told_errors():
        known, _ = opened()
        table = Table("model", "version", "state", "since", "by", "files")
        for one in known.entries:
            try:
                known.folder(one)
                files = f"whole, {one.sha256[:12]}"
            except FolderError as error:
                files = str(error)
            table.add_row(one.name, one.version, one.state, one.moved_at[:10], one.by, files)
    out.print(table if known.entries else "No model is registered.")


@app.command()
def add(source: Annotated[Path, typer.Argument(help="a model folder")], by: By) -> None:
    """Copy a model folder into the registry as a candidate, and sign it."""
    with told_errors():
        known, seed = opened()
        new = registry.add(known, seed, source, by=by, now=utc_now())
    _noted(new, new.entries[-1], by)
    out.print(f"{new.entries[-1].name} {new.entries[-1].version} is a candidate.", highlight=False)


@app.command("shadow")
def let_shadow(name: Name, version: Version = "", *, by: By) -> None:
    """Let a version answer silently beside the active one, or beside the published model."""
    _moved(name, version, "shadow", by)


@app.command()
def compare(name: Name) -> None:
    """How far the shadow's answers differ from those that were given."""
    with told_errors():
        known, _ = opened()
        found = _difference(known, name)
    if found is None:
        err.print(f"{name} has no shadow.", highlight=False)
        raise typer.Exit(1)
    _tell(found)


@app.command()
def promote(
    name: Name,
    version: Version = "",
    *,
    by: By,
    first: Annotated[
        bool, typer.Option("--first", help="there is nothing yet to compare it with")
    ] = False,
) -> None:
    """Let a version answer, after it ran as a shadow; the differences are shown first."""
    with told_errors():
        known, _ = opened()
        entry = known.get(name, version)
        found = _difference(known, name) if entry.state == "shadow" else None
    if found is not None:
        _tell(found)
    alone = first and known.standing(name, "active") is None
    if not alone and (found is None or not found.enough):
        err.print(
            f"{name} {entry.version} has not answered enough requests as a shadow; "
            "nothing was changed.",
            highlight=False,
        )
        raise typer.Exit(1)
    _moved(name, entry.version, "active", by)


@app.command()
def retire(name: Name, version: Version = "", *, by: By) -> None:
    """Take a version out of use; its files stay."""
    _moved(name, version, "retired", by)


def _moved(name: str, version: str, state: str, by: str) -> None:
    with told_errors():
        known, seed = opened()
        entry = known.get(name, version)
        known.folder(entry)
        new = registry.move(known, seed, entry, state, by=by, now=utc_now())
    _noted(new, entry, by)
    out.print(f"{name} {entry.version} is now {state}.", highlight=False)


def _noted(known: Registry, entry: Entry, by: str) -> None:
    """The registry's serial goes into the chained trail: an older registry put back shows."""
    state = next(
        e.state for e in known.entries if (e.name, e.version) == (entry.name, entry.version)
    )
    with open_house().store.unit_of_work() as work:
        work.audit.add(
            AuditEvent(
                at=utc_now(), actor=by[:40], type=f"model.{state}", subject=entry.place[:160],
                detail={"sha256": entry.sha256, "serial": known.serial},
            )
        )  # fmt: skip


def _difference(known: Registry, name: str) -> Difference | None:
    silent = known.standing(name, "shadow")
    if silent is None:
        return None
    active = known.standing(name, "active")
    pairs = [] if active is None else shadow.logged(known, active, silent)
    described = folder.described(known.folder(silent))
    if described["kind"] == "recalibrated":
        since = datetime.fromisoformat(silent.moved_at)
        pairs += _beside_the_chat(described, since, open_house())
    return shadow.compare(pairs)


def _beside_the_chat(described: dict[str, Any], since: datetime, house: Any) -> list[Pair]:
    """What the clinic's own patients were told since, and what the shadow would have said."""
    from risk.learn.answer import moved

    with house.store.reading() as rows:
        said = [
            one.prediction.probability
            for one in rows.record.assessments_since(since)
            if one.method.partition("/")[0] == described["model"]
            and one.prediction.outcome == described["output"]
        ]
    return [Pair(old=old, new=moved(described, old)) for old in said if old is not None]


def _tell(found: Difference) -> None:
    table = Table("the shadow beside the model in use", "")
    for label, value in found.told():
        table.add_row(label, value)
    out.print(table)
    if not found.enough:
        out.print("Too few requests to judge by.", highlight=False)
