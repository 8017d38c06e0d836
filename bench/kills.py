"""kill -9 at random moments while messages keep arriving: what is lost, what is said twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter, defaultdict

from bench.figures import Figure
from bench.house import BenchHouse, id_of
from bench.machine import load
from bench.progress import bar
from bench.words import reading

KILLS = 50
PATIENTS = 120
A_SECOND = 8.0
LIVES = 1.5  #: seconds a house fetches messages before it dies, at most


def measure() -> list[Figure]:
    """One data folder, a house that dies fifty times over it, and then one that lives."""
    drawn = random.Random(9)
    busy = load()
    with BenchHouse(patients=PATIENTS) as house:
        people, nursery = _People(house), _Nursery(house)
        with bar("kill -9", KILLS) as step:
            for _ in range(KILLS):
                polls = len(house.server.made("getUpdates"))
                child = nursery.start()
                house.until(
                    lambda polls=polls: len(house.server.made("getUpdates")) > polls, within=60
                )
                people.begin()
                time.sleep(drawn.uniform(0, LIVES))
                nursery.kill(child)
                step()
        people.stop()
        nursery.close()
        house.start()
        with bar("the last house answers what is left", 1) as step:
            house.until(lambda: not house.server.updates and house.quiet(), within=240)
            step()
        return _judge(house, people, busy)


class _Nursery:
    """Houses that start within a second; see bench.nursery."""

    def __init__(self, house: BenchHouse) -> None:
        self._process = house.spawn("bench.nursery", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._hear()

    def start(self) -> int:
        """A house's process number."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(b"\n")
        stdin.flush()
        return int(self._hear())

    def kill(self, child: int) -> None:
        """End it between two instructions, and wait until it is gone."""
        os.kill(child, signal.SIGKILL)
        self._hear()

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _hear(self) -> bytes:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError("the nursery ended by itself")
        return said


class _People(threading.Thread):
    """Patients who write evenly, whether or not anybody listens."""

    def __init__(self, house: BenchHouse) -> None:
        super().__init__(daemon=True)
        self._house = house
        self._end = threading.Event()
        self.said: dict[int, int] = {}  #: update -> patient

    def begin(self) -> None:
        """From the first time on they write until ``stop``."""
        if not self.is_alive():
            self.start()

    def run(self) -> None:
        number = 0
        while not self._end.wait(1 / A_SECOND):
            patient = number % PATIENTS
            update = self._house.say(patient, reading(patient, number // PATIENTS))
            self.said[update] = patient
            number += 1

    def stop(self) -> None:
        self._end.set()
        self.join()


def _judge(house: BenchHouse, people: _People, busy: float) -> list[Figure]:
    with house.rows() as rows:
        inbox = dict(rows.execute("select external_id, state from inbox").fetchall())
        posted = rows.execute(
            "select key, state, external_id, address from outbox where channel = 'telegram'"
        ).fetchall()
    answers: defaultdict[str, list[str]] = defaultdict(list)
    for key, state, _, _ in posted:
        message, _, part = key.partition("/")
        answers[message].append(f"{part} {state}")
    calls = [c for c in house.server.made("sendMessage") if c.result]
    wire = Counter((c.params["chat_id"], c.params["text"]) for c in calls)
    numbers = {str(c.result["message_id"]) for c in calls}
    told = Counter(chat for chat, _ in wire.elements())
    written = Counter(address for _, _, _, address in posted)
    unknown = [key for key, state, _, _ in posted if state == "unknown"]
    lost = [u for u in people.said if inbox.get(str(u)) != "done" or not answers[id_of(u)]]
    # Sent in the rows and not on the wire would be lost too; each chat names a weight only once,
    # so the same words twice, or more calls than rows, were said twice.
    lost += [key for key, state, at, _ in posted if state == "sent" and at not in numbers]
    sets = [u for u in people.said if len(answers[id_of(u)]) > 1]
    doubled = sum(n - 1 for n in wire.values()) + len(sets)
    doubled += sum(max(0, told[chat] - written[chat]) for chat in told)
    arrived = len(people.said) - len(unknown)
    others = Counter(state for _, state, _, _ in posted if state not in ("sent", "unknown"))
    reached = sum(1 for n in told.values() for _ in range(n))
    return [
        Figure(
            what=f"kill -9 at {KILLS} random moments, {A_SECOND:.0f} messages/s arriving",
            must="0 lost, 0 doubled",
            measured=f"{len(lost)} lost, {doubled} doubled",
            spread=f"{len(people.said)} messages, {PATIENTS} patients; {arrived} known sent, "
            f"{reached} calls on the wire; {dict(others) or 'no other state'}",
            load=busy,
            met=not lost and not doubled,
        ),
        Figure(
            what="  state unknown (killed between the wire and the row)",
            must="counted",
            measured=f"{len(unknown)} unknown",
            spread=f"of which arrived: {reached - arrived}; " + ", ".join(unknown[:3]),
            load=busy,
        ),
    ]
