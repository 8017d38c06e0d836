"""`./ankang export`, `erase`, `backup`, `restore`: what the house holds, out of it and into it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from bot.bootstrap import House
from bot.domain.message import PatientId
from bot.domain.patient import PatientStatus
from bot.opening import err, learn_username, open_house, out


def export(patient: str, to: Annotated[Path | None, typer.Option()] = None) -> None:
    """Everything the house holds about a patient: a FHIR R4 Bundle, and a page to read.

    With --to alice.json the page is alice.html beside it; without, the Bundle is printed.
    """
    from bot.domain.escalation import AuditEvent
    from bot.export import bundle, page
    from bot.fhir import problems

    house: House = open_house()
    patient_id, now = PatientId(patient), house.services.clock()
    with house.store.reading() as rows:
        known = rows.patients.status(patient_id)
        if known in (None, PatientStatus.ERASED):
            err.print(f"There is no patient {patient}" + (", only a tombstone." if known else "."))
            raise typer.Exit(1)
        made = bundle(rows, patient_id)
        html = page(rows, patient_id, clinic=house.services.clinic.name, now=now)
    wrong = [
        problem
        for number, one in enumerate(made["entry"])
        for problem in problems(one["resource"], f"entry[{number}].resource")
    ]
    for problem in wrong:  # a defect of ours; the data are given all the same
        err.print(f"Not valid FHIR: {problem}", highlight=False)
    with house.store.unit_of_work() as work:
        work.audit.add(
            AuditEvent(at=now, actor="operator", type="patient.exported", subject=patient_id,
                       patient_id=patient_id)
        )  # fmt: skip
    text = json.dumps(made, ensure_ascii=False, indent=2)
    if to is None:
        out.print_json(text)
        return
    beside = to.with_suffix(".html")
    _write_private(to, text)
    _write_private(beside, html)
    out.print(f"{len(made['entry'])} resources in {to}, a page in {beside}.", highlight=False)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", -1, "utf-8"
    ) as file:
        file.write(text)


def erase(patient: str, yes: Annotated[bool, typer.Option("--yes")] = False) -> None:
    """Delete a patient's rows and memories, destroy the key, and print the receipt."""
    from bot import erasing, retention
    from memory.chroma import compact

    house: House = open_house()
    with house.store.reading() as rows:
        if rows.patients.status(PatientId(patient)) is None:
            err.print(f"There is no patient {patient}.")
            raise typer.Exit(1)
    if not yes:
        typer.confirm("This cannot be undone. Erase?", abort=True)
    house.memories.open()
    with out.status("Erasing …"):
        receipt = erasing.erase(house.services, house.tombstones, PatientId(patient))
        house.memories.close()
        if not house.settings.chroma_url:
            compact(house.settings.data / "memory")  # deleted pages leave the disk, too
    out.print_json(json.dumps(retention.told(receipt), ensure_ascii=False))


def take_in(
    file: Path,
    language: Annotated[
        str, typer.Option(help="en or zh, where the record does not say which")
    ] = "en",
    check: Annotated[bool, typer.Option("--check", help="read it, and keep nothing")] = False,
) -> None:
    """Take in a patient's record from another system: a FHIR R4 Bundle. Print the enrol link.

    An error refuses all of it. The same Bundle again changes nothing; a newer one replaces what
    has changed.
    """
    from bot import inviting
    from bot.intake import Refused, keep, read

    house: House = open_house()
    now = house.services.clock()
    try:
        intake = read(file.read_bytes(), now=now)
        if not check:
            with house.store.unit_of_work() as work:
                kept = keep(work, intake, language=language, now=now)
    except Refused as refused:
        for problem in refused.problems:
            err.print(problem, highlight=False, soft_wrap=True, markup=False)
        err.print(f"Nothing was kept: {len(refused.problems)} errors.", highlight=False)
        raise typer.Exit(1) from None
    for line in intake.left_out:
        out.print(f"Left out: {line}", highlight=False, style="dim")
    if check:
        said, values = len(intake.said), len(intake.values)
        out.print(f"{said} statements and {values} values could be kept.", highlight=False)
        return
    house.services.bells.ring("memory")
    out.print(
        f"Patient {kept.patient_id}: {kept.statements} statements and {kept.observations} values "
        f"are new, {kept.superseded + kept.withdrawn} replaced.",
        highlight=False,
        soft_wrap=True,
    )
    if not kept.linked:
        learn_username(house)
        out.print(inviting.invite(house, "patient", kept.patient_id), soft_wrap=True)
        out.print("It works once, within seven days.", style="dim")


def backup(file: Path) -> None:
    """Write every row to one file, while the house runs; without the master key."""
    from bot.store.backup import back_up

    house: House = open_house()
    with out.status("Copying …"):
        size = back_up(house.store.engine, file)
    out.print(f"{size / 1e6:.1f} MB in {file}. Sealed words stay sealed in it.", highlight=False)
    out.print(
        "The master key is not in it: keep that elsewhere. Keep a copy of "
        f"{house.tombstones.path} beside the newest backup: it says who was erased.",
        highlight=False,
        style="dim",
    )


def restore(
    file: Path,
    tombstones: Annotated[
        Path | None, typer.Option(help="a list of erased patients, erased.jsonl")
    ] = None,
    without_tombstones: Annotated[
        bool, typer.Option("--without-tombstones", help="nobody was erased since the backup")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="put the database that is there aside")
    ] = False,
) -> None:
    """Make the house what a backup says it was; limits set since stay, erasures above all."""
    from bot import config
    from bot.commands import restored
    from bot.restoring import restore as do

    with out.status("Restoring …"):
        done = do(
            config.load(),
            file,
            tombstones=tombstones,
            without_tombstones=without_tombstones,
            replace=replace,
        )
    for line in restored.lines(done):
        out.print(line, highlight=False, soft_wrap=True, markup=False)
    out.print("Memories are indexed again from the rows at the next start.", style="dim")


def retention() -> None:
    """How long each class is kept, what would go tonight, and who decided it."""
    from rich.table import Table

    from bot import retention as kept

    house: House = open_house()
    path = house.settings.retention
    given, due = kept.rules(path), kept.due(house.services, path)
    table = Table("class", "kept", "due", "what", "why")
    for one in given.classes:
        days = {0: "until erased", 1: "1 day"}.get(one.days, f"{one.days} days")
        going = sum(due.get(name, 0) for name in one.tables)
        table.add_row(one.name, days, str(going or "–"), one.title, one.why)
    out.print(table)
    signed = given.reviewed_on and given.reviewer
    out.print(
        f"Signed by {given.reviewer}, {given.reviewed_on}."
        if signed
        else f"Evidence: {given.evidence}.",
        highlight=False,
    )
    out.print("Applied every night by whoever works. The audit trail is never deleted by age.")
