"""`./ankang train`: teach the screen's classifier, the library's guess, or memory's tagger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

app = typer.Typer(help="Teach what is learnt anew.", no_args_is_help=True)
out = Console()


@app.callback()
def group() -> None:
    """Teach what is learnt anew."""


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
    cut_from: Annotated[
        str,
        typer.Option(help="First cut the encoder for Chinese anew from this one, and keep it."),
    ] = "",
) -> None:
    """Train on the project's corpus, calibrate on what was held back, write the model card."""
    from safety.classifier import card, corpus
    from safety.classifier.net import EncoderRefused
    from safety.classifier.train import train
    from safety.classifier.weights import BESIDE, FOLDER

    folder = to or FOLDER
    trained = []
    try:
        if cut_from:
            from safety.classifier.cut import cut_down

            pieces = cut_down(cut_from, FOLDER / BESIDE["zh"])
            out.print(f"Cut to {pieces:,} pieces", highlight=False)
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


@app.command()
def library(
    to: Annotated[
        Path | None,
        typer.Option("--out", help="Write weights and card here; else over those of the house."),
    ] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Questions of your own: a folder like knowledge/questions.")
    ] = None,
) -> None:
    """Learn which article is asked for, from the articles and knowledge/questions."""
    from bot.knowing import encoder
    from knowledge import library as articles
    from knowledge import wordings
    from knowledge.guess import card
    from knowledge.guess.train import train
    from knowledge.guess.weights import FOLDER
    from knowledge.model import LANGUAGES, KnowledgeError
    from knowledge.shelf import called

    folder = to or FOLDER
    texts = {}
    try:
        held = articles.load()
        asked = wordings.read(questions or wordings.FOLDER, held)
        reads, names = encoder(), called()
        with Progress(console=out) as bars:
            for language in LANGUAGES:
                bar = bars.add_task({"en": "English", "zh": "Chinese"}[language], total=1.0)
                texts[language] = train(
                    language,
                    held,
                    asked,
                    called=names[language],
                    encoder=reads if language == "en" or reads.reads_chinese else None,
                    folder=folder,
                    step=lambda share, bar=bar: bars.update(bar, completed=share),  # type: ignore[misc]
                )
                bars.update(bar, completed=1.0)
    except (KnowledgeError, OSError) as error:
        out.print(f"Not trained: {error}", style="red", highlight=False)
        raise typer.Exit(1) from error
    (folder / "card.md").write_text(card.write(len(held), texts), "utf-8")
    out.print(f"Weights and card.md are in {folder}", highlight=False)


@app.command()
def facts(
    to: Annotated[
        Path | None,
        typer.Option("--out", help="Write weights and card here; else over those of the house."),
    ] = None,
    messages: Annotated[
        Path | None, typer.Option(help="Marked messages of your own: en/*.txt and zh/*.txt.")
    ] = None,
) -> None:
    """Teach the tagger on memory/corpus: which words state a fact, and of what kind."""
    from memory.tagger import card, marked
    from memory.tagger.train import train
    from memory.tagger.weights import FOLDER

    folder = to or FOLDER
    taught = []
    try:
        with Progress(console=out) as bars:
            for language in ("en", "zh"):
                bar = bars.add_task({"en": "English", "zh": "Chinese"}[language], total=1.0)
                taught.append(
                    train(
                        language,
                        folder,
                        messages=messages or marked.FOLDER,
                        step=lambda share, bar=bar: bars.update(bar, completed=share),  # type: ignore[misc]
                    )
                )
    except (ValueError, OSError) as error:
        out.print(f"Not taught: {error}", style="red", highlight=False)
        raise typer.Exit(1) from error
    (folder / "card.md").write_text(card.write(taught), "utf-8")
    out.print(f"Weights and card.md are in {folder}", highlight=False)
