"""The first words of an emergency wait for nobody: the sender is woken when they are kept."""

from __future__ import annotations

import pytest

from bot.domain.outbox import MessageClass

_WAITING = (
    "select count(*) from outbox where state = 'new' and patient_id = 'alice' "
    f"and class = {int(MessageClass.EMERGENCY)}"
)


def heard_by_the_sender(house) -> list[int]:
    """At each ring of the outbox's bell: the emergency words that the sender can find by then."""
    found: list[int] = []

    def ring(names: tuple[str, ...]) -> None:
        if "outbox" in names:
            with house.house.store.engine.connect() as another:
                found.append(another.exec_driver_sql(_WAITING).scalar_one())

    house.services.bells.tell = ring
    return found


@pytest.mark.parametrize("words", ["I have crushing chest pain", "我胸口压着疼，喘不上气"])
async def test_what_the_rules_know_is_sent_at_once(house, words: str) -> None:
    found = heard_by_the_sender(house)
    await house.say(words)
    assert max(found) >= 1


async def test_a_yes_to_the_question_is_sent_at_once(house) -> None:
    await house.say("I had chest pain last week, is that bad?")
    found = heard_by_the_sender(house)
    await house.tap("Yes, now")
    assert max(found) >= 1
