"""The web channel: what the demo patient's phone remembers, and how its posts are read."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_house import CHEN, House, furnish

from bot.channels.web import Web
from bot.console import phone
from bot.domain.message import CARER, TO_CARER, Button, Incoming, Kind, Outgoing, Update

ASK = ((Button(label="Yes", data="y"), Button(label="No", data="n")),)


def update(body: object) -> Update:
    text = body if isinstance(body, str) else json.dumps(body)
    now = datetime.now(UTC)
    return Update(channel="web", bot="demo", external_id="e1", body=text, received_at=now)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "1", "{}", {"kind": "dance"}, {"kind": "text", "text": 5}, '{"kind":["x"]}'],
)
def test_what_is_no_update_is_refused_as_a_value(body: object) -> None:
    with pytest.raises(ValueError):
        Web().parse(update(body))


def test_a_written_command_is_a_command() -> None:
    incoming = Web().parse(update({"kind": "text", "text": "/Language  zh"}))
    assert (incoming.kind, incoming.data, incoming.text) == (Kind.COMMAND, "language", "zh")


def test_a_tap_carries_its_data_and_the_message_it_was_on() -> None:
    incoming = Web().parse(update({"kind": "tap", "data": "c:1", "message": "r9"}))
    assert isinstance(incoming, Incoming)
    assert (incoming.kind, incoming.data, incoming.message_id) == (Kind.TAP, "c:1", "r9")


async def test_an_edit_changes_the_message_and_its_buttons_in_place() -> None:
    web = Web()
    first = await web.send(Outgoing(address="demo", text="Taken?", buttons=ASK))
    await web.send(Outgoing(address="demo", text="Another"))
    again = await web.send(Outgoing(address="demo", text="Taken.", edit=first.message_id))
    assert again == first
    assert [(b.text, b.first_text, b.buttons) for b in web.bubbles("demo")] == [
        ("Taken.", "Taken?", ()),
        ("Another", "Another", ()),
    ]


async def test_an_edit_of_a_message_from_before_a_restart_is_not_lost() -> None:
    web = Web()
    await web.send(Outgoing(address="demo", text="Taken.", edit="from-before"))
    assert [bubble.text for bubble in web.bubbles("demo")] == ["Taken."]


async def test_a_picture_is_kept_by_its_receipt() -> None:
    web = Web()
    receipt = await web.send(Outgoing(address="demo", text="Trend", picture=b"png"))
    assert web.picture(receipt.message_id) == b"png"
    assert web.picture("other") is None


async def test_sending_wakes_whoever_waits() -> None:
    web = Web()
    waiting = asyncio.create_task(web.wait(30))
    await asyncio.sleep(0)
    await web.send(Outgoing(address="demo", text="hello"))
    async with asyncio.timeout(5):
        await waiting


async def test_a_wait_nobody_ends_ends_by_itself() -> None:
    began = time.monotonic()
    await Web().wait(0.05)
    assert time.monotonic() - began >= 0.04


async def test_only_the_newest_bot_message_keeps_its_buttons(tmp_path: Path) -> None:
    house = House(tmp_path)
    furnish(house)

    async def ask(key: str, text: str) -> None:
        house.said(CHEN, key, text, author="bot")
        await house.web.send(Outgoing(address="demo", text=text, buttons=ASK))

    def screen() -> phone.Screen:
        with house.store.reading() as rows:
            return phone.read(rows, house.web.bubbles("demo"), (), "en")

    await ask("b1", "Is this right?")
    house.said(CHEN, "p1", "hm")
    assert screen().asking and screen().asking.text == "Is this right?"  # type: ignore[union-attr]
    house.said(CHEN, "b2", "Thank you.", author="bot")
    await house.web.send(Outgoing(address="demo", text="Thank you."))
    assert screen().asking is None
    assert [item.text for item in screen().items] == ["Is this right?", "hm", "Thank you."]


async def test_the_same_words_twice_are_two_bubbles(tmp_path: Path) -> None:
    house = House(tmp_path)
    furnish(house)
    for key in ("b1", "b2"):
        house.said(CHEN, key, "Noted.", author="bot")
        await house.web.send(Outgoing(address="demo", text="Noted."))
    with house.store.reading() as rows:
        screen = phone.read(rows, house.web.bubbles("demo"), (), "en")
    assert [item.key for item in screen.items] == ["b1", "b2"]
    assert len({item.receipt for item in screen.items}) == 2


async def test_the_phone_shows_nothing_that_passed_with_a_carer(tmp_path: Path) -> None:
    house = House(tmp_path)
    furnish(house)
    house.said(CHEN, "c1", "She fell on the stairs", author=CARER)
    house.said(CHEN, "c2", "Please call 999 now.", author=TO_CARER)
    with house.store.reading() as rows:
        assert phone.read(rows, house.web.bubbles("demo"), (), "en").items == ()


async def test_an_answer_to_somebody_not_enrolled_is_shown_too(tmp_path: Path) -> None:
    house = House(tmp_path)
    said = phone.Posted(key="u1", text="help, my chest hurts", at=house.clock())
    await house.web.send(Outgoing(address="demo", text="Please call 112 now."))
    with house.store.reading() as rows:
        screen = phone.read(rows, house.web.bubbles("demo"), (said,), "en")
    assert [(item.mine, item.text) for item in screen.items] == [
        (True, "help, my chest hurts"),
        (False, "Please call 112 now."),
    ]


async def test_two_things_said_in_one_moment_stand_as_they_were_said(tmp_path: Path) -> None:
    house = House(tmp_path)
    furnish(house)
    moment = house.clock()
    house.clock = lambda: moment  # type: ignore[method-assign,assignment]
    for key, text in (("b1", "Here is what I will use."), ("b2", "Do you smoke?")):
        house.said(CHEN, key, text, author="bot")
        await house.web.send(Outgoing(address="demo", text=text))
    with house.store.reading() as rows:
        screen = phone.read(rows, house.web.bubbles("demo"), (), "en")
    assert [item.text for item in screen.items] == ["Here is what I will use.", "Do you smoke?"]
