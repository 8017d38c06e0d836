"""The box "From the literature" over HTTP: what it is filled with, and what it never holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_house import ALICE, CHEN, CSRF, House, furnish, signed_in
from pubmed_file import imported
from sqlalchemy import delete
from starlette.testclient import TestClient

from bot.escalations import clinical
from bot.store.tables import patient_key
from knowledge.literature import FILE

BOX = re.compile(r'id="literature-q" name="q" value="([^"]*)"')


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    furnish(house)
    return house


@pytest.fixture
def bob(house: House) -> Iterator[TestClient]:
    with signed_in(house) as client:
        yield client


def box(client: TestClient, path: str) -> str:
    found = BOX.search(client.get(path).text)
    assert found
    return found[1]


def search(client: TestClient, path: str, query: str) -> str:
    token = CSRF.search(client.get(path).text)
    assert token
    answer = client.post(path, data={"csrf": token[1], "do": "literature", "q": query})
    assert answer.status_code == 200
    return answer.text


def known(house: House, patient: str, name: str) -> None:
    clinical.set_entry(house, patient, "m-bob", "condition", name)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [f"/patients/{ALICE}", "/escalations/esc-chest"])
def test_the_box_is_filled_with_names_of_the_graph(
    house: House, bob: TestClient, path: str
) -> None:
    known(house, ALICE, "AF")
    known(house, ALICE, "whatever her sister Margaret in Leeds has")
    filled = box(bob, path).lower()
    assert "chest pain" in filled
    assert "atrial fibrillation" in filled
    for word in ("alice", "brown", "margaret", "leeds", "breakfast", "heavy", "numb"):
        assert word not in filled


def test_an_interview_fills_it_with_its_complaint(house: House, bob: TestClient) -> None:
    evidence: dict[str, object] = {
        "words": "my head is splitting, says Margaret",
        "coded": {"complaints": ["headache"], "symptoms": ["headache", "margaret"]},
    }
    house.raise_("esc-head", ALICE, "P2", "interview", evidence=evidence)
    assert box(bob, "/escalations/esc-head").lower() == "headache"


def test_a_private_matter_fills_no_box_but_its_own(house: House, bob: TestClient) -> None:
    assert "uicid" not in box(bob, f"/patients/{CHEN}")
    known(house, CHEN, "diabetes")
    assert "diabetes" in box(bob, f"/patients/{CHEN}").lower()


def test_a_nurse_who_reads_chinese_gets_chinese_names(house: House) -> None:
    with signed_in(house, "lin") as client:
        assert "胸痛" in box(client, "/escalations/esc-chest")


@pytest.mark.parametrize("path", [f"/patients/{ALICE}", "/escalations/esc-chest"])
def test_hits_say_where_they_are_from_and_why_and_that_they_are_no_advice(
    house: House, bob: TestClient, path: str
) -> None:
    imported(house.folder)
    text = search(bob, path, "dizziness in atrial fibrillation")
    for word in ("PMID 101", "Rhythm Letters", "2019", "Abstracts, not advice", "in the title",
                 "Falls did not outweigh"):  # fmt: skip
        assert word in text
    assert "PMID 104" not in text  # retracted
    assert "dizziness in atrial fibrillation" in text  # the box keeps what was asked


def test_before_an_import_it_says_how_to(bob: TestClient) -> None:
    text = search(bob, f"/patients/{ALICE}", "gout")
    assert "./ankang knowledge import pubmed FILE" in text


def test_a_broken_file_is_one_sentence_and_the_page_stays(house: House, bob: TestClient) -> None:
    (house.folder / FILE).write_bytes(b"no database at all, and longer than a header would be")
    text = search(bob, "/escalations/esc-chest", "gout")
    assert "cannot be read just now" in text
    assert "Chest pain" in text


def test_a_search_needs_the_token_and_leaves_no_words_in_the_trail(
    house: House, bob: TestClient
) -> None:
    path = f"/patients/{ALICE}"
    assert bob.post(path, data={"do": "literature", "q": "gout"}).status_code == 403
    search(bob, path, "canaryword")
    with house.store.reading() as rows:
        trail = [str(event) for event in rows.audit.of(ALICE)]
    assert trail
    assert not any("canaryword" in line for line in trail)


def test_a_matter_is_still_shown_when_its_patients_key_is_lost(
    house: House, bob: TestClient
) -> None:
    with house.store.unit_of_work() as work:
        work.connection.execute(delete(patient_key).where(patient_key.c.patient_id == ALICE))
    house.store.vault.drop(ALICE)
    answer = bob.get("/escalations/esc-chest")
    assert answer.status_code == 200
    assert "From the literature" in answer.text
