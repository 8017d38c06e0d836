"""How long a start takes on a folder that is there already, and what an idle house costs."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

from bench.figures import Figure, middle, runs
from bench.house import BenchHouse
from bench.machine import load, seconds_of_processor
from bench.progress import bar

REPEATS = 3
IDLE = 20.0  #: seconds


def measure() -> list[Figure]:
    """Second starts, and the processor time of a house with nothing to do."""
    busy, pages, replies, recalls = load(), [], [], []
    with BenchHouse(patients=50) as house:
        with bar("starting a house", REPEATS + 1) as step:
            for repeat in range(REPEATS + 1):
                page, reply, recall = _start(house)
                if repeat:  # the first start is not a second start
                    pages.append(page)
                    replies.append(reply)
                    recalls.append(recall)
                if repeat < REPEATS:
                    house.stop()
                step()
        house.wait_for_the_library()
        time.sleep(5)
        idle_load, before = load(), seconds_of_processor(house.pid)
        with bar("an idle house", int(IDLE)) as step:
            for _ in range(int(IDLE)):
                time.sleep(1)
                step()
        used = (seconds_of_processor(house.pid) - before) / IDLE * 100
    return [
        Figure(
            what="second start: the console answers",
            must="< 10 s",
            measured=f"{middle(pages):.1f} s",
            spread=f"{runs(pages, 's', 1)}; first reply on the wire {middle(replies):.1f} s, "
            f"first answer from memory {middle(recalls):.1f} s",
            load=busy,
            met=max(pages) < 10,
        ),
        Figure(
            what="processor of an idle house",
            must="",
            measured=f"{used:.1f} % of one core",
            spread=f"over {IDLE:.0f} s",
            load=idle_load,
        ),
    ]


def _start(house: BenchHouse) -> tuple[float, float, float]:
    """Seconds until the console answers, a greeting is answered, a memory is found."""
    began, since = time.time(), len(house.server.calls)
    house.say(0, "good morning")
    house.say(1, "我上次跟你说膝盖怎么了？")
    house.start()
    page = house.until(lambda: _answers(house.port) and time.time() - began, within=60)
    reply = house.first_call(0, since, within=60) - began
    recall = house.first_call(1, since, within=90) - began
    house.until(house.quiet, within=60)
    return page, reply, recall


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        time.sleep(0.02)
        return False
