"""`./ankang safety`: sign-off of the clinical files, the audit trail, and what the screen knows."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.table import Table

import safety
from bot.bootstrap import House
from bot.console.app import password_fits
from bot.domain.audit import Head
from bot.domain.clinical import EntryKind
from bot.domain.message import PatientId
from bot.escalations.clinical import end_entry, set_entry
from bot.opening import err, open_house, out
from safety import Signed

app = typer.Typer(
    help="Sign-off of the clinical files; the audit trail; what the screen knows of a patient.",
    no_args_is_help=True,
)
By = Annotated[str, typer.Option("--by", help="username of the member who does it")]


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


@app.command()
def record(
    patient: str, ended: Annotated[bool, typer.Option("--ended", help="ended lines too")] = False
) -> None:
    """What the screen knows of a patient: conditions, medicines, limits, who set them and when."""
    house = open_house()
    with house.store.reading() as rows:
        if rows.patients.get(PatientId(patient)) is None:
            err.print(f"There is no patient {patient}.")
            raise typer.Exit(1)
        entries = rows.clinical.of(PatientId(patient), ended=ended)
        names = {member.id: member.name for member in rows.care_team.all()}
    for entry in entries:
        value = "" if entry.value is None else f" {entry.value:g}"
        by = f"set by {names.get(entry.set_by, entry.set_by)} on {entry.set_at:%Y-%m-%d}"
        gone = f", ended by {names.get(entry.ended_by, entry.ended_by)}" if entry.ended_at else ""
        line = f"{entry.id}  {entry.kind.value}: {entry.name}{value}, {by}{gone}"
        out.print(line, highlight=False, soft_wrap=True)
    if not entries:
        out.print("Nothing is set.")


@app.command("set")
def set_line(
    patient: str,
    kind: Annotated[str, typer.Argument(help=" · ".join(kind.value for kind in EntryKind))],
    name: Annotated[str, typer.Argument(help="a name; a date; for a limit one of safety limits")],
    value: Annotated[float | None, typer.Argument(help="of a limit")] = None,
    by: By = "",
) -> None:
    """Set a condition, a medicine, a pregnancy, a birth or a personal limit.

    The member's password is asked for, or read from standard input. Limits are a supervisor's.
    """
    house = open_house()
    member = _member(house, by)
    entry = set_entry(house.services, PatientId(patient), member, kind, name, value)
    out.print(f"Set, no. {entry.id}.", highlight=False)


@app.command("end")
def end_line(patient: str, entry: str, by: By = "") -> None:
    """End one line of the record: it no longer counts, and stays readable."""
    house = open_house()
    end_entry(house.services, PatientId(patient), _member(house, by), entry)
    out.print("Ended.")


@app.command()
def drafts(
    patient: str,
    message: Annotated[str, typer.Argument(help="one of those listed: all of it")] = "",
    by: By = "",
    limit: Annotated[int, typer.Option(help="how many, the newest first")] = 50,
) -> None:
    """What a language model wrote for a patient: prompt version, verdicts, tokens; with a message
    also its draft, each sentence with its verdict, the passages it was shown, and what was said.

    The member's password is asked for, or read from standard input; the patient sees who looked.
    """
    from bot.commands.drafts import listed, shown

    house = open_house()
    patient_id, member = PatientId(patient), _member(house, by)
    found = shown(house, patient_id, message, member) if message else listed(
        house, patient_id, limit
    )  # fmt: skip
    if not found:
        err.print(f"Nothing was drafted for {patient}" + (f" at {message}." if message else "."))
        raise typer.Exit(1)
    for line in found:
        out.print(line, highlight=False, markup=False, soft_wrap=True)


@app.command()
def limits() -> None:
    """The limits that may be set for one patient, and what crossing each means."""
    table = Table("limit", "means", "unit", "may be", "tier")
    for kind in safety.limit_kinds().values():
        table.add_row(
            kind.id,
            f"{kind.name['en']}\n{kind.name['zh']}",
            kind.unit,
            f"{kind.lowest:g} to {kind.highest:g}",
            kind.tier.name,
        )
    out.print(table)


def _member(house: House, username: str) -> str:
    """The id of the member, whose password must fit."""
    with house.store.reading() as rows:
        member = rows.care_team.by_username(username)
    asked = (
        typer.prompt("Password", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    )
    right = member is not None and password_fits(member.password_hash, asked.strip())
    if member is None or not member.active or not right:
        err.print("--by: this name and password do not fit.")
        raise typer.Exit(1)
    return member.id


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        err.print("--expect: give a head as it was printed, N:HASH.")
        raise typer.Exit(2)
    return Head(n=int(number), hash=digest)
