"""`./ankang eval`: measure the house on a clinic's own cases."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

import safety
from bot import config
from bot.commands import eval_lines
from bot.commands.eval_lines import Case, LineError, Pair
from bot.commands.eval_scores import Answered, tables
from bot.loading import load_hearing
from safety import Hearing, Tier, Verdict, context, lexicon

app = typer.Typer(help="Measure the house on your own cases.", no_args_is_help=True)
_WIDE = 190  #: characters of a table where the output is no terminal
_Line = TypeVar("_Line")

File = Annotated[Path, typer.Argument(help="One JSON object a line.")]
RulesOnly = Annotated[bool, typer.Option("--rules-only", help="Without the classifier.")]
Out = Annotated[Path | None, typer.Option(help="Write one JSON line for each line here.")]


@app.command()
def screen(
    file: File,
    out: Out = None,
    rules_only: RulesOnly = False,
) -> None:
    """Screen every message; where the lines carry labels, say how well it went."""
    cases = _read(eval_lines.cases, file)
    hearing = None if rules_only else ears()
    answers = _each(cases, "Screening", lambda case: answer(case, hearing))
    _write(out, (as_line(one) for one in answers))
    if any(case.tier is not None for case in cases):
        console = _console(stderr=out is None)
        for table in tables(answers):
            console.print(table)
    seconds = sum(one.milliseconds for one in answers) / 1000
    if seconds > 0:
        rate = f"{len(answers)} messages, {len(answers) / seconds:.0f} a second"
        _console(stderr=True).print(rate, highlight=False)


@app.command()
def pairs(file: File, out: Out = None, rules_only: RulesOnly = False) -> None:
    """Count the variants that come out lower than the message they were made from."""
    found = _read(eval_lines.pairs, file)
    hearing = None if rules_only else ears()

    def compared(pair: Pair) -> tuple[Answered, Answered]:
        return answer(pair.base, hearing), answer(pair.variant, hearing)

    both = _each(found, "Comparing", compared)
    lines = [
        {
            "id": base.case.id,
            "base": base.verdict.tier.name,
            "variant": variant.verdict.tier.name,
            "lower": base.verdict.tier.is_more_urgent_than(variant.verdict.tier),
            "asked_instead": base.verdict.tier is variant.verdict.tier
            and variant.verdict.asked
            and not base.verdict.asked,
        }
        for base, variant in both
    ]
    _write(out, lines)
    lower, asked = (sum(bool(line[key]) for line in lines) for key in ("lower", "asked_instead"))
    said = f"{len(lines)} pairs: {lower} come out lower, {asked} are asked instead of answered"
    _console(stderr=out is None).print(said, highlight=False)


@app.command()
def review(file: File, out: Out = None) -> None:
    """Review every draft: may it be sent, and if not, which boundaries does it cross."""
    found = _read(eval_lines.drafts, file)
    judged = _each(found, "Reviewing", lambda one: safety.review(one.draft, one.context))
    lines = [
        {
            "id": one.id,
            "allowed": verdict.allowed,
            "reasons": list(dict.fromkeys(reason.rule for reason in verdict.reasons)),
        }
        for one, verdict in zip(found, judged, strict=True)
    ]
    _write(out, lines)
    allowed = sum(bool(line["allowed"]) for line in lines)
    said = f"{len(lines)} drafts: {allowed} allowed, {len(lines) - allowed} withheld"
    _console(stderr=out is None).print(said, highlight=False)


def ears() -> Hearing:
    """The classifier of the settings, opened before anything is timed."""
    return load_hearing(config.load().screen_model)


def answer(case: Case, hearing: Hearing | None = None) -> Answered:
    """The verdict on one case, timed, readings included; without ``hearing`` by rules only."""
    begin = time.perf_counter()
    readings = safety.read_vitals(case.text)
    verdict = safety.screen(case.text, patient=case.patient, readings=readings)
    if hearing is not None:
        verdict = safety.listen(verdict, case.text, hearing, readings)
    spent = (time.perf_counter() - begin) * 1000
    return Answered(case=case, verdict=verdict, milliseconds=spent)


def as_line(answered: Answered) -> dict[str, Any]:
    """The line of one answer; ``reply`` is what the patient reads first, "" for P3."""
    verdict = answered.verdict
    return {
        "id": answered.case.id,
        "tier": verdict.tier.name,
        "flags": [
            {"id": one.flag, "start": one.start, "end": one.end, "from": one.source}
            for one in verdict.findings
        ],
        "asked": verdict.asked,
        "reply": _reply(answered.case, verdict),
    }


def _reply(case: Case, verdict: Verdict) -> str:
    if verdict.tier is Tier.P3:
        return ""
    if verdict.asked:
        return safety.clarifying_question(verdict, case.patient)
    return safety.first_message(verdict, patient=case.patient, nurse_status="")


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=_WIDE)


def _read(reader: Callable[[Path], list[_Line]], file: Path) -> list[_Line]:
    """The lines and the rules, or one clear sentence and exit 2."""
    try:
        context.compile_all()
        lexicon.load().compile()
        return reader(file)
    except (LineError, ValueError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None


_Answer = TypeVar("_Answer")


def _each(lines: Sequence[_Line], title: str, work: Callable[[_Line], _Answer]) -> list[_Answer]:
    """The work on every line, with a bar on the terminal."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        return [work(line) for line in progress.track(lines, description=title)]


def _write(out: Path | None, lines: Iterable[Mapping[str, Any]]) -> None:
    """To the file, whole or not at all; to standard output where none was named."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if out is None:
        typer.echo(text, nl=False)
        return
    part = out.with_name(out.name + ".part")
    try:
        part.write_text(text, "utf-8")
        os.replace(part, out)
    except OSError as problem:
        typer.echo(f"{out}: cannot be written: {problem.strerror}", err=True)
        raise typer.Exit(2) from None
