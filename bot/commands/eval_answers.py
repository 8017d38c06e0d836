"""`./ankang eval answers`: how well the search finds the passages that answer a question."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.commands import eval_ranking as ranking
from bot.commands.eval_lines import LineError, objects
from knowledge import library, words
from knowledge.model import Answer, KnowledgeError, Passage

_DEPTH = 10


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with its graded passages; none: the corpus holds no answer."""

    id: str
    text: str
    language: str
    relevant: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with what was found for it."""

    question: Question
    answer: Answer
    milliseconds: float

    @property
    def ids(self) -> list[str]:
        """What was found, best first."""
        return [one.passage.id for one in self.answer.found]


def answers(
    questions: Annotated[Path, typer.Option(help="JSON lines: id, text, relevant: {id: grade}")],
    corpus: Annotated[Path | None, typer.Option(help="JSON lines: id, text")] = None,
    our: Annotated[bool, typer.Option("--library", help="search the library's articles")] = False,
    out: Annotated[Path | None, typer.Option(help="write what was found, a line each")] = None,
    vectors: Annotated[
        Path | None, typer.Option(help="folder that keeps the vectors for the next time")
    ] = None,
) -> None:
    """Ask every question and compare what is found with what is relevant."""
    said = Console(stderr=True)
    if (corpus is None) == (not our):
        said.print("Give either --corpus FILE or --library.")
        raise typer.Exit(2)
    try:
        asked = _questions(questions)
        held, search = _library(vectors) if corpus is None else _passages(corpus, vectors, said)
    except (OSError, UnicodeDecodeError, LineError, KnowledgeError) as error:
        said.print(f"[bold]Cannot measure:[/bold] {error}", highlight=False)
        raise typer.Exit(2) from None
    lost = {id_ for one in asked for id_ in one.relevant} - held
    if lost:  # counted as not found
        said.print(f"{len(lost)} relevant ids are no passage, such as {min(lost)!r}")
    found = [_ask(search, one) for one in _bar(asked, "Asking", said)]
    if out is not None:
        lines = (_line(one) for one in found)
        out.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8")
    console = Console()
    console.print(_table(found, "all questions"))
    languages = sorted({one.question.language for one in found})
    if our or len(languages) > 1:
        for language in languages:
            part = [one for one in found if one.question.language == language]
            console.print(_table(part, f"questions in {language}"))


def _ask(search: Callable[[str], Answer], question: Question) -> Asked:
    begin = time.perf_counter()
    answer = search(question.text)
    return Asked(
        question=question, answer=answer, milliseconds=(time.perf_counter() - begin) * 1000
    )


def _line(one: Asked) -> dict[str, Any]:
    return {
        "id": one.question.id,
        "found": [{"id": hit.passage.id, "score": round(hit.score, 4)} for hit in one.answer.found],
        "answerable": round(one.answer.known, 4),
        "refused": not one.answer.sure,
        "milliseconds": round(one.milliseconds, 1),
    }


Search = Callable[[str], Answer]


def _library(vectors: Path | None) -> tuple[set[str], Search]:
    from bot.knowing import shelf

    opened = shelf(library.load(), folder=vectors)
    return set(opened.articles), lambda text: opened.search(text, limit=_DEPTH)


def _passages(file: Path, vectors: Path | None, said: Console) -> tuple[set[str], Search]:
    from bot.knowing import encoder, reranker
    from knowledge.search import Index

    held = [
        Passage(id=_text(row, "id", where), text=_text(row, "text", where))
        for where, row in objects(file)
    ]
    if not held:
        raise LineError(f"{file}: there are no passages")
    with _progress(said) as bar:
        task = bar.add_task("Encoding", total=None)
        index = Index(
            held,
            encoder(),
            folder=vectors,
            reranker=reranker(),
            progress=lambda done, all_: bar.update(task, completed=done, total=all_),
        )
    return {one.id for one in held}, lambda text: index.search(text, limit=_DEPTH)


def _progress(said: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=said, transient=True)


def _bar(items: Sequence[Question], title: str, said: Console) -> Iterator[Question]:
    with _progress(said) as bar:
        yield from bar.track(items, description=title)


def _table(found: Sequence[Asked], title: str) -> Table:
    answerable = [one for one in found if one.question.relevant]
    other = [one for one in found if not one.question.relevant]
    table = Table(title=f"{len(found)} {title}", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    graded = [(one.ids, one.question.relevant) for one in answerable]
    if graded:
        table.add_row("nDCG@10", f"{ranking.mean(ranking.ndcg(*one) for one in graded):.3f}")
        table.add_row("MRR", f"{ranking.mean(ranking.reciprocal(*one) for one in graded):.3f}")
        table.add_row("P@1", f"{ranking.mean(ranking.first(*one) for one in graded):.3f}")
        best = ranking.mean(ranking.best_first(*one) for one in graded)
        table.add_row("best grade first", f"{best:.3f}")
        refused = ranking.mean(float(not one.answer.sure) for one in answerable)
        table.add_row("answerable, refused", f"{refused:.3f}")
    if other:
        refused = ranking.mean(float(not one.answer.sure) for one in other)
        table.add_row("unanswerable, refused", f"{refused:.3f}")
    if graded and other:
        area = ranking.auroc(
            [one.answer.known for one in answerable], [one.answer.known for one in other]
        )
        table.add_row("answerable or not, AUROC", f"{area:.3f}")
    times = sorted(one.milliseconds for one in found)
    for share in (50, 95):
        at = min(len(times) - 1, len(times) * share // 100)
        table.add_row(f"milliseconds, p{share}", f"{times[at]:.1f}")
    return table


def _questions(file: Path) -> list[Question]:
    found: dict[str, Question] = {}
    for where, row in objects(file):
        id_, text = _text(row, "id", where), _text(row, "text", where)
        relevant = row.get("relevant")
        if not isinstance(relevant, dict) or not all(
            isinstance(g, int | float) for g in relevant.values()
        ):
            raise LineError(f"{where}, field relevant: an object of grades is needed")
        if id_ in found:
            raise LineError(f"{where}, field id: {id_!r} is there twice")
        graded = {str(key): float(grade) for key, grade in relevant.items() if grade > 0}
        language = str(row.get("lang") or words.language_of(text))
        found[id_] = Question(id=id_, text=text, language=language, relevant=graded)
    if not found:
        raise LineError(f"{file}: there are no questions")
    return list(found.values())


def _text(row: Mapping[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    value = str(value) if isinstance(value, int) else value
    if not isinstance(value, str) or not value.strip():
        raise LineError(f"{where}, field {field}: text is needed")
    return value
