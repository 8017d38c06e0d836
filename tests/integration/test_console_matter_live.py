"""The page of one escalation, live: who may listen, what they get, and what the trail says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from console_house import ALICE, House, furnish, signed_in
from console_live import live as live_page
from console_live import next_news
from starlette.testclient import TestClient

from bot.domain.patient import CONSENT_VERSION, Consent, Purpose

CHEST = "/escalations/esc-chest"
live = partial(live_page, f"/live{CHEST}")


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    furnish(house)
    return house


@pytest.fixture
def bob(house: House) -> Iterator[TestClient]:
    with signed_in(house) as client:
        yield client


def looks(house: House) -> list[str]:
    """What Alice is told under "who looked at my record?", the oldest first."""
    with house.store.reading() as rows:
        return [event.type for event in reversed(rows.audit.views(ALICE, 100))]


def closed_to_nurses(house: House) -> None:
    with house.store.unit_of_work() as work:
        work.patients.consent(
            [Consent(patient_id=ALICE, purpose=Purpose.NURSES, granted=False,
                     version=CONSENT_VERSION, at=house.clock())]
        )  # fmt: skip


async def test_an_hour_of_news_on_an_open_page_is_one_look(house: House, bob: TestClient) -> None:
    bob.get(CHEST)
    async with live(house, bob) as pieces:
        await next_news(pieces)
        for number in range(3):
            house.said(ALICE, f"a-{number}", "hello?")
            await next_news(pieces)
    async with live(house, bob) as pieces:  # the connection broke, and is there again
        await next_news(pieces)
    assert looks(house) == ["viewed.escalation"]


async def test_who_listens_past_the_page_is_in_the_trail(house: House, bob: TestClient) -> None:
    async with live(house, bob) as pieces:
        assert "heavy pressure" in await next_news(pieces)
    assert looks(house) == ["viewed.escalation"]


async def test_a_colleagues_look_does_not_cover_mine(house: House, bob: TestClient) -> None:
    with signed_in(house, "dana") as dana:
        dana.get(CHEST)
    async with live(house, bob) as pieces:
        await next_news(pieces)
    assert looks(house) == ["viewed.escalation"] * 2


async def test_who_comes_back_to_an_old_page_looks_again(house: House, bob: TestClient) -> None:
    bob.get(CHEST)
    house.late = timedelta(minutes=6)
    async with live(house, bob) as pieces:
        await next_news(pieces)
    assert looks(house) == ["viewed.escalation"] * 2


async def test_words_that_are_no_longer_shared_leave_the_screen_when_the_matter_is_done(
    house: House, bob: TestClient
) -> None:
    bob.get(CHEST)
    async with live(house, bob) as pieces:
        assert "heavy pressure" in await next_news(pieces)
        closed_to_nurses(house)
        house.actions().complete("esc-chest", "m-dana", "false_alarm", "")
        news = await next_news(pieces)
        while "Completed by" not in news:
            news = await next_news(pieces)
    assert "heavy pressure" not in news
    assert "has not agreed" in news


async def test_signing_out_ends_the_live_page(house: House, bob: TestClient) -> None:
    async with live(house, bob) as pieces:
        await next_news(pieces)
        with house.store.unit_of_work() as work:
            work.care_team.close_session(str(bob.cookies.get("ankang_session")))
        house.said(ALICE, "a-late", "hello?")
        assert await next_news(pieces) == "gone"


@pytest.mark.parametrize("path", ["/live/escalations/nobody", "/live/escalations/"])
def test_there_is_no_live_page_of_what_is_not_there(bob: TestClient, path: str) -> None:
    assert bob.get(path, headers={"accept": "text/event-stream"}).status_code == 404


def test_strangers_hear_nothing(house: House) -> None:
    with TestClient(house.app, base_url="http://127.0.0.1", follow_redirects=False) as nobody:
        stream = nobody.get(f"/live{CHEST}", headers={"accept": "text/event-stream"})
        assert (stream.status_code, stream.text) == (401, "")
        assert nobody.get(f"/live{CHEST}").status_code == 303


@pytest.mark.parametrize("path", ["/work/events", f"/patients/{ALICE}/events", f"/live{CHEST}"])
def test_a_browser_that_no_event_reaches_gets_one_drawing(bob: TestClient, path: str) -> None:
    answer = bob.get(path, headers={"accept": "*/*"})
    assert "esc-chest" in answer.json()["html"] or "heavy pressure" in answer.json()["html"]
    assert answer.headers["cache-control"] == "no-store"
