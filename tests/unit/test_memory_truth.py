"""What one message does to what is known: nothing is lost, nothing grows surer by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from memory import Fact
from memory.truth import Settled, settle

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Book:
    """What is known of one patient, as the rows would keep it."""

    def __init__(self, language: str = "en") -> None:
        self.language, self.at, self.n = language, MONDAY, 0
        self.facts: dict[str, Fact] = {}

    def hear(self, text: str, days: float = 1) -> Settled:
        self.n += 1
        self.at += timedelta(days=days)
        found = settle(
            text,
            language=self.language,
            patient_id="alice",
            source=f"m{self.n}",
            at=self.at,
            known=list(self.facts.values()),
        )
        self.facts |= {f.id: f for f in (*found.added, *found.changed)}
        return found

    def note(self, kind: str, text: str, **more: object) -> Fact:
        fact = Fact(
            id=f"clinic/{len(self.facts)}", patient_id="alice", kind=kind, text=text,
            recorded_at=self.at, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        self.facts[fact.id] = fact
        return fact

    def current(self) -> list[str]:
        return [f.text for f in self.facts.values() if f.status == "current"]


@pytest.mark.parametrize(
    ("language", "stated", "ended"),
    [
        ("en", "I take metformin 500 mg twice a day", "I no longer take metformin"),
        ("en", "I'm on ramipril", "the doctor took me off ramipril last week"),
        ("en", "I take warfarin", "I don't take warfarin any more"),
        ("en", "I take warfarin", "my warfarin has been stopped"),
        ("zh", "我在吃二甲双胍", "二甲双胍停了"),
        ("zh", "我在吃二甲双胍", "我不吃二甲双胍了"),
        ("zh", "我在吃阿司匹林", "医生让我停了阿司匹林"),
    ],
)
def test_a_medicine_ends_with_a_date_and_stays_in_the_history(
    language: str, stated: str, ended: str
) -> None:
    book = Book(language)
    [taken] = book.hear(stated).added
    book.hear(ended)
    assert book.current() == []
    old = book.facts[taken.id]
    assert (old.status, old.valid_until, old.text) == ("superseded", book.at, taken.text)


@pytest.mark.parametrize(
    ("language", "stated", "corrected", "now"),
    [
        ("en", "I'm allergic to penicillin",
         "actually I'm not allergic to penicillin, it was ampicillin", "Allergic to ampicillin"),
        ("en", "I take ramipril", "they switched me from ramipril to losartan", "Takes losartan"),
        ("en", "I take lisinopril 7 mg", "no, it's 70 not 7", "Takes lisinopril 70 mg"),
        ("zh", "我对青霉素过敏", "不是青霉素，是头孢", "对头孢过敏"),
        ("zh", "我在吃氨氯地平", "氨氯地平换成了缬沙坦", "在用缬沙坦"),
        ("zh", "我每天吃氨氯地平5毫克", "不对，是10不是5", "在用氨氯地平10毫克"),
    ],
)  # fmt: skip
def test_a_correction_stands_in_the_place_of_what_it_corrects(
    language: str, stated: str, corrected: str, now: str
) -> None:
    book = Book(language)
    [old] = book.hear(stated).added
    [(was, new)] = book.hear(corrected, days=0.5).swapped
    assert book.current() == [now]
    assert was.id == old.id
    assert new is not None
    assert book.facts[old.id].replaced_by == new.id


@pytest.mark.parametrize(
    ("language", "stated", "denied"),
    [
        ("en", "I'm allergic to penicillin", "I'm not allergic to penicillin"),
        ("en", "I'm allergic to penicillin", "I have no allergies"),
        ("en", "I take aspirin", "I don't take aspirin"),
        ("en", "I have asthma", "I don't have asthma"),
        ("zh", "我对青霉素过敏", "我对青霉素不过敏"),
        ("zh", "我对青霉素过敏", "我没有过敏"),
    ],
)
def test_a_bare_denial_is_asked_and_overwrites_nothing(
    language: str, stated: str, denied: str
) -> None:
    book = Book(language)
    [old] = book.hear(stated).added
    [doubt] = book.hear(denied).doubts
    assert (doubt.old.id, doubt.how) == (old.id, "denied")
    assert book.facts[old.id] == old


def test_another_dose_is_kept_open_beside_the_first() -> None:
    book = Book()
    [first] = book.hear("I take metformin 500 mg").added
    [doubt] = book.hear("I take metformin 1000 mg").doubts
    assert doubt.how == "differs"
    assert doubt.new is not None
    assert (doubt.new.disputes, doubt.new.verification) == (first.id, "unconfirmed")
    assert book.current() == ["Takes metformin 500 mg", "Takes metformin 1000 mg"]


def test_a_dose_that_is_said_to_have_changed_supersedes_the_old_one() -> None:
    book = Book()
    book.hear("I take metformin 500 mg")
    found = book.hear("my metformin was increased, I now take metformin 1000 mg")
    assert found.doubts == ()
    assert book.current() == ["Takes metformin 1000 mg"]


@pytest.mark.parametrize("again", ["I take metformin 0.5 g", "I'm on metformin", "metformin 500mg"])
def test_the_same_in_other_words_is_known_already(again: str) -> None:
    book = Book()
    book.hear("I take metformin 500 mg")
    found = book.hear(f"as I said, {again}")
    assert (found.added, found.changed, found.doubts) == ((), (), ())


def test_more_detail_replaces_less_and_makes_nothing_surer() -> None:
    book = Book()
    book.hear("The doctor told me I'm allergic to penicillin")
    book.hear("I am allergic to penicillin, it gave me hives")
    [fact] = [f for f in book.facts.values() if f.status == "current"]
    assert fact.values["reaction"] == "hives"
    assert fact.verification == "unconfirmed"


def test_what_was_found_wrong_comes_back_only_as_unconfirmed() -> None:
    book = Book()
    [fact] = book.hear("I'm allergic to penicillin").added
    book.facts[fact.id] = replace(fact, status="entered-in-error")
    [again] = book.hear("I'm allergic to penicillin").added
    assert again.verification == "unconfirmed"


def test_the_clinics_own_note_is_never_changed_by_a_patients_words() -> None:
    book = Book()
    note = book.note(
        "AllergyIntolerance", "Allergic to penicillin", values={"substance": "penicillin"},
        said_by="import",
    )  # fmt: skip
    [doubt] = book.hear("I'm not allergic to penicillin, it was ampicillin").doubts
    assert doubt.how == "clinic"
    assert book.facts[note.id] == note
    assert "Allergic to ampicillin" in book.current()


@pytest.mark.parametrize(
    ("language", "allergy", "medicine"),
    [
        ("en", "I'm allergic to penicillin", "I take amoxicillin 500 mg"),
        ("en", "I am allergic to ibuprofen", "I take ibuprofen"),
        ("zh", "我对青霉素过敏", "我在吃阿莫西林"),
        ("zh", "我对头孢过敏", "我在吃头孢克肟"),
    ],
)
def test_an_allergy_and_a_medicine_of_its_family_clash_once(
    language: str, allergy: str, medicine: str
) -> None:
    book = Book(language)
    book.hear(allergy)
    assert len(book.hear(medicine).clashes) == 1
    assert book.hear("I have asthma").clashes == ()


@pytest.mark.parametrize(
    ("language", "stated", "said"),
    [
        ("en", "I take metformin", "my mum no longer takes metformin"),
        ("en", "I take metformin", "should I stop taking metformin?"),
        ("en", "I take metformin", "I stopped smoking"),
        ("zh", "我在吃二甲双胍", "我妈的二甲双胍停了"),
        ("zh", "我在吃二甲双胍", "二甲双胍是不是停了？"),
        ("zh", "我对青霉素过敏", "不是感冒，是累的"),
    ],
)
def test_words_about_others_questions_and_other_things_correct_nothing(
    language: str, stated: str, said: str
) -> None:
    book = Book(language)
    book.hear(stated)
    before = book.current()
    found = book.hear(said)
    assert (found.changed, found.doubts) == ((), ())
    assert set(before) <= set(book.current())


def test_two_allergies_in_one_sentence_are_two_facts() -> None:
    book = Book()
    book.hear("I'm allergic to peanuts and shellfish")
    book.hear("I'm allergic to peanuts, not shellfish")
    assert book.current() == ["Allergic to peanuts"]


def test_a_complaint_keeps_when_it_began_and_how_it_goes() -> None:
    book = Book()
    [fact] = book.hear("my knee has been hurting since Tuesday and it is getting worse").added
    assert fact.values["onset"] == "since Tuesday"
    assert fact.values["course"] == "getting worse"
    assert fact.valid_from is not None


def test_settling_twice_gives_the_same_ids() -> None:
    book = Book()
    book.hear("I'm allergic to penicillin")
    values = {
        "language": "en", "patient_id": "alice", "source": "m9", "at": book.at,
        "known": list(book.facts.values()),
    }  # fmt: skip
    words = "actually I'm not allergic to penicillin, it was ampicillin. I take aspirin"
    assert settle(words, **values) == settle(words, **values)  # type: ignore[arg-type]
