"""`./ankang eval`: measure the house on a clinic's own cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.eval import app
from bot.commands.eval_answers import answers
from bot.commands.eval_recall import recall
from bot.commands.eval_support import support
from bot.commands.eval_talk import talk
from bot.commands.eval_when import eval_when

app.command("recall")(recall)
app.command("answers")(answers)
app.command("talk")(talk)
app.command("support")(support)


@app.command("when")
def when(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, text, lang, now, timezone")],
    out: Annotated[Path | None, typer.Option(help="write the answers here instead")] = None,
) -> None:
    """Read times and recurrences: each line gets its kind and value or rule."""
    raise typer.Exit(eval_when(file, out, sys.stdout, sys.stderr))


__all__ = ["app"]
