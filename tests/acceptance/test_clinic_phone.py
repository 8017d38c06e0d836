"""A clinic that has given its telephone: words that name it reach the patient, and no others do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from conftest import open_with
from house import FakeClock, HouseUnderTest, make

PHONES = ("020 7946 0000", "+44 20 7946 0000", "010-8888 6666", "400-123-4567", "13800138000")


@pytest.fixture
def phoned(settings: Any, encoder: Any, request: Any) -> Iterator[HouseUnderTest]:
    settings.data.mkdir()
    known = settings.model_copy(update={"team_phone": request.param})
    house = make(known, FakeClock(), partial(open_with, encoder))
    yield house
    house.house.memories.close()
    house.house.store.engine.dispose()


@pytest.mark.parametrize(("phoned", "phone"), [(one, one) for one in PHONES], indirect=["phoned"])
@pytest.mark.parametrize(
    ("language", "text"), [("en", "ask the nurse about my appointment"), ("zh", "请问护士我几时去")]
)
async def test_who_asks_for_a_nurse_while_none_is_there_reads_the_clinics_number(
    phoned: HouseUnderTest, phone: str, language: str, text: str
) -> None:
    phoned.patient("mo", language=language)
    assert phone in await phoned.say(text, "mo")
    assert [one.reason for one in phoned.escalations()] == ["asked_for_nurse"]


@pytest.mark.parametrize("phoned", PHONES[:1], indirect=True)
@pytest.mark.parametrize(
    ("language", "complaint", "unsure", "heard"),
    [
        ("en", "I have had a headache for two days, what should I do?", "Not sure",
         "somebody should look at this today"),
        ("zh", "我肚子疼三天了，怎么办", "说不准", "今天就该有人看看"),
    ],
)  # fmt: skip
async def test_an_interview_that_ends_in_today_is_said_with_the_clinics_number(
    phoned: HouseUnderTest, language: str, complaint: str, unsure: str, heard: str
) -> None:
    phoned.nurse("bob")
    phoned.patient("mo", language=language)
    said = await phoned.say(complaint, "mo")
    for _ in range(20):
        if heard in said or not phoned.phone.sent[-1].buttons:
            break
        labels = [one.label for row in phoned.phone.sent[-1].buttons for one in row]
        said = await phoned.tap(unsure if unsure in labels else labels[1], "mo")
    assert heard in said and PHONES[0] in said
    assert "withheld" not in [one.reason for one in phoned.escalations()]


@pytest.mark.parametrize("phoned", PHONES[:1], indirect=True)
async def test_another_number_is_still_withheld(phoned: HouseUnderTest) -> None:
    from bot.domain.outbox import Draft
    from bot.post import review

    patient = phoned.patient("mo")
    for text in ("Ring 020 7946 1234.", "Ring 020 7946 0000 or 020 7946 1234."):
        assert review(Draft(text=text, approved=True), patient, clinic_phone=PHONES[0])
    model = Draft(text="Please ring 020 7946 0000.")
    assert review(model, patient, clinic_phone=PHONES[0])
