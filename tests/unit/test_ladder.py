"""The ladder: who hears next, and that it has no end but a person."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import accumulate

import pytest

from safety import HOUSE, Tier, acceptance_expires, ladder_for, read_ladder, rung


def minutes(tier: Tier, steps: int) -> list[float]:
    waits = accumulate((rung(tier, step).wait for step in range(steps)), initial=timedelta())
    return [wait / timedelta(minutes=1) for wait in waits][1:]


def test_an_emergency_widens_at_two_and_four_minutes_then_repeats_for_ever() -> None:
    assert minutes(Tier.P0, 6) == [0, 2, 4, 7, 10, 13]
    assert [rung(Tier.P0, step).role for step in range(5)] == [
        "on_shift",
        "team",
        "everyone",
        "supervisor",
        "supervisor",
    ]
    assert rung(Tier.P0, 10_000).wait == timedelta(minutes=3)


def test_a_same_day_escalation_climbs_at_fifteen_thirty_and_sixty_minutes_then_hourly() -> None:
    assert minutes(Tier.P1, 5) == [0, 15, 30, 60, 120]


def test_less_urgent_ones_wait_hours_but_are_never_dropped() -> None:
    assert rung(Tier.P2, 0).wait == timedelta(hours=4)
    assert rung(Tier.P3, 99).wait > timedelta(0)


def test_an_acceptance_runs_out_without_contact() -> None:
    assert acceptance_expires(Tier.P0) == timedelta(minutes=10)
    assert acceptance_expires(Tier.P1) == timedelta(minutes=60)
    assert acceptance_expires(Tier.P2) == timedelta(hours=12)
    assert acceptance_expires(Tier.P3) is None


def test_a_step_before_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        rung(Tier.P0, -1)


def test_an_emergency_goes_by_every_path_at_once_and_a_same_day_one_at_its_second_rung() -> None:
    assert rung(Tier.P0, 0).paths == ("chat", "email", "pager")
    assert rung(Tier.P1, 0).paths == ("chat",)
    assert rung(Tier.P1, 1).paths == ("chat", "email", "pager")


@pytest.mark.parametrize("name", [*(tier.name for tier in Tier), HOUSE])
def test_a_ladder_comes_back_from_its_snapshot_as_it_was(name: str) -> None:
    kept = json.loads(json.dumps(ladder_for(name).plain()))
    assert read_ladder(kept) == ladder_for(name)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rungs": []}, "rungs"),
        ({"rungs": [{"role": "boss", "minutes": 0, "paths": ["chat"]}]}, "role"),
        ({"rungs": [{"role": "team", "minutes": -1, "paths": ["chat"]}]}, "minutes"),
        ({"rungs": [{"role": "team", "minutes": 0, "paths": ["pigeon"]}]}, "paths"),
        ({"repeat_minutes": 0}, "repeat_minutes"),
        ({"call_minutes": ["soon"]}, "call_minutes"),
    ],
)
def test_a_broken_ladder_names_its_field(change: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=f"P0: {named}"):
        read_ladder(ladder_for("P0").plain() | change)
