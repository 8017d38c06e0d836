"""The house of the console's tests behind a real server, for a real browser."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn
from console_house import CHEN, PASSWORD, House, furnish

from bot.domain.message import Button, Outgoing

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Served:
    """The house behind a real server on a free port."""

    def __init__(self, folder: Path, *, similar_cases: bool = False) -> None:
        self.house = House(folder, telegram="ankang_bot", similar_cases=similar_cases)
        furnish(self.house)
        config = uvicorn.Config(
            self.house.app, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self.house.app.state.desk.closing.set()
        self._server.should_exit = True
        self._thread.join(10)

    def bot_says(self, text: str, buttons: tuple[tuple[Button, ...], ...] = ()) -> None:
        """As the sender would: the row first, then the phone."""
        self.house.said(CHEN, f"bot-{time.monotonic_ns()}", text, author="bot")
        outgoing = Outgoing(address="demo", text=text, buttons=buttons)
        sending = threading.Thread(target=lambda: asyncio.run(self.house.web.send(outgoing)))
        sending.start()
        sending.join()


def enter(page: Any, served: Served, username: str = "bob") -> None:
    page.goto(served.url + "/work")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/work")


def looking(chromium: Any, username: str, scheme: str, width: int) -> Any:
    """A page of a browser as this person has it; its ``context`` is closed by the test."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme,
        locale="zh-CN" if username == "lin" else "en-GB",
    )  # fmt: skip
    return context.new_page()


def strangers_of(page: Any, served: Served) -> list[str]:
    """Fills with the addresses outside the house that the page asks for."""
    strangers: list[str] = []
    page.on(
        "request",
        lambda r: strangers.append(r.url) if not r.url.startswith(served.url) else None,
    )
    return strangers
