"""The console and the demo chat in a real browser: live, by keyboard, readable by everybody."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from browser import CHROMIUM, Served, enter, looking
from console_house import ALICE, CHEN

from bot.domain.message import Button
from bot.domain.outbox import OutboxState
from bot.escalations import care_plans

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no /usr/bin/chromium: install Debian's package chromium"
)


def test_a_new_card_appears_by_itself_and_is_announced(page: Any, served: Served) -> None:
    enter(page, served)
    expect(page).to_have_title(re.compile(r"^\(3\)"))
    began = time.monotonic()
    served.house.raise_("esc-new", ALICE, "P0", "checkin_missed")
    page.locator("#e-esc-new").wait_for(timeout=5000)
    assert time.monotonic() - began < 2.5
    assert "4 waiting" in page.locator("#summary").inner_text()
    assert "Emergency: 2 waiting" in page.locator("#said-now").inner_text()


def test_a_private_topic_never_reaches_the_title_or_the_announcement(
    page: Any, served: Served
) -> None:
    enter(page, served)
    expect(page).to_have_title(re.compile(r"^\(3\)"))
    served.house.raise_("esc-quiet", ALICE, "P0", "suicide_imminent", private_topic=True)
    page.locator("#e-esc-quiet").wait_for()
    for words in (page.title(), page.locator("#said-now").inner_text(), page.inner_text("main")):
        assert "uicid" not in words


def test_another_nurse_accepting_is_seen_without_a_reload(page: Any, served: Served) -> None:
    enter(page, served)
    page.locator("#e-esc-chest button").wait_for()
    served.house.actions().accept("esc-chest", "m-dana")
    page.get_by_text("Accepted by Dana Wu").wait_for(timeout=5000)
    assert page.locator("#e-esc-chest button").count() == 0


def test_focus_stays_where_it_was_when_another_card_arrives(page: Any, served: Served) -> None:
    enter(page, served)
    expect(page).to_have_title(re.compile(r"^\(3\)"))
    page.locator("#e-esc-private a.button").focus()
    served.house.raise_("esc-new", ALICE, "P0", "checkin_missed")
    page.locator("#e-esc-new").wait_for()
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused == "/escalations/esc-private"


def test_an_emergency_is_handled_with_the_keyboard_alone(page: Any, served: Served) -> None:
    enter(page, served)
    page.locator("#e-esc-chest button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/escalations/esc-chest")
    page.get_by_label("Outcome").focus()
    page.keyboard.type("Amb")
    page.get_by_label("Note (optional)").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Completed by Bob Lin").wait_for()
    assert served.house.escalation("esc-chest").outcome == "ambulance_called"


def test_a_lost_connection_is_said_and_then_taken_back(page: Any, served: Served) -> None:
    enter(page, served)
    expect(page).to_have_title(re.compile(r"^\(3\)"))
    page.context.set_offline(True)
    served.house.app.state.desk.closing.set()  # the server ends the live page
    page.get_by_text("Connection lost.").wait_for(timeout=10000)
    served.house.app.state.desk.closing.clear()
    page.context.set_offline(False)
    page.locator("#lost").wait_for(state="hidden", timeout=10000)
    page.complaints.clear()  # the browser tells of the broken connection, as it should


def test_the_conversation_is_live_and_a_reply_reaches_it(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    served.house.said(ALICE, "a-new", "It is getting worse")
    page.get_by_text("It is getting worse").wait_for(timeout=5000)
    page.get_by_label("Write to Alice Brown").fill("I am calling you now, Alice.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Bob Lin is writing with the patient").wait_for()
    line = page.locator(".line.nurse", has_text="I am calling you now, Alice.")
    assert "On its way" in line.inner_text()
    with served.house.store.unit_of_work() as work:
        [parcel] = work.outbox.claim(
            served.house.clock(), served.house.late, 1, channel="web", bot="demo"
        )
        work.outbox.finish(parcel.id, OutboxState.SENT, served.house.clock())
    line.get_by_text("Sent").wait_for(timeout=5000)


def test_words_half_written_survive_a_message_that_arrives(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill("Half a sen")
    served.house.said(ALICE, "a-new", "It is getting worse")
    page.get_by_text("It is getting worse").wait_for(timeout=5000)
    assert page.get_by_label("Write to Alice Brown").input_value() == "Half a sen"


def test_the_console_works_without_javascript(chromium: Any, served: Served) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, served)
    page.locator("#e-esc-chest button").click()
    page.get_by_text("Accepted by Bob Lin").first.wait_for()
    page.goto(f"{served.url}/chat")
    page.locator("#text").fill("hello without scripts")
    page.locator("button.send").click()
    page.get_by_text("hello without scripts").wait_for()
    context.close()


def test_the_patient_writes_and_the_answer_appears_by_itself(page: Any, served: Served) -> None:
    page.goto(served.url + "/chat")
    page.locator("#text").fill("My blood pressure is 132/84")
    page.keyboard.press("Enter")
    page.locator(".bubble.mine", has_text="132/84").wait_for()
    assert page.locator("#text").input_value() == ""
    began = time.monotonic()
    served.bot_says("Noted: 132/84 mmHg.")
    page.locator(".bubble.theirs", has_text="Noted: 132/84 mmHg.").wait_for()
    assert time.monotonic() - began < 2


def test_buttons_are_tapped_once_and_survive_a_reload(page: Any, served: Served) -> None:
    page.goto(served.url + "/chat")
    served.bot_says("Is this right?", ((Button(label="Yes", data="y"), Button(label="No")),))
    page.get_by_role("button", name="Yes").wait_for()
    page.reload()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("#status")).to_have_text("正在输入…")
    within = time.monotonic() + 5  # the page says so before the tap has arrived
    while not served.house.kept and time.monotonic() < within:
        page.wait_for_timeout(20)
    [tap] = served.house.kept
    assert served.house.web.parse(tap).data == "y"
    served.bot_says("Thank you.")
    page.get_by_text("Thank you.").wait_for()
    assert page.get_by_role("button", name="Yes").count() == 0


def test_a_double_tap_does_not_answer_the_next_question(page: Any, served: Served) -> None:
    def choices(number: int) -> tuple[tuple[Button, ...], ...]:
        return ((Button(label="Not at all", data=f"{number}:0"),),)

    def taps() -> list[str]:
        return [json.loads(one.body)["data"] for one in served.house.kept]

    served.bot_says("Little interest in things?", choices(1))
    page.goto(served.url + "/chat")
    page.locator("#choices button").click()
    page.locator("#choices button").click(no_wait_after=True)  # the same question, at once
    served.bot_says("Thoughts of hurting yourself?", choices(9))
    page.locator("#choices input[value='9:0']").wait_for(state="attached")
    place = page.locator("#choices button").bounding_box()
    page.mouse.click(place["x"] + 20, place["y"] + 15)  # the second half of a double tap
    time.sleep(0.5)
    assert taps() == ["1:0"]
    time.sleep(0.5)
    page.mouse.click(place["x"] + 20, place["y"] + 15)
    within = time.monotonic() + 3
    while len(served.house.kept) < 2 and time.monotonic() < within:
        time.sleep(0.05)
    assert taps() == ["1:0", "9:0"]


def test_a_reader_keeps_their_place_when_a_message_arrives(page: Any, served: Served) -> None:
    page.goto(served.url + "/chat")
    served.bot_says("Good morning.")
    first = page.locator(".bubble", has_text="Good morning.")
    first.wait_for()
    # A screen reader's place is the focus; what is taken out and put back loses it.
    first.evaluate("e => { e.tabIndex = -1; e.focus(); }")
    served.bot_says("How are you?")
    page.locator(".bubble", has_text="How are you?").wait_for()
    assert first.evaluate("e => document.activeElement === e")


def test_what_is_tapped_is_as_wide_as_a_thumb(page: Any, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    page.goto(f"{served.url}/chat")
    small = page.locator("a:visible, button:visible").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 44).map(e => e.textContent)"
    )
    assert small == []


def test_an_example_is_sent_with_one_click(page: Any, served: Served) -> None:
    page.goto(served.url + "/chat")
    page.locator("button.example", has_text="今天血压132/84").click()
    page.locator(".bubble.mine", has_text="今天血压132/84").wait_for()


def test_a_nurse_starts_a_care_plan_and_sees_what_it_asks(page: Any, served: Served) -> None:
    enter(page, served, "lin")
    page.goto(f"{served.url}/patients/{CHEN}")
    page.get_by_label("计划", exact=True).select_option("heart_failure")
    page.get_by_role("button", name="开始计划").click()
    expect(page.get_by_role("region", name="心力衰竭")).to_contain_text("体重")
    expect(page.get_by_text("未回应：P2")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="停止：心力衰竭").click()
    expect(page.get_by_text("目前没有进行中的计划。")).to_be_visible()


PAGES = ("/work", "/patients", f"/patients/{ALICE}", "/escalations/esc-chest",
         "/escalations/esc-private", "/enrol", "/chat")  # fmt: skip


@pytest.mark.parametrize(
    ("username", "scheme", "width"),
    [("bob", "light", 1280), ("lin", "dark", 1280), ("lin", "light", 360), ("bob", "dark", 360)],
)
def test_axe_finds_nothing_and_nothing_runs_off_the_screen(
    chromium: Any, served: Served, username: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    served.bot_says("Is this right?", ((Button(label="Yes", data="y"), Button(label="No")),))
    served.house.said(ALICE, "a8", "Hello?", author="bot", state=OutboxState.FAILED)
    care_plans.start_plan(served.house, ALICE, "hypertension", "", "m-bob")  # type: ignore[arg-type]
    page = looking(chromium, username, scheme, width)
    page.goto(served.url + "/sign-in")
    found = [("/sign-in", v["id"]) for v in axe.run(page).response["violations"]]
    enter(page, served, username)
    for path in PAGES:
        page.goto(served.url + path)
        found += [(path, v["id"]) for v in axe.run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.context.close()
    assert found == []
