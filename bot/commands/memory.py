"""`./ankang memory`: what the index holds, and making it anew while the bot runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.bootstrap import House
from bot.opening import err, open_house, out
from bot.ports import AGAIN, NO_KEY
from bot.work.index import Indexer
from memory import FolderInUse

app = typer.Typer(help="The index of memories: status, rebuild.", no_args_is_help=True)
_LOOK = 0.5  # seconds between two looks at the rows while another process works
_IDLE = 60.0  # seconds without progress after which the other process is not waited for
_STATES = {"": "new, not encoded yet", AGAIN: "to be encoded anew", NO_KEY: "no key opens them"}


@app.command()
def status() -> None:
    """How many memories each embedding model has encoded, and what waits."""
    house: House = open_house()
    with house.store.reading() as rows:
        models, keyless = rows.index.models(), rows.index.without_key()
    table = Table("model", "memories")
    for name, count in sorted(models.items()):
        table.add_row(_STATES.get(name, name), str(count))
    out.print(table)
    for patient_id in keyless:
        err.print(f"Patient {patient_id}: no key opens the memories.", highlight=False)


@app.command()
def rebuild(
    everything: Annotated[
        bool, typer.Option("--all", help="encode anew what this model has encoded, too")
    ] = False,
) -> None:
    """Encode anew what another embedding model has encoded; go on where it was left.

    On one machine the bot does the work if it runs, and this command shows how far it is.
    """
    house: House = open_house()
    step = _own_hands(house)
    encoder = _encoder_name(house, step is not None)
    with house.store.unit_of_work() as work:
        work.index.refresh(None if everything else encoder)
        before = _waiting(work.index.models())
    if before:
        out.print("The bot does it." if step is None else f"Encoding with {encoder}.", style="dim")
        _until_done(house, before, step or _watching)
    with house.store.reading() as rows:
        models = rows.index.models()
    others = {name: n for name, n in models.items() if name not in {encoder, *_STATES}}
    for name, count in others.items():
        err.print(
            f"{count} memories were encoded by {name}: start every process with the same "
            "ANKANG_EMBEDDING_MODEL and run this again.",
            highlight=False,
        )
    if step is not None:
        house.memories.close()
    out.print(f"{models.get(encoder, 0)} memories are encoded by {encoder}.", highlight=False)
    if others or _waiting(models):
        raise typer.Exit(1)


def _own_hands(house: House) -> Callable[[], int] | None:
    """A step of the work; None where a running bot has the memory folder and does it itself."""
    house.memories.open()
    try:
        house.memories.real()
    except FolderInUse:
        return None
    return Indexer(house.services).step


def _encoder_name(house: House, ours: bool) -> str:
    if ours:
        return house.memories.encoder_name
    from memory.embed import load

    return load(house.settings.embedding_model).name


def _watching() -> int:
    time.sleep(_LOOK)
    return 1


def _waiting(models: Mapping[str, int]) -> int:
    return models.get(AGAIN, 0) + models.get("", 0)


def _until_done(house: House, before: int, step: Callable[[], int]) -> None:
    with Progress(
        TextColumn("memories"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
    ) as progress:
        task = progress.add_task("memories", total=before)
        left, moved = before, time.monotonic()
        while left:
            done = step()
            with house.store.reading() as rows:
                now_left = _waiting(rows.index.models())
            if now_left != left:
                left, moved = now_left, time.monotonic()
            progress.update(task, completed=max(0, before - left))
            if not done or time.monotonic() - moved > _IDLE:
                return
