"""The ladder: who hears next, and that it has no end but a person."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

import pytest

from safety import Tier, acceptance_expires, rung


def minutes(tier: Tier, steps: int) -> list[float]:
    waits = accumulate((rung(tier, step).wait for step in range(steps)), initial=timedelta())
    return [wait / timedelta(minutes=1) for wait in waits][1:]


def test_an_emergency_widens_at_two_and_four_minutes_then_repeats_for_ever() -> None:
    assert minutes(Tier.P0, 6) == [0, 2, 4, 7, 10, 13]
    assert [rung(Tier.P0, step).role for step in range(4)] == [
        "on_shift",
        "team",
        "supervisor",
        "supervisor",
    ]
    assert rung(Tier.P0, 10_000).wait == timedelta(minutes=3)


def test_a_same_day_escalation_climbs_at_fifteen_and_thirty_minutes_then_hourly() -> None:
    assert minutes(Tier.P1, 5) == [0, 15, 30, 90, 150]


def test_less_urgent_ones_wait_hours_but_are_never_dropped() -> None:
    assert rung(Tier.P2, 0).wait == timedelta(hours=4)
    assert rung(Tier.P3, 99).wait > timedelta(0)


def test_an_acceptance_runs_out_without_contact() -> None:
    assert acceptance_expires(Tier.P0) == timedelta(minutes=10)
    assert acceptance_expires(Tier.P1) == timedelta(minutes=60)
    assert acceptance_expires(Tier.P2) is None


def test_a_step_before_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        rung(Tier.P0, -1)
