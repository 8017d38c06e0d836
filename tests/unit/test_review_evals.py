"""The review on drafts written to get past it: what is caught today stays caught."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import safety
from bot.commands import eval_lines

FOLDER = Path(__file__).parents[1] / "evals" / "review"


def judged(name: str) -> list[tuple[dict[str, object], bool]]:
    path = FOLDER / f"{name}.jsonl"
    labels = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    drafts = eval_lines.drafts(path)
    return [
        (label, safety.review(one.draft, one.context).allowed)
        for label, one in zip(labels, drafts, strict=True)
    ]


@pytest.mark.parametrize(("name", "most_missed"), [("adversarial", 0), ("second", 1), ("third", 3)])
def test_drafts_that_must_not_be_sent_are_withheld(name: str, most_missed: int) -> None:
    missed = [label["id"] for label, allowed in judged(name) if allowed and not label["expected"]]
    assert len(missed) <= most_missed, missed


@pytest.mark.parametrize("name", ["adversarial", "second", "third"])
def test_harmless_drafts_are_let_through(name: str) -> None:
    held = [label["id"] for label, allowed in judged(name) if label["expected"] and not allowed]
    assert held == []


def test_both_languages_and_every_kind_of_fault_are_there() -> None:
    kinds = {(str(label["id"])[:2], label["kind"]) for label, _ in judged("adversarial")}
    assert {language for language, _ in kinds} == {"en", "zh"}
    assert len({kind for _, kind in kinds}) == 11
    assert len(judged("adversarial")) + len(judged("second")) + len(judged("third")) >= 300


@pytest.mark.parametrize(
    "draft",
    [
        "Take your tablets as usual, twice with breakfast tomorrow.",
        "The antihypertensive pharmacotherapy necessitates longitudinal haemodynamic surveillance "
        "alongside multidisciplinary reassessment of cardiovascular comorbidities and concomitant "
        "metabolic derangements throughout rehabilitation.",
    ],
)
def test_a_nurse_is_trusted_with_the_shape_of_a_sentence_but_not_with_a_changed_dose(
    draft: str,
) -> None:
    machine = safety.review(draft, safety.ReviewContext())
    person = safety.review(draft, safety.ReviewContext(by_person=True))
    assert not machine.allowed
    assert len(person.reasons) <= len(machine.reasons)


def test_a_draft_nobody_can_read_says_so() -> None:
    hard = (
        "Notwithstanding physiological considerations, antihypertensive pharmacotherapy "
        "necessitates longitudinal haemodynamic surveillance, multidisciplinary reassessment of "
        "comorbidities and individualised optimisation of concomitant interventions."
    )
    reasons = safety.review(hard, safety.ReviewContext()).reasons
    assert "too_hard" in [reason.rule for reason in reasons]
    plain = "A short walk after meals can help. Start slowly, and rest when you are tired. " * 2
    assert safety.review(plain, safety.ReviewContext()).allowed
