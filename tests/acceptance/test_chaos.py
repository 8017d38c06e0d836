"""A short simulated time with kills, refusals and lost answers: nothing is lost or doubled."""

from __future__ import annotations

from pathlib import Path

from bench.chaos.year import live


def test_ten_days_of_chaos_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    told: list[float] = []
    year = live(
        "sqlite", f"sqlite:///{tmp_path}/ankang.db", fires=160, matters=8, workers=1, days=10,
        seed=3, step=told.append,
    )  # fmt: skip
    assert year.kept, (year.found.lost, year.found.doubled, year.found.unasked_for, year.dead)
    assert year.found.expected >= 160
    assert year.found.sent + len(year.found.unknown) + year.found.too_late == year.found.expected
    assert year.kills >= 1
    assert year.completed + year.climbing == year.escalations >= 1
