"""`./ankang knowledge`: the library of articles and the imported sources."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot import config
from bot.commands import imported
from bot.domain.errors import SettingsError
from bot.opening import end, err, out
from knowledge import intake, library
from knowledge.imports import FORMATS
from knowledge.library import Checked
from knowledge.literature import FILE
from knowledge.model import LANGUAGES, Article, KnowledgeError

app = typer.Typer(help="What is known about medicine: articles, imports.", no_args_is_help=True)

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
    imported.stats()
    _left_out(checked)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="a question, as a patient asks it")],
    limit: Annotated[int, typer.Option(min=1, max=50)] = 5,
    folder: Folder = library.FOLDER,
) -> None:
    """The articles that answer a question, then imported records that name what it asks."""
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
    imported.search(text, limit)


@app.command()
def literature(
    text: Annotated[str, typer.Argument(metavar="QUERY", help="what to look for")],
    limit: Annotated[int, typer.Option(min=1, max=50)] = 10,
) -> None:
    """Imported PubMed citations that name what is asked; abstracts, not advice."""
    from knowledge import literature as books

    try:
        answer = books.search(config.load().data / FILE, text, limit=limit)
    except (KnowledgeError, SettingsError, OSError) as error:
        end("Cannot search the imported citations:", error)
        raise typer.Exit(2) from None
    if not answer.held:
        err.print("No PubMed records are imported: ./ankang knowledge import pubmed FILE")
        raise typer.Exit(1)
    for hit in answer.hits:
        one = hit.record
        out.print(Text(one.title, style="bold"), soft_wrap=True)
        said = [one.data.get("journal", ""), one.data.get("year", ""), f"PMID {one.id}"]
        out.print(Text(" · ".join(filter(None, said)), style="dim"), soft_wrap=True)
        if hit.sentence:
            out.print(Text(hit.sentence), soft_wrap=True)
        found = [f"{r.sought.label('en')} ({r.found or r.where})" for r in hit.why]
        out.print(Text("because: " + ", ".join(found), style="dim"), soft_wrap=True)
        out.print()
    count = f"{len(answer.hits)} of {answer.held} citations. Abstracts, not advice."
    out.print(count, highlight=False)


@app.command()
def show(
    article: Annotated[str, typer.Argument(metavar="ID", help="of an article, or SOURCE/ID")],
    folder: Folder = library.FOLDER,
) -> None:
    """One article in both languages, with its sources; or one imported record."""
    checked = library.check_all(folder)
    found = checked.articles.get(article)
    if found is None:
        if "/" in article and imported.show(article):
            return
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


@app.command("import")
def import_(
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join(FORMATS))],
    path: Annotated[Path, typer.Argument(help="a file, or a folder of files", exists=True)],
    name: Annotated[str, typer.Option(help="of the source, where a format has several")] = "",
) -> None:
    """Read a standard source; taken up where it was left, in use only when read whole."""
    if "/" in name:
        raise typer.BadParameter("a name holds no slash", param_hint="--name")
    store = imported.opened()
    try:
        with _bar() as bar:
            task = bar.add_task(format_, total=intake.size(format_, path))
            done = intake.run(
                store,
                format_,
                path,
                name=name,
                now=lambda: datetime.now(UTC),
                told=lambda count: bar.advance(task, count),
            )
    except (KnowledgeError, OSError) as error:
        end("Not imported, what was there before stays:", error)
        raise typer.Exit(1) from None
    finally:
        store.close()
    counts = done.counts
    again = f" ({done.resumed} were kept before)" if done.resumed else ""
    out.print(
        f"{done.name}: {counts.records} records, {counts.links} links, {counts.retired} retired"
        f"{again}.",
        highlight=False,
    )


@app.command()
def retire(name: Annotated[str, typer.Argument(help="of the source, as stats names it")]) -> None:
    """Take a source that is no more out of use, with all its records."""
    store = imported.opened()
    try:
        if name not in {one.name for one in store.states()}:
            err.print(f"There is no source {name!r}.", highlight=False)
            raise typer.Exit(1)
        count = store.retire(name, datetime.now(UTC))
    finally:
        store.close()
    out.print(f"{name}: {count} records are retired.", highlight=False)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    return Progress(*columns, TimeRemainingColumn(), console=err, transient=True)


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
