"""The tagger: what teaches it, what it may say, and what becomes of it beside the rules."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.loading import load_tagging
from memory import Found, learn
from memory.names import names_in
from memory.tagged import bars
from memory.tagger import marked
from memory.tagger.encoders import folder_of
from memory.tagger.lexicon import FOLDER as NAMES
from memory.tagger.lexicon import WIDTH, hints
from memory.tagger.marked import KINDS, parse
from memory.tagger.pieces import Cutter
from memory.tagger.tagger import Tagger, parts
from memory.tagger.train import train
from memory.tagger.weights import TaggerRefused

FOODS = ("虾", "花生", "牛奶", "鸡蛋", "芒果", "小麦", "大豆", "腰果", "螃蟹", "核桃")
LESSONS = [f"我对[A:{food}]过敏" for food in FOODS] + [f"我爱吃{food}" for food in FOODS]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chinese taught on twenty lines: enough for a frame that stands in each of them."""
    folder = tmp_path_factory.mktemp("tagger")
    (folder / "corpus" / "zh").mkdir(parents=True)
    (folder / "corpus" / "zh" / "few.txt").write_text("\n".join(LESSONS * 2), "utf-8")
    train("zh", folder / "weights", messages=folder / "corpus", epochs=25)
    return folder / "weights"


def test_what_it_was_taught_it_finds_in_words_it_never_saw(taught: Path) -> None:
    tagger = Tagger(taught, languages=("zh",))
    found = tagger.find("我对草莓过敏", "zh")
    assert found is not None
    assert [(one.kind, one.start, one.end) for one in found] == [("AllergyIntolerance", 2, 4)]
    assert tagger.find("我爱吃草莓", "zh") == []
    assert tagger.find("", "zh") == []
    assert tagger.find("I am allergic to kiwi", "en") is None  # rules decide alone


def test_weights_that_were_touched_are_refused(taught: Path, tmp_path: Path) -> None:
    for file in taught.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    Tagger(tmp_path, languages=("zh",))
    weights = tmp_path / "zh.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(TaggerRefused, match=r"zh\.safetensors is not the file"):
        Tagger(tmp_path, languages=("zh",))
    with pytest.raises(TaggerRefused, match="no weights for en"):
        Tagger(tmp_path, languages=("en",))


def test_weights_taught_from_another_encoder_are_refused(taught: Path, tmp_path: Path) -> None:
    for file in taught.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    manifest["en"] = manifest["zh"]  # what came of the Chinese encoder
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(TaggerRefused, match="taught with another encoder"):
        Tagger(tmp_path, languages=("en",))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("I take [M:metformin", "does not close"),
        ("I take [X:metformin]", "no kind of fact has the letter X"),
        ("[M:one [A:two]]", "does not close"),
    ],
)
def test_a_broken_mark_names_its_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "mine.txt").write_text(f"hello\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=rf"mine\.txt, line 2: .*{said}"):
        marked.read("en", tmp_path)


def test_marks_stand_where_the_words_stand() -> None:
    one = parse("I take [M:metformin 500 mg], and [o:welts] came")
    assert one.text == "I take metformin 500 mg, and welts came"
    assert [one.text[m.start : m.end] for m in one.marks] == ["metformin 500 mg", "welts"]
    assert [m.sure for m in one.marks] == [True, False]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_corpus_is_whole_and_every_line_differs(language: str) -> None:
    messages = marked.read(language)
    assert len(messages) > 3000
    assert len({one.text for one in messages}) == len(messages)
    kinds = [mark.kind for one in messages for mark in one.marks if mark.sure]
    assert all(kinds.count(kind) >= 100 for kind in KINDS)
    without = sum(not one.marks for one in messages) / len(messages)
    assert 0.3 < without < 0.6
    assert set(bars(language)) == set(KINDS)


def _mark(text: str, words: str, kind: str, share: float) -> Found:
    at = text.index(words)
    return Found(kind=kind, start=at, end=at + len(words), share=share)


def test_what_only_the_tagger_finds_is_not_certain() -> None:
    text = "one bite of cashew and off to hospital we went"
    (one,) = learn(
        text, language="en", said_by="patient",
        marked=[_mark(text, "cashew", "AllergyIntolerance", 0.99)],
    )  # fmt: skip
    assert (one.text, one.certain, one.by) == ("Allergic to cashew", False, "tagger")
    assert one.values == {"substance": "cashew"}


def test_below_its_bar_a_mark_is_no_fact() -> None:
    text = "one bite of cashew and off to hospital we went"
    faint = [_mark(text, "cashew", "AllergyIntolerance", 0.5)]
    assert learn(text, language="en", said_by="patient", marked=faint) == ()


def test_what_only_a_rule_draws_is_no_fact_but_an_allergy_is_asked_about() -> None:
    text = "I take metformin every day"
    (alone,) = learn(text, language="en", said_by="patient")
    mark = _mark(text, "metformin", "MedicationStatement", 0.4)  # faint, but seen
    assert learn(text, language="en", said_by="patient", marked=[mark]) == (alone,)
    assert learn(text, language="en", said_by="patient", marked=[]) == ()
    text = "I'm allergic to penicillin"
    (one,) = learn(text, language="en", said_by="patient", marked=[])
    assert (one.text, one.certain) == ("Allergic to penicillin", False)


@pytest.mark.parametrize(
    ("language", "text", "stated"),
    [
        (
            "en",
            "It rained all day and the bus was late. My grandson passed his exam, so we had cake. "
            "The price of cabbage is up again. I'm allergic to penicillin and I take warfarin.",
            ["Allergic to penicillin", "Takes warfarin"],
        ),
        (
            "zh",
            "今天下雨，公交等了半小时。孙子考试考得不错，晚上要吃饺子。菜场的白菜又涨价了。"
            "我对青霉素过敏，在吃华法林。",
            ["对青霉素过敏", "在用华法林"],
        ),
    ],
)
@pytest.mark.parametrize("times", [1, 6])
def test_a_plain_fact_behind_much_other_talk_is_seen(
    language: str, text: str, stated: list[str], times: int
) -> None:
    """By the shipped weights; six times the talk is more than they read at once."""
    end = max(text.rfind("I'm"), text.rfind("我对"))
    text = text[:end] * times + text[end:]
    marked = load_tagging().find(text, language)
    said = learn(text, language=language, said_by="patient", marked=marked)
    assert [one.text for one in said] == stated


def test_a_long_text_is_read_in_parts_without_a_gap() -> None:
    text = "今天去菜场，买了白菜。" * 60 + "x" * 700
    found = list(parts(text, 300))
    assert "".join(words for _, words in found) == text
    assert all(text[start : start + len(words)] == words for start, words in found)
    assert max(len(words) for _, words in found) <= 300
    assert all(words.endswith("。") for _, words in found[:2])


def test_a_rule_outweighs_a_mark_of_another_kind() -> None:
    text = "I'm allergic to penicillin and I take warfarin"
    said = [
        one.text
        for one in learn(
            text, language="en", said_by="patient",
            marked=[
                _mark(text, "penicillin", "AllergyIntolerance", 0.998),
                _mark(text, "warfarin", "AllergyIntolerance", 0.72),
            ],
        )
    ]  # fmt: skip
    assert said == ["Allergic to penicillin", "Takes warfarin"]


@pytest.mark.parametrize(
    ("language", "text", "when", "where", "told"),
    [
        ("zh", "周五早上八点半我挂了心内科赵主任，能改吗", "周五早上八点半", "挂了心内科赵主任",
         "周五早上八点半我挂了心内科赵主任"),
        ("zh", "七月三号下午一点半，口腔科取模", "七月三号下午一点半", "口腔科取模",
         "七月三号下午一点半，口腔科取模"),
        ("en", "eye clinic, Tuesday at ten, please confirm", "eye clinic", "Tuesday at ten",
         "eye clinic, Tuesday at ten"),
        ("en", "Dermatology have given me Wednesday 3.45, can you send them the photos?",
         "Dermatology", "Wednesday 3.45", "Dermatology have given me Wednesday 3.45"),
    ],
)  # fmt: skip
def test_when_and_where_of_an_appointment_are_one(
    language: str, text: str, when: str, where: str, told: str
) -> None:
    marks = [
        Found(kind="Appointment", start=text.index(w), end=text.index(w) + len(w), share=0.97)
        for w in (when, where)
    ]
    drawn = learn(text, language=language, said_by="patient", marked=marks)
    [stated] = [one for one in drawn if one.kind == "Appointment"]
    assert told in stated.text


def test_two_appointments_are_two() -> None:
    text = "the eye clinic is on Monday and the foot clinic on Tuesday"
    marks = [
        _mark(text, words, "Appointment", 0.97)
        for words in ("eye clinic is on Monday", "foot clinic on Tuesday")
    ]
    drawn = learn(text, language="en", said_by="patient", marked=marks)
    assert len([one for one in drawn if one.kind == "Appointment"]) == 2


def test_the_dose_behind_a_name_belongs_to_it() -> None:
    text = "that candesartan 8 mg, is it the cause?"
    (one,) = learn(
        text, language="en", said_by="patient",
        marked=[_mark(text, "candesartan", "MedicationStatement", 0.99)],
    )  # fmt: skip
    assert one.text == "Takes candesartan 8 mg"
    assert one.values["dose"] == "8 mg"


def test_how_often_stands_behind_the_dose_and_belongs_to_it() -> None:
    text = "candesartan 8 mg once a day and a banana"
    (one,) = learn(
        text, language="en", said_by="patient",
        marked=[_mark(text, "candesartan", "MedicationStatement", 0.99)],
    )  # fmt: skip
    assert one.text == "Takes candesartan 8 mg once a day"
    assert (one.values["name"], one.values["dose"]) == ("candesartan", "8 mg")


def test_a_medicine_that_is_not_borne_is_no_medicine_that_is_taken() -> None:
    text = "吃布洛芬胃就翻江倒海"
    (alone,) = learn(text, language="zh", said_by="patient")
    assert alone.kind == "MedicationStatement"  # what a rule takes it for
    marks = [_mark(text, "布洛芬", "AllergyIntolerance", 0.99)]
    (one,) = learn(text, language="zh", said_by="patient", marked=marks)
    assert (one.kind, one.text) == ("AllergyIntolerance", "对布洛芬过敏")
    marks.append(_mark(text, "布洛芬", "MedicationStatement", 0.3))  # the network sees both
    assert learn(text, language="zh", said_by="patient", marked=marks) == (alone,)


def test_two_medicines_that_a_rule_took_for_one_are_two() -> None:
    text = "缬沙坦80mg、美托洛尔25mg，就这两样"
    marks = [_mark(text, w, "MedicationStatement", 0.99) for w in ("缬沙坦80mg", "美托洛尔25mg")]
    both = learn(text, language="zh", said_by="patient", marked=marks)
    assert [one.text for one in both] == ["在用缬沙坦80mg", "在用美托洛尔25mg"]
    assert all(one.certain for one in both)  # a rule read them: what they clash with is asked


def test_a_carers_words_state_nothing_about_the_patient() -> None:
    text = "I take metformin"
    marks = [_mark(text, "metformin", "MedicationStatement", 0.99)]
    assert learn(text, language="en", said_by="carer", marked=marks) == ()


def test_each_character_knows_the_token_it_is_part_of() -> None:
    cut = Cutter("zh", folder_of("zh"))
    pieces = cut("我有糖尿病 𠀀")
    assert [start for start, _ in pieces.places] == list(range(7))
    tokens = {at for at, name in zip(pieces.at, pieces.names, strict=True) if name in "糖尿病"}
    assert len(tokens) == 1  # one word of the encoder
    assert pieces.words[2] == pieces.words[4] == (2, 5)
    assert cut("").places == ()
    long = cut("药" * 400)
    assert len(long.ids) <= 192
    assert max(long.at) < len(long.ids)


@pytest.mark.parametrize(
    ("text", "language", "list_", "named"),
    [
        ("he gave me Nebilet for it", "en", 0, "Nebilet"),
        ("my ibuprofenish joke", "en", 0, ""),
        ("在吃妈富隆", "zh", 0, "妈富隆"),
        ("老失眠，送外卖的", "zh", 2, "失眠"),
        ("老失眠，送外卖的", "zh", 4, "送外卖"),
    ],
)
def test_a_name_of_a_list_is_a_hint_the_longest_first(
    text: str, language: str, list_: int, named: str
) -> None:
    seen = hints(text, language)
    assert seen.shape == (len(text), WIDTH)
    begins, goes_on = seen[:, 2 * list_], seen[:, 2 * list_ + 1]
    assert "".join(text[at] for at in np.flatnonzero(begins + goes_on)) == named
    assert begins.sum() == bool(named)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_list_of_names_holds_a_name_once(language: str) -> None:
    for file in NAMES.glob(f"*_{language}.txt"):
        names = [name.lower() for name in names_in(file)]
        assert len(names) == len(set(names)), file.name
