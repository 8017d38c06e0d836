"""The whole house over Telegram's wire: enrolment, emergencies, STOP, files, faults and order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from running import ALICE, BOB, CHARLIE, EVE, WARD, Running, free_port, running
from telegram_server import TelegramServer

from bot import inviting
from bot.domain.message import PatientId

ALICE_ID = PatientId("alice")


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """Telegram; whatever the house called must be allowed by the Bot API's description."""
    async with TelegramServer() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def live(tmp_path: Path, encoder: Any, telegram: TelegramServer) -> AsyncIterator[Running]:
    async with running(tmp_path, encoder, telegram) as house:
        yield house


def code_of(link: str) -> str:
    return link.partition("=")[2]


# --- enrolment ---------------------------------------------------------------------------


async def test_an_english_speaker_is_enrolled_by_taps_and_asked_how_they_are(live: Running) -> None:
    live.telegram.person(ALICE)
    link = inviting.enrol(live.house, "en", "", "bob")
    assert link.startswith("https://t.me/ankang_test_bot?start=")
    await live.says(f"/start {code_of(link)}", "Which language shall we use?")
    await live.taps("English", "What I am")
    await live.hears("1 of 4")
    for number in (2, 3, 4):
        await live.taps("Yes", f"{number} of 4")
    await live.taps("Yes", "In which country are you?")
    await live.taps("United Kingdom", "What shall I call you?")
    await live.says("Alice", "What is your date of birth?")
    await live.says("7 March 1950", "What is your sex?")
    done = await live.taps("Female", "Thank you, Alice")
    assert "every day at 09:00 (London time)" in done
    live.clock.advance_to("09:05", "Europe/London")
    await live.hears("How are you feeling today", within=10)
    await live.taps("Good", "")


async def test_a_chinese_speaker_is_enrolled_by_free_text(live: Running) -> None:
    live.telegram.person(ALICE, "小兰", "zh-hans")
    link = inviting.enrol(live.house, "zh", "", "bob")
    await live.says(f"/start {code_of(link)}", "我们用哪种语言交流")
    await live.says("中文", "第 1 个")
    for number, answer in ((2, "可以"), (3, "同意"), (4, "好的")):
        await live.says(answer, f"第 {number} 个")
    await live.says("不用", "请点“可以”或“不可以”")
    await live.says("不可以", "在哪个国家或地区")
    await live.says("澳大利亚", "下面哪个离您最近")
    await live.says("悉尼", "怎么称呼您")
    await live.says("李奶奶", "出生日期")
    await live.says("1950年3月7日", "性别")
    done = await live.says("女", "谢谢李奶奶")
    assert "每天 09:00（悉尼时间）来问候您" in done
    await live.says("血压132/84", "132/84")
    live.clock.advance_to("09:05", "Australia/Sydney")
    await live.hears("李奶奶，您好！今天感觉怎么样", within=10)


async def test_without_the_first_consent_nothing_goes_on(live: Running) -> None:
    live.telegram.person(ALICE)
    link = inviting.enrol(live.house, "en", "Alice", "bob")
    await live.says(f"/start {code_of(link)}", "Which language")
    await live.taps("English", "1 of 4")
    await live.taps("No", "I will not write again")
    live.clock.advance(days=2)
    await live.quiet()
    before = len(live.texts())
    await live.says("/start", "Which language")
    assert len(live.texts()) == before + 1


async def test_a_wrong_a_used_and_an_old_code_open_nothing(live: Running) -> None:
    for person in (ALICE, CHARLIE, EVE):
        live.telegram.person(person)
    await live.says("/start guess", "used already or has run out")
    link = inviting.enrol(live.house, "en", "", "bob")
    await live.says(f"/start {code_of(link)}", "Which language")
    await live.says(f"/start {code_of(link)}", "used already or has run out", CHARLIE)
    late = inviting.enrol(live.house, "en", "", "bob")
    live.clock.advance(days=8)
    await live.says(f"/start {code_of(late)}", "used already or has run out", EVE)


async def test_a_stranger_is_told_where_to_get_a_link(live: Running) -> None:
    live.telegram.person(EVE)
    live.telegram.person(CHARLIE, "查理", "zh-hans")
    await live.says("hello, who are you?", "ask the clinic for your personal link", EVE)
    await live.says("你好", "向诊所要您的专属链接", CHARLIE)
    assert live.escalations() == []


async def test_a_strangers_emergency_gets_the_words_and_no_claim_about_a_nurse(
    live: Running,
) -> None:
    live.nurse()
    live.telegram.person(EVE)
    live.telegram.person(CHARLIE, "查理", "zh-hans")
    said = await live.says("I have crushing chest pain and I can't breathe", "call", EVE)
    assert "cannot reach a nurse for you" in said
    assert "trying to reach a nurse" not in said
    said = await live.says("我胸口剧痛，喘不上气", "急救", CHARLIE)
    assert "没法替您联系护士" in said
    assert live.texts(BOB) == []


async def test_an_emergency_during_enrolment_is_no_answer_to_the_question(live: Running) -> None:
    live.telegram.person(ALICE)
    live.nurse()
    link = inviting.enrol(live.house, "en", "", "bob")
    await live.says(f"/start {code_of(link)}", "Which language")
    await live.taps("English", "1 of 4")
    for number in (2, 3, 4):
        await live.taps("Yes", f"{number} of 4")
    await live.taps("Yes", "In which country are you?")
    await live.taps("United Kingdom", "What shall I call you?")
    said = await live.says("I have crushing chest pain", "999")
    assert "date of birth" not in said
    await live.hears("EMERGENCY", BOB)
    await live.says("Alice", "date of birth")
    with live.house.store.reading() as rows:
        [patient] = rows.patients.all()
        assert patient.name == "Alice"


# --- emergencies -------------------------------------------------------------------------


async def test_an_emergency_reaches_the_patient_first_and_then_the_group(live: Running) -> None:
    live.patient()
    live.nurse()
    await live.link_ward()
    said = await live.says("I have crushing chest pain", "999")
    assert "trying to reach a nurse" in said
    card = await live.hears("EMERGENCY", WARD)
    assert "crushing" not in card
    assert "Alice" not in card
    first = next(c for c in live.telegram.made("sendMessage") if "999" in c.params["text"])
    page = next(c for c in live.telegram.made("sendMessage") if "EMERGENCY" in c.params["text"])
    assert first.at - page.at < 1.0
    await live.until(lambda rows: rows.escalations.open()[0].state.value == "delivered")


async def test_accepting_edits_the_card_and_tells_the_patient_once(live: Running) -> None:
    live.patient()
    live.nurse()
    live.nurse(EVE, "eve")
    await live.link_ward()
    await live.says("I have crushing chest pain", "999")
    await live.hears("EMERGENCY", WARD)
    message, data = live.button("Accept", WARD)
    for _ in range(3):
        live.telegram.tap(message, data, user=BOB)
    live.telegram.tap(message, data, user=EVE)
    await live.hears("Taken by Bob", WARD)
    await live.hears("Bob from the care team has your message")
    await live.hears("Already taken by Bob", EVE)
    await live.quiet()
    assert sum("Bob from the care team" in text for text in live.texts()) == 1
    assert len(live.telegram.answered) == 4
    await live.taps("reached the patient", "Noted", WARD, user=BOB)
    await live.hears("Bob has reached the patient", WARD)
    await live.taps("Done", "Closed", WARD, user=BOB)
    await live.hears("Done (Bob)", WARD)
    [card] = [m for m in live.telegram.messages(WARD) if "EMERGENCY" in m["text"]]
    assert "reply_markup" not in card


async def test_a_strangers_tap_changes_nothing(live: Running) -> None:
    live.patient()
    live.nurse()
    await live.link_ward()
    live.telegram.person(CHARLIE)
    await live.says("I have crushing chest pain", "999")
    await live.hears("EMERGENCY", WARD)
    message, data = live.button("Accept", WARD)
    live.telegram.tap(message, data, user=CHARLIE)
    await live.hears("not on this care team", CHARLIE)
    assert live.escalations()[0].accepted_by == ""


async def test_self_harm_is_closed_by_two_people(live: Running) -> None:
    live.patient()
    live.nurse()
    live.nurse(EVE, "eve")
    await live.link_ward()
    await live.says("I want to kill myself tonight", "116 123")
    card = await live.hears("A matter that needs a person", WARD)
    assert "harm" not in card.lower() and "suic" not in card.lower()
    await live.taps("Accept", "You have taken it", WARD, user=BOB)
    await live.hears("Taken by Bob", WARD)
    await live.taps("Done", "second person", WARD, user=BOB)
    await live.taps("Done", "second person", WARD, user=BOB)
    assert live.escalations()[0].state.value != "completed"
    await live.taps("Done", "Closed", WARD, user=EVE)
    assert live.escalations()[0].state.value == "completed"


async def test_silence_climbs_the_ladder_until_somebody_accepts(live: Running) -> None:
    live.patient()
    live.nurse()
    await live.link_ward()
    await live.says("I have crushing chest pain", "999")
    await live.hears("EMERGENCY", WARD)
    for rungs in (1, 2, 3):
        live.clock.advance(minutes=30)
        await live.telegram.until(
            lambda n=rungs: sum("STILL NOBODY" in t for t in live.texts(WARD)) >= n
        )
    await live.taps("Accept", "You have taken it", WARD, user=BOB)
    said = sum("STILL NOBODY" in text for text in live.texts(WARD))
    live.clock.advance(minutes=4)
    await live.quiet()
    assert sum("STILL NOBODY" in text for text in live.texts(WARD)) <= said


async def test_a_forum_has_one_topic_a_patient_and_a_deleted_one_is_made_again(
    live: Running,
) -> None:
    forum = -1004001
    live.patient()
    live.patient(CHARLIE, "charlie")
    await live.link_ward(forum, forum=True)
    await live.says("I have crushing chest pain", "999")
    await live.hears("EMERGENCY", forum)
    await live.says("I have crushing chest pain", "999", CHARLIE)
    await live.telegram.until(lambda: len(live.telegram.topics.get(forum, {})) == 2)
    live.clock.advance(minutes=30)
    await live.telegram.until(lambda: sum("STILL NOBODY" in t for t in live.texts(forum)) == 2)
    assert len(live.telegram.topics[forum]) == 2
    gone = min(live.telegram.topics[forum])
    live.telegram.delete_topic(forum, gone)
    live.clock.advance(minutes=30)
    await live.telegram.until(lambda: sum("STILL NOBODY" in t for t in live.texts(forum)) == 4)
    assert len(live.telegram.topics[forum]) == 2
    assert len(live.telegram.made("createForumTopic")) == 3


@pytest.mark.parametrize("told", [True, False], ids=["told in time", "told by the refusal"])
async def test_a_group_that_moved_still_gets_its_cards(live: Running, told: bool) -> None:
    live.patient()
    live.nurse()
    await live.link_ward()
    if told:
        new = live.telegram.migrate(WARD)
        await live.quiet()
    else:
        new = int(f"-100{abs(WARD)}")
        live.telegram.group(new)
        live.telegram.moved[WARD] = new
    await live.says("I have crushing chest pain", "999")
    await live.hears("EMERGENCY", new)
    await live.taps("Accept", "You have taken it", new, user=BOB)
    await live.hears("Taken by Bob", new)


# --- STOP --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answer"), [("STOP", "I have stopped"), ("/stop", "I have stopped"), ("停止", "")]
)
async def test_after_stop_the_bot_begins_nothing_and_start_resumes(
    live: Running, words: str, answer: str
) -> None:
    live.patient(language="zh" if words == "停止" else "en")
    bootstrap_plan(live)
    await live.says(words, answer or "已经停下")
    live.clock.advance(days=2)
    await live.quiet()
    before = len(live.texts())
    await live.until(lambda rows: not rows.checkins.due(live.clock(), 10))
    assert len(live.texts()) == before
    await live.says("132/84", "132/84")
    await live.says("/start", "回来" if words == "停止" else "Welcome back")
    live.clock.advance_to("09:05", "Europe/London")
    await live.hears(
        "今天感觉怎么样" if words == "停止" else "How are you feeling today", within=10
    )


def everything_below(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


def bootstrap_plan(live: Running) -> None:
    """A daily check-in at nine."""
    from bot.domain.checkin import Schedule

    with live.house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="wellness/alice", patient_id="alice", kind="wellness", time="09:00")  # type: ignore[arg-type]
        )


async def test_stop_reaches_what_waits_and_what_was_refused_for_now(live: Running) -> None:
    live.patient()
    live.telegram.fault(
        "sendMessage",
        status=429,
        description="Too Many Requests: retry after 3",
        parameters={"retry_after": 3},
    )
    checkin(live)
    await live.telegram.until(lambda: live.telegram.made("sendMessage"))
    live.telegram.say(ALICE, "STOP")
    await live.hears("I have stopped", within=10)
    await live.quiet()
    assert not any("How are you" in text for text in live.texts())
    with live.house.store.reading() as rows:
        assert rows.outbox.counts()["denied"] == 1


def checkin(live: Running, who: str = "alice") -> None:
    """A check-in that is due now."""
    from bot.domain.checkin import CheckIn, Schedule

    schedule = Schedule(id=f"wellness/{who}", patient_id=who, kind="wellness", time="09:00")  # type: ignore[arg-type]
    slot = f"{live.clock():%Y-%m-%dT%H:%M}"
    with live.house.store.unit_of_work() as work:
        work.checkins.set_schedule(schedule)
        work.checkins.materialise(
            [
                CheckIn(
                    id=f"{schedule.id}/{slot}",
                    schedule_id=schedule.id,
                    patient_id=who,  # type: ignore[arg-type]
                    slot=slot,
                    due_at=live.clock(),
                )
            ]
        )


@pytest.mark.parametrize("told", [True, False], ids=["told by an update", "told by a refusal"])
async def test_a_blocked_bot_begins_nothing_until_start(live: Running, told: bool) -> None:
    live.patient()
    if told:
        live.telegram.blocked(ALICE)
        await live.until(lambda rows: rows.patients.get("alice").status.value == "stopped")
    else:
        live.telegram.barred[ALICE] = "bot was blocked by the user"
    checkin(live)
    await live.quiet()
    await live.until(lambda rows: rows.patients.get("alice").status.value == "stopped")
    live.telegram.joined(ALICE)
    live.clock.advance(days=1)
    checkin(live)
    await live.until(lambda rows: not rows.checkins.due(live.clock(), 1))
    await live.quiet()
    assert live.texts() == []
    await live.says("/start", "Welcome back")
    live.clock.advance(minutes=2)  # a slot is asked once: this is another
    checkin(live)
    await live.hears("How are you")


# --- what people send --------------------------------------------------------------------


async def test_an_edited_message_corrects_the_reading(live: Running) -> None:
    live.patient()
    message = live.telegram.say(ALICE, "my blood pressure is 182/84")
    await live.hears("182/84")
    before = len(live.texts())
    live.telegram.edit(message, "my blood pressure is 132/84")
    await live.next("132/84", ALICE, before)
    with live.house.store.reading() as rows:
        assert [o.shown for o in rows.record.observations("alice")] == ["132/84 mmHg"]  # type: ignore[arg-type]


def _facts(live: Running, *, everything: bool = False) -> list[tuple[str, str]]:
    with live.house.store.reading() as rows:
        return [(f.text, f.status) for f in rows.facts.of(ALICE_ID, everything=everything)]


async def test_an_edited_message_takes_back_what_only_its_first_version_said(
    live: Running,
) -> None:
    live.patient()
    message = live.telegram.say(ALICE, "I'm allergic to penicillin and I take warfarin")
    await live.hears("warfarin")
    before = len(live.texts())
    live.telegram.edit(message, "I'm allergic to latex and I take warfarin")
    told = await live.next("You corrected that message", ALICE, before)
    assert "penicillin: taken back" in told
    assert "warfarin" not in told  # said again: nothing to tell
    assert sorted(_facts(live)) == [
        ("Allergic to latex", "current"),
        ("Takes warfarin", "current"),
    ]
    assert ("Allergic to penicillin", "superseded") in _facts(live, everything=True)
    with live.house.store.reading() as rows:
        words = [m.text for m in rows.record.memories(ALICE_ID) if m.said_by == "patient"]
        matters = [e.reason for e in rows.escalations.of_patient(ALICE_ID)]
    assert words == ["I'm allergic to latex and I take warfarin"]
    assert "allergy_changed" in matters  # an allergy that goes is shown to a person
    before = len(live.texts())
    await live.taps("No, that is not right", "")
    await live.quiet()
    assert ("Allergic to penicillin", "current") in _facts(live)


async def test_an_edit_undoes_what_the_first_version_ended(live: Running) -> None:
    live.patient()
    await live.says("I take warfarin 3 mg every evening", "warfarin")
    before = len(live.texts())
    message = live.telegram.say(ALICE, "I no longer take warfarin")
    await live.next("no longer", ALICE, before)
    assert ("warfarin" in str(_facts(live))) is False
    live.telegram.edit(message, "I no longer take aspirin")
    await live.until(lambda rows: "warfarin" in str(rows.facts.of(ALICE_ID)))


async def test_an_edit_in_chinese_corrects_a_dose_without_asking(live: Running) -> None:
    live.patient(language="zh")
    message = live.telegram.say(ALICE, "我每天吃二甲双胍500毫克")
    await live.hears("二甲双胍")
    before = len(live.texts())
    live.telegram.edit(message, "我每天吃二甲双胍850毫克")
    told = await live.next("您改了那条消息", ALICE, before)
    assert "500毫克" in told
    assert "850毫克" in told
    texts = [text for text, _ in _facts(live)]
    assert any("850毫克" in text for text in texts)
    assert not any("500毫克" in text for text in texts)


async def test_photo_voice_and_file_are_kept_encrypted(live: Running, tmp_path: Path) -> None:
    live.patient()
    sent = {kind: f"canary-{kind}".encode() * 50 for kind in ("photo", "voice", "file")}
    live.telegram.photo(ALICE, sent["photo"], "my foot")
    live.telegram.voice(ALICE, sent["voice"])
    live.telegram.document(ALICE, sent["file"])
    await live.quiet()
    await live.until(lambda rows: not rows.conversation.unfetched(5))
    with live.house.store.reading() as rows:
        said = [m for m in rows.conversation.latest("alice", 20) if m.author == "patient"]  # type: ignore[arg-type]
        kept = {m.kind.value: rows.conversation.file(m.id) for m in said}
    assert {kind: found[1] for kind, found in kept.items() if found} == sent
    assert b"canary-" not in everything_below(tmp_path)


# --- faults on the wire ------------------------------------------------------------------


async def test_the_webhook_needs_its_secret_and_answers(
    tmp_path: Path, encoder: Any, telegram: TelegramServer
) -> None:
    import httpx

    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    async with running(
        tmp_path, encoder, telegram, roles=frozenset({"door", "work", "console"}), port=port,
        telegram_webhook_url=url, telegram_webhook_secret="s" * 32,
    ) as live:  # fmt: skip
        live.patient()
        await telegram.until(lambda: telegram.webhook["url"])
        await live.says("132/84", "132/84")
        forged = {"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "forged"}}
        async with httpx.AsyncClient() as client:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}):
                assert (await client.post(url, json=forged, headers=headers)).status_code == 403
        assert telegram.made("getUpdates") == []
        assert set(telegram.webhook_statuses) == {200}
        with live.house.store.reading() as rows:
            assert rows.inbox.counts() == {"done": 1}


@pytest.mark.parametrize("whole", [False, True], ids=["one chat", "the whole bot"])
async def test_too_many_requests_is_waited_out(live: Running, whole: bool) -> None:
    live.patient()
    live.telegram.fault(
        "sendMessage",
        status=429,
        description="Too Many Requests: retry after 1",
        parameters={"retry_after": 1},
        times=2 if whole else 1,
    )
    await live.says("132/84", "132/84")
    assert sum("132/84" in text for text in live.texts()) == 1
    calls = live.telegram.made("sendMessage")
    assert calls[1].at - calls[0].at >= 0.9


FAULTS = {
    "a dropped socket": {"drop": True, "after": True},
    "502": {"status": 502, "description": "Bad Gateway", "body": b"<html>", "after": True},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_an_emergency_without_an_answer_is_said_again_with_a_note(
    live: Running, fault: dict[str, Any]
) -> None:
    live.patient()
    live.telegram.fault("sendMessage", **fault)
    live.telegram.say(ALICE, "I have crushing chest pain")
    again = await live.hears("sending this again")
    assert "999" in again
    await live.quiet()
    assert len(live.texts()) == 2
    with live.house.store.reading() as rows:
        assert rows.outbox.counts() == {"unknown": 1, "sent": 1}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_check_in_without_an_answer_is_not_said_again(
    live: Running, fault: dict[str, Any]
) -> None:
    live.patient()
    live.telegram.fault("sendMessage", **fault)
    checkin(live)
    await live.until(lambda rows: rows.outbox.counts().get("unknown"))
    await live.quiet()
    assert len(live.texts()) == 1


async def test_a_card_said_again_is_the_one_that_accept_edits(live: Running) -> None:
    live.patient()
    live.nurse()
    await live.link_ward()
    live.telegram.fault("sendMessage", drop=True, times=2)
    live.telegram.say(ALICE, "I have crushing chest pain")
    await live.hears("EMERGENCY", WARD)
    await live.taps("Accept", "You have taken it", WARD, user=BOB)
    await live.hears("Taken by Bob", WARD)


async def test_a_refused_connection_is_tried_again_and_said_once(
    live: Running,
) -> None:
    live.patient()
    live.telegram.say(ALICE, "I have crushing chest pain")
    await live.until(lambda rows: rows.inbox.counts().get("done"))
    live.telegram.stop()
    checkin(live)
    await live.until(lambda rows: not rows.checkins.due(live.clock(), 5))
    live.telegram.start()
    await live.hears("How are you", within=15)
    assert sum("How are you" in text for text in live.texts()) == 1


# --- order -------------------------------------------------------------------------------


async def test_a_burst_is_answered_in_order_for_each_patient(live: Running) -> None:
    chats = [ALICE + 100 + n for n in range(4)]
    for chat in chats:
        live.patient(chat, f"patient{chat}")
    for number in range(3):
        for chat in chats:
            live.telegram.say(chat, f"my weight is {60 + number} kg")
    await live.quiet(within=30)
    for chat in chats:
        said = [t for t in live.texts(chat) if "kg" in t]
        assert [f"{60 + n} kg" in t for n, t in enumerate(said)] == [True] * 3


async def test_a_flooding_patient_does_not_hold_up_another(live: Running) -> None:
    live.patient()
    live.patient(CHARLIE, "charlie")
    for number in range(150):
        live.telegram.say(ALICE, f"hello {number}")
    live.telegram.say(CHARLIE, "I have crushing chest pain")
    await live.hears("999", CHARLIE, within=10)
    with live.house.store.reading() as rows:
        assert rows.outbox.pending("telegram", live.house.telegram.bot, str(ALICE)) > 0


_ = timedelta
