"""Put the house together for a command, or end it with one clear sentence."""

from __future__ import annotations

import asyncio
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from bot.domain.errors import AnkangError

out = Console()
err = Console(stderr=True)


def open_house(**overrides: Any) -> Any:
    """The house put together, or one clear sentence and the end."""
    from bot import bootstrap, config

    try:
        settings = config.load(**overrides)
        bootstrap.data_folder(settings)
        return bootstrap.build(settings)
    except (AnkangError, ValueError, OSError) as error:
        end("Ankang cannot start:", error)
        raise typer.Exit(2) from None


def end(what: str, error: Exception) -> None:
    """One sentence on one line, whatever the error holds."""
    said = Text(what, style="bold").append(f" {' '.join(str(error).split())}", style="not bold")
    err.print(said, highlight=False, soft_wrap=True)


def learn_username(house: Any) -> None:
    """Ask Telegram for the bot's name, so that an invitation becomes a link and not a code."""
    if house.telegram is None:
        return
    try:
        asyncio.run(_greet(house.telegram))
    except AnkangError as error:
        err.print(f"Telegram does not answer ({error}); here is the code alone.")


async def _greet(telegram: Any) -> None:
    await telegram.start()
    await telegram.close()
