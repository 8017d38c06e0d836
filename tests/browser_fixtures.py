"""A real Chromium before the console: no error, no stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from browser import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    from browser import Served

    served = Served(tmp_path)
    yield served
    served.stop()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """The same with settings of one's own."""
    from browser import Served

    opened: list[Served] = []

    def start(**settings: bool) -> Served:
        opened.append(Served(tmp_path, **settings))
        return opened[-1]

    yield start
    for one in opened:
        one.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from browser import ARGS, CHROMIUM

    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: install Debian's package chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, served: Served) -> Iterator[Any]:
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.complaints = []
    page.strangers = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    page.on(
        "request",
        lambda r: page.strangers.append(r.url) if not r.url.startswith(served.url) else None,
    )
    yield page
    assert page.complaints == []  # a blocked inline script or style would be told here
    assert page.strangers == []
    context.close()
