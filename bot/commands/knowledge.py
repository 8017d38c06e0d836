"""`./ankang knowledge`: the library of articles, checked and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.opening import err, out
from knowledge import library
from knowledge.library import Checked
from knowledge.model import LANGUAGES, Article

app = typer.Typer(help="What is known about medicine: cited articles.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Option(help="another folder of articles", exists=True, file_okay=False)
]


@app.command("check")
def check(folder: Folder = library.FOLDER) -> None:
    """Check every article; each problem with its file and line."""
    checked = library.check_all(folder)
    for problem in checked.problems:
        err.print(Text(problem), soft_wrap=True)
    wrong = len(library.files(folder)) - len(checked.articles)
    out.print(f"{len(checked.articles)} articles can be loaded, {wrong} cannot.", highlight=False)
    if checked.problems:
        raise typer.Exit(1)


@app.command()
def stats(folder: Folder = library.FOLDER) -> None:
    """How many articles, questions, lines and sources there are, by area."""
    checked = library.check_all(folder)
    table = Table()
    table.add_column("area")
    for column in ("articles", "questions en", "questions zh", "lines", "recalled", "reviewed"):
        table.add_column(column, justify="right")
    for area, ones in library.by_area(checked.articles):
        table.add_row(area, *_counts(ones))
    table.add_section()
    table.add_row("all", *_counts(list(checked.articles.values())))
    out.print(table)
    _left_out(checked)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="a question, as a patient asks it")],
    limit: Annotated[int, typer.Option(min=1, max=50)] = 5,
    folder: Folder = library.FOLDER,
) -> None:
    """The articles that answer a question, best first."""
    from bot.knowing import shelf

    answer = shelf(library.check_all(folder).articles).search(text, limit=limit)
    table = Table("article", "title", "score", "because")
    for one in answer.found:
        most = sorted(one.why, key=lambda name: -one.why[name])[:3]
        because = ", ".join(f"{name} {one.why[name]:.2f}" for name in most)
        table.add_row(one.passage.id, one.passage.title, f"{one.score:.2f}", because)
    out.print(table)
    said = "answered" if answer.sure else "not answered"
    out.print(f"{said}: {answer.known:.0%} sure that the library knows", highlight=False)


@app.command()
def show(
    article: Annotated[str, typer.Argument(help="the article's id")],
    folder: Folder = library.FOLDER,
) -> None:
    """One article in both languages, with its sources."""
    checked = library.check_all(folder)
    found = checked.articles.get(article)
    if found is None:
        err.print(f"There is no article {article!r} that can be loaded.", highlight=False)
        raise typer.Exit(1)
    for language in LANGUAGES:
        out.print(Text(found.title[language], style="bold"))
        for line in (*found.lines[language], *found.help[language]):
            marks = "".join(f"[{n}]" for n in line.cites)
            tag = f"[{line.tag}] " if line.tag else ""
            out.print(Text(f"{tag}{line.text} {marks}"), soft_wrap=True)
        out.print()
    for number, source in enumerate(found.sources, 1):
        out.print(Text(f"[{number}] {source.organisation}: {source.title}, {source.year}"))
    out.print(f"{found.status}, sources {found.evidence}", style="dim", highlight=False)


def _counts(ones: list[Article]) -> list[str]:
    counts = (
        len(ones),
        *(sum(len(one.questions[lang]) for one in ones) for lang in LANGUAGES),
        sum(len(one.lines["en"]) + len(one.help["en"]) for one in ones),
        sum(one.evidence == "recalled" for one in ones),
        sum(one.status == "reviewed" for one in ones),
    )
    return [str(count) for count in counts]


def _left_out(checked: Checked) -> None:
    if checked.problems:
        said = f"{len(checked.problems)} problems keep articles out: ./ankang knowledge check"
        err.print(said, highlight=False)
