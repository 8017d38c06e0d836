"""From the question of consent to the nurse's page: cases in codes, in the whole house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from browser import Served, enter, looking
from cases_house import finished, matter, patient
from conftest import open_with
from console_house import ALICE
from house import FakeClock, HouseUnderTest, make

from bot.config import Settings
from bot.console import escalations
from bot.domain.message import PatientId
from bot.domain.patient import PatientStatus, Purpose
from bot.escalations import accept


@pytest.fixture
def asks(settings: Settings, encoder: Any) -> Iterator[HouseUnderTest]:
    """A house whose clinic has switched it on."""
    on = settings.model_copy(update={"similar_cases": True})
    on.data.mkdir()
    under_test = make(on, FakeClock(), partial(open_with, encoder))
    under_test.nurse("bob")
    yield under_test
    under_test.house.memories.close()
    under_test.house.store.engine.dispose()


def count(house: HouseUnderTest) -> int:
    with house.house.store.reading() as rows:
        return rows.cases.count()


def agreed(house: HouseUnderTest, who: str = "alice") -> frozenset[Purpose]:
    with house.house.store.reading() as rows:
        found = rows.patients.get(PatientId(who))
    assert found
    return found.consents


async def answers(house: HouseUnderTest, *texts: str) -> str:
    said = ""
    for text in texts:
        said = await house.say(text)
    return said


async def consents_again(house: HouseUnderTest, *texts: str) -> str:
    await house.say("", kind="command", data="consent")
    return await answers(house, *texts)


async def test_the_question_is_asked_last_and_a_no_is_kept(asks: HouseUnderTest) -> None:
    asks.patient("alice", status=PatientStatus.ENROLLED)
    fifth = await answers(asks, "hello", "English", "yes", "yes", "yes", "no")
    assert "in codes" in fifth and "no name and no words of yours" in fifth
    assert "country" in (await answers(asks, "no")).lower()
    assert Purpose.SIMILAR_CASES not in agreed(asks)
    assert Purpose.NURSES in agreed(asks)


async def test_where_it_is_off_nobody_is_asked(house: HouseUnderTest) -> None:
    said = await consents_again(house, "yes", "yes", "yes", "yes")
    assert "saved your choices" in said


async def test_a_matter_becomes_a_case_and_a_no_deletes_it(asks: HouseUnderTest) -> None:
    asks.patient("alice")
    await asks.say("I get heartburn every evening, what can I do?")
    for label in ("No", "No", "No", "days", "same", "Mild", "Yes", "No", "No", "No"):
        await asks.tap(label)
    [interview] = asks.escalations()
    accept.complete(asks.services, interview.id, "bob", "reached_well")
    with asks.house.store.reading() as rows:
        [case] = rows.cases.of(PatientId("alice"))
    assert (case.about, case.level, case.outcome) == ("heartburn", "care", "reached_well")
    said = await consents_again(asks, "yes", "yes", "yes", "yes", "no")
    assert "saved your choices" in said
    assert Purpose.SIMILAR_CASES not in agreed(asks)
    assert count(asks) == 0


@pytest.mark.parametrize(
    ("username", "scheme", "width"), [("bob", "light", 1280), ("lin", "dark", 360)]
)
def test_a_nurse_looks_for_similar_cases_and_axe_finds_nothing(
    chromium: Any, serving: Any, username: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    served: Served = serving(similar_cases=True)
    house = served.house
    matter(house, ALICE)
    for number in range(5):
        patient(house, f"other{number}", conditions=("AF",), medicines=("warfarin",))
        finished(house, f"other{number}")
    page = looking(chromium, username, scheme, width)
    enter(page, served, username)
    look = "查找相似病例" if username == "lin" else "Look for similar cases"
    same = "主诉相同" if username == "lin" else "same complaint"
    found = []
    for path in (f"/escalations/matter-{ALICE}-1", f"/patients/{ALICE}"):
        page.goto(served.url + path)
        if "patients" in path:  # the newest matter there is the chest pain: no case is like it
            page.get_by_role("button", name=look).click()
            page.locator("#similar ~ [role=status]").wait_for()
        else:
            page.get_by_role("button", name=look).click()
            page.get_by_text(same).first.wait_for()
            assert page.locator("section[aria-labelledby=similar] li").count() == 1
            assert "5" in page.locator("#similar ~ [role=status]").inner_text()
        found += [(path, v["id"]) for v in axe.run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert house.audit(f"matter-{ALICE}-1").count("viewed.similar_cases") == 1
    page.context.close()
    assert found == []


def test_where_it_is_off_there_is_no_such_section(page: Any, served: Served) -> None:
    enter(page, served)
    for path in (f"/patients/{ALICE}", "/escalations/esc-chest"):
        page.goto(served.url + path)
        assert page.locator("#literature").count() == 1
        assert page.locator("#similar").count() == 0


def test_a_closed_matter_of_somebody_who_shares_nothing_is_not_compared(serving: Any) -> None:
    """What differs would name the patient's own conditions."""
    house = serving(similar_cases=True).house
    house.patient(PatientId("pt-eve"), "Eve", shared=False, birth_date=date(1950, 1, 1))
    finished(house, "pt-eve")
    with house.store.reading() as rows:
        done = escalations.read(rows, "matter-pt-eve-1")
    assert done and not done.shared
    matter(house, "pt-eve", 2)
    with house.store.reading() as rows:
        open_ = escalations.read(rows, "matter-pt-eve-2")
    assert open_ and open_.shared
