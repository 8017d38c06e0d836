"""Calls, moments and reminders are told to a nurse in words, in both languages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_house import ALICE, PASSWORD, House, furnish
from starlette.testclient import TestClient

from bot.domain.checkin import Schedule

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    furnish(house)
    calls = [
        {"answer": "not_yet", "minute": "3", "at": "2026-11-29T20:57:48.464646+00:00"},
        {"answer": "silent", "minute": "6", "at": "2026-11-29T21:00:48.464646+00:00"},
    ]
    house.raise_("esc-call", ALICE, "P0", "chest_pain_acs", evidence={"calls": calls})
    moments = {"slot": "2026-11-23T09:00", "asked_at": "2026-11-23T09:00:02+00:00"}
    house.raise_("esc-slot", ALICE, "P3", "checkin_missed", evidence=moments)
    return house


@pytest.fixture(params=["bob", "lin"])
def nurse(house: House, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    with TestClient(house.app, base_url="http://127.0.0.1") as client:
        token = CSRF.search(client.get("/sign-in").text)
        assert token
        form = {"csrf": token[1], "username": request.param, "password": PASSWORD}
        client.post("/sign-in", data=form)
        yield client


def words(client: TestClient, path: str) -> str:
    """The page as it is read, without its markup."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", client.get(path).text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(text))


def test_whether_help_was_called_is_told_in_words(nurse: TestClient) -> None:
    page = words(nurse, "/escalations/esc-call")
    told = {
        "en": "Has help been called? Not yet · 29 Nov, 20:57 UTC No answer · 29 Nov, 21:00 UTC",
        "zh": "是否已求救 还没有 · 11月29日 20:57 UTC 没有回答 · 11月29日 21:00 UTC",
    }
    assert any(line in page for line in told.values())
    assert "2026-11-29T" not in page and "minute" not in page and "silent" not in page


def test_a_kept_moment_says_whose_clock_it_is(nurse: TestClient) -> None:
    page = words(nurse, "/escalations/esc-slot")
    assert "T09:00" not in page
    assert re.search(r"23 Nov, 09:00 \(the patient's clock\)|11月23日 09:00（患者当地时间）", page)
    assert re.search(r"(23 Nov,|11月23日) 09:00 UTC", page)


def test_a_patients_reminders_are_listed_and_their_absence_is_said(
    house: House, nurse: TestClient
) -> None:
    assert re.search(r"No reminder is set\.|目前没有提醒。", words(nurse, f"/patients/{ALICE}"))
    rule = {"frequency": "daily", "interval": 1, "times": ["08:00"]}
    with house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="r1", patient_id=ALICE, kind="medicine", rule=rule, what="my amlodipine")
        )
        work.checkins.set_schedule(
            Schedule(id="r2", patient_id=ALICE, kind="wellness", time="09:30")
        )
    page = words(nurse, f"/patients/{ALICE}")
    assert re.search(r"my amlodipine (every day at 08:00|每天 08:00)", page)
    assert re.search(r"(Check-in every day at 09:30|问候 每天 09:30)", page)
    assert "No reminder is set." not in page and "目前没有提醒。" not in page
