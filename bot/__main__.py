"""The command line of the house."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import typer
from rich.panel import Panel

from bot import loop
from bot.commands import data, plan, rota, train
from bot.commands import memory as memory_commands
from bot.commands.evals import app as eval_app
from bot.commands.knowledge import app as knowledge_app
from bot.commands.nurse import nurse
from bot.commands.risk import app as risk_app
from bot.commands.safety import app as safety_app
from bot.domain.errors import AnkangError
from bot.opening import end, err, learn_username, open_house, out

_M_ARENA_MAX = -8  # <malloc.h>

app = typer.Typer(
    name="ankang",
    help="Ankang (安康), a health-management chatbot for clinics.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _quiet_logs() -> None:
    """Ids only; the HTTP libraries log URLs, and Telegram's URLs hold the token."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in (
        "aiohttp",
        "httpx",
        "httpcore",
        "apscheduler",
        "chromadb",
        "sentence_transformers",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def _few_arenas() -> None:
    """Two pools of memory for all threads instead of eight for each core (glibc's mallopt).

    Python takes turns at its lock anyway; the other pools held 50 MB that nobody used.
    """
    with suppress(OSError, AttributeError):  # another libc has no such pools
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _play(house: Any, roles: set[str], on_ready: Any = None) -> None:
    from bot.knowing import better_library
    from bot.process import Process

    _quiet_logs()
    _few_arenas()
    if "work" in roles:
        house.library.improve(partial(better_library, house))
    loop.run(Process(house, frozenset(roles), on_ready).run())


@app.command()
def run() -> None:
    """Start everything in one process: door, answers, sender, console."""
    house = open_house()
    settings = house.settings

    def ready() -> None:
        lines = [f"Nurse console  {settings.console_url}/work"]
        if house.web is not None:
            from bot import demo
            from bot.console.app import hash_password

            password = demo.prepare(house.services, settings.data, hash_password)
            lines.insert(0, f"Demo patient   {settings.console_url}/chat")
            lines.append("Sign in as     nurse  (or nurse2: two people close some matters)")
            lines.append(f"Password       {password}")
        if house.telegram is not None:
            lines.append(f"Telegram       https://t.me/{house.telegram.username}")
        else:
            lines.append("Telegram       not connected: ask @BotFather for a token, then")
            lines.append("               ANKANG_TELEGRAM_TOKEN=… ./ankang run")
        lines.append("Language model " + (settings.llm or "none; approved words and rules"))
        out.print(Panel("\n".join(lines), title="Ankang 安康 is running", expand=False))

    _play(house, {"door", "work", "console"}, ready)


@app.command()
def serve() -> None:
    """The door and the console of a hospital's set-up: PostgreSQL, with `work` beside it."""
    house = _grown()
    _play(house, {"door", "console"}, _says(f"Door and console: {house.settings.console_url}"))


@app.command()
def work() -> None:
    """One worker of a hospital's set-up: answers, check-ins, alerts, sender."""
    _play(_grown(), {"work"}, _says("This worker answers, asks, pages and sends."))


def _says(line: str) -> Callable[[], None]:
    return lambda: out.print(f"Ankang 安康 is running. {line}", highlight=False)


def _grown() -> Any:
    house = open_house()
    if house.embedded:
        err.print(
            "This command needs PostgreSQL (ANKANG_DATABASE_URL) and a Chroma server "
            "(ANKANG_CHROMA_URL). On one machine use: ./ankang run",
            highlight=False,
        )
        raise typer.Exit(2)
    return house


@app.command()
def chat(language: Annotated[str, typer.Option(help="en or zh")] = "en") -> None:
    """Talk in the terminal as the demo patient."""
    from bot.terminal import talk

    asyncio.run(talk(open_house(port=8701), language, out))


@app.command()
def migrate() -> None:
    """Bring the database to this version."""
    from bot.store.migrate import version

    house = open_house()
    out.print(f"The database is at version {version(house.store.engine)}.")


@app.command()
def doctor() -> None:
    """Check settings, database, Chroma, models, token, clock and disk, and say what to do."""
    from bot.doctor import examine

    raise typer.Exit(0 if examine(out) else 1)


@app.command()
def enrol(
    name: Annotated[str, typer.Option(help="how the patient is called; may stay empty")] = "",
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
    member_name: Annotated[
        str, typer.Option("--nurse", help="username of a nurse to link instead")
    ] = "",
    group: Annotated[bool, typer.Option(help="link a nurses' group instead")] = False,
    carer_of: Annotated[str, typer.Option(help="id of a patient: a link for a carer")] = "",
) -> None:
    """Make a one-time link: for a patient, a carer, a nurse's own chat, or a nurses' group."""
    from bot import inviting
    from bot.domain.message import PatientId
    from bot.domain.patient import PatientStatus

    house = open_house()
    learn_username(house)
    if group:
        link = inviting.invite(house, "group", language)
    elif carer_of:
        patient_id = PatientId(carer_of)
        with house.store.reading() as rows:
            status = rows.patients.status(patient_id)
        if status in (None, PatientStatus.ERASED, PatientStatus.DECEASED):
            err.print(f"There is no patient {carer_of}.")
            raise typer.Exit(1)
        link = inviting.carer_link(house, patient_id, "operator")
    elif member_name:
        with house.store.reading() as rows:
            member = rows.care_team.by_username(member_name)
        if member is None or not member.active:
            err.print(f"There is no nurse {member_name}.")
            raise typer.Exit(1)
        link = inviting.invite(house, "member", member.id)
    else:
        link = inviting.enrol(house, language, name, "operator")
    out.print(link, soft_wrap=True)
    out.print("It works once, within seven days.", style="dim")


@app.command("serve-rasa")
def serve_rasa() -> None:
    """The house as a rasa-sdk action server; loopback unless a token is set."""
    from bot.rasa_house import serve as serve_house

    house = open_house()
    _quiet_logs()
    out.print(f"Rasa action server: http://{house.settings.rasa_host}:{house.settings.rasa_port}")
    asyncio.run(serve_house(house))


for command in (nurse, data.export, data.erase, data.backup, data.restore, data.retention):
    app.command()(command)
app.command("import")(data.take_in)
app.add_typer(plan.app, name="plan")
app.add_typer(rota.app, name="rota")
app.add_typer(memory_commands.app, name="memory")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(risk_app, name="risk")
app.add_typer(eval_app, name="eval")
app.add_typer(safety_app, name="safety")
app.add_typer(train.app, name="train")


def main() -> None:
    """The process's top: whatever ends it is one sentence for a person, and exit code 1."""
    try:
        app()
    except (AnkangError, OSError, ValueError, RuntimeError) as error:
        end("Ankang stopped:", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
