"""`./ankang risk watch`: have the models drifted, on the clinic's own patients?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.opening import open_house
from bot.own_models import own_models
from bot.work import risk_watch

out = Console()


def watch(
    target: Annotated[
        Path | None, typer.Option("--out", help="a folder for the report; else in the data folder")
    ] = None,
) -> None:
    """Look at every model now; write the report; call the operator where one has drifted."""
    house = open_house()

    def registered(since: datetime) -> list[risk_watch.Asked]:
        return own_models(house.settings, since)

    found = risk_watch.look(house.services, registered)
    page = risk_watch.write(found, target or house.settings.data / "reports")
    risk_watch.note(house.services, found)
    for line in found.findings:
        out.print(line, highlight=False, soft_wrap=True)
    words = f"{found.assessments} assessments read, {len(found.findings)} findings: {page}"
    out.print(words, highlight=False, soft_wrap=True)
