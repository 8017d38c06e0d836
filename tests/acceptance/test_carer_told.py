"""What a carer is told when the post is slow, and what everybody else reads of it."""

from __future__ import annotations

import pytest
from carers import known, linked
from house import HouseUnderTest

from bot.conversation.answer import LEASE
from bot.conversation.listen import claim, hear
from bot.conversation.prepare import prepare
from bot.domain.errors import ChannelError, OutcomeUnknown, Unreachable
from bot.domain.message import TO_CARER, Message, Outgoing, PatientId, Receipt
from bot.domain.outbox import OutboxState
from bot.escalations.accept import accept
from bot.export import bundle
from bot.export.page import page
from bot.fhir import problems
from bot.inviting import invite

ALICE = PatientId("alice")


async def asked_while_the_post_fails(house: HouseUnderTest, words: str) -> None:
    """Readings are shared, the carer asks, and the answer stays in the post."""
    await known(house)
    await linked(house)
    await house.tap("Share readings")
    house.phone.fails = [ChannelError()]
    assert await house.say(words, "carol") == ""


async def told_later(house: HouseUnderTest, **delta: float) -> str:
    """What reaches the carer once the post works again."""
    before = len(house.phone.sent)
    house.clock.advance(**delta)
    await house.settle()
    return "\n".join(house.told("carol", before))


@pytest.mark.parametrize("words", ["what is her blood pressure?", "what do you know about her?"])
async def test_no_reading_follows_a_no_though_the_answer_was_in_the_post(
    house: HouseUnderTest, words: str
) -> None:
    await asked_while_the_post_fails(house, words)
    await house.say("stop sharing with Carol")
    assert "132" not in await told_later(house, minutes=10)
    assert "I tell you nothing" in house.told("carol")[-1]


async def test_no_reading_follows_the_end_of_the_link(house: HouseUnderTest) -> None:
    await asked_while_the_post_fails(house, "what is her blood pressure?")
    await house.say("", "carol", kind="command", data="stop")
    assert "132" not in await told_later(house, minutes=10)


async def test_what_is_still_agreed_to_is_told_when_the_post_works_again(
    house: HouseUnderTest,
) -> None:
    await asked_while_the_post_fails(house, "what is her blood pressure?")
    await house.say("stop sharing reminders with Carol")
    assert "132/84" in await told_later(house, minutes=10)


async def test_a_carers_answer_grows_stale(house: HouseUnderTest) -> None:
    await asked_while_the_post_fails(house, "what is her blood pressure?")
    assert await told_later(house, hours=13) == ""


async def test_who_looked_names_a_carer_only_once_they_were_told(house: HouseUnderTest) -> None:
    await asked_while_the_post_fails(house, "what is her blood pressure?")
    assert "Carol" not in await house.say("who looked at my record?")
    await told_later(house, minutes=10)
    assert "Carol" in await house.say("who looked at my record?")


async def test_who_looked_leaves_out_a_carer_who_was_refused_in_the_post(
    house: HouseUnderTest,
) -> None:
    await asked_while_the_post_fails(house, "what is her blood pressure?")
    await house.say("stop sharing with Carol")
    await told_later(house, minutes=10)
    assert "Carol" not in await house.say("who looked at my record?")


async def test_who_looked_names_a_carer_who_may_have_been_told(house: HouseUnderTest) -> None:
    await known(house)
    await linked(house)
    await house.tap("Share readings")
    house.phone.fails = [OutcomeUnknown()]
    await house.say("what is her blood pressure?", "carol")
    assert "Carol" in await house.say("who looked at my record?")


def told_to_carer(house: HouseUnderTest) -> list[Message]:
    with house.house.store.reading() as rows:
        return [m for m in rows.conversation.latest(ALICE, 20) if m.author == TO_CARER]


@pytest.mark.parametrize("words", ["/stop", "stop"])
async def test_the_carer_is_promised_no_question_that_was_never_sent(
    house: HouseUnderTest, words: str
) -> None:
    """Nor are they told that the patient has stopped: nothing is shared before a yes."""
    willing = await linked(house)
    assert "Carol has opened a link" in house.told("alice")[-1]
    await house.say(words)
    before = len(house.phone.sent)
    house.clock.advance(minutes=1)
    told = await linked(house, "dora")
    assert house.told("alice", before) == []
    assert "asked" not in told and "Until they agree, I tell you nothing" in told
    assert told == willing
    assert "Dora may hear" in await house.say("my carers")
    await house.tap("Share readings")
    assert "decided what I may tell you" in house.told("dora")[-1]


async def test_the_carer_is_promised_no_question_in_chinese(house: HouseUnderTest) -> None:
    house.patient("lan", language="zh", country="CN", timezone="Asia/Shanghai")
    await house.say("停止", "lan")
    code = invite(house.house, "carer", "lan").rpartition("=")[2]
    told = await house.say(code, "hua", kind="command", data="start", language_hint="zh")
    assert "去问" not in told and "我的照护人" in told


async def test_emergency_words_to_a_carer_are_not_taken_for_words_to_the_patient(
    house: HouseUnderTest,
) -> None:
    await linked(house)
    said = await house.say("she has crushing chest pain and is sweating", "carol")
    assert "999" in said
    assert "999" not in "".join(house.told("alice"))
    [shown] = told_to_carer(house)
    assert "999" in shown.text and shown.with_carer
    with house.house.store.reading() as rows:
        whole = bundle(rows, ALICE)
        read = page(rows, ALICE, clinic="Riverside", now=house.clock())
        states = rows.outbox.states(ALICE, 20)
    assert states[shown.id][0] is OutboxState.SENT
    [sent] = [
        one["resource"] for one in whole["entry"]
        if one["resource"].get("payload") == [{"contentString": shown.text}]
    ]  # fmt: skip
    assert sent["recipient"] == [{"display": "carer"}]
    assert problems(sent, "Communication") == []
    assert "Ankang, to a carer" in read


async def test_what_passed_with_a_carer_is_no_part_of_what_the_bot_and_the_patient_said(
    house: HouseUnderTest,
) -> None:
    await linked(house)
    await house.say("she has crushing chest pain and is sweating", "carol")
    house.arrives(text="what is hypertension?")
    for update in claim(house.services):
        hear(update, house.services)
    with house.house.store.unit_of_work() as work:
        [row] = work.inbox.claim_turns(house.clock(), LEASE, 50)
    turn = prepare(row, house.services)
    assert turn is not None
    assert {m.author for m in turn.history} <= {"patient", "bot"}
    assert not [m for m in turn.history if "999" in m.text]


async def test_a_nurse_reads_what_a_carer_was_told_about_a_lesser_worry(
    house: HouseUnderTest,
) -> None:
    await linked(house)
    said = await house.say("she has had a temperature of 39.2 for two days", "carol")
    [shown] = told_to_carer(house)
    assert shown.text == said


async def test_the_patients_own_copy_names_the_carer_who_was_told(house: HouseUnderTest) -> None:
    await known(house)
    await linked(house)
    await house.tap("Share readings")
    await house.say("what is her blood pressure?", "carol")
    with house.house.store.reading() as rows:
        read = page(rows, ALICE, clinic="Riverside", now=house.clock())
    line = '<td>Carol</td><td class="soft">asked about you and was told what you had agreed to'
    assert line in read


async def test_a_nurse_who_takes_a_carers_matter_is_not_said_to_have_the_patients_message(
    house: HouseUnderTest,
) -> None:
    await linked(house)
    await house.say("she has crushing chest pain and is sweating", "carol")
    [matter] = house.escalations()
    before = len(house.phone.sent)
    accept(house.services, matter.id, "bob")
    await house.settle()
    told = "\n".join(house.told("alice", before))
    assert "your message" not in told
    assert "Bob from the care team has read what somebody who cares for you wrote" in told


def not_to(house: HouseUnderTest, address: str, error: ChannelError) -> None:
    """The next message to this address fails."""
    send = house.phone.send

    async def once(outgoing: Outgoing) -> Receipt:
        if outgoing.address == address:
            house.phone.send = send  # type: ignore[method-assign]
            raise error
        return await send(outgoing)

    house.phone.send = once  # type: ignore[method-assign]


async def test_a_blocked_carer_is_not_taken_for_a_blocked_patient(house: HouseUnderTest) -> None:
    await linked(house)
    not_to(house, "carol", Unreachable())
    await house.say("she has crushing chest pain and is sweating", "carol")
    assert {e.reason for e in house.escalations()} == {"chest_pain_acs", "carer_not_reached"}
    [shown] = told_to_carer(house)
    with house.house.store.reading() as rows:
        assert rows.outbox.states(ALICE, 20)[shown.id] == (
            OutboxState.FAILED, "the carer cannot be reached",
        )  # fmt: skip


async def test_emergency_words_are_said_again_in_the_carers_language(
    house: HouseUnderTest,
) -> None:
    code = invite(house.house, "carer", "alice").rpartition("=")[2]
    await house.say(code, "hua", kind="command", data="start", language_hint="zh")
    not_to(house, "hua", OutcomeUnknown())
    assert "再发一遍" in await house.say("她胸口剧痛，出冷汗", "hua")


async def test_a_carers_yes_to_the_danger_question_is_an_emergency(house: HouseUnderTest) -> None:
    await linked(house)
    asked = await house.say("she had chest pain last week", "carol")
    assert "right now" in asked
    assert [e.tier for e in house.escalations()] == ["P2"]
    assert "999" in await house.say("yes", "carol")
    assert "P0" in {e.tier for e in house.escalations()}


async def test_a_carers_yes_hours_later_or_to_nothing_is_only_kept(house: HouseUnderTest) -> None:
    await linked(house)
    assert "999" not in await house.say("yes", "carol")
    await house.say("she had chest pain last week", "carol")
    house.clock.advance(hours=3)
    assert "999" not in await house.say("yes", "carol")
    assert "P0" not in {e.tier for e in house.escalations()}
