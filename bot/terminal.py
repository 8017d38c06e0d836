"""Talk with the house in a terminal, as the demo patient, through the same door as everybody."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from rich.console import Console

from bot import demo
from bot.bootstrap import House
from bot.console.app import hash_password
from bot.conversation.receive import receive
from bot.domain.message import Update
from bot.process import Process
from prompts import say


async def talk(house: House, language: str, out: Console) -> None:
    """Until an empty line or the end of input; numbers pick the buttons of the last answer."""
    web = house.web
    if web is None:
        out.print("The terminal chat needs ANKANG_DEMO=true and a loopback host.")
        return
    with house.services.store.reading() as rows:
        before = rows.patients.get(demo.PATIENT)
    demo.prepare(house.services, house.settings.data, hash_password, language)
    process = Process(house, frozenset({"work"}))
    running = asyncio.create_task(process.run())
    shown = 0
    out.print(say("chat.in_the_terminal", language), style="dim", markup=False)
    try:
        if before is None:
            await _answered(web, 0)  # the welcome
        elif before.language != language:
            shown = len(web.bubbles("demo"))  # an earlier talk, in the other language
            _post(house, {"kind": "command", "data": "language", "text": language})
            await _answered(web, shown)
        while True:
            shown = await _show(web, shown, out)
            line = (await asyncio.to_thread(_ask)).strip()
            if not line:
                break
            _post(house, _meant(web, line))
            await _answered(web, shown)
    finally:
        process.stop.set()
        await running


def _ask() -> str:
    try:
        return input("> ")
    except EOFError:
        return ""


def _meant(web: Any, line: str) -> dict[str, str]:
    bubbles = web.bubbles("demo")
    buttons = [b for row in (bubbles[-1].buttons if bubbles else ()) for b in row]
    if line.isdigit() and 0 < int(line) <= len(buttons):
        return {"kind": "tap", "data": buttons[int(line) - 1].data}
    return {"kind": "text", "text": line}


def _post(house: House, body: dict[str, str]) -> None:
    update = Update(
        channel="web",
        bot="demo",
        external_id=secrets.token_hex(8),
        body=json.dumps(body),
        received_at=house.services.clock(),
        order_key="demo",
    )
    receive([update], house.services)


async def _answered(web: Any, shown: int) -> None:
    """Wait for an answer, and a moment longer for its second half."""
    for _ in range(600):
        await asyncio.sleep(0.1)
        if len(web.bubbles("demo")) > shown:
            await asyncio.sleep(0.3)
            return


async def _show(web: Any, shown: int, out: Console) -> int:
    await asyncio.sleep(0.2)
    bubbles = web.bubbles("demo")
    for bubble in bubbles[shown:]:
        out.print(f"\n{bubble.text}", style="cyan", highlight=False, markup=False)
        for number, button in enumerate((b for row in bubble.buttons for b in row), start=1):
            out.print(f"  {number}  {button.label}", style="bold", markup=False)
    return len(bubbles)
