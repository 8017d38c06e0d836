"""How an answer came about, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from browser import Served, enter
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
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme,
        locale="zh-CN" if username == "lin" else "en-GB",
    )  # fmt: skip
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on(
        "request",
        lambda r: complaints.append(r.url) if not r.url.startswith(served.url) else None,
    )
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
    context.close()
    assert complaints == []
