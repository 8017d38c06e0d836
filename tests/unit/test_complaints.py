"""A part of the body and how it feels make a symptom, in either language and either order."""

from __future__ import annotations

import pytest

from knowledge.complaints import means
from knowledge.graph import graph


def heard(text: str) -> set[str]:
    return {match.id for match in graph().mentions(text, "en")}


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("my knees ache going downstairs", "knee_pain"),
        ("I get a stabbing feeling in my chest", "chest_pain"),
        ("my feet swell up by evening", "ankle_swelling"),
        ("my big toe is red hot and throbbing", "big_toe_pain"),
        ("the hair is coming out in clumps", "hair_loss"),
        ("there was blood when I coughed", "coughing_blood"),
        ("I get up four times a night to pee", "night_urination"),
        ("my ear is killing me", "earache"),
        ("脚背肿得按下去一个坑", "ankle_swelling"),
        ("胸口像压着块石头", "chest_tightness"),
        ("后脑勺一阵阵胀痛", "headache"),
        ("大脚趾又红又肿", "big_toe_pain"),
        ("小便里好多泡泡", "foamy_urine"),
        ("太阳穴一跳一跳地疼", "one_sided_headache"),
        ("走路像踩棉花", "unsteadiness"),
    ],
)
def test_a_complaint_is_heard_in_its_parts(text: str, means: str) -> None:
    assert means in heard(text)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("my knee does not hurt", "knee_pain"),
        ("膝盖不疼", "knee_pain"),
        ("my chest is fine, my foot hurts", "chest_pain"),
        ("胸口没事，脚疼", "chest_pain"),
        ("my tummy is fine but the throat is sore", "abdominal_pain"),
        ("手脚冰凉", "tremor"),
    ],
)
def test_a_denial_another_part_or_another_clause_is_no_complaint(text: str, never: str) -> None:
    assert never not in heard(text)


def test_every_symptom_a_complaint_can_mean_is_in_the_graph() -> None:
    symptoms = {symptom.id for symptom in graph().of_kind("symptom")}
    assert {id_ for feels in means().values() for id_ in feels.values()} <= symptoms


def test_near_words_are_sure_and_far_ones_are_asked_about() -> None:
    [near] = [m for m in graph().mentions("my elbow is sore", "en") if m.id == "elbow_pain"]
    far = graph().mentions("my elbow when I lift it is sore", "en")
    assert near.sure
    assert [m.sure for m in far if m.id == "elbow_pain"] == [False]
