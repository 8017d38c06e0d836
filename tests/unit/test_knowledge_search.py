"""The search finds what a patient's letter asks for, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge import asked, head, kinds, spelling, words
from knowledge.dense import Vectoriser, windows
from knowledge.model import KnowledgeError, Passage, Vectors
from knowledge.search import Index

GLAUCOMA = "What is (are) Glaucoma ? Glaucoma is a group of diseases that damage the optic nerve."
PASSAGES = [
    Passage(id="glaucoma", text=GLAUCOMA),
    Passage(
        id="glaucoma_treatment",
        text="What are the treatments for Glaucoma ? Eye drops lower the pressure, lasers help.",
    ),
    Passage(
        id="metformin_side",
        text="What are the side effects of Metformin ? It may cause diarrhea and a metal taste.",
    ),
    Passage(id="gout", text="Gout is a kind of arthritis caused by uric acid crystals."),
    Passage(
        id="insipidus",
        text="What is Diabetes insipidus ? The kidneys pass too much dilute urine.",
    ),
    Passage(
        id="diabetes", text="What is Diabetes ? Blood glucose is too high. Insulin is lacking."
    ),
]
CHINESE = [
    Passage(
        id="fever",
        text="孩子发烧时多喝水，精神差要看医生。",
        language="zh",
        title="孩子发烧",
        questions=("宝宝发烧怎么办", "小孩发热要不要捂汗"),
    ),
    Passage(
        id="gout",
        text="痛风要少喝啤酒，少吃内脏和海鲜。",
        language="zh",
        title="痛风怎么吃",
        questions=("痛风能吃什么", "尿酸高能喝啤酒吗"),
    ),
]


class Letters:
    """An encoder that sees letters in threes: likeness is shared spelling."""

    name, dimensions, reads_chinese = "letters", 256, False

    def __init__(self) -> None:
        self.seen = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += len(texts)
        found = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for i in range(len(text) - 2):
                found[row, hash_of(text[i : i + 3].lower())] += 1
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)


def hash_of(text: str) -> int:
    return sum(ord(char) * 31**n for n, char in enumerate(text)) % 256


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(PASSAGES, Letters())


def first(index: Index, text: str) -> str:
    return index.search(text).found[0].passage.id


def test_a_letter_with_greetings_and_family_is_answered_about_its_topic(index: Index) -> None:
    letter = (
        "Good morning, my name is Denise. My mother who is 71 moved in with us in May and has two "
        "cats. The eye doctor said she has glaucoma. What treatment is there for it? Thank you"
    )
    assert first(index, letter) == "glaucoma_treatment"


def test_a_misspelt_name_is_understood(index: Index) -> None:
    assert first(index, "side effects of metformen") == "metformin_side"
    assert first(index, "what is glacoma") == "glaucoma"


def test_a_shorter_name_is_preferred_to_a_longer_one_that_holds_it(index: Index) -> None:
    assert first(index, "what is diabetes") == "diabetes"
    assert first(index, "what is diabetes insipidus") == "insipidus"


def test_a_passage_without_a_heading_is_found_by_how_it_begins() -> None:
    index = Index(PASSAGES)
    assert first(index, "I woke up with a red toe, they say gout, what is it?") == "gout"


def test_chinese_is_found_by_words_alone() -> None:
    index = Index(CHINESE)
    assert first(index, "医生您好，我家宝宝昨天开始发烧了怎么办？") == "fever"
    assert first(index, "尿酸有点高，还能不能喝啤酒呢") == "gout"


def test_an_empty_library_knows_nothing() -> None:
    answer = Index([]).search("what is gout")
    assert not answer.found
    assert not answer.sure


def test_a_message_without_a_word_is_no_error(index: Index) -> None:
    for text in ("", "   ", "???", "🙂", "。"):
        assert not index.search(text).sure


def test_the_same_id_twice_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="same id"):
        Index([PASSAGES[0], PASSAGES[0]])


def test_what_was_encoded_is_kept_and_only_news_is_encoded(tmp_path: Path) -> None:
    one = Letters()
    Index(PASSAGES, one, folder=tmp_path)
    other = Letters()
    Index([*PASSAGES, Passage(id="new", text="Shingles is a rash.")], other, folder=tmp_path)
    assert 0 < other.seen <= 2 < one.seen
    again = Letters()
    Index(PASSAGES, again, folder=tmp_path)
    assert again.seen == 0


def test_a_torn_file_of_vectors_is_made_anew(tmp_path: Path) -> None:
    Vectoriser(Letters(), tmp_path).encode(["a text of some length"])
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:50])
    encoder = Letters()
    Vectoriser(encoder, tmp_path).encode(["a text of some length"])
    assert encoder.seen == 1


def test_a_long_text_is_cut_into_windows_that_overlap() -> None:
    text = " ".join(f"w{n}" for n in range(400))
    cut = windows(text)
    assert len(cut) == 5
    assert cut[0].split()[-20:] == cut[1].split()[:20]
    assert len(windows("word " * 3000)) == 12


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("what are the signs of lupus?", "symptoms"),
        ("is there a cure for tinnitus", "treatment"),
        ("can i take my calcium pills together with synthroid", "interaction"),
        ("what foods should I stay away from with gout", "diet"),
        ("my cough began after starting the pills, is it a side effect?", "side_effects"),
        ("how common is g6pd deficiency", "frequency"),
        ("will my child inherit it?", "inheritance"),
        ("高血压是什么病", "information"),
        ("痛风怎么治", "treatment"),
        ("这个药有什么副作用", "side_effects"),
        ("肺结核会传染吗", "transmission"),
    ],
)
def test_the_kind_of_a_question_is_heard(text: str, kind: str) -> None:
    found = kinds.asked([text], "")
    assert max(found, key=lambda one: found[one]) == kind, found


def test_questions_count_more_than_the_story_around_them() -> None:
    read = asked.read(
        "We have a garden with many roses. My husband has epilepsy. Which diet helps with epilepsy?"
    )
    assert read.terms["diet"] > read.terms["garden"]
    assert "diet" in read.core and "roses" not in read.core


def test_names_are_read_from_headings_and_first_sentences() -> None:
    one = head.of(Passage(id="x", text="What are the symptoms of Gout (also called: podagra) ?"))
    assert one.kind == "symptoms"
    assert any("Gout" in name for name in one.names)
    assert "podagra" in one.names
    two = head.of(Passage(id="y", text="Sarcoidosis is a disease of many organs. It may pass."))
    assert two.names == ("Sarcoidosis",)


def test_british_and_american_spelling_are_one_word() -> None:
    assert words.terms("anaemia oedema tumour") == words.terms("anemia edema tumor")


def test_a_known_word_is_never_mended_and_a_far_one_neither() -> None:
    speller = spelling.Speller({"metformin", "warfarin"}, {"happy"})
    assert speller.right("metfromin")[0] == "metformin"
    assert speller.right("bicycle") == ("", 0.0)
    assert not spelling.mended({"warfarin": 1.0}, speller)


def test_a_wrapped_line_is_neither_a_heading_nor_the_end_of_a_sentence() -> None:
    text = "Gout is a kind of arthritis that comes in attacks\nand mostly begins at the big toe."
    assert words.sentences(text) == [text.replace("\n", " ")]
    assert head.of(Passage(id="x", text=text)).names == ("Gout",)
    one = head.of(Passage(id="y", text="Gout\nCrystals of uric acid gather in a joint."))
    assert (one.line, one.names) == ("Gout", ("Gout",))
