"""How a language model's answer came about, on a page of the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from console_house import ALICE, CHEN, House, furnish, signed_in
from drafted import MESSAGE, failed, worded
from starlette.testclient import TestClient

AT = f"/patients/{ALICE}/drafts/{quote(MESSAGE, safe='')}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    furnish(house)
    return house


@pytest.fixture
def bob(house: House) -> Iterator[TestClient]:
    with signed_in(house, "bob") as client:
        yield client


def looks(house: House, who: str) -> list[tuple[str, str]]:
    with house.store.reading() as rows:
        seen = rows.audit.views(who, 50)  # type: ignore[arg-type]
    return [(one.type, one.actor) for one in seen if "draft" in one.type]


def test_the_conversation_links_to_what_was_drafted_and_the_patient_sees_who_looked(
    house: House, bob: TestClient
) -> None:
    assert "/drafts/" not in bob.get(f"/patients/{ALICE}").text
    worded(house, ALICE)
    assert bob.get(f"/patients/{ALICE}").text.count(f'href="{AT}"') == 1
    page = bob.get(AT)
    assert page.status_code == 200
    for words in ("what foods raise potassium?", "Honey cures diabetes.", "potassium 5.4 mmol/L",
                  "Left out: names no source", "It tells the patient to change a dose",
                  "812 tokens", "3.4 seconds", "0123456789ab", "openai:small"):  # fmt: skip
        assert words in page.text, words
    assert looks(house, ALICE) == [("viewed.draft", "m-bob")]


def test_a_chinese_console_says_it_in_chinese(house: House) -> None:
    worded(house, ALICE)
    failed(house, ALICE, "slow-one", "slow")
    with signed_in(house, "lin") as lin:
        page, slow = lin.get(AT).text, lin.get(f"/patients/{ALICE}/drafts/slow-one").text
    assert "这条回答是怎么来的" in page and "没有注明出处" in page and "3.4 秒" in page
    assert "没有按时写完" in slow and "potassium 5.4" in slow
    for left in ("verdict", "draft_", "Left out", "undefined"):
        assert left not in page, left


@pytest.mark.parametrize(
    ("why", "words"),
    [("slow", "did not answer in time"), ("resting", "several times in a row"),
     ("unusable", "cut off"), ("failed", "broke off"), ("a word of tomorrow", "broke off")],
)  # fmt: skip
def test_why_the_library_answered_instead_is_said(
    house: House, bob: TestClient, why: str, words: str
) -> None:
    failed(house, ALICE, MESSAGE, why)
    text = bob.get(AT).text
    assert words in text and "potassium 5.4 mmol/L" in text and "sentence by sentence" not in text


def test_nobody_sees_it_before_sign_in_or_under_another_patient(
    house: House, bob: TestClient
) -> None:
    worded(house, ALICE)
    stranger = TestClient(house.app, base_url="http://127.0.0.1", follow_redirects=False)
    assert stranger.get(AT).headers["location"].startswith("/sign-in")
    assert bob.get(AT.replace(ALICE, CHEN)).status_code == 404
    assert bob.get(f"/patients/{ALICE}/drafts/a3").status_code == 404
    assert looks(house, ALICE) == []


def test_without_consent_it_is_opened_as_the_conversation_is_and_noted_as_that(
    house: House, bob: TestClient
) -> None:
    from bot.domain.message import PatientId

    private = PatientId("pt-private")
    house.patient(private, "Pat", shared=False)
    worded(house, private)
    at = f"/patients/{private}/drafts/{quote(MESSAGE, safe='')}"
    closed = bob.get(at)
    assert closed.status_code == 303 and closed.headers["location"] == f"/patients/{private}"
    assert f'href="{at}?open=1"' in bob.get(f"/patients/{private}?open=1").text
    assert bob.get(f"{at}?open=1").status_code == 200
    assert looks(house, private) == [("viewed.draft_without_consent", "m-bob")]


def test_what_was_erased_says_so(house: House, bob: TestClient) -> None:
    from sqlalchemy import delete

    from bot.store import tables as t

    worded(house, ALICE)
    with house.store.unit_of_work() as work:
        work.connection.execute(delete(t.evidence))
    assert "No passages were kept." in bob.get(AT).text
