"""`./ankang risk`: published models, listed, shown, used and timed; and one's own."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import risk
from bot.commands import risk_learn, risk_registry
from bot.commands.risk_watch import watch
from risk.crowd import timed
from risk.scoring import card, score_file
from risk.sheet import SheetError

app = typer.Typer(help="Risk models: published ones, and your own.", no_args_is_help=True)
for _own in (risk_learn.train, risk_learn.predict, risk_learn.judge, risk_learn.recalibrate):
    app.command()(_own)
app.command()(watch)
app.add_typer(risk_registry.app, name="registry")
out = Console()
err = Console(stderr=True)
_PEOPLE = 1_000_000
_KINDS = {
    "risk": "equation for a risk",
    "projection": "projection of a risk",
    "points": "points",
    "equation": "equation",
}


def _stop(message: str) -> typer.Exit:
    err.print(message, highlight=False, soft_wrap=True, markup=False)
    return typer.Exit(2)


def _known(model: str) -> None:
    names = [info.id for info in risk.catalogue()]
    if model not in names:
        raise _stop(f"There is no model {model}. There are: {', '.join(names)}.")


@app.command("list")
def list_models() -> None:
    """Every model, whom it is for, and how far it has been reviewed."""
    table = Table("model", "what it is", "for", "kind", "variants", "evidence")
    for info in risk.catalogue():
        years = ", ".join(str(one) for one in info.horizons if one)
        variants = ", ".join(info.variants) + (f"; {years} years" if years else "")
        kind = _KINDS[info.kind]
        table.add_row(info.id, info.name, info.audience, kind, variants, info.evidence)
    out.print(table)


@app.command()
def show(model: str) -> None:
    """All that is known about one model: population, inputs with units and ranges, sources."""
    _known(model)
    found = card(model)
    info = found.info
    out.print(f"{info.name}  ({info.id}, version {info.version})", style="bold", highlight=False)
    lines = {
        "Citation": info.citation,
        "Licence": info.licence,
        "Attribution": info.attribution,
        "Population": info.population,
        "Country": info.country,
        "Audience": info.audience,
        "Verified": info.checked,
        "Caution": info.caution,
        "Evidence": f"{info.evidence}; reviewed on: {info.reviewed_on or 'never'}",
        "Variants": ", ".join(info.variants),
        "Years": ", ".join(str(one) for one in info.horizons if one),
        "Refused": ", ".join(rule.code for rule in found.refuse if not rule.note),
    }
    for label, text in lines.items():
        if text:
            out.print(f"{label:<12}{text}", highlight=False, markup=False, soft_wrap=True)
    table = Table("input", "values", "unit", "bounds", "variants")
    for spec in found.inputs:
        values, unit = _values(spec)
        bounds = "" if spec.kind != "number" else "plausible" if spec.plausible else "published"
        table.add_row(spec.name, values, unit, bounds, ", ".join(spec.variants))
    out.print(table)
    if found.categories:
        table = Table("category", "from", "for", "source")
        for one in found.categories:
            ages = f"age {one.age[0]:g} to {one.age[1]:g}" if one.age else ""
            table.add_row(one.label, f"{one.low:g}", ", ".join([*one.variants, ages]), one.source)
        out.print(table)
    sheet = found.sheet
    reads = [sheet.variant, sheet.horizon, *(column.name for column in sheet.columns)]
    out.print(f"score reads   id, {', '.join(name for name in reads if name)}", highlight=False)
    out.print(f"score writes  id, {', '.join(c.name for c in sheet.outputs)}, reason, note")


def _values(spec: risk.InputSpec) -> tuple[str, str]:
    if spec.kind != "number":
        return ", ".join(spec.choices) or "0 or 1 (yes or no)", ""
    above, below = "above " * spec.low_open, "below " * spec.high_open
    values = f"{above}{spec.low:g} to {below}{spec.high:g}"
    for span in spec.spans:
        below = "below " if span.high_open else ""
        values += f"; {', '.join(span.variants)}: {span.low:g} to {below}{span.high:g}"
    if spec.codes:
        values += " or " + ", ".join(f"{code:g}" for code in spec.codes)
    return values, ", ".join(unit.name for unit in spec.units)


@app.command()
def score(
    model: str,
    source: Annotated[Path, typer.Option("--input", help="a CSV table of people")],
    target: Annotated[Path, typer.Option("--output", help="the CSV table to write")],
    explain: Annotated[bool, typer.Option(help="say what makes up each number")] = False,
) -> None:
    """Score every row of a table; `risk show MODEL` names the columns."""
    _known(model)
    if not target.parent.is_dir() or target.is_dir():
        raise _stop(f"{target} cannot be written: there is no such folder, or it is one.")
    try:
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task(f"Scoring with {model}", total=_length(source))
            answered, refused = score_file(
                model,
                source,
                target,
                explain=explain,
                progress=lambda done: progress.update(task, completed=done),
            )
    except SheetError as error:
        raise _stop(str(error)) from None
    except OSError as error:
        raise _stop(f"{error.filename or source}: {error.strerror}.") from None
    out.print(f"{answered} rows scored, {refused} refused with a reason: {target}", highlight=False)


def _length(source: Path) -> int:
    """About how many rows ``source`` has, for the progress bar."""
    with source.open("rb") as lines:
        return max(sum(1 for _ in lines) - 1, 1)


@app.command()
def bench(
    people: Annotated[int, typer.Option(min=1, help="how many made-up people")] = _PEOPLE,
) -> None:
    """Time the equations on made-up people, with the machine."""
    out.print(f"machine: {platform.machine()}, {os.cpu_count()} cores", highlight=False)
    table = Table("model", "variant", "years", "outcomes", "people", "first s", "then median s")
    runs = [
        (info.id, variant, horizon)
        for info in risk.models()
        for variant, horizon in {
            (info.variants[0], info.horizons[0]): None,
            (info.variants[-1], info.horizons[-1]): None,
        }
    ]
    runs.sort(key=lambda run: run != ("prevent_2023", "base", 10))
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        for model, variant, horizon in progress.track(runs, description="Timing"):
            found = timed(model, variant, horizon, people)
            figures = (f"{found.people:,}", f"{found.first:.2f}", f"{found.median:.2f}")
            table.add_row(model, variant, str(horizon), str(found.outcomes), *figures)
    out.print(table)
    out.print("must: prevent_2023 base, 1,000,000 people, 2 cores: 1 s", highlight=False)
