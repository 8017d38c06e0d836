"""What may be behind a set of symptoms is ranked for the nurse, with its reasons."""

from __future__ import annotations

import pytest
from small_graph import write

from knowledge.graph import Graph, load
from knowledge.possibilities import next_questions, possibilities
from knowledge.related import path, related, topics


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return load(write(tmp_path_factory.mktemp("graph")))


def test_the_condition_that_explains_more_comes_first_with_what_is_missing(small: Graph) -> None:
    first, *_ = possibilities(small, ["breathlessness", "nausea"])
    assert first.condition == "heart_failure"
    assert [edge.end for edge in first.supports] == ["breathlessness", "nausea"]
    assert [edge.end for edge in first.missing] == ["ankle_swelling"]
    assert [edge.end for edge in first.tests] == ["potassium"]
    assert first.must_not_miss


def test_an_absent_telling_symptom_speaks_against_and_lowers(small: Graph) -> None:
    before = {one.condition: one for one in possibilities(small, ["nausea"])}
    after = {one.condition: one for one in possibilities(small, ["nausea"], ["stomach_ache"])}
    assert [edge.end for edge in after["gastritis"].against] == ["stomach_ache"]
    assert after["gastritis"].weight < before["gastritis"].weight


def test_what_the_patient_has_speaks_for_what_it_leads_to(small: Graph) -> None:
    before = {one.condition: one for one in possibilities(small, ["nausea"])}
    found = possibilities(small, ["nausea"], known=["hypertension"])
    after = {one.condition: one for one in found}
    assert after["heart_failure"].weight > before["heart_failure"].weight
    assert ("hypertension", "leads_to") in [
        (edge.start, edge.relation) for edge in after["heart_failure"].supports
    ]


def test_what_only_women_have_is_not_offered_for_a_man(small: Graph) -> None:
    def named(sex: str | None) -> list[str]:
        return [one.condition for one in possibilities(small, ["nausea"], sex=sex)]

    assert "ovarian_cyst" not in named("male")
    assert "ovarian_cyst" in named("female") and "ovarian_cyst" in named(None)


def test_what_it_does_not_explain_is_said(small: Graph) -> None:
    found = {one.condition: one for one in possibilities(small, ["nausea", "big_toe_pain"])}
    assert found["gout"].unexplained == ("nausea",)


def test_the_next_question_is_about_the_likeliest(small: Graph) -> None:
    assert next_questions(possibilities(small, ["nausea"]), 1) == ("stomach_ache",)


def test_nothing_said_leads_to_no_possibilities(small: Graph) -> None:
    assert possibilities(small, []) == ()


def test_a_symptom_leads_to_its_conditions_and_on(small: Graph) -> None:
    found = [near.id for near in related(small, ["breathlessness"], kinds=["condition"])]
    assert found[0] == "heart_failure"
    assert path(small, "ankle_swelling", "naproxen") == (
        "ankle_swelling", "heart_failure", "nsaids", "naproxen")  # fmt: skip
    assert related(small, ["no_such_thing"]) == () == path(small, "gout", "no_such_thing")


def test_a_message_is_about_what_it_names_and_then_what_stands_around(small: Graph) -> None:
    found = topics(small, "我喘不上气", "zh")
    assert (found[0].id, found[0].weight) == ("breathlessness", 1.0)
    assert found[1].id == "heart_failure" and found[1].weight <= 0.4
    assert topics(small, "hello", "en") == ()
