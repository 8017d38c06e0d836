"""`./ankang eval support`: how many sentences without support the check would let through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import config
from bot.commands.eval_lines import LineError
from bot.loading import load_support
from bot.ports import Supporting
from knowledge import library
from knowledge.model import KnowledgeError, Language
from knowledge.support import RECORD, Cited, Judged


@dataclass(frozen=True, kw_only=True)
class Script:
    """A draft, what it may cite, and pieces of it that must not or must be said."""

    id: str
    language: Language
    draft: str
    lines: tuple[Cited, ...]
    unsupported: tuple[str, ...]
    supported: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one script."""

    script: Script
    judged: tuple[Judged, ...]

    @property
    def said(self) -> str:
        """What is left of the draft."""
        return " ".join(one.text for one in self.judged if one.supported)

    @property
    def slipped(self) -> list[str]:
        """Pieces without support that are left."""
        return [piece for piece in self.script.unsupported if piece in self.said]

    @property
    def lost(self) -> list[str]:
        """Pieces with support that were dropped."""
        return [piece for piece in self.script.supported if piece not in self.said]


def support(
    file: Annotated[Path, typer.Argument(help="JSON lines; see tests/evals/support/README.md")],
    out: Annotated[Path | None, typer.Option(help="write every verdict here")] = None,
) -> None:
    """Judge every draft; ends with 1 when a sentence without support would have been sent."""
    said = Console(stderr=True)
    try:
        check = load_support(config.load())
        found = [judged(one, check) for one in scripts(file)]
    except (OSError, UnicodeDecodeError, LineError, KnowledgeError) as error:
        said.print(f"[bold]Cannot measure:[/bold] {error}", highlight=False)
        raise typer.Exit(2) from None
    if out is not None:
        rows = (
            {"id": one.script.id, "sentences": [[s.text, s.verdict] for s in one.judged]}
            for one in found
        )
        out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    console = Console()
    console.print(_table(found, check.name))
    slipped = [f"{one.script.id}: {piece}" for one in found for piece in one.slipped]
    for line in slipped:
        console.print(f"sent without support: {line}", highlight=False)
    raise typer.Exit(1 if slipped else 0)


def judged(script: Script, check: Supporting) -> Outcome:
    """Every sentence of one draft with its verdict."""
    return Outcome(
        script=script, judged=tuple(check.judge(script.draft, script.lines, script.language))
    )


def scripts(file: Path) -> Iterator[Script]:
    """The lines of a file. Raises LineError with its place."""
    articles = library.load()
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{file}, line {number}"
        try:
            row: dict[str, Any] = json.loads(line)
            spoken: Language = "zh" if row["lang"] == "zh" else "en"
            cited = [Cited(id=RECORD, text=text) for text in row.get("record", [])]
            for id_ in row["articles"]:
                one = articles[id_]
                own = (*one.lines[spoken], *one.help[spoken])
                cited += [Cited(id=id_, text=each.text) for each in own]
            yield Script(
                id=str(row["id"]),
                language=spoken,
                draft=str(row["draft"]),
                lines=tuple(cited),
                unsupported=tuple(row["unsupported"]),
                supported=tuple(row.get("supported", [])),
            )
        except json.JSONDecodeError as error:
            raise LineError(f"{where}: this is not JSON ({error.msg})") from None
        except KeyError as error:
            raise LineError(f"{where}: {error} is missing or unknown") from None


def _table(found: list[Outcome], check: str) -> Table:
    table = Table(title=f"{len(found)} drafts, checked by {check}", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    sentences = [one for outcome in found for one in outcome.judged]
    table.add_row("sentences", str(len(sentences)))
    table.add_row("sentences kept", str(sum(one.supported for one in sentences)))
    table.add_row("pieces without support", str(sum(len(o.script.unsupported) for o in found)))
    table.add_row("of these sent", str(sum(len(one.slipped) for one in found)))
    table.add_row("pieces with support", str(sum(len(one.script.supported) for one in found)))
    table.add_row("of these dropped", str(sum(len(one.lost) for one in found)))
    return table
