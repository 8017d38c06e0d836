"""`./ankang train`: teach the classifier of the safety room anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

app = typer.Typer(help="Teach the classifier anew.", no_args_is_help=True)
out = Console()


@app.callback()
def group() -> None:
    """Teach the classifier anew."""


@app.command()
def screen(
    to: Annotated[
        Path | None,
        typer.Option("--out", help="Write weights and card here; else over those of the house."),
    ] = None,
    messages: Annotated[
        Path | None, typer.Option(help="A corpus of your own: en/*.txt and zh/*.txt.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="Another sentence encoder for both languages: folder or hub name.")
    ] = "",
) -> None:
    """Train on the project's corpus, calibrate on what was held back, write the model card."""
    from safety.classifier import card, corpus
    from safety.classifier.net import EncoderRefused
    from safety.classifier.train import train
    from safety.classifier.weights import FOLDER

    folder = to or FOLDER
    trained = []
    try:
        with Progress(console=out) as bars:
            for language in ("en", "zh"):
                bar = bars.add_task({"en": "English", "zh": "Chinese"}[language], total=1.0)
                trained.append(
                    train(
                        language,
                        folder,
                        messages=messages or corpus.FOLDER,
                        encoder=encoder,
                        step=lambda share, bar=bar: bars.update(bar, completed=share),  # type: ignore[misc]
                    )
                )
                bars.update(bar, completed=1.0)
    except (ValueError, OSError, EncoderRefused) as error:
        out.print(f"Not trained: {error}", style="red", highlight=False)
        raise typer.Exit(1) from error
    (folder / "card.md").write_text(card.write(trained), "utf-8")
    out.print(f"Weights and card.md are in {folder}", highlight=False)
