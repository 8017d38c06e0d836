"""How fast one bot may speak, and what is kept back for emergencies."""

from __future__ import annotations

from bot.domain.outbox import MessageClass
from bot.work.limits import Limits

EMERGENCY, CHECK_IN = MessageClass.EMERGENCY, MessageClass.CHECK_IN


def sent_in(limits: Limits, seconds: float, kind: MessageClass, addresses: list[str]) -> int:
    """How many messages get out, to each address in turn."""
    now, sent = 1000.0, 0
    while now < 1000.0 + seconds:
        for address in addresses:
            if limits.ready_in(address, kind, now) <= 0:
                limits.take(address, now)
                sent += 1
        now += 0.05
    return sent


def test_one_person_hears_about_one_message_a_second() -> None:
    assert 12 <= sent_in(Limits(), 10, CHECK_IN, ["5001"]) <= 14


def test_a_group_hears_at_most_twenty_a_minute() -> None:
    assert 18 <= sent_in(Limits(), 59.9, EMERGENCY, ["-1"]) + 0 <= 38
    assert sent_in(Limits(), 3, EMERGENCY, ["-1"]) <= 20


def test_the_whole_bot_stays_under_thirty_a_second() -> None:
    people = [str(n) for n in range(2000)]
    assert sent_in(Limits(), 10, CHECK_IN, people) <= 28 + 280


def test_the_last_places_are_kept_for_an_emergency() -> None:
    limits = Limits()
    people = [str(n) for n in range(40)]
    for person in people:
        if limits.ready_in(person, CHECK_IN, 5.0) <= 0:
            limits.take(person, 5.0)
    assert limits.ready_in("new", CHECK_IN, 5.0) > 0
    assert limits.ready_in("new", EMERGENCY, 5.0) <= 0


def test_a_pause_of_one_chat_is_nobody_elses() -> None:
    limits = Limits()
    limits.pause("5001", 7, whole_bot=False, now=5.0)
    assert limits.ready_in("5001", EMERGENCY, 5.0) == 7
    assert limits.ready_in("5002", CHECK_IN, 5.0) <= 0


def test_a_pause_of_the_bot_is_everybodys_and_never_shortened() -> None:
    limits = Limits()
    limits.pause("5001", 7, whole_bot=True, now=5.0)
    limits.pause("5001", 1, whole_bot=True, now=6.0)
    assert limits.ready_in("5002", EMERGENCY, 6.0) == 6


def test_without_limits_nobody_waits() -> None:
    assert Limits(unlimited=True).ready_in("5001", CHECK_IN, 5.0) == 0
