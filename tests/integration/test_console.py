"""The console over HTTP, without a browser: who may see what, and what is kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from console_house import ALICE, CHEN, PASSWORD, House, furnish
from starlette.testclient import TestClient

import risk
from bot.console.sessions import COOKIE, hash_password
from bot.console.words import Shown
from bot.domain.care_team import Role
from bot.domain.carer import Carer, Scope
from bot.domain.checkin import Schedule
from bot.domain.message import CARER, TO_CARER, Kind, PatientId
from bot.domain.outbox import OutboxState
from bot.escalations import team

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    furnish(house)
    return house


def browser(house: House) -> TestClient:
    return TestClient(house.app, base_url="http://127.0.0.1", follow_redirects=False)


def enter(client: TestClient, username: str, password: str = PASSWORD, to: str = "/work") -> object:
    token = CSRF.search(client.get("/sign-in").text)
    assert token
    form = {"csrf": token[1], "username": username, "password": password, "next": to}
    return client.post("/sign-in", data=form)


@pytest.fixture
def bob(house: House) -> Iterator[TestClient]:
    with browser(house) as client:
        assert enter(client, "bob").headers["location"] == "/work"
        yield client


def token(client: TestClient, path: str = "/work") -> str:
    found = CSRF.search(client.get(path).text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "path",
    ["/work", "/patients", f"/patients/{ALICE}", "/escalations/esc-chest", "/enrol", "/files/a1"],
)
def test_nothing_is_shown_before_sign_in(house: House, path: str) -> None:
    answer = browser(house).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_live_pages_are_closed_before_sign_in(house: House) -> None:
    client = browser(house)
    headers = {"accept": "text/event-stream"}
    assert client.get("/work/events", headers=headers).status_code == 401
    assert client.get(f"/patients/{ALICE}/events", headers=headers).status_code == 401


def test_unknown_and_wrong_are_told_apart_by_nobody(house: House) -> None:
    client = browser(house)
    unknown = enter(client, "nobody", "x" * 12)
    wrong = enter(client, "bob", "x" * 12)
    assert unknown.status_code == wrong.status_code == 401
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", unknown.text) == strip.sub("", wrong.text)


def test_five_wrong_tries_lock_the_account_for_fifteen_minutes(house: House) -> None:
    client = browser(house)
    for _ in range(5):
        assert enter(client, "bob", "wrong").status_code == 401
    assert enter(client, "bob").status_code == 401
    house.late = timedelta(minutes=14, seconds=50)
    assert enter(client, "bob").status_code == 401
    house.late = timedelta(minutes=15, seconds=5)
    assert enter(client, "bob").status_code == 303
    assert "session.locked" in house.audit("m-bob")


def test_four_wrong_tries_and_a_right_one_start_the_count_again(house: House) -> None:
    client = browser(house)
    for _ in range(4):
        enter(client, "bob", "wrong")
    assert enter(client, "bob").status_code == 303
    with house.store.reading() as rows:
        member = rows.care_team.get("m-bob")
    assert member and member.failed_sign_ins == 0


def test_a_session_ends_after_twelve_hours(house: House, bob: TestClient) -> None:
    house.late = timedelta(hours=11, minutes=59)
    assert bob.get("/work").status_code == 200
    house.late = timedelta(hours=12, seconds=5)
    assert bob.get("/work").status_code == 303


def test_signing_out_ends_the_session_on_the_server(house: House, bob: TestClient) -> None:
    kept = bob.cookies[COOKIE]
    bob.post("/sign-out", data={"csrf": token(bob)})
    thief = browser(house)
    thief.cookies.set(COOKIE, kept)
    assert thief.get("/work").status_code == 303


def test_who_has_left_the_team_is_signed_out_and_let_in_no_more(
    house: House, bob: TestClient
) -> None:
    team.change(house, "bob", {"active": False}, "operator")  # type: ignore[arg-type]
    assert bob.get("/work").status_code == 303
    again = browser(house)
    assert enter(again, "bob").status_code == 401
    assert again.get("/work").status_code == 303
    assert house.audit("m-bob")[-1] == "session.refused_left"
    with browser(house) as dana:
        enter(dana, "dana")
        assert "Bob Lin" not in dana.get("/rota").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    set_cookie = enter(browser(house), "bob").headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=strict" in set_cookie


def test_a_form_without_its_token_changes_nothing(house: House, bob: TestClient) -> None:
    for csrf in ("", "0" * 48):
        answer = bob.post("/escalations/esc-chest", data={"csrf": csrf, "do": "accept"})
        assert answer.status_code == 403
    assert house.escalation("esc-chest").accepted_by == ""


def test_sign_in_leads_only_to_our_own_pages(house: House) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "/work\r\nX: y"):
        assert enter(browser(house), "bob", to=target).headers["location"] == "/work"


def test_a_link_from_another_app_finds_the_session(house: House, bob: TestClient) -> None:
    kept = bob.cookies[COOKIE]
    bob.cookies.clear()  # a strict cookie stays home on the way in
    first = bob.get("/escalations/esc-chest", headers={"sec-fetch-site": "cross-site"})
    assert first.status_code == 200
    assert 'data-go="/escalations/esc-chest"' in first.text
    assert "Alice" not in first.text
    bob.cookies.set(COOKIE, kept)
    assert "Alice Brown" in bob.get("/escalations/esc-chest").text


def test_every_answer_carries_the_security_headers(bob: TestClient) -> None:
    for path in ("/work", "/nothing-here", "/static/console.css", "/sign-in"):
        headers = bob.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert bob.get("/work").headers["cache-control"] == "no-store"


def test_no_page_has_an_inline_script_or_style(bob: TestClient) -> None:
    for path in ("/work", f"/patients/{ALICE}", "/escalations/esc-chest", "/enrol", "/chat"):
        page = bob.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_a_body_over_the_limit_is_refused(bob: TestClient) -> None:
    answer = bob.post("/enrol", data={"csrf": token(bob), "name": "x" * 5_000_000})
    assert answer.status_code == 413


def test_a_body_without_a_length_is_refused_when_it_grows_too_long(bob: TestClient) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 1000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert bob.post("/enrol", content=drip(), headers=headers).status_code == 413


def test_the_list_puts_the_most_urgent_first(bob: TestClient) -> None:
    page = bob.get("/work").text
    assert [page.index(word) for word in ("P0", "P1", "P3")] == sorted(
        page.index(word) for word in ("P0", "P1", "P3")
    )
    assert "3 waiting" in page


def test_a_private_topic_is_named_neither_in_the_list_nor_in_a_title(bob: TestClient) -> None:
    listed = bob.get("/work").text
    opened = bob.get("/escalations/esc-private").text
    title = re.search(r"<title>(.*?)</title>", opened, re.S)
    assert "uicid" not in listed and "A matter that needs a person" in listed
    assert title and "uicid" not in title[1] and "陈" not in title[1]


def test_words_that_look_like_a_page_stay_words(house: House, bob: TestClient) -> None:
    house.said(ALICE, "x1", "<script>alert(1)</script><img src=x onerror=alert(2)>")
    page = bob.get(f"/patients/{ALICE}").text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_matched_words_are_marked(bob: TestClient) -> None:
    page = bob.get("/escalations/esc-chest").text
    assert re.search(r"<mark[^>]*>heavy pressure on my chest</mark>", page)
    assert re.search(r"<mark[^>]*>left arm feels numb</mark>", page)
    assert "2026-11 (draft)" in page


def test_accept_contact_and_complete_go_through_with_the_member(
    house: House, bob: TestClient
) -> None:
    form = {"csrf": token(bob), "note": "Her daughter answered", "outcome": "ambulance_called"}
    for step in ("accept", "contact", "complete"):
        assert bob.post("/escalations/esc-chest", data={**form, "do": step}).status_code == 303
    done = house.escalation("esc-chest")
    assert (done.accepted_by, done.outcome, done.completed_by) == (
        "Bob Lin", "ambulance_called", "m-bob",
    )  # fmt: skip
    page = bob.get("/escalations/esc-chest").text
    assert "Her daughter answered" in page and "Ambulance called" in page


def test_an_outcome_nobody_knows_completes_nothing(house: House, bob: TestClient) -> None:
    form = {"csrf": token(bob), "do": "complete", "outcome": "whatever"}
    assert bob.post("/escalations/esc-chest", data=form).status_code == 400
    assert house.escalation("esc-chest").outcome == ""


def test_a_two_person_matter_asks_for_a_second_person(house: House, bob: TestClient) -> None:
    form = {"csrf": token(bob), "do": "complete", "outcome": "handed_over"}
    bob.post("/escalations/esc-private", data=form)
    mine = bob.get("/escalations/esc-private").text
    assert "A second person, not you, must now confirm" in mine
    assert 'name="outcome"' not in mine
    with browser(house) as dana:
        enter(dana, "dana")
        assert "Bob Lin has closed it" in dana.get("/escalations/esc-private").text
        dana.post("/escalations/esc-private", data={**form, "csrf": token(dana)})
    assert house.escalation("esc-private").completed_by == "m-bob+m-dana"


def test_every_view_is_audited(house: House, bob: TestClient) -> None:
    house.said(ALICE, "p1", "", kind=Kind.PHOTO, file=("image/png", "arm.png", b"\x89PNG..."))
    bob.get(f"/patients/{ALICE}")
    bob.get("/escalations/esc-chest")
    bob.get("/files/p1")
    assert "viewed.patient" in house.audit(ALICE)
    assert "viewed.escalation" in house.audit("esc-chest")
    assert house.audit("p1") == ["viewed.file"]


def test_a_patient_who_did_not_share_is_not_read_by_accident(house: House, bob: TestClient) -> None:
    charlie = type(ALICE)("pt-charlie")
    house.patient(charlie, "Charlie Grey", shared=False)
    house.said(charlie, "c1", "something between me and the bot")
    assert "something between" not in bob.get(f"/patients/{charlie}").text
    assert "something between" in bob.get(f"/patients/{charlie}?open=1").text
    assert house.audit(charlie)[-2:] == ["viewed.patient_outline", "viewed.patient_without_consent"]


def test_an_open_matter_opens_the_record_of_a_patient_who_did_not_share(
    house: House, bob: TestClient
) -> None:
    charlie = type(ALICE)("pt-charlie")
    house.patient(charlie, "Charlie Grey", shared=False)
    house.said(charlie, "c1", "my chest is tight")
    house.raise_("esc-c", charlie, "P0", "chest_pain_acs")
    assert "my chest is tight" in bob.get(f"/patients/{charlie}").text


def test_the_patient_page_shows_deliveries_readings_and_memories(
    house: House, bob: TestClient
) -> None:
    house.said(ALICE, "a9", "Are you there?", author="bot", state=OutboxState.UNKNOWN)
    house.said(ALICE, "a10", "Hello?", author="bot", state=OutboxState.FAILED)
    page = bob.get(f"/patients/{ALICE}").text
    assert "May not have arrived" in page
    assert re.search(r"Not sent · the patient blocked the bot", page)
    assert "148/92 mmHg" in page and '<svg class="chart"' in page
    assert 'href="#m-a1">See the message' in page
    assert "Right knee hurts on the stairs" in page


def test_a_reply_holds_the_conversation_and_a_double_click_sends_once(
    house: House, bob: TestClient
) -> None:
    form = {"csrf": token(bob), "do": "reply", "text": "I am calling you now.", "token": "t1"}
    for _ in range(2):
        assert bob.post(f"/patients/{ALICE}", data=form).status_code == 303
    page = bob.get(f"/patients/{ALICE}").text
    assert page.count("I am calling you now.") == 1
    assert "Bob Lin is writing with the patient" in page
    bob.post(f"/patients/{ALICE}", data={"csrf": token(bob), "do": "release"})
    assert "Ankang is answering." in bob.get(f"/patients/{ALICE}").text


def test_a_refused_reply_comes_back_with_the_reason_and_the_words(
    house: House, bob: TestClient
) -> None:
    form = {"csrf": token(bob), "do": "reply", "text": "Just double your dose", "token": "t2"}
    answer = bob.post(f"/patients/{ALICE}", data=form)
    assert answer.status_code == 422
    assert "It tells the patient to change a dose." in answer.text
    assert ">Just double your dose</textarea>" in answer.text
    assert house.replies == {}


def test_a_memory_is_forgotten_when_a_nurse_says_so(house: House, bob: TestClient) -> None:
    form = {"csrf": token(bob), "do": "forget", "fact": "mem1"}
    bob.post(f"/patients/{ALICE}", data=form)
    assert "Right knee" not in bob.get(f"/patients/{ALICE}").text


def test_a_fact_that_a_nurse_calls_wrong_stays_in_the_history(
    house: House, bob: TestClient
) -> None:
    bob.post(f"/patients/{ALICE}", data={"csrf": token(bob), "do": "wrong", "fact": "mem1"})
    page = bob.get(f"/patients/{ALICE}").text
    assert "Right knee" in page.split("What held before")[1]
    assert "entered in error" in page


def test_a_nurse_sees_carers_and_makes_a_link_for_one(house: House, bob: TestClient) -> None:
    where = f"/patients/{ALICE}"
    assert "A carer hears only what the patient has agreed to" in bob.get(where).text
    with house.store.unit_of_work() as work:
        work.carers.add(
            Carer(
                id="c1", patient_id=PatientId(ALICE), channel="telegram", bot="42", address="7",
                name="Carol", scopes=frozenset({Scope.READINGS}), added_at=house.clock(),
            )
        )  # fmt: skip
    page = bob.get(where).text
    assert "Carol: hears of readings" in page
    assert "hears of medicines" not in page
    made = bob.post(where, data={"csrf": token(bob, where), "do": "carer"})
    assert "start=9d2e7a" in made.text
    assert "start=9d2e7a" not in bob.get(where).text  # shown once


def test_what_a_carer_was_told_is_not_shown_as_told_to_the_patient(
    house: House, bob: TestClient
) -> None:
    house.said(ALICE, "c1", "She fell on the stairs", author=CARER)
    house.said(ALICE, "c2", "Please call 999 now.", author=TO_CARER)
    page = bob.get(f"/patients/{ALICE}").text
    lines = re.findall(
        r'<p class="by"><strong>(.*?)</strong>.*?<p class="text">(.*?)</p>', page, re.S
    )
    assert ("A carer", "She fell on the stairs") in lines
    assert ("Ankang, to a carer", "Please call 999 now.") in lines


def test_a_matter_says_that_a_carer_wrote(house: House, bob: TestClient) -> None:
    says = "A carer wrote this, not the patient."
    assert says not in bob.get("/escalations/esc-chest").text
    evidence: dict[str, object] = {"words": "Her chest hurts", "author": CARER}
    house.raise_("esc-carer", ALICE, "P0", "chest_pain_acs", evidence=evidence)
    page = bob.get("/escalations/esc-carer").text
    assert "Her chest hurts" in page and says in page


def test_a_nurse_notes_a_fact_and_an_empty_one_is_refused(house: House, bob: TestClient) -> None:
    form = {"csrf": token(bob), "do": "note", "kind": "AllergyIntolerance", "words": "latex"}
    bob.post(f"/patients/{ALICE}", data=form)
    assert house.noted == [("AllergyIntolerance", "latex")]
    assert bob.post(f"/patients/{ALICE}", data={**form, "words": " "}).status_code == 422
    assert bob.post(f"/patients/{ALICE}", data={**form, "kind": "Secret"}).status_code == 422
    assert len(house.noted) == 1


def test_a_plan_is_started_shown_and_stopped_and_the_trail_says_by_whom(
    house: House, bob: TestClient
) -> None:
    where = f"/patients/{ALICE}"
    first = house.clock().date().isoformat()
    form = {"csrf": token(bob, where), "do": "start_plan", "plan": "hypertension", "first": first}
    assert bob.post(where, data=form).headers["location"].endswith("#plans")
    page = bob.get(where).text
    assert "High blood pressure" in page and "your blood pressure, seated" in page
    day = Shown("en", house.clock()).on(date.fromisoformat(first))  # "30 Nov 2026"
    assert f"from {day}" in page and "not clinically signed off" in page
    stop = {"csrf": token(bob, where), "do": "stop_plan", "plan": "hypertension"}
    assert bob.post(where, data=stop).status_code == 303
    assert "No plan is running." in bob.get(where).text
    with house.store.reading() as rows:
        assert rows.checkins.schedules(ALICE) == []
        events = [e for e in rows.audit.of(ALICE, 50) if e.type.startswith("plan.")]
    assert {(e.type, e.actor) for e in events} == {
        ("plan.started", "m-bob"), ("plan.stopped", "m-bob"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "first", "said"),
    [
        ("hypertension", "2026-02-31", "must be a date"),
        ("hypertension", "1999-01-01", "must be a date"),
        ("no_such_plan", "", "no such plan"),
    ],
)
def test_a_plan_that_cannot_be_started_says_why_and_saves_nothing(
    house: House, bob: TestClient, plan: str, first: str, said: str
) -> None:
    where = f"/patients/{ALICE}"
    form = {"csrf": token(bob, where), "do": "start_plan", "plan": plan, "first": first}
    answer = bob.post(where, data=form)
    assert answer.status_code == 422 and said in answer.text
    with house.store.reading() as rows:
        assert rows.checkins.schedules(ALICE) == []


def test_a_plan_is_not_started_without_the_forms_token(house: House, bob: TestClient) -> None:
    form = {"do": "start_plan", "plan": "hypertension", "first": ""}
    assert bob.post(f"/patients/{ALICE}", data=form).status_code == 403
    with house.store.reading() as rows:
        assert rows.checkins.schedules(ALICE) == []


def test_a_photo_is_shown_and_a_page_is_only_ever_downloaded(house: House, bob: TestClient) -> None:
    house.said(ALICE, "p1", "", kind=Kind.PHOTO, file=("image/png", "arm.png", b"\x89PNG..."))
    house.said(ALICE, "p2", "", kind=Kind.FILE, file=("text/html", "x.html", b"<script>1</script>"))
    photo, page = bob.get("/files/p1"), bob.get("/files/p2")
    assert (photo.content, photo.headers["content-type"]) == (b"\x89PNG...", "image/png")
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]


def test_the_link_is_shown_once_with_the_text_for_the_patient(bob: TestClient) -> None:
    form = {"csrf": token(bob), "language": "zh", "name": "王芳"}
    made = bob.post("/enrol", data=form).text
    assert "https://t.me/ankang_bot?start=4f6c0b" in made and "王芳，您好" in made
    assert "4f6c0b" not in bob.get("/enrol").text


def test_the_whole_console_changes_language_and_remembers_it(house: House, bob: TestClient) -> None:
    form = {"csrf": token(bob), "language": "zh", "here": "/patients"}
    assert bob.post("/language", data=form).headers["location"] == "/patients"
    page = bob.get("/work").text
    assert 'lang="zh-Hans"' in page and "待接手" in page and "胸痛" in page
    with browser(house) as later:
        enter(later, "bob")
        assert "待接手" in later.get("/work").text


@pytest.mark.parametrize("name", ["pt-nobody", "%00", "x" * 300, "..%2f..", "%F0%9F%92%8A"])
def test_an_odd_id_is_nothing_found_and_no_error(bob: TestClient, name: str) -> None:
    assert bob.get(f"/patients/{name}").status_code == 404
    assert bob.get(f"/escalations/{name}").status_code == 404
    assert bob.get(f"/files/{name}").status_code == 404


def test_an_unforeseen_evidence_is_shown_and_never_dropped(house: House, bob: TestClient) -> None:
    house.raise_(
        "esc-odd", ALICE, "P2", "a_new_reason",
        evidence={"words": "hm", "findings": [{"flag": "f", "start": 5, "end": 99}, "text"],
                  "pressure": {"value": 190.0, "unit": "mmHg"}},
    )  # fmt: skip
    page = bob.get("/escalations/esc-odd").text
    assert "value 190, unit mmHg" in page and "a new reason" in page


def test_an_erased_patient_is_gone_and_their_matter_still_opens(
    house: House, bob: TestClient
) -> None:
    with house.store.unit_of_work() as work:
        work.patients.erase(ALICE, house.clock())
    assert bob.get(f"/patients/{ALICE}").status_code == 404
    assert bob.get("/escalations/esc-chest").status_code == 200
    assert bob.get("/work").status_code == 200
    form = {"csrf": token(bob), "do": "complete", "outcome": "not_reached"}
    assert bob.post("/escalations/esc-chest", data=form).status_code == 303
    assert "data were erased" in bob.get("/escalations/esc-chest").text


def test_set_aside_and_undelivered_are_counted_on_the_list(house: House, bob: TestClient) -> None:
    house.said(ALICE, "a10", "Hello?", author="bot", state=OutboxState.FAILED)
    page = bob.get("/work").text
    assert "1 outgoing message could not be sent" in page


def test_the_demo_chat_is_only_for_this_machine(house: House, tmp_path: Path) -> None:
    assert TestClient(house.app, base_url="http://127.0.0.1").get("/chat").status_code == 200
    assert TestClient(house.app, base_url="http://clinic.example").get("/chat").status_code == 404
    forwarded = TestClient(house.app, base_url="http://127.0.0.1", headers={"X-Forwarded-For": "1"})
    assert forwarded.get("/chat").status_code == 404
    (tmp_path / "b").mkdir()
    served = House(tmp_path / "b", demo=False)
    assert TestClient(served.app, base_url="http://127.0.0.1").get("/chat").status_code == 404


def test_the_demo_chat_posts_through_the_door(house: House) -> None:
    client = browser(house)
    form = {"csrf": token(client, "/chat"), "kind": "text", "text": "今天血压132/84"}
    assert client.post("/chat/send", data={**form, "nonce": "abcdef12"}).status_code == 303
    assert client.post("/chat/send", data={**form, "nonce": "abcdef12"}).status_code == 303
    [kept] = {update.external_id: update for update in house.kept}.values()
    assert (kept.channel, kept.bot, kept.order_key) == ("web", "demo", "demo")
    incoming = house.web.parse(kept)
    assert (incoming.kind, incoming.text, incoming.address) == (
        Kind.TEXT, "今天血压132/84", "demo",
    )  # fmt: skip
    assert client.get("/chat").text.count('<p class="text">今天血压132/84</p>') == 1


def test_the_demo_chat_refuses_a_form_of_another_page(house: House) -> None:
    client = browser(house)
    client.get("/chat")
    client.post("/chat/send", data={"csrf": "0" * 64, "kind": "text", "text": "hello"})
    assert house.kept == []


def test_a_text_over_the_limit_gets_kind_words_and_is_not_kept(house: House) -> None:
    client = browser(house)
    form = {"csrf": token(client, "/chat"), "kind": "text", "text": "x" * 5000}
    answer = client.post("/chat/send", data=form)
    assert "这条消息太长了" in client.get(answer.headers["location"]).text
    assert house.kept == []


def test_the_language_button_sends_the_command(house: House) -> None:
    client = browser(house)
    form = {"csrf": token(client, "/chat"), "kind": "command", "data": "language", "text": "en"}
    client.post("/chat/send", data=form)
    incoming = house.web.parse(house.kept[0])
    assert (incoming.kind, incoming.data, incoming.text) == (Kind.COMMAND, "language", "en")
    assert json.loads(house.kept[0].body)["address"] == "demo"


def test_the_phone_shows_what_was_sent_and_hides_what_was_not(house: House) -> None:
    house.said(CHEN, "d1", "This one arrived", author="bot")
    house.said(CHEN, "d2", "This one is held", author="bot", state=OutboxState.EXPIRED)
    page = browser(house).get("/chat").text
    assert "This one arrived" in page and "This one is held" not in page


def test_a_risk_assessment_is_shown_with_everything_it_rests_on(
    house: House, bob: TestClient
) -> None:
    given: dict[str, float | str] = {
        "sex": "female", "age": 50, "total_c": 200, "hdl_c": 45, "sbp": 160, "dm": "yes",
        "smoking": "no", "bmi": 35, "egfr": 90, "bp_tx": "yes", "statin": "no",
        "known_cvd": "no", "pregnant": "no",
    }  # fmt: skip
    units = {"age": "years", "total_c": "mg/dL", "hdl_c": "mg/dL", "sbp": "mmHg", "bmi": "kg/m2",
             "egfr": "mL/min/1.73m2"}  # fmt: skip
    inputs = {
        n: risk.Input(value=v if isinstance(v, str) else float(v), unit=units.get(n, ""))
        for n, v in given.items()
    }
    made = risk.load("prevent_2023").assess(
        inputs, outcome="total_cvd", patient_id=ALICE, now=house.clock()
    )
    with house.store.unit_of_work() as work:
        work.record.assess(made)
    page = bob.get(f"/patients/{ALICE}").text
    assert f"{made.prediction.probability * 100:.1f} in 100" in page
    assert made.method in page and made.version in page
    assert re.search(r"<td>Upper blood pressure</td><td>160 mmHg</td>", page)
    for driver in made.drivers:  # the whole calculation, to the last digit that matters
        assert f"{driver.contribution:+.4f}" in page
    assert f"{made.linear_predictor:.6g}" in page
    assert f"{made.comparison_probability * 100:.1f} in 100" in page
    assert made.comparison_source in page and made.citation.split(".")[0] in page
    assert "Upper blood pressure: 130 mmHg" in page


def test_a_score_in_points_is_shown_with_its_points_and_its_band(
    house: House, bob: TestClient
) -> None:
    given: dict[str, tuple[float | str, str]] = {
        "sex": ("male", ""), "age": (58.0, "years"), "known_diabetes": ("no", ""),
        "weight": (95.0, "kg"), "height": (175.0, "cm"), "waist": (104.0, "cm"),
        "active": ("no", ""), "veg": ("no", ""), "bpmeds": ("yes", ""), "highglu": ("no", ""),
        "fh": ("first", ""),
    }  # fmt: skip
    made = risk.open_model("findrisc").assess(
        {name: risk.Input(value=value, unit=unit) for name, (value, unit) in given.items()},
        outcome="diabetes", patient_id=ALICE, now=house.clock(),
    )  # fmt: skip
    with house.store.unit_of_work() as work:
        work.record.assess(made)
    page = bob.get(f"/patients/{ALICE}").text
    assert "20 points, 33.3 in 100" in page and "high (The form" in page
    assert "Parent, brother, sister or child" in page


def test_a_password_hash_is_argon2id() -> None:
    assert hash_password("x").startswith("$argon2id$")


def known(house: House) -> list[tuple[str, str, float | None]]:
    with house.store.reading() as rows:
        return [(e.kind.value, e.name, e.value) for e in rows.clinical.of(ALICE)]


def test_a_nurse_adds_a_condition_and_ends_it(house: House, bob: TestClient) -> None:
    path = f"/patients/{ALICE}"
    form = {"csrf": token(bob, path), "do": "set", "kind": "condition", "name": "COPD <b>"}
    assert bob.post(path, data=form).headers["location"] == f"{path}#known"
    assert known(house) == [("condition", "COPD <b>", None)]
    page = bob.get(path).text
    assert "COPD &lt;b&gt;" in page
    entry = re.search(r'name="entry" value="([0-9a-f]+)"', page)
    assert entry
    bob.post(path, data={"csrf": form["csrf"], "do": "end", "entry": entry[1]})
    assert known(house) == []
    assert [kind for kind in house.audit(ALICE) if kind.startswith("record.")] == [
        "record.set", "record.ended"
    ]  # fmt: skip


def test_only_a_supervisor_is_offered_limits_and_may_sign_one(
    house: House, bob: TestClient
) -> None:
    path = f"/patients/{ALICE}"
    assert 'value="limit:oxygen_low"' not in bob.get(path).text
    form = {"do": "set", "kind": "limit:oxygen_low", "name": "88"}
    assert bob.post(path, data={**form, "csrf": token(bob, path)}).status_code == 422
    with house.store.unit_of_work() as work:
        member = work.care_team.by_username("bob")
        assert member
        work.care_team.save(replace(member, role=Role.SUPERVISOR))
    assert 'value="limit:oxygen_low"' in bob.get(path).text
    for wrong in ("eighty", "20", ""):
        answer = bob.post(path, data={**form, "name": wrong, "csrf": token(bob, path)})
        assert answer.status_code == 422
    assert bob.post(path, data={**form, "csrf": token(bob, path)}).status_code == 303
    assert known(house) == [("limit", "oxygen_low", 88.0)]


def test_the_page_of_a_patient_on_a_care_plan_opens(house: House, bob: TestClient) -> None:
    rule = {"frequency": "weekly", "interval": 1, "times": ["08:00"], "weekdays": [0]}
    with house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(
                id="a-plan", patient_id=ALICE, kind="measurement", rule=rule, plan="hypertension",
                what="blood pressure",
            )
        )  # fmt: skip
    assert bob.get(f"/patients/{ALICE}").status_code == 200
