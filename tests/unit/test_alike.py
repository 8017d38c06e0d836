"""What makes two cases alike, what is said about it, and when nothing may be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.case import Alike, Case, KeptCase
from bot.escalations.alike import find, rules
from bot.export.cases import name, words

NOW = Case(
    about="dizziness", age_band="65-74", sex="female", conditions=("atrial_fibrillation",),
    medicines=("anticoagulants",), level="days",
)  # fmt: skip


def past(**changes: object) -> Case:
    return replace(
        NOW, outcome="reached_well", took="under_4", month="2026-05", **changes  # type: ignore[arg-type]
    )  # fmt: skip


def of(*cases: Case) -> list[KeptCase]:
    return [KeptCase(owner=f"p{number}", case=case) for number, case in enumerate(cases)]


def only(found: tuple[Alike, ...], **wanted: object) -> Alike:
    [one] = [a for a in found if all(getattr(a.case, k) == v for k, v in wanted.items())]
    return one


def test_the_same_in_everything_is_wholly_alike() -> None:
    found = find(NOW, of(*[past()] * 5))
    assert [(a.score, a.count) for a in found] == [(1.0, 5)]
    assert found[0].same == {
        "about": ("dizziness",), "age_band": ("65-74",), "sex": ("female",), "level": ("days",),
        "conditions": ("atrial_fibrillation",), "medicines": ("anticoagulants",),
    }  # fmt: skip
    assert not found[0].only_here and not found[0].only_there


def test_what_differs_is_said_from_both_sides() -> None:
    both = ("anticoagulants", "statins")
    found = find(NOW, of(*[past(medicines=both)] * 5, past(medicines=("statins",), sex="male")))
    differs = only(found, sex="male")
    assert differs.only_there == {"sex": ("male",), "medicines": ("statins",)}
    assert differs.only_here == {"sex": ("female",), "medicines": ("anticoagulants",)}


def test_the_nearest_comes_first_and_strangers_not_at_all() -> None:
    near, far = past(sex="male"), past(conditions=(), medicines=(), sex="male")
    other = past(about="headache", conditions=(), medicines=(), age_band="18-39")
    found = find(NOW, of(*[far] * 5, *[near] * 5, *[other] * 5))
    assert [(a.case, a.count) for a in found] == [(near, 5), (far, 5)]
    assert found[0].score > found[1].score


@pytest.mark.parametrize(("people", "shown"), [(4, 0), (5, 5)])
def test_the_floor_counts_people_of_one_complaint_and_age_group(people: int, shown: int) -> None:
    neighbours = [past(age_band="75-84")] * 4  # of another age group: too few of their own
    found = find(NOW, of(*[past()] * people, *neighbours))
    assert sum(one.count for one in found) == shown


def test_five_cases_of_one_person_are_one_person() -> None:
    assert find(NOW, [KeptCase(owner="p", case=past())] * 9) == ()


def test_a_rare_code_is_neither_shown_nor_compared() -> None:
    mine = replace(NOW, conditions=("atrial_fibrillation", "gout"))
    found = find(mine, of(*[past()] * 5, past(conditions=("atrial_fibrillation", "gout"))))
    assert [one.count for one in found] == [6]
    assert "gout" not in str(found)


def test_two_medicines_of_one_wide_class_are_both_of_it() -> None:
    """Each class of its own is rare; the wide one is not."""
    mine = replace(NOW, medicines=("vitamin_k_antagonists",))
    theirs = [past(medicines=("factor_xa_inhibitors",))] * 3 + [past(medicines=("heparins",))] * 3
    [found] = find(mine, of(*theirs))
    assert found.count == 6
    assert found.same["medicines"] == ("anticoagulants",)
    assert not found.only_here and not found.only_there


@pytest.mark.parametrize(
    ("age", "band"), [(0, "0-17"), (17, "0-17"), (18, "18-39"), (74, "65-74"), (85, "85+"),
                      (110, "85+")]
)  # fmt: skip
def test_an_age_is_only_a_group(age: int, band: str) -> None:
    assert rules().band(age) == band


@pytest.mark.parametrize(
    ("hours", "step"), [(0.2, "under_1"), (3.9, "under_4"), (30, "under_72"), (500, "longer")]
)
def test_how_long_is_only_a_step(hours: float, step: str) -> None:
    assert rules().took(hours) == step


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_has_its_words(language: str) -> None:
    for hours in (0.5, 2, 5, 50, 500):
        assert "console." not in name("took", rules().took(hours), language)
    assert "dizz" not in words(past(), "zh").lower()
    assert name("age_band", "65-74", language) in words(past(), language)


def test_the_numbers_say_that_nobody_reviewed_them() -> None:
    from pathlib import Path

    from bot.escalations import alike

    text = Path(alike.__file__).with_name("cases.toml").read_text("utf-8")
    assert "draft: nobody has reviewed" in text and 'reviewer = ""' in text
    assert rules().floor >= 5
