"""`./ankang plan`: list the care plans, start one for a patient, end it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from bot.bootstrap import House
from bot.domain.message import PatientId
from bot.escalations import care_plans
from bot.opening import err, open_house, out
from bot.plans import plans
from bot.rule_words import schedule_in_words

app = typer.Typer(help="Care plans: list, start, stop.", no_args_is_help=True)


@app.command("list")
def list_plans() -> None:
    """The plans, what they ask, and how far they have been reviewed."""
    table = Table("plan", "title", "asks", "evidence")
    for plan in plans().values():
        asks = "\n".join(f"{item.kind}: {item.what['en']}" for item in plan.items)
        table.add_row(plan.name, f"{plan.title['en']}\n{plan.title['zh']}", asks, plan.evidence)
    out.print(table)


@app.command()
def start(
    patient: str,
    name: str,
    on: Annotated[str, typer.Option(help="first day, YYYY-MM-DD; today if not given")] = "",
) -> None:
    """Start a plan for a patient; starting it again moves it."""
    plan = plans().get(name)
    if plan is None:
        err.print(f"There is no plan {name}. There are: {', '.join(plans())}.")
        raise typer.Exit(2)
    house: House = open_house()
    now = house.services.clock()
    with house.store.unit_of_work() as work:
        known = work.patients.get(PatientId(patient))
        if known is None:
            err.print(f"There is no patient {patient}.")
            raise typer.Exit(1)
        try:
            begun = care_plans.start(work, known, plan, on, now, "operator")
        except ValueError as error:
            if str(error) == "plan_date":
                err.print(f"--on: {on} is no date such as 2026-11-24, within a year from now.")
                raise typer.Exit(2) from None
            err.print(f"Patient {patient} is {known.status.value}: nothing is asked any more.")
            raise typer.Exit(1) from None
        for schedule in begun:
            said = schedule_in_words(schedule, known.zone, "en")
            out.print(f"{schedule.kind}: {schedule.what} — {said}", highlight=False)
    out.print(f"Started {plan.title['en']}. Evidence: {plan.evidence}.", style="dim")


@app.command()
def stop(patient: str, name: str) -> None:
    """End a plan: nothing of it is asked any more."""
    house: House = open_house()
    with house.store.unit_of_work() as work:
        ended = care_plans.stop(work, PatientId(patient), name, house.services.clock(), "operator")
    if not ended:
        err.print(f"Patient {patient} has no plan {name}.")
        raise typer.Exit(1)
    out.print(f"Ended {name}.")
