"""The page of one escalation in a real browser: it tells by itself what happened meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from browser import CHROMIUM, Served, enter, looking
from console_house import ALICE, CHEN

from bot.domain.escalation import AuditEvent, EscalationState
from bot.domain.message import CARER

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no /usr/bin/chromium: install Debian's package chromium"
)
CHEST = "/escalations/esc-chest"
HALF = "her daughter Ruth, by ph"


def opened(page: Any, served: Served, path: str = CHEST, username: str = "bob") -> None:
    """The page, once it is live: until then it could be told nothing."""
    enter(page, served, username)
    with page.expect_request(lambda request: "/live/" in request.url):
        page.goto(served.url + path)
    page.wait_for_timeout(300)


def happened(served: Served, kind: str, **changes: object) -> None:
    """What the bot does to the matter: the row, and the line of the trail."""
    with served.house.store.unit_of_work() as work:
        was = work.escalations.get("esc-chest")
        assert was
        assert work.escalations.change(was, replace(was, **changes))  # type: ignore[arg-type]
        work.audit.add(
            AuditEvent(at=served.house.clock(), actor="bot", type=f"escalation.{kind}",
                       subject=was.id, patient_id=was.patient_id)
        )  # fmt: skip


def test_a_colleague_who_accepts_is_seen_and_told_without_a_reload(
    page: Any, served: Served
) -> None:
    opened(page, served)
    served.house.actions().accept("esc-chest", "m-dana")
    page.get_by_text("Accepted by Dana Wu").wait_for(timeout=5000)
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    expect(page.locator(".head .state")).to_have_text("Accepted")
    expect(page.locator("#said[aria-live=polite]")).to_have_text("Accepted: Dana Wu")


def test_what_was_known_when_the_page_came_is_not_told(page: Any, served: Served) -> None:
    served.house.actions().accept("esc-chest", "m-dana")
    opened(page, served)
    page.wait_for_timeout(1500)
    expect(page.locator("#said")).to_have_text("")


def test_a_rung_of_the_ladder_appears_in_the_history(page: Any, served: Served) -> None:
    opened(page, served)
    happened(served, "paged", step=1, state=EscalationState.DELIVERED)
    page.locator(".trail").get_by_text("Nurses paged").wait_for(timeout=5000)
    expect(page.locator("#said")).to_have_text("Nurses paged: Ankang")
    expect(page.locator(".head .state")).to_have_text("Waiting, nurses paged")


@pytest.mark.parametrize(
    ("username", "author", "told", "stands"),
    [("bob", "patient", "New message from the patient.", "Last message from the patient"),
     ("bob", CARER, "New message from a carer.", "Last message from a carer"),
     ("lin", "patient", "患者发来新消息。", "患者最近一条消息")],
)  # fmt: skip
def test_words_of_the_patient_are_told_and_a_click_away(
    page: Any, served: Served, username: str, author: str, told: str, stands: str
) -> None:
    opened(page, served, username=username)
    served.house.said(ALICE, "a-new", "I have called them", author=author)
    expect(page.locator("#said")).to_have_text(told, timeout=5000)
    page.get_by_role("link", name=stands).click()
    page.get_by_text("I have called them").wait_for()


def test_what_came_of_the_call_for_help_is_seen(page: Any, served: Served) -> None:
    opened(page, served)
    evidence = dict(served.house.escalation("esc-chest").evidence)
    evidence["calls"] = [{"answer": "yes", "at": served.house.clock().isoformat()}]
    happened(served, "call_answered", evidence=evidence)
    page.get_by_text("Help is coming").wait_for(timeout=5000)


def test_a_half_written_note_and_the_focus_stay(page: Any, served: Served) -> None:
    opened(page, served)
    note = page.get_by_label("Note (optional)")
    note.fill("She sat down and")
    page.get_by_label("Outcome").select_option("ambulance_called")
    note.focus()
    page.keyboard.press("Home")
    served.house.actions().accept("esc-chest", "m-dana")
    page.get_by_text("Accepted by Dana Wu").wait_for(timeout=5000)
    page.keyboard.type("! ")  # the caret is where it was
    expect(note).to_have_value("! She sat down and")
    expect(page.get_by_label("Outcome")).to_have_value("ambulance_called")


def test_words_for_a_step_that_somebody_else_took_are_not_thrown_away(
    page: Any, served: Served
) -> None:
    opened(page, served)
    page.get_by_label("Who did you reach").fill(HALF)
    served.house.actions().contact("esc-chest", "m-dana", "")
    past = page.locator("#do-contact").get_by_text("Somebody else has done this step")
    past.wait_for(timeout=5000)
    expect(page.get_by_label("Who did you reach")).to_have_value(HALF)
    expect(page.get_by_role("button", name="Contact made")).to_be_disabled()
    expect(page.get_by_role("button", name="Complete")).to_be_enabled()
    shown = page.get_by_role("region", name="Next step").inner_text()
    assert shown.index("Contact made:") < shown.index("Somebody else") < shown.index("Outcome")


def test_the_focus_of_a_button_that_goes_lands_on_its_section(page: Any, served: Served) -> None:
    opened(page, served)
    page.get_by_role("button", name="Accept", exact=True).focus()
    served.house.actions().accept("esc-chest", "m-dana")
    page.get_by_text("Accepted by Dana Wu").wait_for(timeout=5000)
    expect(page.get_by_role("heading", name="Next step")).to_be_focused()


def test_a_matter_that_a_colleague_completes_says_so(page: Any, served: Served) -> None:
    opened(page, served)
    served.house.actions().complete("esc-chest", "m-dana", "false_alarm", "")
    page.get_by_text("Completed by Dana Wu").wait_for(timeout=5000)
    expect(page.get_by_role("button", name="Complete")).to_have_count(0)


def test_what_was_found_in_the_literature_stays(page: Any, served: Served) -> None:
    opened(page, served)
    page.get_by_label("Look for").fill("angina")
    served.house.actions().accept("esc-chest", "m-dana")
    page.get_by_text("Accepted by Dana Wu").wait_for(timeout=5000)
    expect(page.get_by_label("Look for")).to_have_value("angina")


def test_without_events_the_page_looks_by_itself_and_leaves_no_trail(
    page: Any, served: Served
) -> None:
    page.clock.install()
    page.route("**/live/**", lambda route: (
        route.abort() if route.request.headers.get("accept") == "text/event-stream"
        else route.continue_()
    ))  # fmt: skip
    enter(page, served)
    page.goto(served.url + CHEST)
    served.house.actions().accept("esc-chest", "m-dana")
    looks = served.house.audit("esc-chest").count("viewed.escalation")
    for _ in range(4):
        page.clock.run_for(15000)
        page.wait_for_timeout(100)
    page.get_by_text("Accepted by Dana Wu").wait_for(timeout=5000)
    assert served.house.audit("esc-chest").count("viewed.escalation") == looks
    page.complaints.clear()  # the browser tells of the broken connection, as it should


@pytest.mark.parametrize(("username", "width"), [("bob", 1280), ("lin", 360)])
def test_axe_finds_nothing_in_what_changed_by_itself(
    chromium: Any, served: Served, username: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = looking(chromium, username, "light", width)
    opened(page, served, username=username)
    page.locator("#contact-note").fill(HALF)
    served.house.said(ALICE, "a-new", "I have called them")
    served.house.actions().contact("esc-chest", "m-dana", "Her daughter is with her")
    page.get_by_text("Her daughter is with her").wait_for(timeout=5000)
    found = [v["id"] for v in axe.run(page).response["violations"]]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
    assert found == []


def test_a_private_matter_is_told_without_its_topic(page: Any, served: Served) -> None:
    opened(page, served, "/escalations/esc-private")
    served.house.actions().accept("esc-private", "m-dana")
    expect(page.locator("#said")).to_have_text("Accepted: Dana Wu", timeout=5000)
    assert "uicid" not in page.title()
    assert CHEN not in page.title()


@pytest.mark.parametrize(
    ("zone", "language", "says"),
    [("Asia/Shanghai", "en", "(China Standard Time, UTC+8)"),
     ("Asia/Shanghai", "zh", "（中国标准时间，UTC+8）"),
     ("America/New_York", "en", "(Eastern Time, UTC−"), ("UTC", "en", "(UTC)"),
     ("Europe/London", "zh", "（英国时间，UTC")],
)  # fmt: skip
def test_the_clock_of_the_device_has_the_name_people_use(
    chromium: Any, served: Served, zone: str, language: str, says: str
) -> None:
    context = chromium.new_context(timezone_id=zone)
    page = context.new_page()
    enter(page, served, "lin" if language == "zh" else "bob")
    page.goto(served.url + CHEST)
    expect(page.locator("[data-clock]")).to_contain_text(says)
    context.close()
