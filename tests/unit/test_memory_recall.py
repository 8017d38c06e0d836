"""Words, ranking, batching and the sealed page: the parts of memory that need no Chroma."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from memory import Memory, WrongPatient, pages
from memory.budget import tokens, within
from memory.embed import Batching
from memory.model import Vectors
from memory.recall import rank
from memory.when import day_told
from memory.words import is_chinese, terms

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
NOTHING = np.zeros(4, dtype=np.float32)


class Plain:
    """Seals nothing but the owner's name, so that a wrong owner is noticed."""

    def seal(self, patient_id: str, text: str) -> str:
        return f"{patient_id}|{text}"

    def open(self, patient_id: str, sealed: str) -> str:
        return sealed.split("|", 1)[1]


class Fixed:
    """An encoder that always answers the same, and counts its passes."""

    name = "fixed"
    dimensions = 4

    def __init__(self) -> None:
        self.passes: list[int] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.passes.append(len(texts))
        time.sleep(0.02)
        if "bad" in texts:
            raise ValueError("bad text")
        return np.array([[len(t), 0, 0, 0] for t in texts], dtype=np.float32)


def memory(text: str, position: int, **changes: object) -> Memory:
    made = Memory(
        id=f"m{position}",
        patient_id="alice",
        text=text,
        recorded_at=NOW - timedelta(hours=position),
        position=position,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def asked(question: str, memories: list[Memory], limit: int = 8) -> list[str]:
    """Ids by words alone: no vector is given."""
    blank = np.zeros((len(memories), 4), dtype=np.float32)
    found = rank(question, NOTHING, memories, blank, limit=limit, now=NOW, reads_chinese=False)
    return [one.memory.id for one in found]


def test_chinese_is_cut_into_characters_and_pairs() -> None:
    assert {"膝", "盖", "膝盖"} <= set(terms("膝盖疼"))


def test_english_words_meet_in_their_stem() -> None:
    assert terms("hurting") == terms("hurts") == terms("hurt")


def test_a_mixed_sentence_is_chinese_when_chinese_carries_it() -> None:
    assert is_chinese("我吃 metformin 每天两次饭后")
    assert not is_chinese("I went to 北京 last week with my daughter")


def test_the_turn_beside_the_match_comes_before_a_far_one() -> None:
    turns = [memory(f"filler number {n}", n) for n in range(10)]
    turns[4] = memory("my knee hurts", 4)
    assert asked("knee", turns)[0] == "m4"
    assert set(asked("knee", turns)[1:3]) == {"m3", "m5"}


def test_two_readings_that_differ_in_a_number_are_both_kept() -> None:
    turns = [memory("blood sugar 6.5", 0), memory("blood sugar 7.5", 1), memory("hello", 2)]
    assert set(asked("blood sugar", turns)[:2]) == {"m0", "m1"}


def test_a_repeated_sentence_is_returned_once() -> None:
    turns = [memory("my knee hurts", 0), memory("My knee hurts!", 3), memory("hello", 6)]
    assert len([i for i in asked("knee", turns) if i != "m6"]) == 1


def test_the_newer_of_two_equal_matches_comes_first() -> None:
    old = memory("knee sore again", 1, recorded_at=NOW - timedelta(days=90))
    new = memory("knee sore today", 5)
    assert asked("sore knee", [old, new])[0] == "m5"


def test_the_named_speakers_words_come_first() -> None:
    turns = [
        memory("the walk was lovely", 0, speaker="Bob"),
        memory("filler words here", 2),
        memory("the walk was lovely", 4, speaker="Alice"),
    ]
    assert asked("what did Alice say about the walk", turns)[0] == "m4"
    assert asked("what did Bob say about the walk", turns)[0] == "m0"


def test_the_week_that_is_asked_about_comes_first() -> None:
    old = memory("knee hurts on the stairs", 1, recorded_at=NOW - timedelta(days=40))
    asked_about = memory("knee hurts in bed", 5, recorded_at=NOW - timedelta(days=8))
    new = memory("knee hurts all day", 9, recorded_at=NOW)
    assert asked("how was my knee last week", [old, asked_about, new])[0] == "m5"


def test_yesterdays_turn_is_no_neighbour_of_todays() -> None:
    turns = [memory(f"filler number {n}", n, recorded_at=NOW) for n in range(10)]
    turns[4] = memory("my knee hurts", 4, recorded_at=NOW - timedelta(days=1))
    turns[3] = memory("filler number 3", 3, recorded_at=NOW - timedelta(days=1))
    assert asked("knee", turns)[:2] == ["m4", "m3"]


def test_a_speakers_name_survives_the_page() -> None:
    row = pages.Row(memory=memory("x", 0, speaker="Bob"), vector=NOTHING, written=1)
    sealed = pages.seal(pages.Page(id="k/0/0", rows=(row,)), "alice", "fixed", Plain())
    opened = pages.unseal("k/0/0", sealed, "alice", Fixed(), Plain())
    assert opened.rows[0].memory.speaker == "Bob"


def test_nothing_asked_of_nothing_is_nothing() -> None:
    assert asked("knee", []) == []
    assert asked("knee", [memory("knee", 0)], limit=0) == []


def test_a_page_opens_as_it_was_sealed() -> None:
    vector = np.array([0.5, -0.5, 0.5, 0.5], dtype=np.float32)
    row = pages.Row(memory=memory("膝盖疼 knee", 3, language="zh"), vector=vector, written=7)
    page = pages.Page(id="k/0/0", rows=(row,), gone={"m9": 5})
    sealed = pages.seal(page, "alice", "fixed", Plain())
    opened = pages.unseal("k/0/0", sealed, "alice", Fixed(), Plain())
    assert opened.rows[0].memory == row.memory
    assert opened.gone == {"m9": 5}
    assert np.allclose(opened.rows[0].vector, vector, atol=0.01)


def test_a_page_of_somebody_else_is_never_opened() -> None:
    sealed = pages.seal(pages.Page(id="k/0/0"), "bob", "fixed", Plain())
    with pytest.raises(WrongPatient):
        pages.unseal("k/0/0", sealed, "alice", Fixed(), Plain())


def test_vectors_of_another_encoder_are_not_compared() -> None:
    row = pages.Row(memory=memory("x", 0), vector=np.ones(4, dtype=np.float32), written=1)
    sealed = pages.seal(pages.Page(id="k/0/0", rows=(row,)), "alice", "another", Plain())
    opened = pages.unseal("k/0/0", sealed, "alice", Fixed(), Plain())
    assert not opened.rows[0].vector.any()


def test_the_newest_row_wins_and_the_forgotten_stay_gone() -> None:
    def row(id_: str, text: str, written: int) -> pages.Row:
        return pages.Row(memory=memory(text, 0, id=id_), vector=NOTHING, written=written)

    one = pages.Page(id="k/a/0", rows=(row("m1", "old", 1), row("m2", "gone", 2)))
    two = pages.Page(id="k/b/0", rows=(row("m1", "new", 3),), gone={"m2": 4})
    assert [r.memory.text for r in pages.current([one, two])] == ["new"]


def test_a_memory_without_patient_or_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="patient_id"):
        memory("x", 0, patient_id="")
    with pytest.raises(ValueError, match="time zone"):
        memory("x", 0, recorded_at=datetime(2026, 5, 1))  # noqa: DTZ001


def together(encoder: Batching, texts: list[str]) -> dict[str, object]:
    answers: dict[str, object] = {}

    def ask(text: str) -> None:
        try:
            answers[text] = float(encoder.encode([text])[0, 0])
        except ValueError as error:
            answers[text] = error

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_threads_share_a_pass_and_each_gets_its_own_vector() -> None:
    inner = Fixed()
    encoder = Batching(inner)
    texts = ["x" * n for n in range(1, 41)]
    assert together(encoder, texts) == {t: len(t) for t in texts}
    assert sum(inner.passes) == 40
    assert len(inner.passes) < 20
    encoder.close()


def test_no_pass_is_larger_than_the_largest_batch() -> None:
    inner = Fixed()
    encoder = Batching(inner, max_batch=8)
    together(encoder, ["x" * n for n in range(1, 41)])
    assert max(inner.passes) <= 8
    encoder.close()


def test_an_error_reaches_its_batch_and_the_next_one_works() -> None:
    encoder = Batching(Fixed())
    with pytest.raises(ValueError, match="bad text"):
        encoder.encode(["bad"])
    assert encoder.encode(["four"])[0, 0] == 4
    encoder.close()


def ranked(question: str, memories: list[Memory], now: datetime = NOW) -> list[str]:
    blank = np.zeros((len(memories), 4), dtype=np.float32)
    found = rank(question, NOTHING, memories, blank, limit=10, now=now, reads_chinese=False)
    return [one.memory.id for one in found]


def test_a_retelling_takes_no_second_place_but_another_number_or_denial_does() -> None:
    told = [
        memory("My left knee hurts so badly on the stairs at home", 0),
        memory("my left knee hurts badly on the stairs at home again", 1),
        memory("my right knee hurts badly on the stairs at home", 2),
        memory("my left knee does not hurt badly on the stairs at home", 3),
        memory("my sugar was 6.5 before breakfast today", 4),
        memory("my sugar was 7.5 before breakfast today", 5),
    ]
    assert sorted(ranked("knee stairs sugar", told)) in (
        ["m0", "m2", "m3", "m4", "m5"],
        ["m1", "m2", "m3", "m4", "m5"],
    )


@pytest.mark.parametrize(
    ("event", "before", "after", "asked_before", "asked_after"),
    [
        ("my knee operation is on 12 May", "my knee was stiff", "my knee is stiff again",
         "how was my knee before the operation?", "how has my knee been since the operation?"),
        ("膝盖手术定在5月12号", "膝盖僵，走不远", "膝盖又有点僵",
         "手术前我的膝盖怎么样？", "手术以后我的膝盖怎么样？"),
    ],
)  # fmt: skip
def test_a_question_finds_its_time_by_an_event_that_was_told(
    event: str, before: str, after: str, asked_before: str, asked_after: str
) -> None:
    told = [
        memory(event, 0, recorded_at=datetime(2026, 4, 20, 9, tzinfo=UTC)),
        memory(before, 1, recorded_at=datetime(2026, 5, 2, 9, tzinfo=UTC)),
        memory(after, 2, recorded_at=datetime(2026, 6, 3, 9, tzinfo=UTC)),
    ]
    now = datetime(2026, 6, 20, 9, tzinfo=UTC)

    def better(question: str) -> str:
        return next(one for one in ranked(question, told, now) if one in ("m1", "m2"))

    assert better(asked_before) == "m1"
    assert better(asked_after) == "m2"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("my operation is on 12 May", "2026-05-12"),
        ("the op is next Monday", "2026-04-27"),
        ("I had my operation last Tuesday", "2026-04-14"),
        ("my surgery is in three weeks", "2026-05-11"),
        ("手术定在5月12号", "2026-05-12"),
        ("下周三做手术", "2026-04-29"),
        ("昨天做了手术", "2026-04-19"),
        ("手术两周后做", "2026-05-04"),
        ("the operation went well", None),
        ("on 31 June they operate", None),
    ],
)
def test_the_day_of_a_told_event_is_worked_out_from_the_day_it_was_told(
    text: str, day: str | None
) -> None:
    found = day_told(text, datetime(2026, 4, 20, 9, tzinfo=UTC))
    assert (found.isoformat() if found else None) == day


def test_a_budget_passes_over_what_is_too_long_and_counts_chinese_by_characters() -> None:
    assert tokens("二甲双胍") == 4
    assert tokens("metformin") == 3
    kept, left = within(40, [("a" * 60, "a"), ("b" * 60, "b"), ("c" * 3, "c")])
    assert kept == ["a", "c"]
    assert 0 <= left < 10
