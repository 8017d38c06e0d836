"""What a nurse has half written in the console outlives a reload, and nothing else of hers does."""

from __future__ import annotations

from typing import Any

import pytest
from browser import CHROMIUM, Served, enter
from console_house import ALICE, CHEN

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no /usr/bin/chromium: install Debian's package chromium"
)
HALF = "I spoke to her daughter, she is on the"


def kept(page: Any) -> str:
    """Everything that the tab keeps."""
    return str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_a_half_written_reply_and_note_are_there_again_after_a_reload(
    page: Any, served: Served
) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill(HALF)
    page.reload()
    expect(page.get_by_label("Write to Alice Brown")).to_have_value(HALF)
    page.goto(served.url + "/escalations/esc-chest")
    page.get_by_label("Who did you reach").fill("her daughter Ruth, by ph")
    page.get_by_role("button", name="Accept").click()  # another form of the same page
    page.get_by_text("Accepted by Bob Lin").first.wait_for()
    expect(page.get_by_label("Who did you reach")).to_have_value("her daughter Ruth, by ph")
    page.goto(f"{served.url}/patients/{CHEN}")
    expect(page.locator("#text")).to_have_value("")  # what was for Alice stays with Alice


def test_what_was_sent_is_not_offered_again(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill("I am calling you now, Alice.")
    page.get_by_role("button", name="Send").click()
    page.locator(".line.nurse", has_text="I am calling you now, Alice.").wait_for()
    expect(page.get_by_label("Write to Alice Brown")).to_have_value("")
    page.reload()
    expect(page.get_by_label("Write to Alice Brown")).to_have_value("")
    assert "calling" not in kept(page)


def test_a_refused_reply_is_kept_for_its_second_wording(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill("Please double your dose tonight")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alert").filter(has_text="Not sent.").wait_for()
    page.complaints.clear()  # the browser tells of the refusal's status
    page.goto(served.url + "/work")
    page.goto(f"{served.url}/patients/{ALICE}")
    expect(page.get_by_label("Write to Alice Brown")).to_have_value(
        "Please double your dose tonight"
    )


def test_a_reply_that_found_no_connection_is_not_lost(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill(HALF)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(f"{served.url}/patients/{ALICE}")
    expect(page.get_by_label("Write to Alice Brown")).to_have_value(HALF)
    page.complaints.clear()  # the browser tells of the broken connection, as it should


def test_signing_out_leaves_no_words_behind(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill(HALF)
    assert "daughter" in kept(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    assert "daughter" not in kept(page)
    enter(page, served, "dana")
    page.goto(f"{served.url}/patients/{ALICE}")
    expect(page.get_by_label("Write to Alice Brown")).to_have_value("")


def test_another_member_in_the_same_tab_never_sees_them(page: Any, served: Served) -> None:
    enter(page, served)
    page.goto(f"{served.url}/patients/{ALICE}")
    page.get_by_label("Write to Alice Brown").fill(HALF)
    other = page.context.new_page()  # signs out and in again beside it: the first tab lives on
    other.goto(served.url + "/work")
    other.get_by_role("button", name="Sign out").click()
    enter(other, served, "dana")
    page.reload()
    expect(page.get_by_label("Write to Alice Brown")).to_have_value("")
    assert "daughter" not in kept(page)
