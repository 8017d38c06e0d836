"""Months, days and clocks stand in the console as people write them, never as machines do."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from console_house import ALICE, CSRF, House, furnish, signed_in
from starlette.testclient import TestClient

from bot.console.words import Shown
from bot.domain.care_team import Role
from bot.escalations import clinical, rota
from memory import Fact
from memory.summary import Sentence, Summary

#: 2026-11, 2026-11-23, and Asia/Shanghai; names of versions and of numbers stand in <code>.
MACHINES = re.compile(r"\b(?:19|20)\d\d-\d\d\b|\b[A-Z][a-z]+/[A-Z][A-Za-z_]+\b")


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    furnish(house)
    clinical.set_entry(house, ALICE, "m-bob", "birth", f"{house.clock():%Y-%m-%d}")  # type: ignore[arg-type]
    rota.add_shift(house, "m-dana", "mon-fri", "08:00", "16:00", "Asia/Shanghai", "m-bob")  # type: ignore[arg-type]
    said = Sentence(text="Her knee hurts on the stairs", sources=("a1",), day="2026-11-23")
    with house.store.unit_of_work() as work:
        work.summaries.put(
            Summary(patient_id=ALICE, period="2026-11", method="extractive", turns=1,
                    made_at=house.clock(), sentences=(said,))
        )  # fmt: skip
        work.facts.add(
            [Fact(id="since", patient_id=ALICE, kind="Condition", text="asthma", language="en",
                  recorded_at=house.clock(), values={"onset": "2019-05"})]
        )  # fmt: skip
        for name in ("bob", "lin"):
            member = work.care_team.get(f"m-{name}")
            assert member
            work.care_team.save(replace(member, role=Role.SUPERVISOR))
    house.raise_("esc-since", ALICE, "P3", "checkin_missed",
                 evidence={"slot": "2026-11-23", "reason": "2026-10"})  # fmt: skip
    return house


def words(client: TestClient, path: str) -> str:
    body = re.sub(r"<(script|style|code).*?</\1>", "", client.get(path).text, flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


@pytest.mark.parametrize("username", ["bob", "lin"])
@pytest.mark.parametrize(
    "path",
    ["/work", "/patients", f"/patients/{ALICE}", "/escalations/esc-chest",
     "/escalations/esc-since", "/rota", "/enrol"],
)  # fmt: skip
def test_no_page_shows_a_date_or_a_zone_as_machines_write_it(
    house: House, username: str, path: str
) -> None:
    with signed_in(house, username) as client:
        assert MACHINES.findall(words(client, path)) == []
        # Neither is it offered for writing.
        fields = re.findall(r'<input(?![^>]*type="(?:hidden|date)")[^>]*', client.get(path).text)
        assert [field for field in fields if MACHINES.search(field)] == []


@pytest.mark.parametrize(
    ("username", "month", "day", "since", "zone"),
    [("bob", "November 2026", "23 Nov 2026", "began: May 2019", "London time (UTC"),
     ("lin", "2026年11月", "2026年11月23日", "2019年5月", "伦敦时间（UTC")],
)  # fmt: skip
def test_the_months_of_a_patient_read_as_people_write_them(
    house: House, username: str, month: str, day: str, since: str, zone: str
) -> None:
    with signed_in(house, username) as client:
        assert f"<h3>{month}</h3>" in client.get(f"/patients/{ALICE}").text
        page = words(client, f"/patients/{ALICE}")
    for said in (day, since, zone):
        assert said in page


@pytest.mark.parametrize(
    ("username", "shift", "offered"),
    [("bob", "08:00–16:00 Beijing time", 'value="Beijing"'),
     ("lin", "08:00–16:00 北京时间", 'value="北京"')],
)  # fmt: skip
def test_a_shift_is_by_the_clock_of_a_city(
    house: House, username: str, shift: str, offered: str
) -> None:
    with signed_in(house, username) as client:
        assert shift in words(client, "/rota")
        assert offered in client.get("/rota").text


@pytest.mark.parametrize(
    ("username", "written", "zone"),
    [("bob", "London", "Europe/London"), ("bob", "Asia/Tokyo", "Asia/Tokyo"),
     ("lin", "北京", "Asia/Shanghai"), ("lin", "伦敦", "Europe/London"), ("bob", "UTC", "UTC")],
)  # fmt: skip
def test_the_clock_of_a_shift_is_written_as_a_city(
    house: House, username: str, written: str, zone: str
) -> None:
    with signed_in(house, username) as client:
        found = CSRF.search(client.get("/rota").text)
        assert found
        form = {"csrf": found[1], "do": "add", "member": "m-bob", "days": "daily",
                "from": "09:00", "until": "17:00", "zone": written}  # fmt: skip
        assert client.post("/rota", data=form).status_code == 303
    with house.store.reading() as rows:
        assert zone in [s.timezone for s in rows.care_team.shifts() if s.member_id == "m-bob"]


def test_a_gap_in_the_rota_names_the_city(house: House) -> None:
    for one in ("m-bob", "m-lin"):
        house.actions().switch_shift(one, False, "m-bob")
    with signed_in(house) as client:
        assert "(Beijing time). The supervisor" in words(client, "/rota")
    with signed_in(house, "lin") as client:
        assert "（北京时间）没有人值班" in words(client, "/rota")


@pytest.mark.parametrize(
    ("zone", "en", "zh"),
    [("Asia/Shanghai", "Beijing time (UTC+8)", "北京时间（UTC+8）"),
     ("Asia/Kolkata", "Kolkata time (UTC+5:30)", "加尔各答时间（UTC+5:30）"),
     ("America/New_York", "New York time (UTC−5)", "纽约时间（UTC−5）"),
     ("Europe/Kyiv", "Kyiv time (UTC+2)", "基辅时间（UTC+2）"),
     ("UTC", "UTC", "UTC"), ("Etc/UTC", "UTC", "UTC"),
     ("Etc/GMT-3", "UTC+3", "UTC+3")],
)  # fmt: skip
def test_a_clock_is_a_city_and_how_far_it_is(zone: str, en: str, zh: str, house: House) -> None:
    now = house.clock().replace(year=2026, month=11, day=20)
    assert (Shown("en", now).zone(zone), Shown("zh", now).zone(zone)) == (en, zh)


@pytest.mark.parametrize("kept", ["120-80", "2026-13", "2026-02-30", "2026-11 (draft)", "1-2", ""])
def test_what_is_no_date_stays_as_it_is(kept: str, house: House) -> None:
    assert Shown("en", house.clock()).moment(kept) == kept
