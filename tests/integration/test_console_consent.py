"""Who may read what a patient did not share, live and in files, and what the trail says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from console_house import PASSWORD, House
from console_live import live as live_page
from console_live import next_news
from starlette.testclient import TestClient

from bot.domain.message import Kind, PatientId
from bot.domain.patient import CONSENT_VERSION, Consent, Purpose

CHARLIE = PatientId("pt-charlie")
live = partial(live_page, f"/patients/{CHARLIE}/events")
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def charlie(house: House, *, shared: bool) -> None:
    house.patient(CHARLIE, "Charlie Grey", shared=shared)
    house.said(CHARLIE, "c1", "something between me and the bot")
    house.said(CHARLIE, "c2", "", kind=Kind.PHOTO, file=("image/png", "arm.png", b"\x89PNG..."))


@pytest.fixture
def bob(house: House) -> Iterator[TestClient]:
    with TestClient(house.app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        token = CSRF.search(client.get("/sign-in").text)
        assert token
        form = {"csrf": token[1], "username": "bob", "password": PASSWORD, "next": "/work"}
        assert client.post("/sign-in", data=form).status_code == 303
        yield client


def looks(house: House) -> list[str]:
    """What Charlie is told under "who looked at my record?", by kind of look."""
    with house.store.reading() as rows:
        return [event.type for event in reversed(rows.audit.views(CHARLIE, 100))]


def nurses_may_read(house: House, granted: bool) -> None:
    with house.store.unit_of_work() as work:
        work.patients.consent(
            [Consent(patient_id=CHARLIE, purpose=Purpose.NURSES, granted=granted,
                     version=CONSENT_VERSION, at=house.clock())]
        )  # fmt: skip


async def test_who_listens_without_consent_and_past_the_page_is_in_the_trail(
    house: House, bob: TestClient
) -> None:
    charlie(house, shared=False)
    async with live(house, bob, "open=1") as pieces:
        assert "something between" in await next_news(pieces)
    assert looks(house) == ["viewed.patient_without_consent"]


async def test_the_page_and_its_own_live_part_are_one_look(house: House, bob: TestClient) -> None:
    charlie(house, shared=False)
    bob.get(f"/patients/{CHARLIE}?open=1")
    async with live(house, bob, "open=1") as pieces:
        await next_news(pieces)
    assert looks(house) == ["viewed.patient_without_consent"]


async def test_a_page_that_stays_open_on_a_shared_record_is_one_look(
    house: House, bob: TestClient
) -> None:
    charlie(house, shared=True)
    bob.get(f"/patients/{CHARLIE}")
    async with live(house, bob) as pieces:
        assert "something between" in await next_news(pieces)
    assert looks(house) == ["viewed.patient"]


@pytest.mark.parametrize("query", ["", "open=1"])
async def test_a_live_page_ends_when_the_patient_takes_consent_back(
    house: House, bob: TestClient, query: str
) -> None:
    charlie(house, shared=True)
    async with live(house, bob, query) as pieces:
        await next_news(pieces)
        nurses_may_read(house, False)
        house.said(CHARLIE, "c3", "this is for the bot alone")
        assert await next_news(pieces) == "gone"


async def test_a_live_page_ends_when_the_last_open_matter_closes(
    house: House, bob: TestClient
) -> None:
    charlie(house, shared=False)
    house.raise_("esc-c", CHARLIE, "P1", "chest_pain_acs")
    async with live(house, bob) as pieces:
        await next_news(pieces)
        house.actions().complete("esc-c", "m-bob", "handed_over", "")
        house.said(CHARLIE, "c3", "this is for the bot alone")
        assert await next_news(pieces) == "gone"


async def test_what_was_opened_anyway_goes_on_live(house: House, bob: TestClient) -> None:
    charlie(house, shared=False)
    async with live(house, bob, "open=1") as pieces:
        await next_news(pieces)
        house.said(CHARLIE, "c3", "one more word")
        assert "one more word" in await next_news(pieces)


def test_a_photo_that_was_not_shared_leads_to_the_closed_page(
    house: House, bob: TestClient
) -> None:
    charlie(house, shared=False)
    answer = bob.get("/files/c2")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/patients/{CHARLIE}")
    assert b"PNG" not in answer.content
    assert looks(house) == []


def test_a_photo_opened_anyway_is_told_as_that(house: House, bob: TestClient) -> None:
    charlie(house, shared=False)
    page = bob.get(f"/patients/{CHARLIE}?open=1").text
    [url] = set(re.findall(r'src="(/files/[^"]+)"', page))
    assert bob.get(url).content == b"\x89PNG..."
    assert looks(house) == ["viewed.patient_without_consent", "viewed.file_without_consent"]


async def test_the_live_page_offers_photos_in_the_same_way(house: House, bob: TestClient) -> None:
    charlie(house, shared=False)
    async with live(house, bob, "open=1") as pieces:
        assert "/files/c2?open=1" in await next_news(pieces)


def test_a_shared_photo_opens_as_before(house: House, bob: TestClient) -> None:
    charlie(house, shared=True)
    assert 'src="/files/c2"' in bob.get(f"/patients/{CHARLIE}").text
    assert bob.get("/files/c2").content == b"\x89PNG..."
    assert looks(house)[-1] == "viewed.file"


def closed_matter(house: House) -> str:
    words = "I drank again and nobody may know"
    evidence: dict[str, object] = {
        "words": words, "readings": ["glucose 21"], "what": ["lithium"],
        "sbar": {"en": [["Situation", "drank again"]]},
        "findings": [{"flag": "chest_pain_acs", "tier": "P1", "start": 0, "end": 5}],
    }  # fmt: skip
    house.raise_("esc-c", CHARLIE, "P1", "chest_pain_acs", evidence=evidence)
    house.actions().complete("esc-c", "m-bob", "handed_over", "")
    return words


def test_a_closed_matter_hides_the_words_of_who_does_not_share(
    house: House, bob: TestClient
) -> None:
    charlie(house, shared=False)
    words = closed_matter(house)
    page = bob.get("/escalations/esc-c").text
    for said in (words, "drank", "glucose 21", "lithium"):
        assert said not in page
    assert "has not agreed that nurses read their words" in page and "?open=1" in page
    assert "?open=1" in bob.get("/escalations/esc-c").text
    assert words in re.sub("<[^>]+>", "", bob.get("/escalations/esc-c?open=1").text)
    assert looks(house)[-1] == "viewed.escalation_without_consent"
    assert looks(house)[0] == "viewed.escalation_outline"


def test_a_closed_matter_of_who_shares_and_any_open_one_shows_its_words(
    house: House, bob: TestClient
) -> None:
    charlie(house, shared=True)
    words = closed_matter(house)
    assert words in re.sub("<[^>]+>", "", bob.get("/escalations/esc-c").text)
    nurses_may_read(house, False)
    house.raise_("esc-d", CHARLIE, "P2", "asked_for_nurse", evidence={"words": "call me please"})
    assert "call me please" in bob.get("/escalations/esc-d").text
    assert words in re.sub("<[^>]+>", "", bob.get("/escalations/esc-c").text)
    assert looks(house) == ["viewed.escalation"] * 3


def test_a_closed_matter_of_the_house_itself_is_shown(house: House, bob: TestClient) -> None:
    house.raise_("esc-h", None, "P1", "watch_late", evidence={"what": "the canary is silent"})
    house.actions().complete("esc-h", "m-bob", "handed_over", "")
    assert "the canary is silent" in bob.get("/escalations/esc-h").text
