"""An emergency's first text while 600 reminders wait and the language model hangs."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

from bench.figures import Figure, share
from bench.house import ROOT, BenchHouse, chat_of
from bench.machine import load
from bench.progress import bar
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass, Parcel

REMINDERS = 600
EMERGENCIES = 40
ASKING = 40  #: patients whose question keeps the hanging model busy
PAUSE = 0.4  #: seconds between two emergencies
_EN = "I have crushing chest pain and I can't breathe"
_ZH = "我胸口压着疼，喘不过气来"
_QUESTIONS = ("can I eat grapefruit with my tablets?", "吃药的时候能吃西柚吗？")


def measure() -> list[Figure]:
    """One house with a model that never answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = subprocess.Popen(
        [sys.executable, "-m", "tests.scripted_llm", "--port", str(port), "--wait", "3600"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    settings = {
        "ANKANG_LLM": "openai:hangs",
        "ANKANG_LLM_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "ANKANG_LLM_API_KEY": "none",
    }
    try:
        with BenchHouse(patients=REMINDERS, environment=settings) as house:
            return _emergencies(house)
    finally:
        model.terminate()
        model.wait()


def _emergencies(house: BenchHouse) -> list[Figure]:
    _nurses(house)
    with bar("starting a house", 1) as step:
        house.start()
        house.until(lambda: house.server.made("getUpdates"), within=60)
        house.answered(0, "what did I tell you about my knee?", within=90)
        step()
    busy, said, waiting = load(), {}, []
    _remind(house)
    for patient in range(ASKING):
        house.say(REMINDERS - 1 - patient, _QUESTIONS[patient % 2])
    time.sleep(0.5)
    drawn = random.Random(5)
    with bar("emergencies", EMERGENCIES) as step:
        for patient in range(1, EMERGENCIES + 1):
            waiting.append(
                house.count("select count(*) from outbox where class = 3 and state = 'new'")
            )
            said[patient] = time.time()
            house.say(patient, _ZH if patient % 2 else _EN)
            time.sleep(PAUSE * drawn.uniform(0.5, 1.5))
            step()
    first = "select key, external_id from outbox where class = 0 and key like '%/first'"
    house.until(lambda: _told(house, first, said), within=60)
    took = [(at - said[patient]) * 1e3 for patient, at in _told(house, first, said).items()]
    p50, p95 = share(took, 0.5), share(took, 0.95)
    return [
        Figure(
            what=f"P0 first text on the wire, {REMINDERS} reminders waiting, the model hangs",
            must="p95 ≤ 1 s",
            measured=f"p50 {p50:.0f} ms, p95 {p95:.0f} ms",
            spread=f"{len(took)} patients, {min(took):.0f} to {max(took):.0f} ms; reminders "
            f"still waiting: {waiting[0]} at the first, {waiting[-1]} at the last",
            load=busy,
            met=p95 <= 1000,
        )
    ]


def _told(house: BenchHouse, first: str, said: dict[int, float]) -> dict[int, float]:
    """When each patient's emergency text arrived; empty until all have."""
    with house.rows() as rows:
        numbers = {int(external) for _, external in rows.execute(first) if external}
    patients = {str(chat_of(patient)): patient for patient in said}
    at: dict[int, float] = {}
    for call in house.server.made("sendMessage"):
        patient = patients.get(call.params.get("chat_id", ""))
        if patient is not None and call.result and call.result["message_id"] in numbers:
            at.setdefault(patient, call.at)
    return at if at.keys() == said.keys() else {}


def _remind(house: BenchHouse) -> None:
    now = datetime.now(UTC)
    with house.store.unit_of_work() as work:
        for patient in range(REMINDERS):
            work.outbox.add(
                Parcel(
                    key=f"bench/reminder/{patient}",
                    channel="telegram",
                    bot=house.server.token.partition(":")[0],
                    address=str(chat_of(patient)),
                    patient_id=PatientId(f"{patient:032x}"),
                    message_class=MessageClass.CHECK_IN,
                    text="Good morning! How are you today?",
                    not_before=now,
                )
            )


def _nurses(house: BenchHouse) -> None:
    """Nurses who are paged by each emergency, in the same outbox."""
    with house.store.unit_of_work() as work:
        for number, name in enumerate(("Bob", "Li Min")):
            chat = 6_000_001 + number
            house.server.person(chat, name)
            work.care_team.add(
                CareTeamMember(
                    id=f"bench-{number}",
                    name=name,
                    role=Role.SUPERVISOR if number else Role.NURSE,
                    username=f"bench{number}",
                    telegram_id=str(chat),
                )
            )
