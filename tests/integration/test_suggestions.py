"""Suggestions as rows on both databases, and on the nurse's page."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from console_house import CSRF, House, signed_in
from sqlalchemy import inspect, text
from starlette.testclient import TestClient

from bot.conversation.to_talk_over import look_at
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.domain.suggestion import KeptSuggestion, Suggestion, SuggestionState, Why
from bot.escalations import clinical
from bot.store.database import SqlStore
from bot.store.migrate import migrate, newest, version

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ALICE, CHARLIE = PatientId("alice"), PatientId("charlie")


def kept(**changes: object) -> KeptSuggestion:
    why = (Why(kind="condition", what="canary diabetes"), Why(kind="last", what="hba1c", at=NOW))
    one = KeptSuggestion(
        id="s1", patient_id=ALICE, made_at=NOW,
        suggestion=Suggestion(rule="hba1c_due", tests=("hba1c",), why=why),
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def with_patients(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        for who in (ALICE, CHARLIE):
            work.patients.add(Patient(id=who, status=PatientStatus.ACTIVE, created_at=NOW))


def test_a_suggestion_is_kept_once_sealed_and_decided_once(store: SqlStore) -> None:
    with_patients(store)
    with store.unit_of_work() as work:
        assert work.suggestions.add([kept()]) == 1
        assert work.suggestions.add([kept()]) == 0
    with store.reading() as rows:
        assert rows.suggestions.of(ALICE) == [kept()]
        assert rows.suggestions.of(CHARLIE) == []
    with store.engine.connect() as connection:
        [sealed] = connection.execute(text("SELECT sealed FROM suggestion")).scalars()
    assert "canary" not in sealed and "hba1c" not in sealed
    gone = kept(state=SuggestionState.DISMISSED, decided_by="bob", decided_at=NOW, until=NOW)
    with store.unit_of_work() as work:
        assert work.suggestions.change(kept(), gone)
        assert not work.suggestions.change(kept(), kept(state=SuggestionState.APPROVED))
        assert work.suggestions.of(ALICE) == [gone]


def test_a_database_of_the_first_tables_gets_the_new_one(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE suggestion"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    migrate(store.engine)
    assert version(store.engine) == newest()
    assert inspect(store.engine).has_table("suggestion")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Alice, 66, takes warfarin and nobody has an INR of hers."""
    house = House(tmp_path)
    house.patient(ALICE, "Alice Brown", country="GB", sex="male", birth_date=date(1960, 3, 2))
    clinical.set_entry(house, ALICE, "m-bob", "medicine", "Warfarin")  # type: ignore[arg-type]
    look_at(house, ALICE)  # type: ignore[arg-type]
    return house


def bob(house: House, username: str = "bob") -> TestClient:
    return signed_in(house, username)


def open_ones(house: House) -> dict[str, str]:
    with house.store.reading() as rows:
        return {
            one.suggestion.rule: one.id
            for one in rows.suggestions.of(ALICE)
            if one.state is SuggestionState.OPEN
        }


def decide(client: TestClient, what: str, suggestion: str, csrf: str = "") -> int:
    page = client.get(f"/patients/{ALICE}").text
    found = CSRF.search(page)
    assert found
    form = {"csrf": csrf or found[1], "do": f"{what}_suggestion", "suggestion": suggestion}
    return client.post(f"/patients/{ALICE}", data=form).status_code


def said(house: House) -> list[str]:
    with house.store.reading() as rows:
        return [message.text for message in rows.conversation.latest(ALICE, 10)]


def test_a_nurse_sees_why_and_on_what_grounds(house: House) -> None:
    page = bob(house).get(f"/patients/{ALICE}").text
    assert "To talk over" in page
    assert "Medicine on the record: Warfarin" in page and "Not in the record: INR" in page
    assert "British National Formulary" in page and "Green Book" in page
    assert said(house) == []


def test_the_list_of_patients_says_how_many_wait(house: House) -> None:
    client, its = bob(house), open_ones(house)
    assert f"To talk over: {len(its)}" in client.get("/patients").text
    for one in its.values():
        assert decide(client, "dismiss", one) == 303
    assert "To talk over" not in client.get("/patients").text


def test_an_approved_one_is_said_to_the_patient_once_and_the_trail_says_by_whom(
    house: House,
) -> None:
    client, its = bob(house), open_ones(house)["medicine_monitoring"]
    assert decide(client, "approve", its) == 303
    assert decide(client, "approve", its) == 409
    [words] = said(house)
    assert "warfarin" in words and "INR" in words and "do not change or stop" in words
    assert house.audit(ALICE).count("suggestion.approved") == 1


def test_a_dismissed_one_says_nothing_and_stays_away_for_its_while(house: House) -> None:
    client, its = bob(house), open_ones(house)["medicine_monitoring"]
    assert decide(client, "dismiss", its) == 303
    assert said(house) == [] and "suggestion.dismissed" in house.audit(ALICE)
    house.late = timedelta(days=89)
    look_at(house, ALICE)  # type: ignore[arg-type]
    assert "medicine_monitoring" not in open_ones(house)
    house.late = timedelta(days=91)
    look_at(house, ALICE)  # type: ignore[arg-type]
    assert open_ones(house)["medicine_monitoring"] != its


def test_no_decision_without_the_token_of_the_session(house: House) -> None:
    its = open_ones(house)["medicine_monitoring"]
    assert decide(bob(house), "approve", its, csrf="forged") == 403
    assert said(house) == [] and its in open_ones(house).values()


def test_one_patients_suggestion_is_not_decided_on_anothers_page(house: House) -> None:
    house.patient(CHARLIE, "Charlie", country="GB")
    client, its = bob(house), open_ones(house)["medicine_monitoring"]
    found = CSRF.search(client.get(f"/patients/{CHARLIE}").text)
    assert found
    form = {"csrf": found[1], "do": "approve_suggestion", "suggestion": its}
    assert client.post(f"/patients/{CHARLIE}", data=form).status_code == 409
    assert its in open_ones(house).values() and said(house) == []


def test_a_second_look_adds_nothing(house: House) -> None:
    assert look_at(house, ALICE) == 0  # type: ignore[arg-type]


def test_what_the_record_answers_goes_from_the_list(house: House) -> None:
    house.measured(ALICE, "inr", "", [(2.4, None)])
    look_at(house, ALICE)  # type: ignore[arg-type]
    assert "medicine_monitoring" not in open_ones(house)


def test_a_patient_who_said_stop_gets_nothing_and_the_nurse_is_told(house: House) -> None:
    its = open_ones(house)["medicine_monitoring"]
    with house.store.unit_of_work() as work:
        patient = work.patients.get(ALICE)
        assert patient
        work.patients.save(replace(patient, status=PatientStatus.STOPPED))
    client = bob(house)
    assert decide(client, "approve", its) == 409
    assert said(house) == [] and its in open_ones(house).values()
    assert "suggestion.not_sent" in house.audit(ALICE)
    assert "suggestion.approved" not in house.audit(ALICE)


@pytest.mark.parametrize(
    ("username", "before", "after", "held"),
    [("bob", "what you approve goes", "Approved: ", "Held: quiet hours · goes"),
     ("lin", "您批准的内容会在", "已批准：", "暂缓：免打扰时段 · ")],
)  # fmt: skip
def test_in_quiet_hours_the_page_says_when_it_goes_and_by_whose_clock(
    house: House, username: str, before: str, after: str, held: str
) -> None:
    def page() -> str:
        return re.sub(r"<[^>]+>", "", client.get(f"/patients/{ALICE}").text)

    clock, now = ("the patient's clock", "患者当地时间"), house.clock()
    local = now.astimezone(ZoneInfo("Europe/London"))
    begins, ends = local - timedelta(hours=1), local + timedelta(hours=2)
    with house.store.unit_of_work() as work:
        patient = work.patients.get(ALICE)
        assert patient
        work.patients.save(
            replace(patient, quiet_from=f"{begins:%H:%M}", quiet_until=f"{ends:%H:%M}")
        )
    client = bob(house, username)
    words = html.unescape(page())
    assert before in words and f"{ends:%H:%M}" in words and after not in words
    assert decide(client, "approve", open_ones(house)["medicine_monitoring"]) == 303
    words = html.unescape(page())
    [line] = [one for one in words.splitlines() if after in one]
    assert f"{ends:%H:%M}" in line and any(one in line for one in clock)
    [line] = [one for one in words.splitlines() if held in one]
    assert f"{ends:%H:%M}" in line and any(one in line for one in clock)


def test_outside_quiet_hours_nothing_is_said_of_them(house: House) -> None:
    with house.store.unit_of_work() as work:
        patient = work.patients.get(ALICE)
        assert patient
        work.patients.save(replace(patient, quiet_from="00:00", quiet_until="00:00"))
    client = bob(house)
    assert decide(client, "approve", open_ones(house)["medicine_monitoring"]) == 303
    text_ = client.get(f"/patients/{ALICE}").text
    assert "quiet hours" not in text_ and "Approved: " not in text_
