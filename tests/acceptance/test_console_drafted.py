"""How an answer came about, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from browser import Served, enter, looking, strangers_of
from console_house import ALICE
from drafted import failed, worded


@pytest.mark.parametrize(
    ("username", "scheme", "width"), [("bob", "light", 1280), ("lin", "dark", 360)]
)
def test_it_is_one_click_from_the_conversation_and_axe_finds_nothing(
    chromium: Any, served: Served, username: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    worded(served.house, ALICE)
    failed(served.house, ALICE, "m2", "slow")
    page = looking(chromium, username, scheme, width)
    complaints = strangers_of(page, served)
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    enter(page, served, username)
    for number in (0, 1):
        page.goto(f"{served.url}/patients/{ALICE}")
        page.locator("#live a[href*='/drafts/']").nth(number).click()
        page.locator("#passages").wait_for()
        if page.locator("details summary").count():
            page.locator("details summary").click()
        found = [v["id"] for v in axe.run(page).response["violations"]]
        assert found == [], number
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
    assert complaints == []
