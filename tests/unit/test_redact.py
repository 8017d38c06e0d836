"""Identifiers leave the text and come back; measurements never move."""

from __future__ import annotations

import pytest

from safety.redact import hide, restore

_NAMES = ("Alice Smith", "张美玲")


@pytest.mark.parametrize(
    ("text", "secret", "placeholder"),
    [
        ("Hi, I'm Alice Smith.", "Alice Smith", "[NAME_1]"),
        ("this is alice again", "alice", "[NAME_1]"),
        ("我是张美玲", "张美玲", "[NAME_1]"),
        ("美玲今天头晕", "美玲", "[NAME_1]"),
        ("call 13812345678", "13812345678", "[PHONE_1]"),
        ("电话１３８１２３４５６７８", "１３８１２３４５６７８", "[PHONE_1]"),
        ("ring +44 7700 900123 please", "+44 7700 900123", "[PHONE_1]"),
        ("ring (212) 555-0188", "(212) 555-0188", "[PHONE_1]"),
        ("mail alice@example.com", "alice@example.com", "[EMAIL_1]"),
        ("号码110101195001011234", "110101195001011234", "[ID_1]"),
        ("MRN 00123456 is mine", "MRN 00123456", "[ID_1]"),
        ("病历号：A1234567", "病历号：A1234567", "[ID_1]"),
        ("I was born on 3 May 1950", "3 May 1950", "[BIRTHDATE_1]"),
        ("我1950年5月3日出生", "1950年5月3日", "[BIRTHDATE_1]"),
        ("I live at 5 Long Road, Leeds", "5 Long Road, Leeds", "[ADDRESS_1]"),
    ],
)
def test_an_identifier_is_hidden_and_comes_back(text: str, secret: str, placeholder: str) -> None:
    hidden = hide(text, names=_NAMES, addresses=["5 Long Road, Leeds"])
    assert secret not in hidden.text
    assert placeholder in hidden.text
    assert restore(hidden.text, hidden.mapping) == text


@pytest.mark.parametrize(
    "text",
    [
        "BP 132/84, sugar 6.5 mmol/L, metformin 500 mg at 8:30 on 2026/11/23",
        "血糖6.5 血压132 84 心率76 体重70.2公斤",
        "BP 120 80 and 130 85 and 140 90",
        "glucose 118 132 145 160, INR 2.5 3.1 2.8",
        "I walked 10000 steps, eGFR 45",
        "",
    ],
)
def test_measurements_doses_and_times_stay_as_they_are(text: str) -> None:
    hidden = hide(text, names=_NAMES)
    assert hidden.text == text
    assert hidden.mapping == {}


def test_the_same_person_keeps_the_same_placeholder_over_several_texts() -> None:
    first = hide("Alice Smith and 13812345678", names=_NAMES)
    second = hide("13900001111, ALICE SMITH", names=_NAMES, mapping=first.mapping)
    assert second.text == "[PHONE_2], [NAME_1]"


def test_a_placeholder_the_model_invents_is_dropped() -> None:
    assert restore("Dear [NAME_1], [PHONE_7] see you.", {"[NAME_1]": "Alice"}) == (
        "Dear Alice, see you."
    )


def test_a_garbled_placeholder_still_comes_back() -> None:
    assert restore("[name 1]，您好", {"[NAME_1]": "张美玲"}) == "张美玲，您好"


def test_a_placeholder_typed_by_the_patient_is_not_taken_for_ours() -> None:
    hidden = hide("who is [NAME_1]? I am Alice Smith", names=_NAMES)
    assert hidden.mapping["[NAME_1]"] == "Alice Smith"
    assert restore(hidden.text, hidden.mapping) == "who is [NAME_1]? I am Alice Smith"


def test_a_name_inside_another_word_is_left_alone() -> None:
    assert hide("malicent smithereens", names=_NAMES).text == "malicent smithereens"


@pytest.mark.parametrize("piece", ["1", "13812345678 ", "a@", "a.b-", "+1", "1-"])
def test_a_very_long_text_is_survived(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    hidden = hide(text, names=_NAMES)
    assert restore(hidden.text, hidden.mapping) == text
