"""The Rasa files for hospitals fit the action server, and each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels import rasa

FOLDER = Path("docker/rasa")


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def domain() -> Any:
    return read("domain.yml")


def names(entries: list[Any]) -> set[str]:
    return {next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries}


def test_the_domain_declares_exactly_the_actions_that_are_served(domain):
    served = rasa.Executor(None).names  # type: ignore[arg-type]
    assert sorted(domain["actions"]) == served


def test_the_form_asks_for_the_slot_that_the_server_empties(domain):
    assert domain["forms"] == {rasa.FORM: {"required_slots": [rasa.ANSWER_SLOT]}}
    [mapping] = domain["slots"][rasa.ANSWER_SLOT]["mappings"]
    assert mapping["conditions"] == [{"active_loop": rasa.FORM, "requested_slot": rasa.ANSWER_SLOT}]
    assert f"action_ask_{rasa.ANSWER_SLOT}" in domain["actions"]


def test_every_slot_the_server_sets_is_declared_and_stays_out_of_predictions(domain):
    assert set(domain["slots"]) == {rasa.ANSWER_SLOT, rasa.STATE_SLOT}
    assert domain["slots"][rasa.STATE_SLOT]["type"] == "any"
    for slot in domain["slots"].values():
        assert slot["influence_conversation"] is False


def test_a_tap_is_an_intent_with_its_data_as_an_entity(domain):
    assert rasa.TAP_INTENT in names(domain["intents"])
    assert domain["entities"] == [rasa.TAP_ENTITY]


def test_rules_speak_only_of_what_the_domain_declares(domain):
    intents = names(domain["intents"]) | {"nlu_fallback"}
    actions = {*domain["actions"], rasa.FORM}
    used = set()
    for rule in read("rules.yml")["rules"]:
        for step in rule["steps"]:
            if "intent" in step:
                assert step["intent"] in intents
                used.add(step["intent"])
            if "action" in step:
                assert step["action"] in actions
    assert used == intents, "an intent that no rule answers is a message that nobody reads"


def test_examples_exist_in_both_languages_for_every_intent_that_must_be_understood(domain):
    told = {entry["intent"]: entry["examples"] for entry in read("nlu.yml")["nlu"]}
    assert set(told) == names(domain["intents"]) - {rasa.TAP_INTENT}
    for examples in told.values():
        chinese = [line for line in examples.splitlines() if any("一" <= c <= "鿿" for c in line)]
        assert 3 <= len(chinese) < len(examples.splitlines())


def test_the_domain_holds_no_words_for_patients(domain):
    assert "responses" not in domain
