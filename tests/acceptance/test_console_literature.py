"""A nurse looks for literature in a real browser, on both pages."""

from __future__ import annotations

from typing import Any

import pytest
from browser import Served, enter, looking, strangers_of
from console_house import ALICE
from pubmed_file import imported

from bot.escalations import clinical


@pytest.mark.parametrize(
    ("username", "scheme", "width"), [("bob", "light", 1280), ("lin", "dark", 360)]
)
def test_a_search_is_one_click_and_axe_finds_nothing(
    chromium: Any, served: Served, username: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    clinical.set_entry(served.house, ALICE, "m-bob", "condition", "atrial fibrillation")  # type: ignore[call-arg, arg-type]
    page = looking(chromium, username, scheme, width)
    strangers = strangers_of(page, served)
    enter(page, served, username)
    found = []
    for path in (f"/patients/{ALICE}", "/escalations/esc-chest"):
        page.goto(served.url + path)
        page.locator("#literature-q").press("Enter")
        page.get_by_text("./ankang knowledge import pubmed FILE").wait_for()
        found += [(path, "empty", v["id"]) for v in axe.run(page).response["violations"]]
    imported(served.house.folder)
    for path in (f"/patients/{ALICE}", "/escalations/esc-chest"):
        page.goto(served.url + path)
        page.locator("#literature-q").press("Enter")
        page.get_by_text("PMID 101").wait_for()
        assert page.get_by_text("Falls did not outweigh the benefit").count() == 1
        found += [(path, "hits", v["id"]) for v in axe.run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.context.close()
    assert found == []
    assert strangers == []
