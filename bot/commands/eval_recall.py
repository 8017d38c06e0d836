"""`./ankang eval recall`: how often the memory finds the turns that hold the answer."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.commands.eval_lines import LineError, objects
from memory import Memories, Memory
from memory.model import SaidBy

_LEAST = 10  #: turns written per question, so that other cut-offs can be counted later
_AT_ONCE = 64
_SHAPES = (
    "%I:%M %p on %d %B, %Y", "%I:%M %p on %d %B %Y", "%H:%M on %d %B, %Y", "%d %B %Y %H:%M",
    "%d %B, %Y %H:%M", "%d %B %Y", "%d %B, %Y", "%B %d, %Y %I:%M %p", "%B %d, %Y %H:%M",
    "%B %d, %Y", "%d %b %Y", "%d %b %Y %H:%M", "%b %d, %Y", "%Y-%m-%d %I:%M %p", "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H:%M",
    "%Y年%m月%d日%H时%M分", "%Y年%m月%d日%H点%M分", "%Y年%m月%d日",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Question:
    id: str
    patient: str
    query: str
    evidence: tuple[str, ...]
    now: datetime | None


class _Plain:
    """Seals nothing: what is measured is the caller's own file, in a folder deleted at the end."""

    def seal(self, patient_id: str, text: str) -> str:
        return text

    def open(self, patient_id: str, sealed: str) -> str:
        return sealed


def recall(
    turns: Annotated[Path, typer.Option(help="JSON lines: patient, id, at, speaker, text")],
    questions: Annotated[Path, typer.Option(help="JSON lines: id, patient, query, evidence, now?")],
    k: Annotated[str, typer.Option("--k", help="cut-offs, separated by commas")] = "5,10",
    out: Annotated[
        Path | None, typer.Option(help="write what was found, a line a question")
    ] = None,
) -> None:
    """Store the turns, ask the questions, and count the evidence among the first k found."""
    said = Console(stderr=True)
    try:
        cuts = _cuts(k)
        stored = _turns(turns)
        asked = _questions(questions, stored)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        said.print(f"[bold]Cannot measure recall:[/bold] {error}", highlight=False)
        raise typer.Exit(2) from None
    lost = {e for one in asked for e in one.evidence} - {
        m.id for its in stored.values() for m in its
    }
    if lost:  # counted as not found: the file may ask about turns that were left out on purpose
        said.print(f"{len(lost)} evidence ids are no turn, such as {min(lost)!r}", highlight=False)
    with tempfile.TemporaryDirectory(prefix="ankang-recall-") as folder:
        found, took = _measure(Path(folder), stored, asked, max(_LEAST, *cuts), said)
    if out is not None:
        try:
            with out.open("w", encoding="utf-8") as file:
                for one in asked:
                    line = {"id": one.id, "found": found[one.id]}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            said.print(f"[bold]Cannot write what was found:[/bold] {error}", highlight=False)
            raise typer.Exit(2) from None
    Console().print(_table(asked, found, took, cuts))


def _measure(
    folder: Path,
    turns: Mapping[str, Sequence[Memory]],
    questions: Sequence[_Question],
    limit: int,
    said: Console,
) -> tuple[dict[str, list[str]], list[float]]:
    """What was found for each question, and the milliseconds each took."""
    import memory
    from memory.embed import load

    store: Memories = memory.open_embedded(folder, encoder=load(), cipher=_Plain())
    try:
        rows = [row for its in turns.values() for row in its]
        starts = range(0, len(rows), _AT_ONCE)
        for start in track(starts, "Storing turns", console=said, transient=True):
            store.remember(rows[start : start + _AT_ONCE])
        found: dict[str, list[str]] = {}
        took: list[float] = []
        for one in track(questions, "Asking", console=said, transient=True):
            now = one.now or max(m.recorded_at for m in turns[one.patient])
            started = time.perf_counter()
            answer = store.recall(one.patient, one.query, limit=limit, now=now)
            took.append((time.perf_counter() - started) * 1e3)
            found[one.id] = [r.memory.id for r in answer]
    finally:
        store.close()
    return found, took


def _table(
    asked: Sequence[_Question],
    found: Mapping[str, Sequence[str]],
    took: Sequence[float],
    cuts: Sequence[int],
) -> Table:
    counted = [one for one in asked if one.evidence]
    table = Table(title=f"Recall over {len(counted)} questions", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for cut in cuts:
        shares = [
            len(set(one.evidence) & set(found[one.id][:cut])) / len(set(one.evidence))
            for one in counted
        ]
        table.add_row(f"recall@{cut}", f"{_mean(shares):.3f}")
    table.add_row("MRR", f"{_mean([_reciprocal(one, found[one.id]) for one in counted]):.3f}")
    ordered = sorted(took)
    for share in (50, 95):
        at = min(len(ordered) - 1, len(ordered) * share // 100)
        table.add_row(f"milliseconds, p{share}", f"{ordered[at]:.1f}" if ordered else "–")
    return table


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _reciprocal(one: _Question, found: Sequence[str]) -> float:
    return next((1 / n for n, id_ in enumerate(found, 1) if id_ in one.evidence), 0.0)


def _cuts(k: str) -> list[int]:
    if not re.fullmatch(r"\s*[1-9]\d*\s*(?:,\s*[1-9]\d*\s*)*", k):
        raise ValueError(f"--k must be whole numbers above 0 such as 5,10, not {k!r}")
    return sorted({int(one) for one in k.split(",")})


def _turns(file: Path) -> dict[str, list[Memory]]:
    found: dict[str, list[Memory]] = defaultdict(list)
    ids: set[tuple[str, str]] = set()
    for where, row in objects(file):
        patient, id_ = _text(row, "patient", where), _text(row, "id", where)
        if (patient, id_) in ids:
            raise LineError(f"{where}, field id: {id_!r} is there twice for patient {patient!r}")
        ids.add((patient, id_))
        speaker = _text(row, "speaker", where, empty=True)
        role: Any = speaker.lower() if speaker.lower() in get_args(SaidBy) else "patient"
        its = found[patient]
        its.append(
            Memory(
                id=id_,
                patient_id=patient,
                text=_text(row, "text", where, empty=True),
                said_by=role,
                speaker="" if speaker.lower() in get_args(SaidBy) else speaker,
                recorded_at=_time(row, "at", where),
                position=len(its),
            )
        )
    if not found:
        raise LineError(f"{file}: there are no turns")
    return dict(found)


def _questions(file: Path, turns: Mapping[str, Sequence[Memory]]) -> list[_Question]:
    found: dict[str, _Question] = {}
    for where, row in objects(file):
        id_, patient = _text(row, "id", where), _text(row, "patient", where)
        if id_ in found:
            raise LineError(f"{where}, field id: {id_!r} is there twice")
        if patient not in turns:
            raise LineError(f"{where}, field patient: no turn belongs to {patient!r}")
        evidence = row.get("evidence")
        if not isinstance(evidence, list) or not all(isinstance(e, str) for e in evidence):
            raise LineError(f"{where}, field evidence: a list of turn ids is needed")
        now = _time(row, "now", where) if row.get("now") is not None else None
        found[id_] = _Question(
            id=id_,
            patient=patient,
            query=_text(row, "query", where),
            evidence=tuple(evidence),
            now=now,
        )
    if not found:
        raise LineError(f"{file}: there are no questions")
    return list(found.values())


def _text(row: Mapping[str, Any], field: str, where: str, *, empty: bool = False) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not (empty or value.strip()):
        raise LineError(f"{where}, field {field}: text is needed, not {value!r}")
    return value


def _time(row: Mapping[str, Any], field: str, where: str) -> datetime:
    """ISO 8601 or free text such as "1:56 pm on 8 May, 2023"; without a zone it is UTC."""
    value = " ".join(_text(row, field, where).split())
    try:
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", value)
    for shape in _SHAPES:
        try:
            return datetime.strptime(plain, shape).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise LineError(f"{where}, field {field}: {value!r} is no date and time that can be read")
