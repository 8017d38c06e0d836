"""The Chinese console reads as Chinese is written: its marks, dates, countries and clocks."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from console_house import ALICE, CHEN, CSRF, House, furnish, signed_in
from starlette.testclient import TestClient

from bot.conversation.to_talk_over import look_at
from bot.domain.care_team import Role
from bot.escalations import care_plans, clinical

#: A Western mark after a Chinese character, and a date as machines write it.
FOREIGN = re.compile(r"[一-鿿]\s*(?:[:;,.] |\()|\d{4}-\d\d-\d\d(?!T)")


@pytest.fixture
def lin(tmp_path: Path) -> TestClient:
    house = House(tmp_path)
    furnish(house)
    clinical.set_entry(house, ALICE, "m-bob", "medicine", "Warfarin")  # type: ignore[arg-type]
    look_at(house, ALICE)  # type: ignore[arg-type]
    care_plans.start_plan(house, ALICE, "hypertension", "", "m-bob")  # type: ignore[arg-type]
    house.actions().hold(CHEN, "m-bob")
    with house.store.unit_of_work() as work:
        member = work.care_team.get("m-lin")
        assert member
        work.care_team.save(replace(member, role=Role.SUPERVISOR))
    return signed_in(house, "lin")


def words(client: TestClient, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    body = re.sub(r"<(script|style).*?</\1>", "", page.text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", body))


@pytest.mark.parametrize(
    "path",
    ["/work", "/patients", f"/patients/{ALICE}", f"/patients/{CHEN}", "/escalations/esc-chest",
     "/escalations/esc-missed", "/rota", "/enrol"],
)  # fmt: skip
def test_no_western_mark_and_no_machines_date(lin: TestClient, path: str) -> None:
    found = [line for line in words(lin, path).splitlines() if FOREIGN.search(line)]
    assert found == []


def test_a_country_has_its_name_and_a_clock_its_owner(lin: TestClient) -> None:
    page = words(lin, f"/patients/{ALICE}")
    assert "英国 Leeds" in page and "GB" not in page
    assert "患者当地时间" in page
    assert "您这台设备的时间" in lin.get(f"/patients/{ALICE}").text
    assert "英国" in words(lin, "/patients")


def test_days_are_offered_in_the_language_of_the_page(lin: TestClient) -> None:
    assert 'value="周一至周五"' in lin.get("/rota").text


@pytest.mark.parametrize(
    ("field", "written", "heard"),
    [("days", "周八", "“周八”不是日子"), ("from", "25:00", "“25:00”不是时间"),
     ("zone", "火星", "“火星”不是时区")],
)  # fmt: skip
def test_what_a_shift_cannot_be_is_said_in_chinese(
    lin: TestClient, field: str, written: str, heard: str
) -> None:
    found = CSRF.search(lin.get("/rota").text)
    assert found
    form = {"csrf": found[1], "do": "add", "member": "m-bob", "days": "周一至周五", "from": "09:00",
            "until": "17:00", "zone": "Asia/Shanghai", field: written}  # fmt: skip
    answer = lin.post("/rota", data=form)
    assert answer.status_code == 422 and heard in answer.text and "such as" not in answer.text
