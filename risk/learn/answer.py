"""Answer for a table with any model folder: a learned one, or a published one recalibrated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from risk.learn import folder
from risk.learn import raw as raw_
from risk.learn.calibrate import expit, logit

if TYPE_CHECKING:
    from risk.learn.apply import Said


def answers(path: Path, source: Path, *, person: str = "", explain: bool = False) -> list[Said]:
    """One answer a person, in order. FolderError, SheetError."""
    described = folder.described(path)
    if described["kind"] == "recalibrated":
        return recalibrated(described, source, explain=explain)
    from risk.learn.apply import predict, read
    from risk.learn.model import load

    model = load(path)
    _, people = read(model, [source], person)
    return predict(model, people, explain=explain)


def recalibrated(described: dict[str, Any], source: Path, *, explain: bool) -> list[Said]:
    """The published probability, moved by the folder's line."""
    from risk.learn.apply import Said
    from risk.scoring import card, score
    from risk.sheet import header

    raw, name = raw_.read([source]), described["model"]
    known = card(name)
    header(known, raw.names)
    times = next(c.times for c in known.sheet.outputs if c.name == described["output"])
    lines = (
        (line, dict(zip(raw.names, row, strict=True)))
        for line, row in zip(raw.lines, raw.rows, strict=True)
    )
    found = []
    for one in score(name, lines, explain=explain):
        value = one.answers.get(described["output"])
        moved_ = None if value is None else moved(described, float(value) / times)
        found.append(
            Said(
                id=one.row.id,
                probability=moved_,
                reason="; ".join(one.row.reasons)
                or ("" if moved_ is not None else "the model gives no such number"),
                note="; ".join(one.row.notes),
                explained=one.explained,
            )
        )
    return found


def moved(described: dict[str, Any], probability: float) -> float:
    """One published probability after the recalibration."""
    import numpy as np

    log_odds = described["intercept"] + described["slope"] * logit(np.array([probability]))
    return float(expit(log_odds)[0])
