"""`./ankang risk train`, `predict`, `judge`, `recalibrate`: models of a clinic's own tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.bootstrap import utc_now
from risk.learn.folder import FolderError
from risk.learn.people import Roles
from risk.sheet import SheetError

if TYPE_CHECKING:
    from risk.learn.groups import Group
    from risk.learn.measures import Report

out = Console()
err = Console(stderr=True)

Tables = Annotated[list[Path], typer.Argument(help="CSV tables with the same columns")]
Target = Annotated[str, typer.Option(help="the column that says whether it happened")]
AtLeast = Annotated[
    float | None, typer.Option("--at-least", help="a number target counts from here")
]
Time = Annotated[str, typer.Option(help="how long each person was watched")]
Event = Annotated[str, typer.Option(help="whether it happened at that time")]
Horizon = Annotated[float | None, typer.Option(help="by when, in the table's unit of time")]
Person = Annotated[str, typer.Option("--id", help="the column that names the person")]
Groups = Annotated[
    str | None, typer.Option(help="columns to judge by, with commas; age_band cuts age")
]
Missing = Annotated[str, typer.Option(help="more marks for not known, with commas: -9")]
Seed = Annotated[int, typer.Option(help="the same seed gives the same model")]


@contextmanager
def told_errors() -> Iterator[None]:
    """A table or folder that cannot be used ends the command with one sentence."""
    try:
        yield
    except (SheetError, FolderError) as error:
        err.print(str(error), highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(2) from None
    except OSError as error:
        words = f"{error.filename}: {error.strerror}."
        err.print(words, highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(2) from None


@contextmanager
def bars() -> Iterator[Callable[[str, float], None]]:
    """A bar for each step, where somebody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        tasks = {}

        def show(name: str, share: float) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=1.0)
            progress.update(tasks[name], completed=share)

        yield show


def split(text: str | None) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def train(
    tables: Tables,
    target: Target = "",
    at_least: AtLeast = None,
    time: Time = "",
    event: Event = "",
    horizon: Horizon = None,
    groups: Groups = None,
    person: Person = "",
    visit: Annotated[str, typer.Option(help="when each row was taken: several rows a person")] = "",
    leave_out: Annotated[str, typer.Option(help="columns not to learn from, with commas")] = "",
    words: Annotated[str, typer.Option(help="columns whose numbers are names, with commas")] = "",
    missing: Missing = "",
    model: Annotated[str, typer.Option(help="auto, logistic or transformer")] = "auto",
    calibration: Annotated[str, typer.Option(help="auto, platt, isotonic or none")] = "auto",
    seed: Seed = 0,
    target_folder: Annotated[Path, typer.Option("--out", help="the model folder to make")] = Path(
        "model"
    ),
) -> None:
    """Learn a model of your own, judge it by cross-validation, and write its card."""
    from risk.learn.choose import CALIBRATIONS, MODELS
    from risk.learn.train import Plan, save
    from risk.learn.train import train as learn

    for name, value, among in (
        ("--model", model, MODELS), ("--calibration", calibration, CALIBRATIONS)
    ):  # fmt: skip
        if value not in among:
            err.print(f"{name}: give one of {', '.join(among)}.", highlight=False)
            raise typer.Exit(2)
    roles = Roles(
        target=target, at_least=at_least, time=time, event=event, person=person, visit=visit,
        leave_out=split(leave_out), words=split(words), missing=split(missing),
    )  # fmt: skip
    plan = Plan(
        roles=roles, groups=None if groups is None else split(groups), model=model,
        calibration=calibration, horizon=horizon, seed=seed, name=target_folder.name,
    )  # fmt: skip
    with told_errors():
        if target_folder.exists():
            raise FolderError(f"{target_folder} is there already; give another --out.")
        with bars() as show:
            training = learn(tables, plan, progress=show)
        digest = save(training, target_folder, now=utc_now())
    for note in training.notes:
        out.print(note, highlight=False, soft_wrap=True)
    learned = training.learned
    out.print(
        f"{len(training.people)} people, {training.report.events} with the outcome; "
        f"{learned.fitted.candidate.told}; {learned.calibrator.kind} calibration.",
        highlight=False,
        soft_wrap=True,
    )
    print_report(training.report, "by nested cross-validation")
    print_groups(training.groups)
    out.print(f"Model folder {target_folder}  sha256 {digest}", highlight=False, soft_wrap=True)
    out.print(f"Read {target_folder / 'card.html'} before anyone uses it.", highlight=False)


def predict(
    folder: Annotated[Path, typer.Argument(help="a model folder, or the name of a registered one")],
    source: Annotated[Path, typer.Option("--input", help="a CSV table of people")],
    target: Annotated[
        Path | None, typer.Option("--output", help="the CSV table to write; else it is printed")
    ] = None,
    person: Person = "",
    explain: Annotated[bool, typer.Option(help="say what makes up each number")] = False,
) -> None:
    """Say a probability of each person of a table; a row without one says why."""
    from bot.commands.risk_registry import by_name
    from risk.learn import written
    from risk.learn.answer import answers

    with told_errors():
        if target is not None and (not target.parent.is_dir() or target.is_dir()):
            raise FolderError(f"{target} cannot be written: there is no such folder, or it is one.")
        if folder.is_dir():
            said = answers(folder, source, person=person, explain=explain)
        else:
            said = by_name(str(folder), source, person=person, explain=explain)
        heading = ["id", "probability", "reason", "note", *(["explain"] if explain else [])]
        rows = [{name: one.cells()[name] for name in heading} for one in said]
        if target is None:
            typer.echo(written.text(heading, rows), nl=False)
        else:
            written.table(target, heading, rows)
    refused = sum(one.probability is None for one in said)
    (out if target else err).print(
        f"{len(said) - refused} rows answered, {refused} refused with a reason"
        + (f": {target}" if target else "."),
        highlight=False,
        soft_wrap=True,
    )


def judge(
    folder: Annotated[Path, typer.Argument(help="a model folder")],
    tables: Tables,
    target: Target = "",
    at_least: AtLeast = None,
    time: Time = "",
    event: Event = "",
    horizon: Horizon = None,
    groups: Groups = None,
    person: Person = "",
    missing: Missing = "",
    seed: Seed = 0,
) -> None:
    """Judge a model on people it has not seen: another year, another clinic."""
    from risk.learn.apply import judged
    from risk.learn.model import load

    with told_errors():
        model = load(folder)
        named = bool(target or time)
        roles = Roles(
            target=target if named else model.roles.target,
            at_least=at_least if named else model.roles.at_least,
            time=time if named else model.roles.time,
            event=event if named else model.roles.event,
            person=person, missing=split(missing),
        )  # fmt: skip
        found = judged(
            model, tables, roles, groups=None if groups is None else split(groups),
            horizon=horizon, seed=seed,
        )  # fmt: skip
    out.print(
        f"{found.report.people} people judged, {found.report.events} with the outcome; "
        f"{found.refused} get no number.",
        highlight=False,
    )
    print_report(found.report, "on this table")
    print_groups(found.groups)


def recalibrate(
    model: Annotated[str, typer.Argument(help="a published model, as in risk list")],
    tables: Tables,
    target: Target,
    at_least: AtLeast = None,
    output: Annotated[str, typer.Option(help="which of the model's numbers; else the first")] = "",
    seed: Seed = 0,
    target_folder: Annotated[Path, typer.Option("--out", help="the folder to make")] = Path(
        "recalibrated"
    ),
) -> None:
    """Bring a published model to your own people: intercept, then slope and intercept."""
    import risk
    from risk.learn import recalibrate as room

    known = [info.id for info in risk.catalogue()]
    with told_errors():
        if model not in known:
            raise FolderError(f"There is no model {model}. There are: {', '.join(known)}.")
        if target_folder.exists():
            raise FolderError(f"{target_folder} is there already; give another --out.")
        roles = Roles(target=target, at_least=at_least)
        found = room.recalibrate(model, tables, roles, output=output, seed=seed)
        room.save(found, target_folder, roles, now=utc_now())
    table = Table("figure", *room.WAYS)
    reports = [found.reports[way] for way in room.WAYS]
    for label, values in _side_by_side(reports):
        table.add_row(label, *values)
    out.print(table)
    print_groups(found.groups)
    out.print(
        f"{found.people} people, {found.refused} refused by the model. Chosen: {found.way} "
        f"(log-odds → {found.intercept:+.4f} + {found.slope:.4f} × log-odds). {target_folder}",
        highlight=False,
        soft_wrap=True,
    )


def _side_by_side(reports: list[Report]) -> Iterator[tuple[str, list[str]]]:
    from risk.learn.measures import told

    columns = [dict(told(report)) for report in reports]
    for label in columns[0]:
        yield label, [column[label] for column in columns]


def print_report(report: Report, title: str) -> None:
    """The figures of everybody, with intervals."""
    from risk.learn.measures import told

    table = Table("figure", f"{title}, 95 % interval")
    for label, value in told(report):
        table.add_row(label, value)
    for threshold, (one, everybody) in report.benefit.items():
        value = f"{one}; for everybody {everybody:.3f}"
        table.add_row(f"net benefit at {threshold:g}", value)
    out.print(table)


def print_groups(groups: tuple[Group, ...]) -> None:
    """The figures by group, and below them what is flagged."""
    if not groups:
        return
    table = Table("group", "people (events)", "AUROC", "calibration slope", "observed / expected")
    for group in groups:
        name, size = f"{group.column}: {group.name}", f"{group.people} ({group.events})"
        if group.report is None:
            table.add_row(name, size, "too small to judge", "", "")
            continue
        shown = ("auroc", "slope", "observed_over_expected")
        table.add_row(name, size, *(str(group.report.figures[one]) for one in shown))
    out.print(table)
    for group in groups:
        for flag in group.flags:
            words = f"Flagged: {group.column}: {group.name}: {flag}"
            out.print(words, highlight=False, soft_wrap=True, markup=False)
