"""`./ankang safety`: what no clinician has signed, and whether the audit trail is whole."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

import safety
from bot.domain.audit import Head
from bot.opening import err, open_house, out
from safety import Signed

app = typer.Typer(help="Sign-off of the clinical files; the audit trail.", no_args_is_help=True)


@app.command()
def review(
    every: Annotated[bool, typer.Option("--all", help="signed files too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for a program")] = False,
) -> None:
    """List what a clinician has not signed, file by file, with the evidence it rests on."""
    found = [one for one in safety.signatures() if every or not one.signed]
    if as_json:
        out.print_json(json.dumps([one.plain() for one in found]))
        return
    table = Table()
    table.add_column("file", no_wrap=True)
    for column in ("items", "verified", "mixed", "recalled", "signed by"):
        table.add_column(column, justify="right")
    for one in found:
        table.add_row(*_row(one))
    out.print(table)
    unsigned = [one for one in found if not one.signed]
    items = sum(one.items for one in unsigned)
    out.print(
        f"{len(unsigned)} files with {items} items are not signed by a clinician."
        if unsigned
        else "Every clinical file is signed.",
        highlight=False,
    )


def _row(one: Signed) -> tuple[str, ...]:
    counts = [str(one.evidence.get(state, 0) or "–") for state in safety.EVIDENCE]
    by = f"{one.reviewer}, {one.reviewed_on}" if one.signed else "nobody"
    return (one.file, str(one.items), *counts, by)


@app.command()
def verify(
    evidence: Annotated[
        bool, typer.Option("--evidence", help="compare the sealed evidence too")
    ] = False,
    expect: Annotated[str, typer.Option(help="a head noted down earlier, N:HASH")] = "",
) -> None:
    """Compute the chain over the audit trail anew; 1 where it is broken.

    Note the head it prints somewhere else: given later to --expect, it shows that nothing before
    it was cut off or written anew.
    """
    expected = _head(expect) if expect else None
    house = open_house()
    with house.store.unit_of_work() as work:
        while work.audit.link(everything=True):
            pass
    with house.store.reading() as rows:
        chain = rows.audit.verify(house.services.clock(), evidence=evidence, expected=expected)
    if chain.broken is not None:
        place = f" at event {chain.broken.event}" if chain.broken.event else ""
        err.print(f"The trail is broken: {chain.broken.what}{place}.", highlight=False)
        raise typer.Exit(1)
    compared = f", {chain.digests} pieces of evidence" if evidence else ""
    out.print(f"The trail is whole: {chain.events} events{compared}.", highlight=False)
    out.print(f"Head {chain.head}", highlight=False, soft_wrap=True)


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        err.print("--expect: give a head as it was printed, N:HASH.")
        raise typer.Exit(2)
    return Head(n=int(number), hash=digest)
