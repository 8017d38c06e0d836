"""The graph that comes with the house knows enough, in both languages, and says sensible things."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from knowledge.graph import FOLDER, Graph, graph
from knowledge.graph_files import CONCEPT_FILES
from knowledge.possibilities import possibilities
from knowledge.related import related

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def known() -> Graph:
    return graph()


def test_it_is_as_large_as_promised(known: Graph) -> None:
    kinds = Counter(concept.kind for concept in known.concepts.values())
    relations = Counter(edge.relation for edge in known.edges)
    assert kinds["condition"] >= 260 and kinds["symptom"] >= 420 and kinds["medicine"] >= 300
    assert kinds["test"] >= 100 and kinds["risk_factor"] >= 50 and kinds["body_system"] >= 15
    assert relations["has_symptom"] >= 1800 and relations["risk_factor_of"] >= 300
    assert relations["leads_to"] >= 150 and relations["tested_by"] >= 350
    assert len(known.interactions_known) >= 600


@pytest.mark.parametrize("name", sorted(CONCEPT_FILES))
def test_a_file_is_sorted_by_id(name: str) -> None:
    lines = (FOLDER / name).read_text("utf-8").splitlines()[1:]
    ids = [line.split("\t")[0] for line in lines]
    assert ids == sorted(ids)


def test_no_cell_is_untidy() -> None:
    for path in sorted(Path(FOLDER).rglob("*.tsv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            assert "  " not in line and not line.endswith(" "), f"{path.name}, line {number}"


def test_chinese_words_are_chinese(known: Graph) -> None:
    plain = {"BMI", "HLA-B27", "HLA B27"}
    for concept in known.concepts.values():
        assert HAN.search(concept.zh) or concept.zh in plain or concept.kind == "test", concept.id
        assert not HAN.search(" ".join((concept.en, *concept.lay_en))), concept.id


def test_a_condition_has_symptoms_or_is_a_state_or_silent(known: Graph) -> None:
    silent = {"kidney_transplant", "heart_valve_replacement", "implanted_cardiac_device",
              "coronary_stent", "sudden_infant_death_syndrome"}  # fmt: skip
    bare = {
        condition.id
        for condition in known.of_kind("condition")
        if not known.edges_from(condition.id, "has_symptom")
    }
    assert bare <= silent


def test_every_symptom_belongs_to_something(known: Graph) -> None:
    alone = [one.id for one in known.of_kind("symptom") if not known.edges_to(one.id)]
    assert alone == []


@pytest.mark.parametrize(
    ("text", "language", "means"),
    [
        ("cant catch my breath when i lie flat, ankels are swollen", "en", {"breathlessness"}),
        ("my head is killing me and light hurts my eyes", "en", {"headache", "light_sensitivity"}),
        ("I have the runs and keep throwing up", "en", {"diarrhoea", "vomiting"}),
        ("burning when i pee, going to the toilet all the time", "en", {"painful_urination"}),
        ("脑壳痛，还想吐", "zh", {"headache", "nausea"}),
        ("这两天屙肚子，浑身没劲", "zh", {"diarrhoea", "fatigue"}),
        ("波棱盖疼，下楼打软", "zh", {"knee_pain"}),
        ("嘴歪了，一边手脚没劲", "zh", {"facial_droop", "arm_weakness"}),
        ("老起夜，尿等半天", "zh", {"night_urination", "hesitancy"}),
        ("有点喘，胸口发紧", "zh", {"wheeze", "chest_tightness"}),
        ("血压高，血脂也高，还有糖尿病", "zh", {"hypertension", "hyperlipidaemia", "diabetes"}),
        ("my a1c and cholesterol", "en", {"hba1c", "total_cholesterol"}),
        ("肌酐和糖化是多少", "zh", {"creatinine", "hba1c"}),
    ],
)
def test_patients_words_lead_to_concepts(
    known: Graph, text: str, language: str, means: set[str]
) -> None:
    assert means <= {match.id for match in known.mentions(text, language)}


@pytest.mark.parametrize(
    "text",
    ["the concert starts at the station", "we watched a video about pepper plants",
     "my question is about the programme", "cancel my appointment", "今天天气不错", "谢谢您"],
)  # fmt: skip
def test_ordinary_words_are_no_misspelt_medicine(known: Graph, text: str) -> None:
    assert known.mentions(text, "en") == []


@pytest.mark.parametrize(
    ("present", "who", "first"),
    [
        (["chest_pain", "cold_sweat", "radiating_arm_pain"], {"age": 60}, "myocardial_infarction"),
        (["arm_weakness", "facial_droop", "slurred_speech"], {"age": 70}, "stroke"),
        (["breathlessness_on_exertion", "ankle_swelling", "breathlessness_lying_flat"],
         {"age": 75, "known": ["hypertension"]}, "heart_failure"),
        (["thirst", "passing_much_urine", "fatigue"], {"age": 50}, "type_2_diabetes"),
        (["big_toe_pain"], {"age": 55, "sex": "male"}, "gout"),
        (["wheeze", "night_cough", "chest_tightness"], {"age": 20}, "asthma"),
        (["right_lower_abdominal_pain", "nausea"], {"age": 18}, "appendicitis"),
        (["one_sided_headache", "light_sensitivity", "nausea"], {"age": 30}, "migraine"),
        (["weight_gain", "feeling_cold", "constipation", "fatigue"], {"age": 50}, "hypothyroidism"),
        (["long_cough", "night_sweats", "weight_loss"], {"age": 40}, "tuberculosis"),
        (["low_mood", "loss_of_interest", "insomnia"], {"age": 35}, "depression"),
        (["heartburn", "acid_regurgitation"], {"age": 45}, "gord"),
    ],
)  # fmt: skip
def test_a_textbook_picture_leads_to_its_condition(
    known: Graph, present: list[str], who: dict[str, object], first: str
) -> None:
    assert possibilities(known, present, **who)[0].condition == first


def test_what_must_not_be_missed_stays_on_the_list(known: Graph) -> None:
    found = [one.condition for one in possibilities(known, ["chest_pain"], age=65)]
    assert {"myocardial_infarction", "pulmonary_embolism"} <= set(found)


def test_no_pregnancy_is_offered_for_an_old_woman_or_a_man(known: Graph) -> None:
    for who in ({"age": 80, "sex": "female"}, {"age": 30, "sex": "male"}):
        found = possibilities(known, ["nausea", "missed_period"], limit=40, **who)
        assert "pregnancy" not in [one.condition for one in found]


def test_a_symptom_leads_to_conditions_and_a_condition_to_its_care(known: Graph) -> None:
    conditions = [near.id for near in related(known, ["big_toe_pain"], kinds=["condition"])]
    assert conditions[0] == "gout"
    tests = [near.id for near in related(known, ["gout"], kinds=["test"])]
    assert "uric_acid" in tests[:3]


def test_the_walk_is_quick_enough_for_an_answer(known: Graph) -> None:
    related(known, ["gout"])
    started = time.process_time()
    for condition in known.of_kind("condition")[:20]:
        related(known, [condition.id, "potassium"])
    assert (time.process_time() - started) / 20 < 0.05


def test_what_is_unsafe_in_a_wider_condition_is_found_for_the_narrower(known: Graph) -> None:
    found = known.contraindications("ibuprofen", ["heart_failure_reduced_ef"])
    assert [edge.end for edge in found][:1] == ["heart_failure"]


@pytest.mark.parametrize("text", ["头疼" * 3000, "痛" * 6000, "ache " * 3000, "warfrin " * 1000])
def test_a_long_hostile_message_is_read_in_time(known: Graph, text: str) -> None:
    started = time.process_time()
    known.mentions(text, "en")
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("CKD stage 3b", "chronic_kidney_disease"),
        ("Type 2 diabetes since 2015", "type_2_diabetes"),
        ("heart failure NYHA II", "heart_failure"),
        ("well controlled asthma", "asthma"),
        ("HTN", "hypertension"),
        ("hypercholesterolemia", "hyperlipidaemia"),
        ("高血压2级（高危）", "hypertension"),
        ("冠状动脉粥样硬化性心脏病", "coronary_artery_disease"),
        ("慢性肾功能不全3期", "chronic_kidney_disease"),
        ("阵发性房颤病史5年", "atrial_fibrillation"),
        ("pulmonary hypertension", "pulmonary_hypertension"),
    ],
)
def test_a_condition_is_known_as_records_write_it(known: Graph, text: str, means: str) -> None:
    sure = [match.id for match in known.resolve(text, "en", ("condition",)) if match.sure]
    assert sure == [means]
