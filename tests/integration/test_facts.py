"""Facts and summaries as rows on both databases, and what people do about them in the house."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from house import HouseUnderTest
from sqlalchemy import text

from bot.console_actions import console_actions, viewed
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.export.facts import fact as fhir_of
from bot.fhir import problems
from bot.store.database import SqlStore
from memory import Fact, Memory, Summary
from memory.fact import KINDS
from memory.summary import Sentence

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ALICE, CHARLIE = PatientId("alice"), PatientId("charlie")


def people(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        for who in (ALICE, CHARLIE):
            work.patients.add(Patient(id=who, status=PatientStatus.ACTIVE, created_at=NOW))


def fact(number: int = 1, who: str = ALICE, **more: object) -> Fact:
    values: dict[str, object] = {
        "kind": "AllergyIntolerance",
        "text": "Allergic to canarycillin",
        "values": {"substance": "canarycillin", "reaction": "hives"},
    }
    return Fact(id=f"{who}/{number}", patient_id=who, recorded_at=NOW, **(values | more))  # type: ignore[arg-type]


def test_a_fact_comes_back_whole_and_only_to_its_patient(store):
    people(store)
    whole = fact(
        said_by="nurse", author="bob", source="m1", language="en", valid_from=NOW,
        verification="unconfirmed", disputes="x",
    )  # fmt: skip
    with store.unit_of_work() as work:
        assert work.facts.add([whole, fact(1, CHARLIE)]) == 2
        assert work.facts.add([whole]) == 0
    with store.reading() as rows:
        assert rows.facts.of(ALICE) == [whole]


def test_words_of_a_fact_lie_sealed_and_are_gone_once_forgotten(store):
    people(store)
    with store.unit_of_work() as work:
        work.facts.add([fact()])
    with store.engine.connect() as connection:
        assert "canary" not in str(connection.execute(text("SELECT * FROM fact")).all())
    with store.unit_of_work() as work:
        work.facts.change([replace(fact(), status="forgotten")])
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT sealed, status FROM fact")).all() == [
            (None, "forgotten")
        ]
    with store.reading() as rows:
        assert rows.facts.of(ALICE, everything=True) == []


def test_a_change_reaches_no_other_patient(store):
    people(store)
    with store.unit_of_work() as work:
        work.facts.add([fact()])
        work.facts.change([replace(fact(), patient_id=CHARLIE, status="forgotten")])
    with store.reading() as rows:
        assert len(rows.facts.of(ALICE)) == 1


def test_history_is_kept_and_left_out_of_what_holds(store):
    people(store)
    old = replace(fact(), status="superseded", valid_until=NOW, replaced_by="alice/2")
    with store.unit_of_work() as work:
        work.facts.add([fact()])
        work.facts.change([old])
    with store.reading() as rows:
        assert rows.facts.of(ALICE) == []
        assert rows.facts.of(ALICE, everything=True) == [old]


def test_a_month_in_short_loses_what_is_forgotten(store):
    people(store)
    sentences = tuple(
        Sentence(text=f"canary {n}", sources=(f"m{n}",), day="2026-01-05") for n in (1, 2)
    )
    month = Summary(
        patient_id=ALICE, period="2026-01", method="extractive", turns=2, made_at=NOW,
        sentences=sentences,
    )  # fmt: skip
    with store.unit_of_work() as work:
        work.summaries.put(month)
        work.summaries.put(month)
        work.summaries.forget(ALICE, ["m1"])
    with store.reading() as rows:
        assert rows.summaries.of(ALICE) == [replace(month, sentences=sentences[1:])]
        assert rows.summaries.of(CHARLIE) == []


def test_a_month_is_behind_until_its_summary_counts_every_turn(store):
    people(store)
    turns = [
        Memory(id=f"m{n}", patient_id=ALICE, text="hello", source=f"m{n}", recorded_at=NOW)
        for n in range(3)
    ]
    with store.unit_of_work() as work:
        work.record.remember(turns)
        assert work.summaries.behind(NOW - timedelta(hours=1), 3, 10) == [(ALICE, "2026-01")]
        assert work.summaries.behind(NOW - timedelta(hours=1), 4, 10) == []
        assert work.summaries.behind(NOW + timedelta(hours=1), 3, 10) == []
        work.summaries.put(
            Summary(
                patient_id=ALICE, period="2026-01", method="extractive", turns=3, made_at=NOW,
                sentences=(),
            )
        )  # fmt: skip
        assert work.summaries.behind(NOW - timedelta(hours=1), 3, 10) == []


def test_erasing_takes_facts_and_summaries_along(store):
    people(store)
    with store.unit_of_work() as work:
        work.facts.add([fact()])
        gone = work.patients.erase(ALICE, NOW).removed
    assert (gone["fact"], gone["summary"]) == (1, 0)


async def test_a_nurse_corrects_and_the_trail_says_so(house: HouseUnderTest) -> None:
    await house.say("I'm allergic to penicillin")
    actions = console_actions(house.house)
    with house.services.store.reading() as rows:
        [allergy] = rows.facts.of(ALICE)
    actions.change_fact(ALICE, allergy.id, "wrong", "bob")
    actions.note_fact(ALICE, "AllergyIntolerance", "latex", "bob")
    told = await house.say("what do you know about me?")
    assert "penicillin" not in told
    assert "Allergic to latex (Bob, care team, 5 Jan 2026)" in told
    with house.services.store.reading() as rows:
        assert [e.type for e in rows.audit.of(allergy.id)] == ["fact.wrong"]
        [noted] = rows.facts.of(ALICE)
        assert [e.actor for e in rows.audit.of(noted.id)] == ["bob"]


async def test_what_a_nurse_noted_is_not_changed_by_the_patient(house: HouseUnderTest) -> None:
    console_actions(house.house).note_fact(ALICE, "AllergyIntolerance", "penicillin", "bob")
    assert "clinic’s own notes" in await house.say("I'm not allergic to penicillin")
    assert "I cannot change it" in await house.say("what do you know about me?") + await house.tap(
        "1 is wrong"
    )
    with house.services.store.reading() as rows:
        assert [f.status for f in rows.facts.of(ALICE)] == ["current"]
    assert {e.reason for e in house.escalations()} == {"fact_contradicted"}


@pytest.mark.parametrize(
    ("language", "asked", "heard"),
    [
        ("en", "who looked at my record?", ["5 Jan 2026: Bob (2 times)", "Dana"]),
        ("zh", "谁看过我的资料？", ["2026年1月5日：Bob（2 次）", "Dana"]),
    ],
)
async def test_the_patient_sees_who_looked(
    house: HouseUnderTest, language: str, asked: str, heard: list[str]
) -> None:
    who = house.patient("wang", language=language).id
    for nurse in ("dana", "eve"):
        house.nurse(nurse)
    for nurse, seen in (("bob", who), ("bob", who), ("dana", who), ("eve", CHARLIE)):
        viewed(house.services, "patient", seen, nurse, seen)
    told = await house.say(asked, who)
    for words in heard:
        assert words in told
    assert "Eve" not in told


async def test_what_is_forgotten_is_in_no_row_and_no_index(house: HouseUnderTest) -> None:
    await house.say("my brother canaryjoe lives with me and I am allergic to latex")
    with house.services.store.reading() as rows:
        house.services.memories.remember(rows.record.unindexed_of(ALICE))
    assert house.services.memories.recall(ALICE, "brother canaryjoe")
    await house.say("forget what I told you about my brother")
    assert house.services.memories.recall(ALICE, "brother canaryjoe") == []
    with house.services.store.reading() as rows:
        assert rows.record.memories(ALICE) == []
        kept = rows.facts.of(ALICE, everything=True)
    # An allergy goes only by its own name (H69).
    assert [fact.kind for fact in kept] == ["AllergyIntolerance"]
    assert "canaryjoe" not in repr(kept)
    await house.say("forget what I told you about latex")
    with house.services.store.reading() as rows:
        assert rows.facts.of(ALICE, everything=True) == []


async def test_an_old_button_says_that_it_finds_nothing(house: HouseUnderTest) -> None:
    await house.say("I have asthma")
    await house.say("I have gout", "charlie")
    with house.services.store.reading() as rows:
        [gout] = rows.facts.of(CHARLIE)
    for data in (f"f:wrong:{gout.id}", "f:src:all", "f:new:nothing", "f:undo:", "f"):
        house.arrives("alice", kind="tap", data=data)
        await house.settle()
    with house.services.store.reading() as rows:
        assert [f.status for f in rows.facts.of(CHARLIE)] == ["current"]
        assert len(rows.facts.of(ALICE)) == 1


@pytest.mark.parametrize("status", ["current", "superseded", "entered-in-error"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_fact_of_every_kind_and_state_is_valid_fhir(kind: str, status: str) -> None:
    whole = fact(
        kind=kind, values={"what": "x", "name": "x", "dose": "5 mg", "substance": "x",
                           "reaction": "hives"},
        status=status, valid_from=NOW, valid_until=None if status == "current" else NOW,
    )  # fmt: skip
    made = fhir_of(whole, {"reference": "urn:uuid:9b2e6c8e-6a3b-4c3e-8a83-2a1c5f9d0c11"})
    made.pop("_ours")
    assert problems(made, "entry") == []


async def test_the_care_teams_medicines_are_shown_and_clash_with_an_allergy(
    house: HouseUnderTest,
) -> None:
    with house.services.store.unit_of_work() as work:
        work.clinical.add(
            ClinicalEntry(
                id="e1", patient_id=ALICE, kind=EntryKind.MEDICINE, name="amoxicillin",
                set_by="bob", set_at=house.clock(),
            )
        )  # fmt: skip
    assert "may not go together" in await house.say("I am allergic to penicillin")
    assert [(e.tier, e.reason) for e in house.escalations()] == [("P2", "allergy_and_medicine")]
    assert "Takes amoxicillin (Bob, care team" in await house.say("what do you know about me?")
    assert "I cannot change it" in await house.tap("2 is wrong")
